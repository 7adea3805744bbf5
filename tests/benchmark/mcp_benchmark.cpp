// What `lakebase-mcp` costs, beside the official server "everything" by the official SDK, which the folder INSTALLED
// has from npm (tests/interop/mcp), and beside the same call by the library without MCP. The workspace is a server in
// this process, which takes no time, 5 ms or 2 s. Prints medians:
//
//   start to the first response                at most 10 ms
//   1,000 pings over stdio                     at most 0.3 s
//   a call of a tool over stdio                at most 100 µs more than the library's own call
//   the same where the workspace takes 5 ms    at most 10 % more
//   199 calls over HTTP beside a slow one      do not wait for it
//
// mcp_benchmark [INSTALLED]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <strings.h>
#include <sys/wait.h>

#include <lakebase/lakebase.hpp>

#include "benchmark/loopback.hpp"

extern char** environ;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

constexpr auto slow = 2s;
constexpr int starts = 20;
constexpr int calls = 2000;
constexpr int far_calls = 200;
constexpr std::size_t at_once = 199;

template <class Work>
double microseconds(Work const& work) {
  auto const start = Clock::now();
  work();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A program at pipes. Its standard output is read, or the error output.
class Program {
 public:
  explicit Program(Words words, int read_from = 1) {
    int input[2], output[2];
    if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input[0], 0);
    for (int const each : {1, 2}) ::posix_spawn_file_actions_addopen(&actions, each, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], read_from);
    int const status = ::posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    output_ = output[0];
    if (status != 0) throw std::runtime_error(words[0] + " does not start");
  }
  ~Program() {
    ::close(input_);
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    ::close(output_);
  }
  Program(Program const&) = delete;
  Program& operator=(Program const&) = delete;

  std::string line() {
    for (;;) {
      if (auto const end = pending_.find('\n'); end != std::string::npos) {
        auto line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        return line;
      }
      char buffer[65536];
      auto const count = ::read(output_, buffer, sizeof buffer);
      if (count <= 0) throw std::runtime_error("the program has ended");
      pending_.append(buffer, static_cast<std::size_t>(count));
    }
  }

  void send(std::string message) {
    message += '\n';
    if (::write(input_, message.data(), message.size()) != static_cast<ssize_t>(message.size())) {
      throw std::runtime_error("the program does not read");
    }
  }

 private:
  pid_t process_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string pending_;
};

std::string request(int id, std::string const& method, std::string const& params) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method + R"(","params":)" + params + "}";
}

std::string initialize() {
  return request(
      1, "initialize",
      R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"benchmark","version":"1"}})");
}

constexpr char const* initialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

/// A session over stdio.
class Session {
 public:
  explicit Session(Words const& words) : program_(words) {
    exchange(1, initialize());
    program_.send(initialized);
  }

  void ask(std::string const& method, std::string const& params) {
    ++last_;
    exchange(last_, request(last_, method, params));
  }

 private:
  void exchange(int id, std::string const& message) {
    program_.send(message);
    // Servers may send notifications before it.
    auto const wanted = "\"id\":" + std::to_string(id);
    for (;;) {
      auto const line = program_.line();
      if (line.find(wanted) == std::string::npos) continue;
      if (line.find("\"isError\":true") != std::string::npos || line.find("\"error\":{") != std::string::npos) {
        throw std::runtime_error(line);
      }
      return;
    }
  }

  Program program_;
  int last_ = 1;
};

/// A POST to an MCP server, and what comes back.
struct Post {
  std::string url;
  std::string session{};

  std::string operator()(std::string const& message, std::string* new_session = nullptr) const {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const curl{curl_easy_init(), &curl_easy_cleanup};
    curl_slist* fields = nullptr;
    for (auto const& field :
         {std::string{"Content-Type: application/json"}, std::string{"Accept: application/json, text/event-stream"},
          "Mcp-Session-Id: " + session}) {
      // libcurl leaves out a field without a value.
      fields = curl_slist_append(fields, field.c_str());
    }
    std::string body;
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, message.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &collect);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
    if (new_session != nullptr) {
      curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, &find_session);
      curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, new_session);
    }
    auto const code = curl_easy_perform(curl.get());
    curl_slist_free_all(fields);
    if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
    return body;
  }

 private:
  static std::size_t collect(char* data, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
  }
  static std::size_t find_session(char* data, std::size_t size, std::size_t count, void* session) {
    std::string_view const line{data, size * count}, name = "mcp-session-id: ";
    // Names ignore case.
    if (line.size() > name.size() && ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
      *static_cast<std::string*>(session) = line.substr(name.size(), line.find('\r') - name.size());
    }
    return size * count;
  }
};

Post open_session(std::string const& url) {
  Post post{url};
  for (auto const end = Clock::now() + 30s; post.session.empty();) {
    try {
      post(initialize(), &post.session);
    } catch (std::runtime_error const&) {
      // It has not started yet.
      if (Clock::now() > end) throw;
      std::this_thread::sleep_for(20ms);
    }
  }
  post(initialized);
  return post;
}

/// Milliseconds of all calls together, and of the longest of them.
std::pair<double, double> all_at_once(Post const& post, std::string const& params) {
  std::vector<double> times(at_once);
  auto const total = microseconds([&] {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < at_once; ++i) {
      threads.emplace_back([&, i] {
        times[i] = microseconds([&] {
          auto const body = post(request(static_cast<int>(i) + 10, "tools/call", params));
          if (body.find("\"result\"") == std::string::npos || body.find("\"isError\":true") != std::string::npos) {
            std::fprintf(stderr, "%s\n", body.c_str());
            std::abort();
          }
        });
      });
    }
  });
  return {total / 1e3, *std::max_element(times.begin(), times.end()) / 1e3};
}

void tell_http(char const* name, std::string const& url, std::string const& params, std::string const& slow_params) {
  auto const post = open_session(url);
  all_at_once(post, params);  // to warm up
  auto const alone = all_at_once(post, params);
  auto slow_call = std::async(std::launch::async, [&] { post(request(2, "tools/call", slow_params)); });
  std::this_thread::sleep_for(200ms);
  auto const beside = all_at_once(post, params);
  bool const waited = slow_call.wait_for(0s) == std::future_status::ready;
  slow_call.get();
  std::printf("%-18s %zu calls over HTTP at once: %6.0f ms, beside a slow one %6.0f ms, the longest %6.0f ms; %s\n",
              name, at_once, alone.first, beside.first, beside.second, waited ? "WAITED for it" : "none waited for it");
}

std::string call_of(std::string const& tool, std::string const& arguments) {
  return R"({"name":")" + tool + R"(","arguments":)" + arguments + "}";
}

std::string get_instance(std::string const& name) {
  return call_of("manage_lakebase_database", R"({"action":"get","name":")" + name + R"(","type":"provisioned"})");
}

struct Figures {
  double start = 0;
  double pings = 0;
  double call = 0;
};

Figures figures_of(Words const& words, std::string const& params) {
  Figures figures;
  std::vector<double> times;
  for (int i = 0; i < starts; ++i) {
    std::unique_ptr<Program> program;
    times.push_back(microseconds([&] {
      program = std::make_unique<Program>(words);
      program->send(initialize());
      program->line();
    }));
  }
  figures.start = median(times) / 1e3;
  Session session{words};
  session.ask("ping", "{}");
  figures.pings = microseconds([&] {
    for (int i = 0; i < 1000; ++i) session.ask("ping", "{}");
  });
  times.clear();
  for (int i = 0; i < calls; ++i) times.push_back(microseconds([&] { session.ask("tools/call", params); }));
  figures.call = median(times);
  return figures;
}

/// A tool's call, in turns with the library's.
void tell_overhead(Session& session, lakebase::WorkspaceClient const& client, std::string const& instance, int count,
                   char const* aim) {
  std::vector<double> ours, bare;
  for (int i = 0; i < count + 20; ++i) {
    bare.push_back(microseconds([&] { static_cast<void>(client.database.get_database_instance(instance)); }));
    ours.push_back(microseconds([&] { session.ask("tools/call", get_instance(instance)); }));
  }
  for (auto* const times : {&ours, &bare}) times->erase(times->begin(), times->begin() + 20);  // warm-up
  auto const more = median(ours) - median(bare);
  std::printf("a tool's call of %-5s %8.1f us, the library's %8.1f us: %6.1f us or %4.1f %% more  (%s)\n",
              instance.c_str(), median(ours), median(bare), more, 100 * more / median(bare), aim);
}

int free_port() {
  // The port of a server that has ended.
  lakebase::benchmarks::Server const server{{}};
  auto const host = server.host();
  return std::atoi(host.c_str() + host.rfind(':') + 1);
}

}  // namespace

int main(int count, char** arguments) {
  std::map<std::string, std::string> bodies;
  std::string const prefix = "/api/2.0/database/instances/";
  for (auto const* const name : {"near", "far", "slow"}) {
    bodies[prefix + name] =
        std::string{R"({"name":")"} + name + R"(","state":"AVAILABLE","capacity":"CU_1","uid":"1"})";
  }
  lakebase::benchmarks::Server const server{bodies, {{prefix + "far", 5ms}, {prefix + "slow", slow}}};
  ::setenv("DATABRICKS_HOST", server.host().c_str(), 1);
  ::setenv("DATABRICKS_TOKEN", "t", 1);

  auto const ours = figures_of({LAKEBASE_PROGRAM}, get_instance("near"));
  std::printf(
      "lakebase-mcp       start %7.2f ms (at most 10), 1,000 pings %7.1f ms (at most 300), a tool's call %7.1f us\n",
      ours.start, ours.pings / 1e3, ours.call);
  Words everything;
  if (count > 1) {
    std::filesystem::path const modules = std::filesystem::path{arguments[1]} / "node_modules";
    everything = {modules / "node/bin/node", modules / "@modelcontextprotocol/server-everything/dist/index.js"};
    auto const theirs = figures_of(everything, call_of("echo", R"({"message":"near"})"));
    std::printf("server-everything  start %7.2f ms, 1,000 pings %7.1f ms, a tool's call that only echoes %7.1f us\n",
                theirs.start, theirs.pings / 1e3, theirs.call);
    std::printf("ratio              start %7.1f, pings %7.1f, a tool's call %7.1f\n", theirs.start / ours.start,
                theirs.pings / ours.pings, theirs.call / ours.call);
  }
  {
    lakebase::WorkspaceClient const client;
    Session session{{LAKEBASE_PROGRAM}};
    tell_overhead(session, client, "near", calls, "at most 100 us more");
    tell_overhead(session, client, "far", far_calls, "at most 10 % more");
  }
  {
    Program serving{{LAKEBASE_PROGRAM, "--http", "127.0.0.1:0", "--no-token"}, 2};
    auto const line = serving.line();
    tell_http("lakebase-mcp", line.substr(line.rfind(' ') + 1), get_instance("near"), get_instance("slow"));
  }
  if (!everything.empty()) {
    auto const port = std::to_string(free_port());
    ::setenv("PORT", port.c_str(), 1);
    everything.emplace_back("streamableHttp");
    Program const serving{everything};
    tell_http("server-everything", "http://127.0.0.1:" + port + "/mcp", call_of("echo", R"({"message":"near"})"),
              call_of("trigger-long-running-operation", R"({"duration":2,"steps":1})"));
  }
}
