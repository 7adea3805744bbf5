// Secrets are their owner's alone from their first byte, whatever the umask.

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "data_plane/front/certificates.hpp"
#include "data_plane_fixture.hpp"
#include "system/descriptor_io_posix.hpp"
#include "system/private_file_posix.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr fs::perms for_others = fs::perms::group_all | fs::perms::others_all;

/// No protection by a mask: what is created gets the mode that was asked for.
class NoMask {
 public:
  NoMask() : before_(::umask(0)) {}
  NoMask(NoMask const&) = delete;
  NoMask& operator=(NoMask const&) = delete;
  ~NoMask() { ::umask(before_); }

 private:
  mode_t before_;
};

/// Sees each file that is created in some folders, and each whose mode or owner changes afterwards. Where a file's mode
/// never changes, its first one is its last one.
class Watcher {
 public:
  explicit Watcher(std::vector<fs::path> const& folders) : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    for (auto const& folder : folders) {
      int const watch = ::inotify_add_watch(events_.get(), folder.c_str(), IN_CREATE | IN_MOVED_TO | IN_ATTRIB);
      if (watch < 0) throw std::runtime_error("cannot watch " + folder.string());
    }
  }
  void collect() {
    alignas(inotify_event) char buffer[65536];
    for (ssize_t size = 0; (size = ::read(events_.get(), buffer, sizeof buffer)) > 0;) {
      for (char const* at = buffer; at < buffer + size;) {
        auto const* event = reinterpret_cast<inotify_event const*>(at);
        std::string const name = event->len > 0 ? event->name : "";
        bool const folder = (event->mask & IN_ISDIR) != 0;
        if (!folder && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0) created.insert(name);
        if (!folder && !name.empty() && (event->mask & IN_ATTRIB) != 0) changed.insert(name);
        at += sizeof(inotify_event) + event->len;
      }
    }
  }
  std::set<std::string> created;
  std::set<std::string> changed;

 private:
  UniqueFd events_;
};

/// Files below a folder that others can read, by their paths there; but for the mirrors of PostgreSQL's installations,
/// which hold nothing that is not in the program.
std::vector<std::string> open_files(fs::path const& folder) {
  std::vector<std::string> found;
  for (auto const& entry : fs::recursive_directory_iterator{folder}) {
    auto const status = entry.symlink_status();
    bool const open = (status.permissions() & for_others) != fs::perms::none;
    auto const path = entry.path().lexically_relative(folder).string();
    if (!fs::is_directory(status) && open && !path.starts_with("extensions/")) found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The program, until it is ready.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    char const* const copy = std::getenv("LAKEBASE_TEST_EMULATOR_PROGRAM");
    arguments.insert(arguments.begin(), copy != nullptr ? copy : LAKEBASE_EMULATOR_PROGRAM);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output_.write_end.get(), 1);
    int const error = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    output_.write_end.reset();
    if (error != 0) throw std::runtime_error("the program cannot be run");
    char byte = 0;
    while (text.find("ready") == std::string::npos && ::read(output_.read_end.get(), &byte, 1) == 1) text += byte;
  }
  Program(Program const&) = delete;
  Program& operator=(Program const&) = delete;
  ~Program() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::string text;

 private:
  Pipe output_;
  pid_t pid_ = 0;
};

TEST(Secrets, OfTheProgramArePrivateFromTheirFirstByte) {
  TemporaryFolder const scratch;
  fs::path const folder = scratch.path() / "data";
  fs::create_directories(folder / "postgres");
  let_others_pass(scratch.path());
  let_others_pass(folder);
  Watcher watcher{{folder, folder / "postgres"}};
  NoMask const no_mask;
  {
    Program const program{{"--data-dir", folder.string(), "--postgres-port", "55437", "--log-level", "quiet"}};
    EXPECT_THAT(program.text, HasSubstr("ready"));
    watcher.collect();
    EXPECT_EQ(open_files(folder), (std::vector<std::string>{"postgres/ca.pem"}));
  }
  watcher.collect();
  for (char const* name : {"token", "signing.key", "state.json", "environment", "ca.key"}) {
    EXPECT_TRUE(watcher.created.contains(name)) << name;
    EXPECT_TRUE(watcher.created.contains(std::string{name} + ".new")) << name;
  }
  // The certificate is for everybody; it becomes so when it is whole.
  EXPECT_EQ(watcher.changed, std::set<std::string>{"ca.pem.new"});
}

TEST(Secrets, InATemporaryFolderArePrivateToo) {
  TemporaryFolder const scratch;
  fs::permissions(scratch.path(), fs::perms::all);
  std::string const variable = "TMPDIR=" + scratch.path().string();
  ::setenv("TMPDIR", scratch.path().c_str(), 1);
  NoMask const no_mask;
  {
    Program const program{{"--postgres-port", "55438", "--log-level", "quiet"}};
    ::unsetenv("TMPDIR");
    auto const folder = fs::directory_iterator {
      scratch.path()
      } -> path();
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    EXPECT_EQ(open_files(folder), (std::vector<std::string>{"postgres/ca.pem"}));
  }
  EXPECT_TRUE(fs::is_empty(scratch.path()));
}

class SecretsOfBranchesTest : public DataPlaneTest {
 protected:
  void SetUp() override {}
};

TEST_F(SecretsOfBranchesTest, ArePrivateInEveryFileOfABranchAndItsCopies) {
  NoMask const no_mask;
  DataPlaneTest::SetUp();
  std::string const reader = plane().add_endpoint("reader", "main", {.read_only = true});
  plane().start("primary");
  plane().start("reader");
  plane().copy_branch("main", "of-running");
  plane().suspend("primary");
  plane().copy_branch("main", "of-resting");
  plane_.reset();
  EXPECT_EQ(open_files(root_.path()), (std::vector<std::string>{"ca.pem"}));
  for (char const* name : {"branches/main", "branches/of-running", "branches/of-resting", "logs"}) {
    EXPECT_EQ(fs::status(root_.path() / name).permissions(), fs::perms::owner_all) << name;
  }
}

TEST(Secrets, AreNotReadFromWhatOthersCouldReplace) {
  TemporaryFolder const scratch;
  fs::path const secret = scratch.path() / "secret";
  fs::path const other = scratch.path() / "other";
  std::ofstream{other} << "planted";
  fs::create_symlink(other, secret);
  EXPECT_THROW(static_cast<void>(kept_secret(secret, "fresh")), std::runtime_error);
  fs::remove(secret);
  ASSERT_EQ(::mkfifo(secret.c_str(), 0600), 0);
  EXPECT_THROW(static_cast<void>(kept_secret(secret, "fresh")), std::runtime_error);
  fs::remove(secret);
  fs::create_directory(secret);
  EXPECT_THROW(static_cast<void>(kept_secret(secret, "fresh")), std::runtime_error);
  fs::remove(secret);
  // A temporary file of that name is replaced, and nothing is written through it.
  fs::create_symlink(other, secret.string() + ".new");
  EXPECT_EQ(kept_secret(secret, "fresh"), "fresh");
  EXPECT_EQ(read_own_file(other), "planted");
  EXPECT_EQ(read_own_file(secret), "fresh");
}

TEST(OwnFiles, AreReadWithinABound) {
  TemporaryFolder const scratch;
  fs::path const log = scratch.path() / "log";
  std::ofstream{log} << "one two three";
  EXPECT_EQ(read_own_tail(log, 0, 100), "one two three");
  EXPECT_EQ(read_own_tail(log, 4, 100), "two three");
  EXPECT_EQ(read_own_tail(log, 4, 5), "three");
  EXPECT_EQ(read_own_tail(log, 100, 5), "");
  EXPECT_EQ(read_own_tail(scratch.path() / "none", 0, 5), "");
  fs::resize_file(log, 3'000'000'000);
  EXPECT_EQ(read_own_tail(log, 0, 5), std::string(5, '\0'));
  EXPECT_THROW(static_cast<void>(read_own_file(log)), std::runtime_error);
}

TEST(Secrets, OfAnEarlierLifeAreClosedToOthers) {
  TemporaryFolder const scratch;
  fs::path const secret = scratch.path() / "secret";
  std::ofstream{secret} << "kept";
  fs::permissions(secret, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
  EXPECT_EQ(kept_secret(secret, "fresh"), "kept");
  EXPECT_EQ(fs::status(secret).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Secrets, OutliveAStopOfTheMachine) {
  TemporaryFolder const scratch;
  std::vector<std::string> steps;
  auto const note = [&](std::string_view step) { steps.emplace_back(step); };
  EXPECT_EQ(kept_secret(scratch.path() / "secret", "fresh", note), "fresh");
  EXPECT_EQ(steps, (std::vector<std::string>{"open", "write", "sync", "rename", "sync folder"}));
}

// It would only delay the start.
TEST(Secrets, OfATemporaryFolderAreNotSynced) {
  TemporaryFolder const scratch;
  std::vector<std::string> steps;
  auto const note = [&](std::string_view step) { steps.emplace_back(step); };
  EXPECT_EQ(kept_secret(scratch.path() / "secret", "fresh", note, SecretLife::of_the_process), "fresh");
  EXPECT_EQ(steps, (std::vector<std::string>{"open", "write", "rename"}));
  EXPECT_EQ(kept_secret(scratch.path() / "secret", "later", note, SecretLife::of_the_process), "fresh");
}

TEST(Secrets, AreNotKeptInAnotherAccountsFolder) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can enter such a folder";
  TemporaryFolder const scratch;
  fs::path const folder = scratch.path() / "theirs";
  fs::create_directory(folder);
  give_to(RunAs::choose(), folder);
  try {
    make_own_folder(folder);
    ADD_FAILURE() << "it was taken";
  } catch (std::runtime_error const& error) {
    EXPECT_THAT(error.what(), HasSubstr("belongs to another account"));
  }
  fs::create_directory(scratch.path() / "open");
  fs::permissions(scratch.path() / "open", fs::perms::all);
  make_own_folder(scratch.path() / "open");
  EXPECT_EQ(fs::status(scratch.path() / "open").permissions() & (fs::perms::group_write | fs::perms::others_write),
            fs::perms::none);
}

TEST(Secrets, PipesInTheDataFolderStopTheStartWithAReason) {
  for (char const* name : {"token", "signing.key", "state.json", "postgres/ca.key", "postgres/ca.pem"}) {
    TemporaryFolder const scratch;
    fs::create_directories(scratch.path() / "postgres");
    let_others_pass(scratch.path());
    ASSERT_EQ(::mkfifo((scratch.path() / name).c_str(), 0600), 0);
    Program const program{{"--data-dir", scratch.path().string(), "--postgres-port", "55439", "--log-level", "quiet"}};
    EXPECT_THAT(program.text, IsEmpty()) << name;
  }
}

}  // namespace
}  // namespace lakebase::emulator
