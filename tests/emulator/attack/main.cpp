#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "data_plane_fixture.hpp"
#include "processes.hpp"

namespace {

constexpr int skipped = 77;

/// Becomes an account that PostgreSQL can run as, and that has nothing to do with this test's files.
bool become_ordinary() {
  passwd const* account = ::getpwnam("nobody");
  if (account == nullptr || ::setgroups(0, nullptr) != 0 || ::setgid(account->pw_gid) != 0 ||
      ::setuid(account->pw_uid) != 0) {
    return false;
  }
  // The kernel hides /proc/self from the account otherwise.
  return ::prctl(PR_SET_DUMPABLE, 1) == 0 && ::chdir("/") == 0;
}

std::string contents_of(char const* file) {
  std::ifstream input{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{input}, {}};
}

int run_as_ordinary_account() {
  if (::geteuid() != 0) {
    std::puts("this is an ordinary account already");
    return skipped;
  }
  // The account may not be let into the build folder: it runs a copy.
  auto const program = contents_of(LAKEBASE_EMULATOR_PROGRAM);
  if (!become_ordinary()) {
    std::puts("there is no account nobody to become");
    return skipped;
  }
  lakebase::emulator::TemporaryFolder const scratch;
  ::setenv("LAKEBASE_TEST_TEMPLATE", (scratch.path() / "template").c_str(), 1);
  auto const copy = scratch.path() / "lakebase-emulator";
  std::ofstream{copy, std::ios::binary} << program;
  std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
  ::setenv("LAKEBASE_TEST_EMULATOR_PROGRAM", copy.c_str(), 1);
  return RUN_ALL_TESTS();
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view const first = argc > 1 ? argv[1] : "";
  if (first == "--be-other-emulator" && argc == 3) return lakebase::emulator::be_other_emulator(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return first == "--as-ordinary-account" ? run_as_ordinary_account() : RUN_ALL_TESTS();
}
