#include <gmock/gmock.h>

#include <lakebase/pq/branch_kit.hpp>
#include <lakebase/pq/schema_diff.hpp>

#include "support/local_postgres.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(SchemaDiff, TellsWhatChanged) {
  auto admin = connect(LocalPostgres::instance().source());
  admin.exec("DROP DATABASE IF EXISTS before_it");
  admin.exec("DROP DATABASE IF EXISTS after_it");
  admin.exec("CREATE DATABASE before_it");
  auto source = LocalPostgres::instance().source();
  source.parameters.dbname = "before_it";
  {
    connect(source).exec(
        "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10, 2) NOT NULL DEFAULT 0);"
        "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE VIEW totals AS SELECT sum(total) FROM orders;"
        "CREATE INDEX by_total ON orders (total);"
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  }
  admin.exec("CREATE DATABASE after_it TEMPLATE before_it");
  auto before = connect(source);
  source.parameters.dbname = "after_it";
  auto after = connect(source);
  EXPECT_TRUE(diff_schemas(before, after).empty());
  after.exec(
      "ALTER TABLE orders ADD COLUMN note text; ALTER TABLE orders ALTER total SET DEFAULT 1; DROP INDEX by_total;"
      "ALTER TYPE mood ADD VALUE 'calm'; CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2'");
  auto const diff = diff_schemas(before, after);
  EXPECT_EQ(diff.added.size(), 1U);
  EXPECT_EQ(diff.removed.size(), 1U);
  EXPECT_EQ(diff.changed.size(), 3U);
  auto const text = diff.to_string();
  EXPECT_THAT(text, HasSubstr("+ column public.orders.note: text\n"));
  EXPECT_THAT(text, HasSubstr("- index public.by_total: CREATE INDEX"));
  EXPECT_THAT(text,
              HasSubstr("~ column public.orders.total: numeric(10,2) NOT NULL DEFAULT 0 -> numeric(10,2) NOT NULL "
                        "DEFAULT 1"));
  EXPECT_THAT(text, HasSubstr("'calm'"));
}

TEST(BranchIdFor, MakesIdsThatTheServiceTakes) {
  EXPECT_EQ(branch_id_for("refs/heads/main"), "main");
  EXPECT_EQ(branch_id_for("main", "17"), "main-b-17");
  EXPECT_THAT(branch_id_for("refs/heads/feature/Login"), MatchesRegex("feature-login-[0-9a-f]{8}"));
  EXPECT_NE(branch_id_for("feature/login"), branch_id_for("feature/Login"));
  EXPECT_EQ(branch_id_for("feature/login"), branch_id_for("refs/heads/feature/login"));
  for (auto const* const ref : {"refs/pull/12/merge", "-", "ä", "2024-fix", "a--b", "a-"}) {
    EXPECT_THAT(branch_id_for(ref), MatchesRegex("[a-z][a-z0-9-]*[a-z0-9]")) << ref;
  }
  auto const long_ref = std::string(200, 'x');
  EXPECT_LE(branch_id_for(long_ref, "run-1234567890123456789012345").size(), 63U);
  for (auto const* const suffix : {"abcdefghijklmnopqr-1", "abcdefghijklmnopqr-2"}) {
    EXPECT_THAT(branch_id_for("Fix", suffix), MatchesRegex("fix-[0-9a-f]{8}-abcdefghijklmnopqr"));
  }
  EXPECT_NE(branch_id_for("Fix", "abcdefghijklmnopqr-1"), branch_id_for("Fix", "abcdefghijklmnopqr-2"));
  EXPECT_THROW(static_cast<void>(branch_id_for("")), InvalidArgument);
}

}  // namespace
}  // namespace lakebase::tests
