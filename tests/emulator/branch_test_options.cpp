#include <string>

#include <gtest/gtest.h>

#include <lakebase/testing/gtest.hpp>

// Test suites of one process that want different emulators.

namespace lakebase::tests {
namespace {

using testing::BranchTest;
using testing::EmulatorOptions;

// Hosts of the suites' emulators.
std::string plain_host;
std::string other_host;
std::string logging_host;

class APlainOne : public BranchTest {};

TEST_F(APlainOne, HasTheDefaults) {
  EXPECT_EQ(emulator().user_name(), "developer@example.com");
  plain_host = emulator().host();
}

class BOtherOptions : public BranchTest {
 protected:
  EmulatorOptions emulator_options() const override {
    auto options = BranchTest::emulator_options();
    options.user_name = "somebody@example.com";
    return options;
  }
};

TEST_F(BOtherOptions, GetAnEmulatorOfTheirOwn) {
  EXPECT_EQ(emulator().user_name(), "somebody@example.com");
  EXPECT_EQ(workspace().current_user.me().user_name, "somebody@example.com");
  EXPECT_TRUE(workspace().postgres.get_branch(branch()).status);
  other_host = emulator().host();
  EXPECT_NE(other_host, plain_host);
}

TEST_F(BOtherOptions, ShareItInTheSuite) {
  EXPECT_EQ(emulator().host(), other_host);
}

class CTheSameOptions : public BOtherOptions {};

TEST_F(CTheSameOptions, ShareIt) {
  EXPECT_EQ(emulator().host(), other_host);
}

class DDefaultsAgain : public BranchTest {};

TEST_F(DDefaultsAgain, ShareTheFirst) {
  EXPECT_EQ(emulator().host(), plain_host);
}

class EWithALog : public BranchTest {
 protected:
  EmulatorOptions emulator_options() const override {
    return {.postgres_port = 0, .log = [](std::string_view) {}};
  }
};

TEST_F(EWithALog, HasOneOfItsOwn) {
  logging_host = emulator().host();
  EXPECT_NE(logging_host, plain_host);
}

TEST_F(EWithALog, SharesItInTheSuite) {
  EXPECT_EQ(emulator().host(), logging_host);
}

}  // namespace
}  // namespace lakebase::tests
