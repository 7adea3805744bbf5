// The library is built against one libpq and may meet another at run time.

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <libpq-fe.h>

namespace lakebase::tests {
namespace {

TEST(LibpqVersion, IsTheOneThatTheProgramIsMeantToRunOn) {
  char const* meant = std::getenv("LAKEBASE_TEST_LIBPQ_MAJOR");
  if (meant == nullptr) GTEST_SKIP() << "any will do";
  char const* folder = std::getenv("LD_LIBRARY_PATH");
  if (folder != nullptr && !std::filesystem::exists(folder)) {
    GTEST_SKIP() << "scripts/install-postgres " << meant << " was not run";
  }
  EXPECT_EQ(std::to_string(PQlibVersion() / 10000), meant);
}

}  // namespace
}  // namespace lakebase::tests
