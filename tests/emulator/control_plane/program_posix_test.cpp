// lakebase-emulator as a user's shell sees it.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

namespace lakebase::emulator::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

// A child process whose output and errors can be read.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), LAKEBASE_EMULATOR_PROGRAM);
    int out[2];
    int err[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(out_);
    ::close(err_);
  }

  // What stands before the first line that begins with `ready`, as variables.
  std::map<std::string, std::string> wait_until_ready() {
    std::map<std::string, std::string> variables;
    for (auto line = read_line(); !line.starts_with("ready"); line = read_line()) {
      EXPECT_THAT(line, StartsWith("export "));
      auto const equals = line.find('=');
      if (equals == std::string::npos) break;
      variables[line.substr(7, equals - 7)] = line.substr(equals + 1);
    }
    return variables;
  }

  int stop(int signal) {
    ::kill(pid_, signal);
    return wait();
  }

  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  std::string output() { return read_all(out_); }
  std::string errors() { return read_all(err_); }
  int pid() const { return pid_; }

 private:
  std::string read_line() {
    std::string line;
    char byte = 0;
    pollfd entry{out_, POLLIN, 0};
    while (::poll(&entry, 1, 20'000) > 0 && ::read(out_, &byte, 1) == 1 && byte != '\n') line += byte;
    return line.empty() ? "ready: not" : line;
  }
  static std::string read_all(int fd) {
    std::string text;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(fd, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(count));
    return text;
  }

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
};

// Processes whose command line holds a text.
int processes_with(std::string const& text) {
  int count = 0;
  for (auto const& entry : std::filesystem::directory_iterator{"/proc"}) {
    std::ifstream file{entry.path() / "cmdline", std::ios::binary};
    std::string const line{std::istreambuf_iterator<char>{file}, {}};
    if (line.find(text) != std::string::npos) ++count;
  }
  return count;
}

TEST(Program, ServesAndStopsCleanly) {
  for (int const signal : {SIGTERM, SIGINT}) {
    Program program{{"--postgres-port", "55433"}};
    auto variables = program.wait_until_ready();
    ASSERT_EQ(variables.size(), 4U);
    EXPECT_THAT(variables["DATABRICKS_HOST"], StartsWith("http://127.0.0.1:"));
    EXPECT_EQ(variables["PGPORT"], "55433");
    ASSERT_TRUE(std::filesystem::exists(variables["PGSSLROOTCERT"]));
    auto const folder = std::filesystem::path{variables["PGSSLROOTCERT"]}.parent_path().parent_path();

    httplib::Client client{variables["DATABRICKS_HOST"]};
    client.set_keep_alive(true);
    client.set_bearer_token_auth(variables["DATABRICKS_TOKEN"]);
    auto operation =
        Json::parse(client.Post("/api/2.0/postgres/projects?project_id=p", "{}", "application/json")->body);
    for (int i = 0; i < 1000 && !operation.at("done").get<bool>(); ++i) {
      std::this_thread::sleep_for(20ms);
      operation = Json::parse(client.Get("/api/2.0/postgres/" + operation.at("name").get<std::string>())->body);
    }
    EXPECT_TRUE(operation.contains("response")) << operation.dump(1);
    EXPECT_GT(processes_with(folder.string()), 0);

    EXPECT_EQ(program.stop(signal), 0);
    EXPECT_EQ(processes_with(folder.string()), 0);
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_THAT(program.errors(), HasSubstr("found PostgreSQL "));
  }
}

TEST(Program, StopsWhileAnOperationRuns) {
  Program program{{"--postgres-port", "55434", "--operation-delay", "60"}};
  auto variables = program.wait_until_ready();
  httplib::Client client{variables["DATABRICKS_HOST"]};
  client.set_bearer_token_auth(variables["DATABRICKS_TOKEN"]);
  client.Post("/api/2.0/postgres/projects?project_id=p", "{}", "application/json");
  auto const before = std::chrono::steady_clock::now();
  EXPECT_EQ(program.stop(SIGTERM), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 30s);
  auto const folder = std::filesystem::path{variables["PGSSLROOTCERT"]}.parent_path().parent_path();
  EXPECT_EQ(processes_with(folder.string()), 0);
}

TEST(Program, ExplainsBadArguments) {
  for (auto const& arguments : {std::vector<std::string>{"--bogus"}, {"--http", "0.0.0.0:80"}, {"--data-dir"}}) {
    Program program{arguments};
    EXPECT_EQ(program.wait(), 2);
    EXPECT_EQ(program.output(), "");
    auto const errors = program.errors();
    EXPECT_THAT(errors, StartsWith("lakebase-emulator: "));
    EXPECT_THAT(errors, HasSubstr("Try 'lakebase-emulator --help'."));
  }
}

TEST(Program, SaysWhatItIs) {
  Program help{{"--help"}};
  EXPECT_EQ(help.wait(), 0);
  EXPECT_THAT(help.output(), HasSubstr("Usage: lakebase-emulator"));
  Program version{{"--version"}};
  EXPECT_EQ(version.wait(), 0);
  EXPECT_THAT(version.output(), StartsWith("lakebase-emulator "));
}

TEST(Program, FailsWhereItCannotServe) {
  Program first{{"--postgres-port", "55435"}};
  auto variables = first.wait_until_ready();
  auto const host = variables["DATABRICKS_HOST"];
  Program second{{"--postgres-port", "55436", "--http", host.substr(host.find("//") + 2)}};
  EXPECT_EQ(second.wait(), 1);
  EXPECT_THAT(second.errors(), HasSubstr("cannot listen on 127.0.0.1:"));
  EXPECT_EQ(first.stop(SIGTERM), 0);
}

}  // namespace
}  // namespace lakebase::emulator::tests
