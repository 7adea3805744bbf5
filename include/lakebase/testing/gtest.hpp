#pragma once

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include <lakebase/postgres/branch.hpp>
#include <lakebase/testing/emulator.hpp>
#include <lakebase/workspace_client.hpp>

// For tests with GoogleTest. Needs `lakebase::emulator` and the program's own GoogleTest; no other header includes it.

namespace lakebase {
inline namespace v0 {
namespace testing {

namespace detail {

/// An emulator with the project `projects/tests`.
struct RunningEmulator {
  explicit RunningEmulator(EmulatorOptions const& wanted)
      : options{wanted}, emulator{wanted}, workspace{emulator.config()} {
    workspace.postgres.create_project({}, "tests").wait();
  }
  EmulatorOptions options;
  Emulator emulator;
  WorkspaceClient workspace;
  /// Full names of the branches that each test suite has prepared, by its name.
  std::map<std::string, std::string> templates{};
  int branches = 0;
};

/// Whether both make the same emulator. Those with a log never do, as functions cannot be compared.
inline bool are_same(EmulatorOptions const& left, EmulatorOptions const& right) {
  auto const comparable = [](EmulatorOptions const& options) {
    // All members, so that a new one cannot be forgotten here.
    auto const& [data_dir, http_address, http_port, postgres_port, postgres_bin, user_name, token, principals, groups,
                 identities, sources, cdf_folder, delay, polls, reconciliation, sessions, expiration, mask, echo,
                 long_ids, service_limits, limits, seed, log, log_requests] = options;
    static_cast<void>(log);
    return std::tie(data_dir, http_address, http_port, postgres_port, postgres_bin, user_name, token, principals,
                    groups, identities, sources, cdf_folder, delay, polls, reconciliation, sessions, expiration, mask,
                    echo, long_ids, service_limits, limits, seed, log_requests);
  };
  return !left.log && !right.log && comparable(left) == comparable(right);
}

/// The emulators of the process: each started when a test first needs it, and stopped by GoogleTest after the last one.
class SharedEmulators : public ::testing::Environment {
 public:
  static SharedEmulators& of_process() {
    // GoogleTest deletes it, and calls its TearDown, although it was not there from the beginning.
    static auto* const one = static_cast<SharedEmulators*>(::testing::AddGlobalTestEnvironment(new SharedEmulators));
    return *one;
  }

  /// That of the suite; else one with the same options; else a new one.
  RunningEmulator& running(std::string const& suite, EmulatorOptions const& options) {
    auto& mine = by_suite_[suite];
    if (!mine) {
      auto const found = std::find_if(by_suite_.begin(), by_suite_.end(), [&](auto const& other) {
        return other.second && are_same(other.second->options, options);
      });
      mine = found != by_suite_.end() ? found->second : std::make_shared<RunningEmulator>(options);
    }
    return *mine;
  }
  void TearDown() override { by_suite_.clear(); }

 private:
  std::map<std::string, std::shared_ptr<RunningEmulator>> by_suite_;
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
/// and tests may run in parallel. Test suites with other `emulator_options` get an emulator of their own. A branch
/// costs a copy of what `prepare` has made, and a start of PostgreSQL when it is first connected to: a few tenths of a
/// second. It is removed after its test; connections that are still open end then. Needs an installed PostgreSQL
/// server.
///
/// Thread safety: as a GoogleTest fixture: its functions are for the thread of the test.
/// Exceptions: `SetUp` throws what it names, which fails the test; the rest throws what the client throws.
/// Lifetime: references from `emulator()`, `workspace()` and `branch()` are valid until the test ends.
class BranchTest : public ::testing::Test {
 public:
  /// Makes the test's branch; before the first test of a suite also calls `prepare`. An override calls it first.
  /// @throws std::exception if there is no PostgreSQL or `prepare` has failed, and what `prepare` throws; the test
  ///         fails then, without its body, and the next one calls `prepare` again
  void SetUp() override {
    auto& prepared = running().templates[suite()];
    if (prepared.empty()) prepared = make_template();
    if (!prepared.empty()) branch_ = make_branch(prepared, "test-");
  }

  /// Removes the test's branch. An override calls it last.
  void TearDown() override {
    if (!branch_.empty()) remove_branch(branch_);
  }

 protected:
  /// Fills the branch that those of all tests of the suite are copied from, for instance with a schema. Called once a
  /// suite and process. What fails in it, by an exception or an assertion of either kind, fails all tests of the suite;
  /// GTEST_SKIP skips them. Does nothing by default.
  virtual void prepare(std::string const& branch) { static_cast<void>(branch); }

  /// Options of the suite's emulator. Called by each test; those of a suite's first one count. Suites with equal
  /// options share an emulator, if `log` is not set; each other one is started and runs until the last test of the
  /// process. Default: free ports, and nothing else.
  virtual EmulatorOptions emulator_options() const { return {.postgres_port = 0}; }

  /// The emulator, for faults and for `suspend` and `crash`. What a test changes there stays changed for the next ones.
  Emulator& emulator() { return running().emulator; }
  /// A client of it. Its configuration is all that `pq::source_for` needs.
  WorkspaceClient const& workspace() { return running().workspace; }
  /// Full name of the test's branch, `projects/tests/branches/{b}`; its endpoint is called `primary`.
  std::string const& branch() const { return branch_; }

 private:
  static std::string suite() { return ::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name(); }

  detail::RunningEmulator& running() {
    if (running_ == nullptr) running_ = &detail::SharedEmulators::of_process().running(suite(), emulator_options());
    return *running_;
  }

  // The branch that `prepare` has filled; empty if it was skipped.
  std::string make_template() {
    auto const made = make_branch("projects/tests/branches/production", "suite-");
    std::exception_ptr thrown;
    try {
      prepare(made);
    } catch (...) {
      thrown = std::current_exception();
    }
    if (!thrown && !HasFailure() && !IsSkipped()) return made;
    remove_branch(made);
    if (thrown) std::rethrow_exception(thrown);
    if (!HasFailure()) return {};
    // Thrown, so that an override of SetUp does not go on either.
    throw std::runtime_error("prepare failed for the test suite " + suite() +
                             ", as the failures above say; its tests have no database");
  }

  void remove_branch(std::string const& name) {
    workspace().postgres.delete_branch(name, {.allow_missing = true, .purge = true}).wait();
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

  detail::RunningEmulator* running_ = nullptr;
  std::string branch_{};
};

}  // namespace testing
}  // namespace v0
}  // namespace lakebase
