#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "common/random.hpp"
#include "common/time.hpp"
#include "common/tokens.hpp"
#include "engine/engine.hpp"
#include "engine/errors.hpp"
#include "identity/identity_provider.hpp"
#include "identity/secrets.hpp"
#include "postgres/data_plane_recovery.hpp"
#include "postgres/limits.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {

struct WorkspaceOptions {
  /// The folder of `state.json` and the signing key.
  std::filesystem::path folder;
  /// The folder is removed at the end of the process, so that nothing in it need survive a crash of the machine.
  bool is_temporary = false;
  std::string user_name = "developer@example.com";
  /// The user's personal access token; empty: the one in the folder, which is created if there is none.
  std::string token;
  std::vector<ServicePrincipalOptions> service_principals;
  /// All callers are members of these groups.
  std::vector<std::string> groups;
  /// The identities that roles may have; none: all names that look like an identity of their type.
  std::optional<std::vector<std::string>> identities;

  /// Where the rows of tables of Unity Catalog come from, by their full names: a file, or a table of a database, as
  /// `projects/p/branches/b/databases/d:schema.table`.
  std::map<std::string, std::string> sources;
  /// Where change data feeds are written; empty: nowhere.
  std::filesystem::path cdf_folder;

  /// Serves HTTP at an endpoint's address, too, and returns the beginning of its URLs; empty: that cannot be. May be
  /// called again with an address.
  std::function<std::string(std::string const& address)> serve_at = [](std::string const& address) {
    return "http://" + address;
  };
  /// Ends that again, after the requests at work.
  std::function<void(std::string const& address)> stop_serving_at = [](std::string const&) {};

  /// How many sessions the Data API of a database has at most.
  std::size_t data_api_sessions = 10;

  /// Each operation takes at least this long.
  Duration operation_delay{};
  /// So many polls see an operation running, besides the call that started it.
  int operation_polls = 0;
  /// How long an endpoint shows a `pending_state` after an operation that changed it.
  Duration reconciliation_delay{};

  bool expiration_optional = false;
  bool update_mask_optional = false;
  bool echo_spec = false;
  bool long_endpoint_ids = false;
  Limits limits;

  /// Where ids come from, except those that only trace a call.
  RandomBytes random = random_bytes;

  std::function<void(std::string_view)> log;
  bool log_requests = false;
  /// For tests: see `WriteStep`.
  WriteStep write_step;
};

extern template class Engine<State>;

/// What the resources share: the state and its engine, the data plane, the clock and the options.
class Workspace {
 public:
  Workspace(WorkspaceOptions options, Computes& computes, Clock clock);
  Workspace(Workspace const&) = delete;
  Workspace& operator=(Workspace const&) = delete;

  WorkspaceOptions const& options() const { return options_; }
  Limits const& limits() const { return options_.limits; }
  Computes& computes() const { return computes_; }
  TimePoint now() const { return rounded(clock_()); }
  RandomBytes const& random() const { return options_.random; }
  TokenMint const& mint() const { return mint_; }
  std::string const& token() const { return secrets_.token; }
  void log(std::string_view line) const { options_.log(line); }

  /// The state as of now; later changes do not alter it.
  std::shared_ptr<State const> state() const { return engine_.state(); }
  template <class Function>
  auto read(Function&& function) const {
    return function(*state());
  }
  /// Starts an operation; see `Engine::accept`.
  Json accept(std::function<Plan(State&)> const& plan) { return engine_.accept(plan); }
  /// Starts an operation, and waits for its end. @throws ServiceError what it failed with
  void carry_out(std::function<Plan(State&)> const& plan) { finish(accept(plan)); }
  /// Waits for the end of an operation that `accept` has started. @throws ServiceError what it failed with
  void finish(Json const& started);
  /// Changes the state at once; see `Engine::change`.
  void change(std::function<void(State&)> const& function) { engine_.change(function); }
  /// To be called before PostgreSQL is asked what a project has. @throws ServiceError if an operation runs on the
  /// project, or what a failed one has left there cannot be cleaned up
  void settle(std::string const& project_id);

  /// Calls what starts an operation that has become due, and returns it. If its project is busy, or the operation
  /// cannot be started, which goes to the log, the next sweep attempts it again.
  void start_if_idle(std::function<Json()> const& start);
  /// Whether an operation that `start_if_idle` has started runs, or one was in its way since the last call.
  bool is_at_work();

  Engine<State>& engine() { return engine_; }

 private:
  void forget_done();

  WorkspaceOptions const options_;
  Computes& computes_;
  Clock const clock_;
  Secrets const secrets_;
  TokenMint const mint_;
  DataPlaneRecovery const recovery_;
  Engine<State> engine_;

  std::mutex due_mutex_;
  /// The names of the operations that had become due, perhaps done by now.
  std::vector<std::string> due_operations_;
  bool put_off_ = false;
};

/// Finds a resource in the state, where soft-deleted projects and branches count as missing. @throws ServiceError not
/// found, for the highest missing parent
template <class AnyState>
auto& live_project(AnyState& state, std::string_view project);
template <class AnyState>
auto& live_branch(AnyState& state, ResourceName const& name);

template <class AnyState>
auto& live_database(AnyState& state, ResourceName const& name);
/// The project, soft-deleted or not. @throws ServiceError not found
template <class AnyState>
auto& any_project(AnyState& state, ResourceName const& name);

/// The branch in the state, soft-deleted or not; null if there is none.
template <class AnyState>
auto* find_branch(AnyState& state, ResourceName const& name) {
  auto* const project = state.projects.find(name.project());
  return project == nullptr ? nullptr : project->branches.find(name.branch());
}

/// Held by operations on a project or on something in it.
Lock lock_of(ProjectRecord const& project);
/// The plan of an operation on a resource, with the lock of its project if it has one, and the response
/// `google.protobuf.Empty`.
Plan plan_for(State const& state, ResourceName const& name);
/// `google.protobuf.Empty`
Json empty_response();

template <class AnyState>
auto& live_project(AnyState& state, std::string_view id) {
  auto* const project = state.projects.find(id);
  if (project == nullptr || project->delete_time) throw project_not_found();
  return *project;
}

template <class AnyState>
auto& any_project(AnyState& state, ResourceName const& name) {
  auto* const project = state.projects.find(name.project());
  if (project == nullptr) throw project_not_found();
  return *project;
}

template <class AnyState>
auto& live_branch(AnyState& state, ResourceName const& name) {
  auto* const branch = live_project(state, name.project()).branches.find(name.branch());
  if (branch == nullptr || branch->delete_time) throw branch_not_found();
  return *branch;
}

template <class AnyState>
auto& live_database(AnyState& state, ResourceName const& name) {
  auto const& id = name.id_of(database_kind);
  auto* const database = live_branch(state, name).databases.find(id);
  if (database == nullptr) throw database_not_found(id);
  return *database;
}

}  // namespace lakebase::emulator
