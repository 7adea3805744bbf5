// A project for the run of a program, and for each test a branch of what SetUpTestSuite has made, and a connection to
// it.

#include <chrono>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

namespace pq = lakebase::pq;
using namespace std::chrono_literals;

namespace {

std::string unique(std::string const& kind) {
  return kind + "-" + std::to_string(std::random_device{}());
}

class Orders : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    workspace.emplace();  // DATABRICKS_HOST and DATABRICKS_TOKEN
    project = workspace->postgres.create_project({}, unique("run")).wait().name.value();
    auto connection = connect(project + "/branches/production");
    connection.exec("CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL)");
    connection.exec("INSERT INTO orders VALUES (1, 'tea')");
  }

  static void TearDownTestSuite() { workspace->postgres.delete_project(project, {.purge = true}).wait(); }

  void SetUp() override {
    lakebase::postgres::Branch const wanted{.spec = lakebase::postgres::BranchSpec{.ttl = 1h}};
    auto const branch = workspace->postgres.create_branch(project, wanted, unique("test")).wait();
    orders = connect(branch.name.value());
  }

  static pq::Connection connect(std::string const& branch) { return pq::connect(pq::source_for(*workspace, branch)); }

  static inline std::optional<lakebase::WorkspaceClient> workspace;
  static inline std::string project;
  std::optional<pq::Connection> orders;
};

TEST_F(Orders, CanBeCancelled) {
  orders->exec("DELETE FROM orders");
  EXPECT_EQ(orders->query_value<int>("SELECT count(*) FROM orders"), 0);
}

TEST_F(Orders, AreThereForEachTest) {
  EXPECT_EQ(orders->query_value<std::string>("SELECT item FROM orders"), "tea");
}

}  // namespace
