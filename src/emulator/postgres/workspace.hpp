#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/elastic_pool.hpp"
#include "common/moment.hpp"
#include "computes.hpp"
#include "engine/errors.hpp"
#include "engine/state_store.hpp"
#include "identity/tokens.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/state.hpp"

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
  /// The folder ends with the process, so that nothing in it has to outlive the machine.
  bool is_temporary = false;
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
  /// For tests: see `WriteStep`.
  WriteStep write_step;
};

/// Makes those secrets that the folder does not hold yet.
void make_secrets(WorkspaceOptions const& options);

/// A change that an operation carries out. `check`, `run` and `undo` do the data plane's work; `commit` and `rollback`
/// change the state. An operation that is refused, at whatever moment, has changed nothing on either side; where that
/// cannot be had at once, what is left to do is noted in the state, and done later.
struct Work {
  ResourceName target;
  /// The state changes first, and the data plane follows: what is gone from the state is gone.
  bool commits_first = false;
  /// Looks whether `run` would meet something of the user's own, which `chores` must not touch.
  std::function<void()> check;
  std::function<void()> run;
  std::function<void(State&)> commit;
  std::function<void()> undo;
  std::function<void(State&)> rollback;
  /// What undoes `run`, also after a restart; of work that commits first: what carries it out.
  std::vector<ChoreRecord> chores;
  /// PostgreSQL does all or nothing of `run`.
  bool is_one_statement = false;
  /// See `OperationRecord`.
  std::string witness;
  std::string heir;
  /// The finished operation's response, from the state that it leaves; none: `google.protobuf.Empty`.
  std::function<Json(State const&)> response;
};

/// The state of the workspace, and its long-running operations. The rooms of the resources hold the rules.
///
/// What is acknowledged is on the disk, and what is refused is on neither side, the state's or PostgreSQL's, also after
/// a restart: an operation is saved with what undoes it before it does anything (`OperationRecord::chores`), and its
/// outcome and the change of the state are saved as one.
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

  /// The state as of now, which stays as it is.
  std::shared_ptr<State const> state() const;
  template <class Function>
  auto read(Function&& function) const {
    return function(*state());
  }
  /// Changes the state once the change is on the disk. @throws StateNotSaved where it does not get there; nothing has
  /// changed then
  void change(std::function<void(State&)> const& function);

  /// Starts an operation. `plan` checks the request, throwing before it changes anything, enters the change into the
  /// state, and says what is to be done. Returns the operation, not done.
  Json accept(std::function<Work(State&)> const& plan);
  /// `GET` of an operation.
  Json operation(std::string const& name);

  /// Reads `state.json`, tidies up what an earlier life left unfinished, and opens the endpoints.
  void open();
  /// Saves and tidies up what could not be before. Called from time to time.
  void catch_up();
  /// Ends waiting and waits for running operations.
  void stop();

 private:
  void settle(std::function<void(State&)> const& function);
  void save(State const& next);
  void publish(State next);
  void start(State& state, Work const& work, OperationRecord& record);
  void perform(std::string const& operation_name, Work const& work);
  void run(std::string const& operation_name, Work const& work);
  void run_committed(std::string const& operation_name, Work const& work);
  void complete(std::string const& operation_name, Work const& work);
  void fail(std::string const& operation_name, Work const& work, Json error, bool begun);
  void finish(State& state, std::string const& operation_name,
              std::function<void(OperationRecord&)> const& outcome) const;
  bool has_happened(Work const& work) const;
  bool is_gone(std::string const& branch_uid, std::string const& witness) const;
  bool wait_until_stopped(Duration duration);
  bool tidy_up(std::function<bool(ChoreRecord const&)> const& wanted);
  void tidy_up_for(ResourceName const& target);
  std::vector<ChoreRecord> undone(std::vector<ChoreRecord> const& chores, State const& state) const;
  void recover(State& state, OperationRecord const& record);
  void note_version(ProjectRecord& project) const;
  void open_endpoints(ProjectRecord& project);
  void open_endpoint(BranchRecord const& branch, EndpointRecord& endpoint);
  void drop_refused(std::map<std::string, std::string>& pg_settings, std::string const& owner) const;

  WorkspaceOptions const options_;
  Computes& computes_;
  Clock const clock_;
  TokenMint const mint_;
  std::string const token_;

  /// Held by the one who changes the state; guards the store, too.
  std::mutex change_mutex_;
  StateStore store_;
  std::atomic<bool> is_unsaved_ = false;
  bool is_failing_ = false;

  /// Held by the one who tidies up.
  std::mutex chores_mutex_;
  TimePoint next_tidying_{};

  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::shared_ptr<State const> state_ = std::make_shared<State const>();
  std::map<std::string, int> polls_;

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

/// Takes a role out of the state; what it owned is the heir's, where there is one.
void erase_role(BranchRecord& branch, std::string const& role_id, std::string const& heir);

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
