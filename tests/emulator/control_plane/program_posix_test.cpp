// lakebase-emulator as a user's shell sees it.

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
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
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

enum class Account { own, nobody };

// Only root can become it.
void become_nobody() {
  constexpr uid_t id = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setgid(id) != 0 || ::setuid(id) != 0) ::_exit(125);
}

// A child process whose output and errors can be read.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments, Account account = Account::own) {
    arguments.insert(arguments.begin(), LAKEBASE_EMULATOR_PROGRAM);
    int out[2];
    int err[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    // Open before the account changes, which may be unable to reach it.
    int const program = ::open(argv[0], O_RDONLY | O_CLOEXEC);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      if (account == Account::nobody) become_nobody();
      ::fexecve(program, argv.data(), environ);
      ::_exit(127);
    }
    ::close(program);
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

  // The next line of its output.
  std::string line() { return read_line(); }
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
    std::ostringstream line;
    line << file.rdbuf();  // stops at an error, e.g. because the process has just ended
    if (line.str().find(text) != std::string::npos) ++count;
  }
  return count;
}

std::string folder_of(std::map<std::string, std::string> variables) {
  return std::filesystem::path{variables["PGSSLROOTCERT"]}.parent_path().parent_path().string();
}

void make_project(std::map<std::string, std::string>& variables) {
  httplib::Client client{variables["DATABRICKS_HOST"]};
  client.set_keep_alive(true);
  client.set_bearer_token_auth(variables["DATABRICKS_TOKEN"]);
  auto operation = Json::parse(client.Post("/api/2.0/postgres/projects?project_id=p", "{}", "application/json")->body);
  for (int i = 0; i < 1000 && !operation.at("done").get<bool>(); ++i) {
    std::this_thread::sleep_for(20ms);
    operation = Json::parse(client.Get("/api/2.0/postgres/" + operation.at("name").get<std::string>())->body);
  }
  EXPECT_TRUE(operation.contains("response")) << operation.dump(1);
}

// A folder that PostgreSQL's account can pass.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "byhand-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = pattern;
    std::filesystem::permissions(folder_, std::filesystem::perms{0711});
  }
  ScratchFolder(ScratchFolder const&) = delete;
  ScratchFolder& operator=(ScratchFolder const&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string path(std::string const& name = {}) const { return (name.empty() ? folder_ : folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

class ScopedVariable {
 public:
  ScopedVariable(char const* name, std::string const& value) : name_(name) {
    if (char const* const before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ScopedVariable(ScopedVariable const&) = delete;
  ScopedVariable& operator=(ScopedVariable const&) = delete;
  ~ScopedVariable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  char const* name_;
  std::optional<std::string> before_;
};

// A program of another kind.
class ListeningSocket {
 public:
  explicit ListeningSocket(in_addr_t address, std::uint16_t port = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    int const on = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in wanted{};
    wanted.sin_family = AF_INET;
    wanted.sin_port = htons(port);
    wanted.sin_addr.s_addr = htonl(address);
    if (::bind(socket_, reinterpret_cast<sockaddr const*>(&wanted), sizeof wanted) != 0 || ::listen(socket_, 1) != 0) {
      throw std::runtime_error("cannot listen");
    }
  }
  ListeningSocket(ListeningSocket const&) = delete;
  ListeningSocket& operator=(ListeningSocket const&) = delete;
  ~ListeningSocket() { ::close(socket_); }
  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

 private:
  int socket_;
};

TEST(Program, ServesAndStopsCleanly) {
  for (int const signal : {SIGTERM, SIGINT}) {
    Program program{{"--postgres-port", "55433"}};
    auto variables = program.wait_until_ready();
    ASSERT_EQ(variables.size(), 4U);
    EXPECT_THAT(variables["DATABRICKS_HOST"], StartsWith("http://127.0.0.1:"));
    EXPECT_EQ(variables["PGPORT"], "55433");
    ASSERT_TRUE(std::filesystem::exists(variables["PGSSLROOTCERT"]));
    auto const folder = std::filesystem::path{variables["PGSSLROOTCERT"]}.parent_path().parent_path();

    make_project(variables);
    // The server starts a moment after the project is there.
    auto const limit = std::chrono::steady_clock::now() + 10s;
    while (processes_with(folder.string()) == 0 && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(10ms);
    }
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
  for (auto const& arguments : {std::vector<std::string>{"--bogus"},
                                {"--http", "0.0.0.0:80"},
                                {"--data-dir"},
                                {"exec", "true"},
                                {"exec", "--"},
                                {"status", "--user", "u"}}) {
    Program program{arguments};
    EXPECT_EQ(program.wait(), 2);
    EXPECT_EQ(program.output(), "");
    auto const errors = program.errors();
    EXPECT_THAT(errors, StartsWith("lakebase-emulator: "));
    EXPECT_THAT(errors, HasSubstr("Try 'lakebase-emulator --help'."));
  }
}

TEST(Program, SaysWhatItIs) {
  for (auto const word : {"--help", "help"}) {
    Program help{{word}};
    EXPECT_EQ(help.wait(), 0);
    EXPECT_THAT(help.output(), HasSubstr("lakebase-emulator exec [OPTION ...] -- COMMAND"));
  }
  Program version{{"--version"}};
  EXPECT_EQ(version.wait(), 0);
  EXPECT_THAT(version.output(), StartsWith("lakebase-emulator "));
}

TEST(Program, SaysWhoHasAnAddressThatIsTaken) {
  ScratchFolder const scratch;
  Program first{{"--data-dir", scratch.path("a"), "--postgres-port", "0"}};
  auto variables = first.wait_until_ready();
  auto const host = variables["DATABRICKS_HOST"];
  Program second{{"--postgres-port", "0", "--http", host.substr(host.find("//") + 2)}};
  EXPECT_EQ(second.wait(), 1);
  auto const errors = second.errors();
  EXPECT_THAT(errors, HasSubstr("cannot listen on 127.0.0.1:"));
  EXPECT_THAT(errors, HasSubstr("Address already in use by process " + std::to_string(first.pid()) + " ("));
  EXPECT_THAT(errors, HasSubstr("an emulator with its data in " + scratch.path("a")));
  Program third{{"--data-dir", scratch.path("a"), "--postgres-port", "0"}};
  EXPECT_EQ(third.wait(), 1);
  EXPECT_THAT(third.errors(), HasSubstr("another emulator is using " + scratch.path("a") + " (process " +
                                        std::to_string(first.pid()) + ")"));
  EXPECT_EQ(first.stop(SIGTERM), 0);
}

TEST(Program, NoticesATakenPostgresPortBeforeItIsReady) {
  ListeningSocket const taken{INADDR_ANY};
  Program program{{"--postgres-port", std::to_string(taken.port())}};
  EXPECT_EQ(program.wait(), 1);
  EXPECT_THAT(program.output(), IsEmpty());
  EXPECT_THAT(program.errors(),
              HasSubstr("cannot listen on port " + std::to_string(taken.port()) +
                        " of a loopback address: Address already in use by process " + std::to_string(::getpid())));
}

TEST(Program, RefusesAFolderOfSomethingElse) {
  ScratchFolder const scratch;
  std::ofstream{scratch.path("thesis.tex")} << "text";
  std::filesystem::permissions(scratch.path(), std::filesystem::perms{0775});
  auto const before = std::filesystem::status(scratch.path()).permissions();
  for (auto const& arguments : {std::vector<std::string>{"--data-dir", scratch.path(), "--postgres-port", "0"},
                                {"up", "--data-dir", scratch.path(), "--postgres-port", "0"}}) {
    Program program{arguments};
    EXPECT_EQ(program.wait(), 1);
    EXPECT_THAT(program.errors(), HasSubstr("holds other files ('thesis.tex' is one)"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{scratch.path()}, {}), 1) << "nothing was added";
    EXPECT_EQ(std::filesystem::status(scratch.path()).permissions(), before);
  }
}

TEST(Program, SaysWhatAFolderIsThatIsNone) {
  ScratchFolder const scratch;
  std::string const file = scratch.path("file");
  std::ofstream{file} << "text";
  for (std::string const action : {"up", "env", "status", "down"}) {
    Program program{{action, "--data-dir", file}};
    EXPECT_EQ(program.wait(), 1) << action;
    EXPECT_EQ(program.errors(), "lakebase-emulator: " + file + " is no folder\n") << action;
  }
  Program serve{{"--data-dir", file, "--log-level", "quiet"}};
  EXPECT_EQ(serve.wait(), 1);
  EXPECT_EQ(serve.errors(), "lakebase-emulator: " + file + " is no folder\n");
  Program below{{"up", "--data-dir", file + "/data"}};
  EXPECT_EQ(below.wait(), 1);
  EXPECT_EQ(below.errors(), "lakebase-emulator: cannot make " + file + "/data: Not a directory\n");
}

TEST(Program, SaysThatItsFolderHasGone) {
  auto const before = std::filesystem::current_path();
  std::string const gone = ScratchFolder{}.path();
  std::filesystem::create_directory(gone);
  std::filesystem::current_path(gone);
  std::filesystem::remove(gone);
  Program program{{"status", "--data-dir", "data"}};
  std::filesystem::current_path(before);
  EXPECT_EQ(program.wait(), 1);
  EXPECT_THAT(program.errors(), HasSubstr("the current folder is unavailable (No such file or directory), and data is "
                                          "relative to it: give --data-dir an absolute path"));
}

TEST(Program, SaysWhatLeadsToAFolderThatCannotBeHad) {
  {
    ScopedVariable const temporary{"TMPDIR", "/nonexistent"};
    Program program{{"exec", "--", "true"}};
    EXPECT_EQ(program.wait(), 1);
    EXPECT_THAT(program.errors(), StartsWith("lakebase-emulator: cannot create a temporary folder: TMPDIR is "
                                             "'/nonexistent', which is no folder"));
  }
  if (::geteuid() != 0) GTEST_SKIP() << "another account is needed";
  ScratchFolder const scratch;
  ScopedVariable const home{"HOME", scratch.path()};
  ScopedVariable const state{"XDG_STATE_HOME", ""};
  Program up{{"up"}, Account::nobody};
  EXPECT_EQ(up.wait(), 1);
  auto const complaint = up.errors();
  EXPECT_THAT(complaint, StartsWith("lakebase-emulator: cannot make " +
                                    scratch.path(".local/state/lakebase-emulator: Permission denied; ")));
  EXPECT_THAT(complaint, HasSubstr("HOME"));
  EXPECT_THAT(complaint, HasSubstr("--data-dir"));
  ScopedVariable const temporary{"TMPDIR", scratch.path()};
  Program exec{{"exec", "--", "true"}, Account::nobody};
  EXPECT_EQ(exec.wait(), 1);
  auto const errors = exec.errors();
  EXPECT_THAT(errors, StartsWith("lakebase-emulator: cannot create a temporary folder: TMPDIR is '" + scratch.path() +
                                 "': cannot make " + scratch.path("lakebase-emulator-")));
  EXPECT_THAT(errors, HasSubstr("Permission denied"));
}

TEST(Program, ServesAFolderOfAnyName) {
  ScratchFolder const scratch;
  Program program{{"--data-dir", scratch.path("say \"it's\", 'so'"), "--postgres-port", "0"}};
  auto variables = program.wait_until_ready();
  make_project(variables);
  EXPECT_EQ(program.stop(SIGTERM), 0);
}

TEST(Program, KeepsThePortsOfItsFolder) {
  ScratchFolder const scratch;
  std::map<std::string, std::string> lives[2];
  for (auto& life : lives) {
    Program program{{"--data-dir", scratch.path("data"), "--log-level", "quiet",
                     // Not a second time.
                     &life == lives ? "--postgres-port=0" : "--echo-spec"}};
    life = program.wait_until_ready();
    EXPECT_EQ(program.stop(SIGTERM), 0);
  }
  EXPECT_EQ(lives[0], lives[1]);
  std::uint16_t port = 0;
  std::istringstream{lives[0]["DATABRICKS_HOST"].substr(std::string{"http://127.0.0.1:"}.size())} >> port;
  ListeningSocket const taken{INADDR_LOOPBACK, port};
  Program late{{"--data-dir", scratch.path("data")}};
  EXPECT_EQ(late.wait(), 1) << "other clients would not find it at another port";
  EXPECT_THAT(late.errors(), HasSubstr("choose another port (--http ADDRESS:PORT)"));
}

TEST(Program, ClearsAwayWhatAKilledOneLeft) {
  ScratchFolder const scratch;
  ScopedVariable const temporary{"TMPDIR", scratch.path()};
  std::filesystem::create_directory(scratch.path("lakebase-emulator-0123456789ab"));
  std::filesystem::create_directory(scratch.path("somebody's"));
  std::filesystem::create_directory_symlink(scratch.path("somebody's"), scratch.path("lakebase-emulator-0123456789ac"));
  std::ofstream{scratch.path("somebody's/lock")} << "1\n";
  Program living{{"--postgres-port", "0"}};
  auto const living_folder = folder_of(living.wait_until_ready());
  Program killed{{"--postgres-port", "0"}};
  auto variables = killed.wait_until_ready();
  auto const killed_folder = folder_of(variables);
  make_project(variables);
  EXPECT_EQ(killed.stop(SIGKILL), -SIGKILL);
  EXPECT_TRUE(std::filesystem::exists(killed_folder));
  Program next{{"--postgres-port", "0"}};
  next.wait_until_ready();
  EXPECT_FALSE(std::filesystem::exists(killed_folder));
  EXPECT_EQ(processes_with(killed_folder), 0);
  EXPECT_TRUE(std::filesystem::exists(living_folder + "/token")) << "its lock is not free";
  EXPECT_TRUE(std::filesystem::exists(scratch.path("lakebase-emulator-0123456789ab"))) << "it has no lock to prove it";
  EXPECT_TRUE(std::filesystem::exists(scratch.path("somebody's/lock"))) << "links are not followed";
  EXPECT_EQ(living.stop(SIGTERM), 0);
  EXPECT_EQ(next.stop(SIGTERM), 0);
}

TEST(Exec, RunsACommandInItsEnvironment) {
  ScopedVariable const profile{"DATABRICKS_CONFIG_PROFILE", "elsewhere"};
  ScopedVariable const user{"PGUSER", "somebody"};
  ScopedVariable const own{"MY_OWN", "kept"};
  Program program{{"exec", "--postgres-port", "0", "--", "sh", "-c",
                   "echo $DATABRICKS_HOST-$DATABRICKS_TOKEN-$PGPORT; test -r $PGSSLROOTCERT; echo $?; "
                   "echo -$DATABRICKS_CONFIG_PROFILE-$PGUSER-$MY_OWN; exit 7"}};
  EXPECT_EQ(program.wait(), 7);
  EXPECT_THAT(program.output(), MatchesRegex("http://127.0.0.1:[0-9]+-dapi[0-9a-f]+-[0-9]+\n0\n---kept\n"));
  EXPECT_THAT(program.errors(), IsEmpty()) << "the log is quiet unless it is asked for";
}

TEST(Exec, EndsAsTheCommandEnds) {
  struct Case {
    std::vector<std::string> command;
    int status;
    char const* errors;
  };
  for (auto const& [command, status, errors] :
       {Case{{"true"}, 0, ""}, Case{{"sh", "-c", "kill -9 $$"}, 128 + SIGKILL, ""},
        Case{{"no-such-command-here"}, 127, "no-such-command-here: command not found"},
        Case{{"/etc/passwd"}, 126, "/etc/passwd: Permission denied"}}) {
    std::vector<std::string> arguments{"exec", "--postgres-port", "0", "--"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    Program program{arguments};
    EXPECT_EQ(program.wait(), status) << command[0];
    EXPECT_THAT(program.errors(), HasSubstr(errors));
  }
}

TEST(Exec, PassesSignalsOn) {
  Program program{{"exec", "--postgres-port", "0", "--", "sh", "-c",
                   "trap 'exit 5' USR1; trap 'echo got it' TERM; echo begun; while :; do sleep 0.05; done"}};
  EXPECT_EQ(program.line(), "begun");
  ::kill(program.pid(), SIGTERM);
  EXPECT_EQ(program.line(), "got it") << "the command decides what it makes of it";
  EXPECT_EQ(program.stop(SIGUSR1), 5);
}

class Background : public ::testing::Test {
 protected:
  struct Ran {
    int status = 0;
    std::string output;
    std::string errors;
  };
  ~Background() override { run({"down"}); }
  Ran run(std::vector<std::string> arguments, Account account = Account::own) const {
    arguments.insert(arguments.begin() + 1, {"--data-dir", folder_});
    Program program{arguments, account};
    Ran ran{program.wait(), {}, {}};
    ran.output = program.output();
    ran.errors = program.errors();
    return ran;
  }

  ScratchFolder const scratch_;
  std::string const folder_ = scratch_.path("data");
};

TEST_F(Background, GoesUpAndDown) {
  EXPECT_EQ(run({"status"}).status, 3);
  EXPECT_EQ(run({"env"}).status, 3);
  auto const up = run({"up", "--postgres-port", "0"});
  ASSERT_EQ(up.status, 0) << up.errors;
  EXPECT_THAT(up.output, MatchesRegex("export DATABRICKS_HOST=.*\nexport DATABRICKS_TOKEN=.*\n"
                                      "export PGSSLROOTCERT=.*\nexport PGPORT=[0-9]+\n"));
  auto const status = run({"status"});
  EXPECT_EQ(status.status, 0);
  EXPECT_THAT(status.output, HasSubstr(folder_));
  auto const env = run({"env"});
  EXPECT_EQ(env.status, 0);
  EXPECT_EQ(env.output, up.output);
  auto const host = up.output.substr(23, up.output.find('\n') - 23);
  EXPECT_EQ(httplib::Client{host}.Get("/health")->status, 200);
  auto const again = run({"up"});
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.output, up.output);
  EXPECT_THAT(again.errors, HasSubstr("serves already"));
  EXPECT_EQ(run({"down"}).status, 0);
  EXPECT_EQ(run({"status"}).status, 3);
  EXPECT_EQ(processes_with(folder_), 0);
  EXPECT_EQ(run({"down"}).status, 0) << "it is down, as was asked for";
  EXPECT_EQ(run({"up"}).output, up.output) << "token and ports stay";
}

TEST_F(Background, SaysWhereNothingIsYet) {
  EXPECT_EQ(run({"status"}).output, "does not run: nothing in " + folder_ + " yet\n");
  EXPECT_EQ(run({"down"}).errors, "lakebase-emulator: does not run: nothing in " + folder_ + " yet\n");
  ASSERT_EQ(run({"up", "--postgres-port", "0"}).status, 0);
  ASSERT_EQ(run({"down"}).status, 0);
  EXPECT_EQ(run({"status"}).output, "does not run: data in " + folder_ + "\n");
}

TEST_F(Background, DoesNotPassOverOptionsThatComeTooLate) {
  auto const up = run({"up", "--postgres-port", "0"});
  ASSERT_EQ(up.status, 0) << up.errors;
  EXPECT_THAT(up.errors, Not(HasSubstr("options")));
  EXPECT_THAT(run({"up"}).errors, Not(HasSubstr("options")));
  auto const host = up.output.substr(30, up.output.find('\n') - 30);
  auto const same = run({"up", "--postgres-port", "0", "--http", host, "--echo-spec"});
  EXPECT_EQ(same.status, 0) << same.errors;
  EXPECT_EQ(same.output, up.output);
  EXPECT_THAT(same.errors,
              HasSubstr("its options stay those that it was started with; 'lakebase-emulator down' first"));
  struct Case {
    std::vector<std::string> arguments;
    char const* different;
  };
  for (auto const& [arguments, different] :
       {Case{{"--http", "127.0.0.1:1"}, "--http"}, Case{{"--http", "127.0.0.2:0"}, "--http"},
        Case{{"--postgres-port", "1"}, "--postgres-port"}, Case{{"--token", "another"}, "token"}}) {
    std::vector<std::string> words{"up"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    auto const other = run(words);
    EXPECT_EQ(other.status, 1) << different;
    EXPECT_THAT(other.output, IsEmpty());
    EXPECT_THAT(other.errors,
                MatchesRegex("lakebase-emulator: process [0-9]+ serves " + folder_ + " already, with another " +
                             different + ": 'lakebase-emulator down' first.*\n"));
  }
}

TEST_F(Background, IsNotDeniedWhereItCannotBeSeen) {
  if (::geteuid() != 0) GTEST_SKIP() << "another account is needed";
  ASSERT_EQ(run({"up", "--postgres-port", "0"}).status, 0);
  for (std::string const action : {"status", "env", "down", "up"}) {
    auto const asked = run({action}, Account::nobody);
    EXPECT_EQ(asked.status, 1) << action;
    EXPECT_THAT(asked.output, IsEmpty());
    EXPECT_EQ(asked.errors,
              "lakebase-emulator: cannot look into " + folder_ + ": Permission denied (belongs to root)\n");
  }
}

TEST_F(Background, IsStartedOnceByManyAtATime) {
  std::vector<std::unique_ptr<Program>> programs;
  for (int i = 0; i < 4; ++i) {
    programs.push_back(
        std::make_unique<Program>(std::vector<std::string>{"up", "--data-dir", folder_, "--postgres-port", "0"}));
  }
  std::set<std::string> outputs;
  for (auto const& program : programs) {
    EXPECT_EQ(program->wait(), 0);
    outputs.insert(program->output());
  }
  EXPECT_EQ(outputs.size(), 1U);
}

TEST_F(Background, SaysWhyItDoesNotStart) {
  ListeningSocket const taken{INADDR_ANY};
  auto const up = run({"up", "--postgres-port", std::to_string(taken.port())});
  EXPECT_EQ(up.status, 1);
  EXPECT_THAT(up.output, IsEmpty());
  EXPECT_THAT(up.errors, HasSubstr("did not start; " + folder_ + "/emulator.log says:"));
  EXPECT_THAT(up.errors, HasSubstr("Address already in use by process"));
}

TEST_F(Background, IsNotTakenForOneThatWasKilled) {
  auto const up = run({"up", "--postgres-port", "0"});
  ASSERT_EQ(up.status, 0) << up.errors;
  pid_t pid = 0;
  std::ifstream{folder_ + "/lock"} >> pid;
  ASSERT_GT(pid, 1);
  ::kill(pid, SIGKILL);
  while (run({"status"}).status == 0) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(run({"env"}).status, 3) << "the file of its environment is still there";
  // Another process has its number by now.
  std::ofstream{folder_ + "/lock"} << ::getpid() << '\n';
  EXPECT_EQ(run({"down"}).status, 0) << "and is not ended for it";
  EXPECT_EQ(run({"up"}).output, up.output);
}

}  // namespace
}  // namespace lakebase::emulator::tests
