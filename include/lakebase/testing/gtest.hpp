#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <lakebase/postgres/branch.hpp>
#include <lakebase/testing/emulator.hpp>
#include <lakebase/workspace_client.hpp>

// For tests with GoogleTest. Needs `lakebase::emulator` and the program's own GoogleTest; no other header includes it.

namespace lakebase::inline v0::testing {

namespace detail {

/// The emulator of the process, with the project `projects/tests`: started when a test first wants it, and stopped by
/// GoogleTest after the last one.
class SharedEmulator : public ::testing::Environment {
 public:
  struct Running {
    explicit Running(EmulatorOptions options) : emulator{std::move(options)}, workspace{emulator.config()} {
      workspace.postgres.create_project({}, "tests").wait();
    }
    Emulator emulator;
    WorkspaceClient workspace;
    /// Full names of the branches that each test suite has prepared, by its name.
    std::map<std::string, std::string> templates{};
    int branches = 0;
  };

  static SharedEmulator& of_process() {
    // GoogleTest deletes it, and calls its TearDown, although it was not there from the beginning.
    static auto* const one = static_cast<SharedEmulator*>(::testing::AddGlobalTestEnvironment(new SharedEmulator));
    return *one;
  }

  Running& running(EmulatorOptions const& options) {
    if (!running_) running_ = std::make_unique<Running>(options);
    return *running_;
  }
  void TearDown() override { running_.reset(); }

 private:
  std::unique_ptr<Running> running_;
};

}  // namespace detail

/// Gives each test a database branch of its own, on an emulator that the tests of the process share.
///
///     class Orders : public lakebase::testing::BranchTest {
///      protected:
///       void prepare(std::string const& branch) override { … CREATE TABLE orders … }
///     };
///     TEST_F(Orders, CanBePlaced) {
///       auto connection = lakebase::pq::connect(lakebase::pq::source_for(workspace(), branch()));
///       …
///     }
///
/// The emulator starts with the first such test, on ports that are free, and stops after the last one, so that programs
/// and tests may run in parallel. A branch costs a copy of what `prepare` has made, and a start of PostgreSQL when it
/// is first connected to: a few tenths of a second. It is removed after its test; connections that are still open end
/// then. Needs an installed PostgreSQL server.
class BranchTest : public ::testing::Test {
 public:
  /// Makes the test's branch; before the first test of a suite also calls `prepare`. An override calls it first.
  /// @throws std::exception where there is no PostgreSQL, and what `prepare` throws; the test fails then
  void SetUp() override {
    auto& running = this->running();
    auto const suite = ::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name();
    auto found = running.templates.find(suite);
    if (found == running.templates.end()) {
      auto const made = make_branch("projects/tests/branches/production", "suite-");
      prepare(made);
      found = running.templates.emplace(suite, made).first;
    }
    branch_ = make_branch(found->second, "test-");
  }

  /// Removes the test's branch. An override calls it last.
  void TearDown() override {
    if (!branch_.empty()) workspace().postgres.delete_branch(branch_, {.allow_missing = true, .purge = true}).wait();
  }

 protected:
  /// Fills the branch that those of all tests of the suite are copied from, for instance with a schema. Called once a
  /// suite and process. Does nothing by default.
  virtual void prepare(std::string const& branch) { static_cast<void>(branch); }

  /// Of the process's emulator: those of the first test count. Default: free ports, and nothing else.
  virtual EmulatorOptions emulator_options() const { return {.postgres_port = 0}; }

  /// The emulator, for faults and for `suspend` and `crash`. What a test changes it changes for the next ones, too.
  Emulator& emulator() { return running().emulator; }
  /// A client of it. Its configuration is all that `pq::source_for` needs.
  WorkspaceClient const& workspace() { return running().workspace; }
  /// Full name of the test's branch, `projects/tests/branches/{b}`; its endpoint is called `primary`.
  std::string const& branch() const { return branch_; }

 private:
  detail::SharedEmulator::Running& running() {
    return detail::SharedEmulator::of_process().running(emulator_options());
  }

  std::string make_branch(std::string const& source, std::string const& prefix) {
    postgres::Branch wanted;
    wanted.spec.emplace();
    wanted.spec->source_branch = source;
    wanted.spec->no_expiry = true;
    auto const id = prefix + std::to_string(++running().branches);
    workspace().postgres.create_branch("projects/tests", wanted, id).wait();
    return "projects/tests/branches/" + id;
  }

  std::string branch_{};
};

}  // namespace lakebase::inline v0::testing
