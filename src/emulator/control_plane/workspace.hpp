#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "computes.hpp"
#include "elastic_pool.hpp"
#include "errors.hpp"
#include "moment.hpp"
#include "resource_names.hpp"
#include "state.hpp"
#include "state_store.hpp"
#include "tokens.hpp"

namespace lakebase::emulator {

/// Who calls, as the workspace knows them.
struct Identity {
  enum class Type { user, service_principal };
  Type type = Type::user;
  /// E-mail address or application id: the SCIM `userName` and the name in PostgreSQL.
  std::string name;
  std::string display_name;
};

struct ServicePrincipalOptions {
  std::string application_id;
  std::string secret;
  std::string display_name;
};

struct WorkspaceOptions {
  /// Where `state.json` and the signing key live.
  std::filesystem::path folder;
  std::string user_name = "developer@example.com";
  /// The user's personal access token; empty: kept in the folder, made where there is none.
  std::string token;
  std::vector<ServicePrincipalOptions> service_principals;
  /// Groups that the callers are members of.
  std::vector<std::string> groups;
  /// Names that roles may stand for; none: all that look like an identity of their kind.
  std::optional<std::vector<std::string>> identities;

  /// Each operation takes at least this long …
  Duration operation_delay{};
  /// … and answers this many polls with `done: false`, besides the call that started it.
  int operation_polls = 0;
  /// How long an endpoint shows a `pending_state` after an operation that changed it.
  Duration reconciliation_delay{};

  bool expiration_optional = false;
  bool update_mask_optional = false;
  bool echo_spec = false;
  bool long_endpoint_ids = false;

  std::function<void(std::string_view)> log;
  bool log_requests = false;
};

/// A change that an operation carries out. `run` and `undo` do the data plane's work, without the lock; `commit` and
/// `rollback` change the state, under the lock.
struct Work {
  ResourceName target;
  /// Removes `target` for good: goes on after a restart instead of failing.
  bool removal = false;
  std::function<void()> run;
  std::function<void(State&)> commit;
  std::function<void()> undo;
  std::function<void(State&)> rollback;
  /// The finished operation's response; none: `google.protobuf.Empty`.
  std::function<Json()> response;
};

/// The state of the workspace, its one lock, and its long-running operations. The rooms of the resources hold the
/// rules.
class Workspace {
 public:
  Workspace(WorkspaceOptions options, Computes& computes, Clock clock);
  ~Workspace() { stop(); }
  Workspace(Workspace const&) = delete;
  Workspace& operator=(Workspace const&) = delete;

  WorkspaceOptions const& options() const { return options_; }
  Computes& computes() const { return computes_; }
  TimePoint now() const { return rounded(clock_()); }
  TokenMint const& mint() const { return mint_; }
  std::string const& token() const { return token_; }
  void log(std::string_view line) const;

  /// Reads the state under the lock. What the function returns must be a copy.
  template <class Function>
  auto read(Function&& function) const {
    std::lock_guard const lock{mutex_};
    return function(state_);
  }
  /// Changes the state under the lock, and saves it.
  void change(std::function<void(State&)> const& function);

  /// Starts an operation. `plan` checks the request, throwing before it changes anything, enters the change into the
  /// state, and says what is to be done. Returns the operation, not done.
  Json accept(std::function<Work(State&)> const& plan);
  /// `GET` of an operation.
  Json operation(std::string const& name);

  /// Reads `state.json`, tidies up what an earlier life left unfinished, and opens the endpoints.
  void open();
  /// Ends waiting and waits for running operations.
  void stop();

 private:
  struct Snapshot {
    std::string text;
    std::int64_t version = 0;
  };
  Snapshot snapshot();  // under the lock
  void save(Snapshot const& saved);
  void perform(std::string const& operation_name, Work const& work);
  void fail(std::string const& operation_name, Work const& work, Json error);
  void finish(State& state, std::string const& operation_name, Work const& work,
              std::function<void(OperationRecord&)> const& outcome);
  void forget_old_operations();
  void abort_unfinished_operations();
  void remove_unfinished_resources();
  void remove_unfinished(ProjectRecord& project);
  void remove_unfinished(BranchRecord& branch);
  void remove_branch_data(BranchRecord const& branch);
  void note_version(ProjectRecord& project) const;
  void open_endpoints(ProjectRecord& project);
  void drop_refused(std::map<std::string, std::string>& pg_settings, std::string const& owner) const;

  WorkspaceOptions const options_;
  Computes& computes_;
  Clock const clock_;
  TokenMint const mint_;
  std::string const token_;
  StateStore store_;

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  State state_;
  std::int64_t version_ = 0;

  ElasticPool workers_{32};
};

/// The settings of an endpoint's compute, as the data plane wants them.
ComputeSettings settings_of(EndpointRecord const& endpoint);

/// Looks things up in the state; soft-deleted projects and branches are not there. @throws ServiceError not found, for
/// the highest missing parent
template <class AnyState>
auto& live_project(AnyState& state, std::string_view project);
template <class AnyState>
auto& live_branch(AnyState& state, ResourceName const& name);

/// @throws ServiceError aborted where another operation runs on the project
void require_idle(ProjectRecord const& project);

ServiceError project_not_found();
ServiceError branch_not_found();
ServiceError endpoint_not_found();
ServiceError role_not_found(std::string_view role_id);
ServiceError database_not_found(std::string_view database_id);

template <class AnyState>
auto& live_project(AnyState& state, std::string_view id) {
  auto* const project = find_by_id(state.projects, id);
  if (project == nullptr || project->delete_time) throw project_not_found();
  return *project;
}

template <class AnyState>
auto& live_branch(AnyState& state, ResourceName const& name) {
  auto* const branch = find_by_id(live_project(state, name.project).branches, name.branch);
  if (branch == nullptr || branch->delete_time) throw branch_not_found();
  return *branch;
}

}  // namespace lakebase::emulator
