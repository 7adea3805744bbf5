// Tests with GoogleTest that get a database each: lakebase::testing::BranchTest starts an emulator for the process, and
// gives every test a branch of what `prepare` has made. No real workspace is used. They may run in parallel.

#include <gtest/gtest.h>

#include <lakebase/pq/pq.hpp>
#include <lakebase/testing/gtest.hpp>

namespace pq = lakebase::pq;

class Orders : public lakebase::testing::BranchTest {
 protected:
  void prepare(std::string const& branch) override {
    auto connection = pq::connect(pq::source_for(workspace(), branch));
    connection.exec("CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL)");
    connection.exec("INSERT INTO orders VALUES (1, 'tea')");
  }

  pq::Connection connect() { return pq::connect(pq::source_for(workspace(), branch())); }
};

TEST_F(Orders, CanBeCancelled) {
  auto connection = connect();
  connection.exec("DELETE FROM orders");
  EXPECT_EQ(connection.query_value<int>("SELECT count(*) FROM orders"), 0);
}

TEST_F(Orders, AreThereForEachTest) {
  EXPECT_EQ(connect().query_value<std::string>("SELECT item FROM orders"), "tea");
}

TEST_F(Orders, SurviveASuspendedEndpoint) {
  connect().exec("INSERT INTO orders VALUES (2, 'milk')");
  emulator().suspend(branch() + "/endpoints/primary");
  EXPECT_EQ(connect().query_value<int>("SELECT count(*) FROM orders"), 2);
}
