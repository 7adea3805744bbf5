#include "data_plane/folders/account_work_posix.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <thread>

#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

class AccountWorkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!account_.switches) GTEST_SKIP() << "there is one account only";
    make_account_folder(theirs_, account_);
    ::chmod(root_.path().c_str(), 0711);
  }

  RunAs const account_ = RunAs::choose();
  TemporaryFolder const root_;
  fs::path const theirs_ = root_.path() / "theirs";
};

TEST_F(AccountWorkTest, BelongsToTheAccountFromItsFirstMoment) {
  work_as(account_, [&] { std::ofstream{theirs_ / "file"} << "text"; });
  struct stat facts {};
  ASSERT_EQ(::stat((theirs_ / "file").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_uid, account_.uid);
  EXPECT_EQ(facts.st_gid, account_.gid);
}

TEST_F(AccountWorkTest, HasNoneOfTheCallersRights) {
  std::ofstream{root_.path() / "ours"} << "secret";
  ::chmod((root_.path() / "ours").c_str(), 0640);
  bool opened = true;
  bool created = true;
  work_as(account_, [&] {
    opened = std::ifstream{root_.path() / "ours"}.is_open();
    created = std::ofstream{root_.path() / "new"}.is_open();
  });
  EXPECT_FALSE(opened);
  EXPECT_FALSE(created);
  EXPECT_EQ(::geteuid(), 0U) << "the caller has kept its own";
}

TEST_F(AccountWorkTest, CannotBeSignalledByTheAccount) {
  int failure = 0;
  work_as(account_, [&] {
    long const worker = ::syscall(SYS_gettid);
    pid_t const process = ::getpid();
    pid_t const attacker = ::fork();
    if (attacker == 0) {
      bool const became = ::syscall(SYS_setresuid, 0, 0, 0) == 0 &&
                          ::syscall(SYS_setresuid, account_.uid, account_.uid, account_.uid) == 0;
      bool const refused = ::syscall(SYS_tgkill, process, worker, SIGTERM) != 0 && errno == EPERM;
      ::_exit(became && refused ? 0 : 1);
    }
    ::waitpid(attacker, &failure, 0);
  });
  EXPECT_EQ(failure, 0);
}

TEST_F(AccountWorkTest, TellsTheCallerOfItsFailure) {
  EXPECT_THROW(work_as(account_, [] { throw DataPlaneError("so"); }), DataPlaneError);
}

TEST_F(AccountWorkTest, LeavesCoreDumpsAsTheyWere) {
  ASSERT_EQ(::prctl(PR_GET_DUMPABLE), 1);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) work_as(account_, [] {});
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 1);
}

TEST_F(AccountWorkTest, RemovesWhatIsInAFolderAndNothingBehindItsLinks) {
  fs::create_directory(root_.path() / "victims");
  std::ofstream{root_.path() / "victims" / "file"} << "precious";
  work_as(account_, [&] {
    fs::create_directories(theirs_ / "deep" / "deeper");
    fs::create_directory_symlink(root_.path() / "victims", theirs_ / "deep" / "link");
  });
  remove_account_folder(theirs_, account_);
  EXPECT_FALSE(fs::exists(theirs_));
  fs::create_directory_symlink(root_.path() / "victims", theirs_);
  remove_account_folder(theirs_, account_);
  EXPECT_FALSE(fs::exists(fs::symlink_status(theirs_)));
  EXPECT_TRUE(fs::exists(root_.path() / "victims" / "file"));
}

}  // namespace
}  // namespace lakebase::emulator
