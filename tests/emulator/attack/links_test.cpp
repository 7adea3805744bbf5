// Links, pipes and folders in place of every name that the emulator opens in a folder of PostgreSQL's account.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/data_folder_posix.hpp"
#include "data_plane/server/sql_session.hpp"
#include "data_plane_fixture.hpp"
#include "processes.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

enum class Trap { link, dangling_link, link_to_folder, hard_link, pipe, folder };

constexpr std::array traps = {Trap::link,      Trap::dangling_link, Trap::link_to_folder,
                              Trap::hard_link, Trap::pipe,          Trap::folder};

char const* name_of(Trap trap) {
  switch (trap) {
    case Trap::link:
      return "link";
    case Trap::dangling_link:
      return "dangling link";
    case Trap::link_to_folder:
      return "link to a folder";
    case Trap::hard_link:
      return "hard link";
    case Trap::pipe:
      return "pipe";
    case Trap::folder:
      return "folder";
  }
  return "";
}

/// Every name below a data directory that the emulator opens, by the product's own list; the empty one is the data
/// directory itself.
std::vector<std::string> names_in_data() {
  std::vector<std::string> names{""};
  for (DataFile const file : data_files) names.emplace_back(name_of(file));
  for (std::string_view const folder : data_subfolders) names.emplace_back(folder);
  return names;
}

/// What stands behind those names while they are written.
std::vector<std::string> unfinished_names() {
  std::vector<std::string> names;
  for (DataFile const file : data_files) names.push_back(std::string{name_of(file)} + std::string{unfinished_suffix});
  return names;
}

std::string read(fs::path const& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// `scripts/long planted-links` asks for more.
int rounds() {
  char const* wanted = std::getenv("LAKEBASE_ATTACK_ROUNDS");
  return wanted == nullptr ? 5 : std::stoi(wanted);
}

/// A file and a folder outside of the branch folders, which nothing may touch.
class Victim {
 public:
  explicit Victim(fs::path const& folder) : file_(folder / "victim"), folder_(folder / "victims") {
    std::ofstream{file_} << "precious\n";
    ::chmod(file_.c_str(), 0640);
    fs::create_directory(folder_);
    std::ofstream{folder_ / "postgresql.conf"} << "precious\n";
    std::ofstream{folder_ / "pg_control"} << "precious\n";
    before_ = facts();
  }

  /// Puts a trap in place of what is there.
  void plant(Trap trap, fs::path const& where, RunAs const& account) const {
    // Where hard links to other accounts' files are forbidden, root makes it for the attacker.
    work_as(trap == Trap::hard_link ? RunAs{} : account, [&] {
      fs::remove_all(where);
      fs::create_directories(where.parent_path());
      if (trap == Trap::link) fs::create_symlink(file_, where);
      if (trap == Trap::dangling_link) fs::create_symlink(nothing(), where);
      if (trap == Trap::link_to_folder) fs::create_directory_symlink(folder_, where);
      if (trap == Trap::hard_link) fs::create_hard_link(file_, where);
      if (trap == Trap::pipe && ::mkfifo(where.c_str(), 0600) != 0) throw std::runtime_error("no pipe");
      if (trap == Trap::folder) fs::create_directory(where);
    });
  }

  void expect_untouched(std::string const& after) {
    EXPECT_EQ(facts(), before_) << after;
    EXPECT_FALSE(fs::exists(fs::symlink_status(nothing()))) << after << ": " << nothing() << " was made";
  }

 private:
  fs::path nothing() const { return folder_.parent_path() / "nothing"; }
  std::string facts() const {
    std::string text = facts(file_) + facts(folder_);
    std::vector<fs::path> names;
    for (auto const& entry : fs::directory_iterator{folder_}) names.push_back(entry.path());
    std::sort(names.begin(), names.end());
    for (auto const& name : names) text += facts(name);
    return text;
  }
  static std::string facts(fs::path const& path) {
    struct stat found {};
    ::lstat(path.c_str(), &found);
    std::string text = path.filename().string() + " " + std::to_string(found.st_uid) + " " +
                       std::to_string(found.st_gid) + " " + std::to_string(found.st_mode) + " ";
    return text + (S_ISREG(found.st_mode) ? read(path) : "\n");
  }

  fs::path file_;
  fs::path folder_;
  std::string before_;
};

class LinksTest : public DataPlaneTest {
 protected:
  void SetUp() override {}
  fs::path branch(std::string const& uid) const { return root_.path() / "branches" / uid; }
  fs::path data() const { return branch("b") / "data"; }

  /// A data plane with the branch `b`.
  void begin() {
    place_branch(root_.path(), "b");
    begin_again();
  }
  void begin_again() {
    plane_.reset();
    plane_ = std::make_unique<DataPlane>(options());
    attempt([&] { plane().add_endpoint("rw", "b", {}); });
  }

  /// What went wrong, in words; empty: nothing.
  template <class Work>
  std::string attempt(Work const& work) {
    auto const began = std::chrono::steady_clock::now();
    std::string failure;
    try {
      work();
    } catch (std::exception const& error) {
      failure = error.what();
      EXPECT_NE(failure, "");
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, 40s) << failure;
    return failure;
  }
  void start_and_copy() {
    if (attempt([&] { plane().start("rw"); }).empty()) plane().suspend("rw");
    if (attempt([&] { plane().copy_branch("b", "copy"); }).empty()) plane().remove_branch("copy");
  }

  /// Takes what is there away while something else is in its place.
  class Displaced {
   public:
    Displaced(fs::path where, fs::path aside, RunAs const& account)
        : where_(std::move(where)), aside_(std::move(aside)), account_(account) {
      work_as(account_, [&] {
        if (fs::exists(where_)) fs::rename(where_, aside_);
      });
    }
    Displaced(Displaced const&) = delete;
    Displaced& operator=(Displaced const&) = delete;
    ~Displaced() {
      work_as(account_, [&] {
        fs::remove_all(where_);
        if (fs::exists(aside_)) fs::rename(aside_, where_);
      });
    }

   private:
    fs::path where_;
    fs::path aside_;
    RunAs const& account_;
  };
  fs::path place_of(std::string const& name) const { return name.empty() ? data() : data() / name; }

  RunAs const account_ = RunAs::choose();
};

TEST_F(LinksTest, InPlaceOfEachNameTouchNothingElse) {
  Victim victim{root_.path()};
  begin();
  for (Trap const trap : traps) {
    for (std::string const& name : names_in_data()) {
      {
        Displaced const displaced{place_of(name), branch("b") / "aside", account_};
        victim.plant(trap, place_of(name), account_);
        start_and_copy();
      }
      victim.expect_untouched(std::string{name_of(trap)} + " as data/" + name);
    }
  }
  EXPECT_EQ(attempt([&] { plane().start("rw"); }), "") << "the branch is as it was";
}

TEST_F(LinksTest, FoundByTheNextLifeTouchNothingElse) {
  Victim victim{root_.path()};
  begin();
  for (Trap const trap : traps) {
    for (std::string const name : {"", "PG_VERSION", "base", "postmaster.pid"}) {
      {
        Displaced const displaced{place_of(name), branch("b") / "aside", account_};
        victim.plant(trap, place_of(name), account_);
        begin_again();
        attempt([&] { plane().start("rw"); });
        attempt([&] { plane().logical_size("b"); });
        plane_.reset();
      }
      victim.expect_untouched(std::string{name_of(trap)} + " as data/" + name);
    }
  }
}

TEST_F(LinksTest, AroundAnImageTouchNothingElse) {
  Victim victim{root_.path()};
  begin();
  for (Trap const trap : traps) {
    ASSERT_EQ(attempt([&] { plane().copy_branch("b", "child"); }), "");
    ASSERT_EQ(attempt([&] { plane().copy_branch("child", "other"); }), "") << "so that the image stays where it is";
    fs::path const image = fs::directory_iterator {
      root_.path() / "images"
      } -> path();
    for (fs::path const& place : {branch("child") / "image", image / "facts", image / "data"}) {
      {
        Displaced const displaced{place, branch("b") / "aside", account_};
        victim.plant(trap, place, account_);
        victim.plant(trap, place.string() + std::string{unfinished_suffix}, account_);
        begin_again();
        attempt([&] { plane().logical_size("child"); });
        if (attempt([&] { plane().copy_branch("child", "copy"); }).empty()) plane().remove_branch("copy");
        if (place == image / "data") attempt([&] { plane().execute("child", "app", {"SELECT 1"}); });
        plane_.reset();
      }
      victim.expect_untouched(std::string{name_of(trap)} + " as " + place.filename().string());
    }
    begin_again();
    for (std::string const uid : {"child", "other"}) attempt([&] { plane().remove_branch(uid); });
  }
}

TEST_F(LinksTest, InPlaceOfUnfinishedFilesTouchNothingElse) {
  Victim victim{root_.path()};
  begin();
  plane().add_endpoint("ro", "b", {.read_only = true});
  for (Trap const trap : traps) {
    for (std::string const& name : unfinished_names()) victim.plant(trap, data() / name, account_);
    start_and_copy();
    for (std::string const name : {"standby-ro", "ro.log", "postgres.log"}) {
      victim.plant(trap, branch("b") / name, account_);
    }
    if (attempt([&] { plane().start("ro"); }).empty()) plane().suspend("ro");
    victim.expect_untouched(name_of(trap));
    work_as(RunAs{}, [&] {
      for (std::string const& name : unfinished_names()) fs::remove_all(data() / name);
    });
  }
}

TEST_F(LinksTest, PlantedWhileTheServerRunsTouchNothingElse) {
  Victim victim{root_.path()};
  begin();
  for (Trap const trap : traps) {
    ASSERT_EQ(attempt([&] { plane().start("rw"); }), "");
    for (std::string const name : {"pg_hba.conf", "pg_ident.conf", "postgresql.conf"}) {
      Displaced const displaced{data() / name, branch("b") / "aside", account_};
      victim.plant(trap, data() / name, account_);
      victim.plant(trap, data() / (name + std::string{unfinished_suffix}), account_);
      attempt([&] { plane().update_endpoint("rw", {.pg_settings = {{"work_mem", "8MB"}}}); });
      attempt([&] { plane().update_endpoint("rw", {}); });
    }
    for (std::string const name : {"more", "base/more", "pg_wal/000000010000000000000FFF", "global/more"}) {
      victim.plant(trap, data() / name, account_);
    }
    if (attempt([&] { plane().copy_branch("b", "copy"); }).empty()) plane().remove_branch("copy");
    victim.plant(trap, data() / "postmaster.pid", account_);
    attempt([&] { plane().crash("rw"); });
    attempt([&] { plane().start("rw"); });
    attempt([&] { plane().suspend("rw"); });
    victim.expect_untouched(name_of(trap));
    work_as(RunAs{}, [&] {
      for (std::string const name :
           {"more", "base/more", "pg_wal/000000010000000000000FFF", "global/more", "postmaster.pid"}) {
        fs::remove_all(data() / name);
      }
      for (std::string const& name : unfinished_names()) fs::remove_all(data() / name);
    });
  }
}

TEST_F(LinksTest, InARemovedBranchTouchNothingElse) {
  Victim victim{root_.path()};
  for (Trap const trap : traps) {
    begin();
    work_as(account_, [&] { fs::create_directories(data() / "base" / "deep"); });
    for (std::string const name : {"postgres.log", "data/more", "data/base/1", "data/base/deep/more", "data/global"}) {
      victim.plant(trap, branch("b") / name, account_);
    }
    EXPECT_EQ(attempt([&] { plane().remove_branch("b"); }), "");
    plane_.reset();
    victim.expect_untouched(name_of(trap));
    EXPECT_FALSE(fs::exists(fs::symlink_status(branch("b"))));
    EXPECT_FALSE(fs::exists(root_.path() / "logs" / "b"));
  }
}

TEST_F(LinksTest, FoldersThatAreClosedAreRemovedAllTheSame) {
  auto const close_folders = [&] {
    fs::path const odd = data() / "base" / "99999";
    fs::create_directories(odd / "deep");
    std::ofstream{odd / "deep" / "file"} << "x";
    fs::permissions(odd / "deep", fs::perms::none);
    fs::permissions(odd, fs::perms::none);
    fs::permissions(data() / "base" / "1", fs::perms::owner_read | fs::perms::owner_exec);
  };
  for (bool const whole : {false, true}) {
    begin();
    work_as(account_, [&] {
      close_folders();
      if (whole) fs::permissions(branch("b"), fs::perms::none);
    });
    EXPECT_EQ(attempt([&] { plane().remove_branch("b"); }), "");
    EXPECT_TRUE(fs::is_empty(root_.path() / "branches"));
    EXPECT_THAT(logged(), testing::Not(HasSubstr("cannot be removed")));
    plane_.reset();
  }
}

TEST_F(LinksTest, WhatStaysOfARemovedBranchIsNamedInTheLog) {
  if (!account_.switches) GTEST_SKIP() << "an ordinary account cannot make what it cannot remove";
  begin();
  fs::create_directory(data() / "base" / "roots");
  fs::permissions(data() / "base" / "roots", fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  std::ofstream{data() / "base" / "roots" / "file"} << "x";
  EXPECT_EQ(attempt([&] { plane().remove_branch("b"); }), "");
  auto const expected = testing::AllOf(HasSubstr("/data/base/roots/file cannot be removed: Permission denied; remove"),
                                       HasSubstr((root_.path() / "branches/.unfinished-").string()));
  EXPECT_THAT(logged(), expected);
  EXPECT_THAT(logged(), HasSubstr("branch b: "));
  log_.clear();
  begin_again();
  EXPECT_THAT(logged(), expected) << "the next life tries again, and tells";
}

TEST_F(LinksTest, PlantedInWhatAnEarlierLifeLeftTouchNothingElse) {
  Victim victim{root_.path()};
  for (Trap const trap : traps) {
    plane_ = std::make_unique<DataPlane>(options());
    plane_.reset();
    for (char const* name : {"branches/.unfinished-x", "s/7"}) {
      fs::create_directories(root_.path() / name);
      give_to(account_, root_.path() / name);
      victim.plant(trap, root_.path() / name / "inner", account_);
    }
    plane_ = std::make_unique<DataPlane>(options());
    plane_.reset();
    victim.expect_untouched(name_of(trap));
    EXPECT_FALSE(fs::exists(root_.path() / "branches/.unfinished-x"));
    EXPECT_FALSE(fs::exists(root_.path() / "s"));
  }
}

TEST_F(LinksTest, PlantedAgainAndAgainTouchNothingElse) {
  Victim victim{root_.path()};
  begin();
  std::atomic<bool> done{false};
  std::thread attacker{[&] {
    auto const names = names_in_data();
    for (std::size_t i = 0; !done; ++i) {
      std::string const& name = names[i % names.size()];
      if (name.empty() || name.starts_with("base") || name.starts_with("pg_wal") || name.starts_with("global"))
        continue;
      auto const where = data() / name;
      try {
        std::string const kept = name == "PG_VERSION" ? read(where) : "";
        victim.plant(i % 2 == 0 ? Trap::link : Trap::dangling_link, where, account_);
        std::this_thread::yield();
        work_as(account_, [&] { fs::remove(where); });
      } catch (std::exception const&) {
        // The other side was faster.
      }
    }
  }};
  for (int round = 0; round < rounds(); ++round) {
    attempt([&] { plane().start("rw"); });
    attempt([&] { plane().copy_branch("b", "copy"); });
    attempt([&] { plane().suspend("rw"); });
    attempt([&] { plane().remove_branch("copy"); });
  }
  done = true;
  attacker.join();
  plane_.reset();
  victim.expect_untouched("a race");
}

TEST_F(LinksTest, AreNamedInTheError) {
  begin();
  Victim victim{root_.path()};
  victim.plant(Trap::pipe, data() / "backup_label", account_);
  EXPECT_THAT(attempt([&] { plane().start("rw"); }), HasSubstr("/b/data/backup_label is not a file"));
  EXPECT_THAT(attempt([&] { plane().copy_branch("b", "copy"); }), HasSubstr("/b/data/backup_label is not a file"));
  victim.plant(Trap::link_to_folder, data() / "global", account_);
  EXPECT_THAT(attempt([&] { plane().start("rw"); }), HasSubstr("/global"));
}

TEST_F(LinksTest, WhatIsInTheWayOfAFileIsNamed) {
  begin();
  Victim const victim{root_.path()};
  victim.plant(Trap::folder, data() / "pg_hba.conf.next", account_);
  EXPECT_THAT(attempt([&] { plane().start("rw"); }), HasSubstr("/b/data/pg_hba.conf.next is in the way of a file"));
}

TEST_F(LinksTest, WhatCannotBeCopiedIsNamedWithItsBranch) {
  begin();
  fs::path const closed = data() / "base" / "99999";
  work_as(account_, [&] {
    fs::create_directory(closed);
    fs::permissions(closed, fs::perms::none);
  });
  EXPECT_THAT(attempt([&] { plane().copy_branch("b", "copy"); }),
              testing::AllOf(HasSubstr("cannot copy the branch b: " + closed.string() + ": Permission denied; "),
                             HasSubstr("must belong to the account " + account_name(account_.uid))));
  EXPECT_FALSE(fs::exists(branch("copy")));
  // An ordinary account could not remove it otherwise.
  work_as(account_, [&] { fs::permissions(closed, fs::perms::owner_all); });
}

TEST_F(LinksTest, FilesLargerThanTheyCanBeAreRefusedUnread) {
  begin();
  for (DataFile const file : data_files) {
    std::string const name{name_of(file)};
    Displaced const displaced{data() / name, branch("b") / "aside", account_};
    auto const size = largest_size(file) + 1'000'000'000;
    work_as(account_, [&] {
      std::ofstream{data() / name};
      fs::resize_file(data() / name, size);
    });
    auto const expected = testing::AllOf(
        HasSubstr("/b/data/" + name + " is larger than this file can be (" + std::to_string(size) + " bytes, at most "),
        HasSubstr("remove it, or its branch"));
    auto const began = std::chrono::steady_clock::now();
    EXPECT_THAT(attempt([&] { plane().start("rw"); }), expected);
    EXPECT_THAT(attempt([&] { plane().copy_branch("b", "copy"); }), expected);
    EXPECT_THAT(attempt([&] { static_cast<void>(DataFolder{data(), account_}.read(file)); }), expected);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s) << name;
  }
  EXPECT_EQ(attempt([&] { plane().start("rw"); }), "") << "the branch is as it was";
}

TEST_F(LinksTest, OfProcessesThatAreNotTheServersKillNone) {
  begin();
  // A process of ours that works in a folder which `data` then points to.
  fs::path const elsewhere = root_.path() / "elsewhere";
  fs::create_directory(elsewhere);
  pid_t const bystander = ::fork();
  if (bystander == 0) {
    if (::chdir(elsewhere.c_str()) != 0) ::_exit(1);
    ::execlp("sleep", "sleep", "60", nullptr);
    ::_exit(1);
  }
  ASSERT_TRUE(eventually([&] { return processes_below(root_.path()).size() == 1 || ::kill(bystander, 0) != 0; }));
  std::ofstream{elsewhere / "postmaster.pid"} << "1\n";
  work_as(account_, [&] {
    fs::remove_all(data());
    fs::create_directory_symlink(elsewhere, data());
  });
  attempt([&] { plane().start("rw"); });
  EXPECT_EQ(::kill(bystander, 0), 0);
  EXPECT_EQ(::waitpid(bystander, nullptr, WNOHANG), 0) << "it was killed";
  ::kill(bystander, SIGKILL);
  ::waitpid(bystander, nullptr, 0);
}

TEST_F(LinksTest, LogsAreOutOfReachOfTheServersAccount) {
  DataPlaneTest::SetUp();
  plane().start("primary");
  fs::path const log = root_.path() / "logs" / "main" / "postgres.log";
  struct stat facts {};
  ASSERT_EQ(::stat(log.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_uid, ::geteuid());
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  EXPECT_FALSE(fs::exists(branch("main") / "postgres.log"));
}

TEST_F(LinksTest, TheSuperusersSocketKnowsTheAccountThatConnects) {
  if (!account_.switches) GTEST_SKIP() << "the emulator and its servers are of one account";
  DataPlaneTest::SetUp();
  plane().start("primary");
  auto const failure = attempt([&] {
    work_as(account_, [&] { SqlSession{root_.path() / "s" / "1" / ".s.PGSQL.5432", "cloud_admin", "postgres"}; });
  });
  EXPECT_THAT(failure, HasSubstr("Peer authentication failed"));
}

TEST_F(LinksTest, InPlaceOfASocketLeadToNoOtherServer) {
  if (!account_.switches) GTEST_SKIP() << "the emulator and its servers are of one account";
  DataPlaneTest::SetUp();
  plane().start("primary");
  // A server of root's, which would do for root what it does for nobody else.
  fs::path const other = root_.path() / "other";
  UniqueFd const server{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, other.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(server.get(), 8), 0);
  fs::path const socket = root_.path() / "s" / "1" / ".s.PGSQL.5432";
  work_as(account_, [&] {
    fs::remove(socket);
    fs::create_symlink(other, socket);
  });
  EXPECT_THAT(attempt([&] {
                SqlSession{socket, "cloud_admin", "postgres"};
              }),
              HasSubstr("a server of another account"));
  UniqueFd const accepted{::accept(server.get(), nullptr, nullptr)};
  char byte = 0;
  EXPECT_EQ(::read(accepted.get(), &byte, 1), 0) << "it was told something";
}

}  // namespace
}  // namespace lakebase::emulator
