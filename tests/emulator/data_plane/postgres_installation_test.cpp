#include "data_plane/postgres_installation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "data_plane/data_plane.hpp"

namespace lakebase::emulator {
namespace {

class PostgresInstallationTest : public testing::Test {
 protected:
  static void name_folder(std::string const& folder) { ::setenv("LAKEBASE_POSTGRES_BIN", folder.c_str(), 1); }
  void TearDown() override { ::unsetenv("LAKEBASE_POSTGRES_BIN"); }
};

TEST_F(PostgresInstallationTest, FindsOneByItself) {
  auto const found = PostgresInstallation::find();
  EXPECT_GE(found.version, 13);
  EXPECT_TRUE(std::filesystem::exists(found.program("postgres")));
}

TEST_F(PostgresInstallationTest, TakesTheFolderThatIsNamed) {
  auto const found = PostgresInstallation::find();
  name_folder(found.bin.string());
  auto const named = PostgresInstallation::find();
  EXPECT_EQ(named.bin, found.bin);
  EXPECT_EQ(named.version, found.version) << "as its postgres --version tells";
}

TEST_F(PostgresInstallationTest, RefusesAFolderWithoutPostgres) {
  name_folder("/nowhere");
  try {
    PostgresInstallation::find();
    FAIL() << "no error";
  } catch (DataPlaneError const& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("LAKEBASE_POSTGRES_BIN=/nowhere"));
  }
}

}  // namespace
}  // namespace lakebase::emulator
