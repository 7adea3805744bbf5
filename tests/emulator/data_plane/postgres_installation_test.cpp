#include "data_plane/server/postgres_installation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "data_plane/data_plane.hpp"
#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// Folders of programs that tell a version, and do no more.
class PostgresInstallationTest : public testing::Test {
 protected:
  void SetUp() override { fs::permissions(root_.path(), fs::perms::others_exec, fs::perm_options::add); }

  fs::path make(std::string const& folder, std::string const& version) const {
    fs::path const bin = root_.path() / folder;
    fs::create_directories(bin);
    std::ofstream{bin / "postgres"} << "#!/bin/sh\necho 'postgres (PostgreSQL) " << version << "'\n";
    std::ofstream{bin / "initdb"} << "#!/bin/sh\n";
    for (char const* name : {"postgres", "initdb"}) {
      fs::permissions(bin / name, fs::perms{0755});
    }
    return bin;
  }
  PostgresSearch search() const { return {.system = root_.path() / "system"}; }
  static std::string refusal(PostgresSearch const& search) {
    try {
      PostgresInstallations::find(search);
      return "none";
    } catch (DataPlaneError const& error) {
      return error.what();
    }
  }

  TemporaryFolder root_;
};

TEST_F(PostgresInstallationTest, FindsOneByItself) {
  auto const newest = PostgresInstallations::find().all().back();
  EXPECT_GE(newest.version, 14);
  EXPECT_TRUE(fs::exists(newest.program("postgres")));
}

TEST_F(PostgresInstallationTest, FindsAllMajorsOfTheDistribution) {
  make("system/usr/lib/postgresql/9.6/bin", "");
  make("system/usr/lib/postgresql/13/bin", "");
  auto const debian = make("system/usr/lib/postgresql/15/bin", "");
  make("system/usr/pgsql-16/bin", "");
  make("system/opt/homebrew/opt/postgresql@17/bin", "");
  make("system/usr/local/opt/postgresql/bin", "");
  make("system/opt/local/lib/postgresql18/bin", "");
  fs::create_directories(root_.path() / "system/usr/lib/postgresql/19/bin");  // only a client's programs
  auto const found = PostgresInstallations::find(search());
  EXPECT_THAT(found.versions(), ElementsAre(15, 16, 17, 18));
  EXPECT_EQ(found.of(15).program("initdb"), debian / "initdb");
  EXPECT_THAT(found.description(), HasSubstr("PostgreSQL 15 in " + debian.string() + ", PostgreSQL 16 in "));
}

TEST_F(PostgresInstallationTest, TakesTheFoldersThatAreNamedBeforeTheVariablesAndTheDistributions) {
  auto const named = make("named", "16.14");
  auto const of_variable = make("variable", "17.10");
  auto const of_distribution = make("system/usr/lib/postgresql/15/bin", "");
  make("system/usr/lib/postgresql/16/bin", "");
  make("other17", "17beta1");
  auto where = search();
  where.named = {named};
  where.variable = of_variable.string() + "::" + (root_.path() / "other17").string();
  auto const found = PostgresInstallations::find(where);
  EXPECT_THAT(found.versions(), ElementsAre(15, 16, 17));
  EXPECT_EQ(found.of(16).bin, named);
  EXPECT_EQ(found.of(17).bin, of_variable);
  EXPECT_EQ(found.of(15).bin, of_distribution);
}

TEST_F(PostgresInstallationTest, ReadsTheVariable) {
  char const* set = std::getenv("LAKEBASE_POSTGRES_BIN");
  std::string const before = set == nullptr ? "" : set;
  auto const bin = make("bin", "18.4");
  ::setenv("LAKEBASE_POSTGRES_BIN", bin.c_str(), 1);
  EXPECT_EQ(PostgresInstallations::find().of(18).bin, bin);
  // Further tests of this program may be meant to run on what it names; an empty one names nothing.
  ::setenv("LAKEBASE_POSTGRES_BIN", before.c_str(), 1);
}

TEST_F(PostgresInstallationTest, TakesThatOfThePathIfAllElseHasNone) {
  auto where = search();
  where.path = "/nowhere:" + make("old", "12.1").string() + ":" + make("bin", "16.1").string();
  EXPECT_THAT(PostgresInstallations::find(where).versions(), ElementsAre(16));
  make("system/usr/lib/postgresql/15/bin", "");
  EXPECT_THAT(PostgresInstallations::find(where).versions(), ElementsAre(15));
}

TEST_F(PostgresInstallationTest, RefusesFoldersWithoutTheProgramsOfAServer) {
  auto where = search();
  where.variable = "/nowhere";
  EXPECT_THAT(refusal(where), HasSubstr("LAKEBASE_POSTGRES_BIN=/nowhere is not the folder of a PostgreSQL server's "
                                        "programs: it has no initdb"));
  where.variable.clear();
  where.named = {make("client", "17")};
  fs::remove(where.named.front() / "postgres");
  EXPECT_THAT(refusal(where), HasSubstr("--postgres-bin=" + where.named.front().string()));
  EXPECT_THAT(refusal(where), HasSubstr("it has no postgres"));
}

TEST_F(PostgresInstallationTest, RefusesOldAndBrokenPrograms) {
  auto where = search();
  where.named = {make("old", "13.9")};
  EXPECT_THAT(refusal(where), HasSubstr("is PostgreSQL 13; the emulator needs 14 or newer"));
  where.named = {make("broken", "")};
  EXPECT_THAT(refusal(where), HasSubstr("does not tell its version: postgres (PostgreSQL)"));
}

TEST_F(PostgresInstallationTest, SaysWhatToInstall) {
  EXPECT_THAT(refusal(search()), testing::AllOf(HasSubstr("the package postgresql"), HasSubstr("--postgres-bin"),
                                                HasSubstr("LAKEBASE_POSTGRES_BIN")));
  make("system/usr/lib/postgresql/15/bin", "");
  auto const absent = PostgresInstallations::find(search()).of(16);
  EXPECT_FALSE(absent.found());
  try {
    [[maybe_unused]] auto const program = absent.program("postgres");
    FAIL() << "no error";
  } catch (DataPlaneError const& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("of PostgreSQL 16, which was not found"),
                                             HasSubstr("the package postgresql-16")));
  }
}

TEST(ChooseVersion, TakesTheWantedOneThenSeventeenThenTheNewest) {
  EXPECT_EQ(choose_version({15, 16, 17, 18}, 16), 16);
  EXPECT_EQ(choose_version({15, 16, 17, 18}, std::nullopt), 17);
  EXPECT_EQ(choose_version({15, 17, 18}, 16), 17);
  EXPECT_EQ(choose_version({14, 15, 18}, std::nullopt), 18);
  EXPECT_EQ(choose_version({15}, 18), 15);
}

}  // namespace
}  // namespace lakebase::emulator
