// What the library costs on top of what it stands on, in one run: get_project on loopback against raw libcurl fetching
// the same bytes from the same server, alone and from 64 threads; a token that is there already; and the first call of
// a fresh process. The aims: at most 1.3 times the median of raw libcurl, at least 0.8 times its throughput, 100 ns, 10
// ms. Raw libcurl is measured twice: with a bare GET, which the service would refuse, and with the header fields that
// the library sends, each byte of which costs libcurl some time.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <benchmark/benchmark.h>
#include <curl/curl.h>

#include <lakebase/lakebase.hpp>

#include "auth/token_source.hpp"

namespace {

std::string const project = R"({"name":"projects/my-app","uid":"6bb1dcd5-3b8b-44a2-a4c3-7c2a1f5dbb12",
"create_time":"2026-08-19T12:00:00Z","update_time":"2026-08-19T12:00:01Z","project_id":"my-app","status":{
"branch_logical_size_limit_bytes":8796093022208,"default_branch":"projects/my-app/branches/production",
"default_endpoint_settings":{"autoscaling_limit_max_cu":1.0,"autoscaling_limit_min_cu":1.0,
"suspend_timeout_duration":"86400s"},"display_name":"My Application","enable_pg_native_login":false,
"history_retention_duration":"604800s","owner":"ada@example.com","pg_version":17,"project_id":"my-app",
"synthetic_storage_size_bytes":0}})";

// Answers every request of a connection with the same bytes; as little of a server as there can be, so that the client
// is what is measured.
class Server {
 public:
  Server() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this] { accept_all(); }};
  }
  ~Server() { ::shutdown(listener_, SHUT_RDWR); }

  std::string host() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void accept_all() const {
    for (;;) {
      int const client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) break;
      std::thread{[client] { serve(client); }}.detach();
    }
    ::close(listener_);
  }

  static void serve(int client) {
    int const on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::string const answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: 1\r\nContent-Length: " +
        std::to_string(project.size()) + "\r\n\r\n" + project;
    std::string pending;
    char buffer[4096];
    for (ssize_t n; (n = ::recv(client, buffer, sizeof buffer, 0)) > 0;) {
      pending.append(buffer, static_cast<std::size_t>(n));
      for (std::size_t end; (end = pending.find("\r\n\r\n")) != std::string::npos; pending.erase(0, end + 4)) {
        if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
      }
    }
    ::close(client);
  }

  int listener_;
  int port_ = 0;
  std::jthread thread_;
};

Server& server() {
  static Server instance;
  return instance;
}

std::size_t collect(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

enum class Fields { none, same };

class RawHandle {
 public:
  explicit RawHandle(Fields fields) {
    if (fields == Fields::same) {
      for (auto const* line : {"Accept: application/json", "Authorization: Bearer t",
                               "User-Agent: unknown/0.0.0 databricks-sdk-cpp/0.1.0 cpp/20 os/linux auth/pat"}) {
        list_.reset(curl_slist_append(list_.release(), line));
      }
      curl_easy_setopt(curl_.get(), CURLOPT_HTTPHEADER, list_.get());
      curl_easy_setopt(curl_.get(), CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    curl_easy_setopt(curl_.get(), CURLOPT_URL, url_.c_str());
    curl_easy_setopt(curl_.get(), CURLOPT_WRITEFUNCTION, &collect);
    curl_easy_setopt(curl_.get(), CURLOPT_WRITEDATA, &body_);
    curl_easy_setopt(curl_.get(), CURLOPT_NOSIGNAL, 1L);
  }
  std::string const& fetch() {
    body_.clear();
    if (curl_easy_perform(curl_.get()) != CURLE_OK) throw std::runtime_error("raw libcurl");
    return body_;
  }

 private:
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> list_{nullptr, &curl_slist_free_all};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const curl_{curl_easy_init(), &curl_easy_cleanup};
  std::string const url_ = server().host() + "/api/2.0/postgres/projects/my-app";
  std::string body_;
};

template <Fields Sent>
void RawLibcurl(benchmark::State& state) {
  RawHandle raw{Sent};
  for (auto _ : state) benchmark::DoNotOptimize(raw.fetch());
  state.SetItemsProcessed(state.iterations());
}

void GetProject(benchmark::State& state) {
  lakebase::PostgresClient const client{{.host = server().host(), .token = "t"}};
  for (int i = 0; i < 100; ++i) benchmark::DoNotOptimize(client.get_project("projects/my-app"));
  auto const before = ::mallinfo2().uordblks;
  for (auto _ : state) benchmark::DoNotOptimize(client.get_project("projects/my-app"));
  auto const after = ::mallinfo2().uordblks;
  // What is held for longer than the call; has to stay at zero, whatever the number of calls.
  state.counters["bytes_kept_per_call"] =
      static_cast<double>(static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before)) /
      static_cast<double>(state.iterations());
}

// All threads over one client: with the usual 20 connections, and with one for each, as the raw handles have.
template <int Connections>
void GetProjectByThreads(benchmark::State& state) {
  static lakebase::PostgresClient const client{{.host = server().host(),
                                                .token = "t",
                                                .max_connection_pools = Connections,
                                                .max_connections_per_pool = Connections}};
  for (auto _ : state) benchmark::DoNotOptimize(client.get_project("projects/my-app"));
  state.SetItemsProcessed(state.iterations());
}

void CachedToken(benchmark::State& state) {
  auto const clock = lakebase::make_system_clock();
  lakebase::detail::TokenSource source{
      [&](lakebase::CredentialsLimits const&, std::string_view) {
        return lakebase::detail::Token{.access_token = "t", .expiry = clock->system_now() + std::chrono::hours{1}};
      },
      clock};
  for (auto _ : state) benchmark::DoNotOptimize(source.token({}));
}

constexpr std::string_view first_call = "--first-call";

// In the fresh process: from the beginning of main to the answer.
int make_first_call(char const* host) {
  auto const start = std::chrono::steady_clock::now();
  lakebase::PostgresClient const client{{.host = host, .token = "t"}};
  benchmark::DoNotOptimize(client.get_project("projects/my-app"));
  std::printf("%.9f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return EXIT_SUCCESS;
}

void FirstCallOfAProcess(benchmark::State& state) {
  auto const command =
      std::filesystem::read_symlink("/proc/self/exe").string() + ' ' + std::string{first_call} + ' ' + server().host();
  for (auto _ : state) {
    std::unique_ptr<FILE, int (*)(FILE*)> const output{::popen(command.c_str(), "r"), &::pclose};
    double seconds = 0;
    if (!output || std::fscanf(output.get(), "%lf", &seconds) != 1) throw std::runtime_error("first call");
    state.SetIterationTime(seconds);
  }
}

BENCHMARK(RawLibcurl<Fields::none>)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(RawLibcurl<Fields::same>)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(GetProject)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(RawLibcurl<Fields::none>)->Threads(64)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(RawLibcurl<Fields::same>)->Threads(64)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(GetProjectByThreads<20>)->Threads(64)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(GetProjectByThreads<64>)->Threads(64)->UseRealTime()->Repetitions(7)->Unit(benchmark::kMicrosecond);
BENCHMARK(CachedToken)->Repetitions(7);
BENCHMARK(FirstCallOfAProcess)->UseManualTime()->Iterations(20)->Repetitions(5)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && argv[1] == first_call) return make_first_call(argv[2]);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
