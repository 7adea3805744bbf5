#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>

namespace lakebase::tests {
namespace {

using namespace postgres;

TEST(ResourceNames, AreBuiltFromTheirParents) {
  auto const branch = ProjectName{"shop"}.branch("production");
  EXPECT_EQ(branch.to_string(), "projects/shop/branches/production");
  EXPECT_EQ(branch.endpoint("primary").to_string(), "projects/shop/branches/production/endpoints/primary");
  EXPECT_EQ(branch.endpoint("primary").compute_instance("c1").to_string(),
            "projects/shop/branches/production/endpoints/primary/compute-instances/c1");
  EXPECT_EQ(branch.database("orders").to_string(), "projects/shop/branches/production/databases/orders");
  EXPECT_EQ(branch.database("orders").data_api(), "projects/shop/branches/production/databases/orders/data-api");
  EXPECT_EQ(branch.database("orders").cdf_config("public").to_string(),
            "projects/shop/branches/production/databases/orders/cdf-configs/public");
  EXPECT_EQ(branch.role("ada").to_string(), "projects/shop/branches/production/roles/ada");
  EXPECT_EQ(branch.snapshot_schedule(), "projects/shop/branches/production/snapshot-schedule");
  EXPECT_EQ(ProjectName{"shop"}.snapshot("s1").to_string(), "projects/shop/snapshots/s1");
  EXPECT_EQ(CatalogName{"main"}.to_string(), "catalogs/main");
  EXPECT_EQ(SyncedTableName{"main.sales.orders"}.to_string(), "synced_tables/main.sales.orders");
}

TEST(ResourceNames, AreTakenApart) {
  auto const instance = ComputeInstanceName::parse("projects/shop/branches/dev/endpoints/primary/compute-instances/c1");
  EXPECT_EQ(instance.compute_instance_id(), "c1");
  EXPECT_EQ(instance.endpoint().endpoint_id(), "primary");
  EXPECT_EQ(instance.endpoint().branch().branch_id(), "dev");
  EXPECT_EQ(instance.endpoint().branch().project().project_id(), "shop");
  EXPECT_EQ(instance.endpoint().to_string(), "projects/shop/branches/dev/endpoints/primary");
  auto const config = CdfConfigName::parse("projects/p/branches/b/databases/d/cdf-configs/c");
  EXPECT_EQ(config.cdf_config_id(), "c");
  EXPECT_EQ(config.database().database_id(), "d");
  EXPECT_EQ(config.database().branch().to_string(), "projects/p/branches/b");
  EXPECT_EQ(RoleName::parse("projects/p/branches/b/roles/r").role_id(), "r");
  EXPECT_EQ(RoleName::parse("projects/p/branches/b/roles/r").branch().branch_id(), "b");
  EXPECT_EQ(SnapshotName::parse("projects/p/snapshots/s").snapshot_id(), "s");
  EXPECT_EQ(SnapshotName::parse("projects/p/snapshots/s").project(), ProjectName{"p"});
  EXPECT_EQ(CatalogName::parse("catalogs/main").catalog_id(), "main");
  EXPECT_EQ(SyncedTableName::parse("synced_tables/a.b.c").synced_table_id(), "a.b.c");
}

// What is taken of a temporary name is a copy, not a view of what is gone.
static_assert(std::is_same_v<decltype(ProjectName{"p"}.project_id()), std::string>);
static_assert(std::is_same_v<decltype(ProjectName{"p"}.to_string()), std::string>);

TEST(ResourceNames, SurviveARoundTrip) {
  auto const name = ProjectName{"p"}.branch("b").endpoint("e");
  EXPECT_EQ(EndpointName::parse(name), name);
  EXPECT_EQ(EndpointName::parse(name.to_string()).branch(), BranchName::parse("projects/p/branches/b"));
}

TEST(ResourceNames, AreStringViewsAndComparable) {
  auto const name = ProjectName{"p"}.branch("b");
  std::string_view const view = name;
  EXPECT_EQ(view, "projects/p/branches/b");
  EXPECT_LT(ProjectName{"a"}, ProjectName{"b"});
  std::ostringstream out;
  out << name;
  EXPECT_EQ(out.str(), "projects/p/branches/b");
}

TEST(ResourceNames, RefuseTextOfAnotherForm) {
  for (auto const* text : {"", "/", "projects", "projects/", "projects//", "projects/p", "projects/p/branches",
                           "projects/p/branches/", "projects//branches/b", "project/p/branches/b",
                           "projects/p/branches/b/", "/projects/p/branches/b", "projects/p/branches/b/endpoints/e",
                           "projects/p/branches/..", "projects/p/branches/b\n", "projects/p/endpoints/b", "b"}) {
    EXPECT_THROW(static_cast<void>(BranchName::parse(text)), InvalidArgument) << text;
  }
  EXPECT_THROW(static_cast<void>(ProjectName::parse("projects/p/branches/b")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(CatalogName::parse("synced_tables/a")), InvalidArgument);
}

TEST(ResourceNames, RefuseIdsThatWouldBeOtherNames) {
  for (auto const* id : {"", "a/b", "/", ".", "..", "a\nb", "\x7f"}) {
    EXPECT_THROW(ProjectName{id}, InvalidArgument) << id;
    EXPECT_THROW(static_cast<void>(ProjectName{"p"}.branch(id)), InvalidArgument) << id;
  }
}

TEST(ResourceNames, SayWhatWasWantedWithoutRawControlCharacters) {
  try {
    static_cast<void>(EndpointName::parse("projects/p\nbranches"));
    FAIL() << "accepted";
  } catch (InvalidArgument const& error) {
    EXPECT_NE(error.message().find("projects/…/branches/…/endpoints/…"), std::string::npos) << error.message();
    EXPECT_EQ(error.message().find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace lakebase::tests
