#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/testing/scripted_transport.hpp>
#include <lakebase/workspace_client.hpp>

#include "support/temporary_folder.hpp"
#include "support/variables.hpp"

// The log on standard error: LAKEBASE_LOG and log_to_stderr.

namespace lakebase::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What a function writes to standard error.
class Captured {
 public:
  Captured() : kept_(dup(STDERR_FILENO)) {
    auto const file = open(path().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
  }
  Captured(Captured const&) = delete;
  Captured& operator=(Captured const&) = delete;
  ~Captured() {
    dup2(kept_, STDERR_FILENO);
    close(kept_);
  }

  std::string text() const {
    std::ostringstream text;
    text << std::ifstream{path()}.rdbuf();
    return text.str();
  }

 private:
  std::string path() const { return (folder_.path() / "log").string(); }

  TemporaryFolder folder_;
  int kept_;
};

Config config_with(Variables variables) {
  auto const wire = std::make_shared<testing::ScriptedTransport>();
  wire->then({200, R"({"name":"projects/p"})"});
  return {.host = "https://example.cloud.databricks.com",
          .token = "planted-token",
          .transport = wire,
          .environment = environment(std::move(variables))};
}

std::string log_of_a_call(Config const& config) {
  Captured const captured;
  static_cast<void>(WorkspaceClient{config}.postgres.get_project("projects/p"));
  return captured.text();
}

TEST(LogVariable, WritesToStandardError) {
  auto const log = log_of_a_call(config_with({{"LAKEBASE_LOG", "debug"}}));
  EXPECT_THAT(log, HasSubstr("lakebase debug GET /api/2.0/postgres/projects/p"));
  EXPECT_THAT(log, Not(HasSubstr("planted")));
  EXPECT_TRUE(std::regex_search(
      log, std::regex{R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z lakebase debug )"}))
      << log;
}

TEST(LogVariable, NamesTheLevel) {
  EXPECT_THAT(log_of_a_call(config_with({{"LAKEBASE_LOG", "warn"}})), IsEmpty());
  EXPECT_THAT(log_of_a_call(config_with({{"LAKEBASE_LOG", ""}})), IsEmpty());
  EXPECT_THAT(log_of_a_call(config_with({})), IsEmpty());
  for (auto const& [word, level] : std::vector<std::pair<std::string, LogLevel>>{{"error", LogLevel::error},
                                                                                 {"warn", LogLevel::warning},
                                                                                 {"info", LogLevel::info},
                                                                                 {"debug", LogLevel::debug}}) {
    WorkspaceClient const client{config_with({{"LAKEBASE_LOG", word}})};
    EXPECT_EQ(client.config().log_level, level);
    EXPECT_TRUE(client.config().log);
  }
}

TEST(LogVariable, YieldsToTheProgramsOwnLog) {
  auto config = config_with({{"LAKEBASE_LOG", "nonsense"}});
  int lines = 0;
  config.log = [&](LogRecord const&) { ++lines; };
  config.log_level = LogLevel::debug;
  EXPECT_THAT(log_of_a_call(config), IsEmpty());
  EXPECT_GT(lines, 0);
}

TEST(LogVariable, RefusesOtherWords) {
  try {
    WorkspaceClient const client{config_with({{"LAKEBASE_LOG", "verbose"}})};
    FAIL() << "no error";
  } catch (ConfigError const& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("LAKEBASE_LOG is \"verbose\""), HasSubstr("error, warn, info or debug")));
  }
}

TEST(LogToStderr, KeepsLinesOfSeveralThreadsApart) {
  constexpr int threads = 8;
  constexpr int lines = 200;
  Captured const captured;
  {
    auto const sink = log_to_stderr();
    std::vector<std::jthread> writers;
    for (int i = 0; i < threads; ++i) {
      writers.emplace_back([&sink, i] {
        std::string const message(100, static_cast<char>('a' + i));
        for (int j = 0; j < lines; ++j) sink({LogLevel::warning, message});
      });
    }
  }
  std::regex const whole{R"(\S+Z lakebase warn  ([a-h])\1{99})"};
  std::istringstream log{captured.text()};
  int count = 0;
  for (std::string line; std::getline(log, line); ++count) EXPECT_TRUE(std::regex_match(line, whole)) << line;
  EXPECT_EQ(count, threads * lines);
}

}  // namespace
}  // namespace lakebase::tests
