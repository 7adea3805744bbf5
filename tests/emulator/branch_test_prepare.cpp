#include <iostream>

#include <gtest/gtest.h>

#include <lakebase/testing/gtest.hpp>

// Run by ctest, which wants the tests to fail or to be skipped, and no body of them to run.

namespace lakebase::tests {
namespace {

class Unprepared : public testing::BranchTest {
 protected:
  void say_branches() {
    auto const branches = workspace().postgres.list_branches("projects/tests").to_vector();
    std::cout << branches.size() << " branches\n";
  }
};

class FailsByAssert : public Unprepared {
 protected:
  void prepare(std::string const&) override {
    say_branches();
    ASSERT_EQ(1, 2);
  }
};

TEST_F(FailsByAssert, One) {
  std::cout << "a body ran\n";
}

TEST_F(FailsByAssert, Two) {
  std::cout << "a body ran\n";
}

class FailsByExpect : public Unprepared {
 protected:
  void SetUp() override {
    BranchTest::SetUp();
    std::cout << "a body ran\n";
  }
  void prepare(std::string const&) override {
    say_branches();
    EXPECT_EQ(1, 2);
  }
};

TEST_F(FailsByExpect, One) {
  std::cout << "a body ran\n";
}

TEST_F(FailsByExpect, Two) {
  std::cout << "a body ran\n";
}

class FailsByException : public Unprepared {
 protected:
  void prepare(std::string const&) override {
    say_branches();
    throw std::runtime_error("prepare failed on purpose");
  }
};

TEST_F(FailsByException, One) {
  std::cout << "a body ran\n";
}

TEST_F(FailsByException, Two) {
  std::cout << "a body ran\n";
}

class Skips : public Unprepared {
 protected:
  void prepare(std::string const&) override {
    say_branches();
    GTEST_SKIP() << "not today";
  }
};

TEST_F(Skips, One) {
  std::cout << "a body ran\n";
}

TEST_F(Skips, Two) {
  std::cout << "a body ran\n";
}

}  // namespace
}  // namespace lakebase::tests
