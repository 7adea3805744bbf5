#include "workspace.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "data_plane/setting_rules.hpp"
#include "random.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t most_operations_kept = 1000;

// A secret that lives in a file, made at the first time.
std::string kept_secret(std::filesystem::path const& file, std::string const& fresh) {
  if (std::string kept = read_file(file); !kept.empty()) return kept;
  write_private_file(file, fresh);
  return fresh;
}

std::filesystem::path made_folder(std::filesystem::path const& folder) {
  std::filesystem::create_directories(folder);
  return folder;
}

Json empty_response() {
  return Json{{"@type", "type.googleapis.com/google.protobuf.Empty"}};
}

Json operation_json(OperationRecord const& record, bool done) {
  Json json{
      {"name", record.name},
      {"metadata",
       Json{{"@type", fmt::format("type.googleapis.com/databricks.postgres.v1.{}OperationMetadata", record.type)}}},
      {"done", done}};
  if (!done) return json;
  if (record.error.is_null()) {
    json["response"] = record.response;
  } else {
    json["error"] = record.error;
  }
  return json;
}

// PostgreSQL's refusals of what the user asked for are the user's to mend; the rest is the server's.
bool is_users_mistake(std::string_view sqlstate) {
  static constexpr std::array<std::string_view, 7> classes = {"22", "23", "2B", "3D", "42", "55", "0L"};
  return std::any_of(classes.begin(), classes.end(), [&](auto prefix) { return sqlstate.starts_with(prefix); });
}

Json error_of(std::exception_ptr const& caught) {
  try {
    std::rethrow_exception(caught);
  } catch (ServiceError const& error) {
    return error.envelope();
  } catch (DataPlaneError const& error) {
    std::string message = error.what();
    if (!error.sqlstate().empty()) message += fmt::format(" (SQLSTATE {})", error.sqlstate());
    return Json{{"error_code", is_users_mistake(error.sqlstate()) ? "BAD_REQUEST" : "INTERNAL_ERROR"},
                {"message", message}};
  } catch (std::exception const& error) {
    return Json{{"error_code", "INTERNAL_ERROR"}, {"message", error.what()}};
  }
}

// Direct connections by the size of the largest compute, as documented; between the documented sizes a straight line.
int max_connections(double cu) {
  struct Step {
    double cu;
    double connections;
  };
  static constexpr std::array<Step, 7> steps = {
      {{0.5, 104}, {1, 209}, {2, 419}, {4, 839}, {8, 1678}, {16, 3357}, {24, 4000}}};
  if (cu >= steps.back().cu) return static_cast<int>(steps.back().connections);
  auto const above = std::find_if(steps.begin() + 1, steps.end(), [&](Step const& step) { return step.cu >= cu; });
  auto const below = above - 1;
  auto const share = std::max(0.0, cu - below->cu) / (above->cu - below->cu);
  return static_cast<int>(below->connections + share * (above->connections - below->connections));
}

}  // namespace

ComputeSettings settings_of(EndpointRecord const& endpoint) {
  ComputeSettings settings;
  settings.read_only = endpoint.read_only;
  settings.suspend_after = endpoint.compute.suspend_after;
  settings.disabled = endpoint.disabled;
  settings.max_connections = max_connections(endpoint.compute.max_cu);
  settings.pg_settings = endpoint.compute.pg_settings;
  return settings;
}

void require_idle(ProjectRecord const& project) {
  if (project.running_operation.empty()) return;
  throw aborted(fmt::format("Another operation is running on project '{}'; try again when it is done.", project.id));
}

ServiceError project_not_found() {
  return not_found("project id not found");
}
ServiceError branch_not_found() {
  return not_found("branch id not found");
}
ServiceError endpoint_not_found() {
  return not_found("endpoint id not found");
}
ServiceError role_not_found(std::string_view role_id) {
  return not_found(fmt::format("role not found; role_id:\"{}\"", role_id));
}
ServiceError database_not_found(std::string_view database_id) {
  return not_found(fmt::format("database not found; database_id:\"{}\"", database_id));
}

Workspace::Workspace(WorkspaceOptions options, Computes& computes, Clock clock)
    : options_(std::move(options)),
      computes_(computes),
      clock_(std::move(clock)),
      mint_(kept_secret(made_folder(options_.folder) / "signing.key", random_hex(64))),
      token_(options_.token.empty() ? kept_secret(options_.folder / "token", "dapi" + random_hex(32)) : options_.token),
      store_(options_.folder / "state.json") {}

void Workspace::log(std::string_view line) const {
  if (options_.log) options_.log(line);
}

Workspace::Snapshot Workspace::snapshot() {
  return {StateStore::to_text(state_), ++version_};
}

void Workspace::change(std::function<void(State&)> const& function) {
  Snapshot saved;
  {
    std::lock_guard const lock{mutex_};
    function(state_);
    saved = snapshot();
  }
  save(saved);
}

void Workspace::save(Snapshot const& saved) {
  try {
    store_.save(saved.text, saved.version);
  } catch (std::exception const& error) {
    log(fmt::format("the state is not saved: {}", error.what()));
  }
}

Json Workspace::accept(std::function<Work(State&)> const& plan) {
  Snapshot saved;
  Work work;
  OperationRecord record;
  {
    std::lock_guard const lock{mutex_};
    if (stopping_) throw ServiceError{503, "TEMPORARILY_UNAVAILABLE", "The emulator is stopping."};
    work = plan(state_);
    record.name = fmt::format("{}/operations/{}", work.target.text(), base64url(random_bytes(15)));
    record.type = type_of(work.target.kind);
    record.removal = work.removal;
    state_.operations.push_back(record);
    forget_old_operations();
    if (auto* const project = find_by_id(state_.projects, work.target.project); project != nullptr) {
      project->running_operation = record.name;
    }
    saved = snapshot();
  }
  save(saved);
  workers_.enqueue([this, name = record.name, work = std::move(work)] { perform(name, work); });
  return operation_json(record, false);
}

Json Workspace::operation(std::string const& name) {
  std::lock_guard const lock{mutex_};
  auto const found = std::find_if(state_.operations.begin(), state_.operations.end(),
                                  [&](OperationRecord const& record) { return record.name == name; });
  if (found == state_.operations.end()) throw not_found("operation not found");
  bool const shown_done = found->done && found->polls >= options_.operation_polls;
  ++found->polls;
  return operation_json(*found, shown_done);
}

void Workspace::perform(std::string const& operation_name, Work const& work) {
  if (options_.operation_delay > Duration::zero()) {
    std::unique_lock lock{mutex_};
    stopped_.wait_for(lock, options_.operation_delay, [&] { return stopping_; });
  }
  try {
    if (work.run) work.run();
    if (work.commit) change(work.commit);
    Json response = work.response ? work.response() : empty_response();
    change([&](State& state) {
      finish(state, operation_name, work, [&](OperationRecord& record) { record.response = std::move(response); });
    });
  } catch (...) {
    fail(operation_name, work, error_of(std::current_exception()));
  }
}

void Workspace::fail(std::string const& operation_name, Work const& work, Json error) {
  log(fmt::format("{} failed: {}", operation_name, error.at("message").get<std::string>()));
  try {
    if (work.undo) work.undo();
  } catch (std::exception const& undo_error) {
    log(fmt::format("{}: cannot undo: {}", operation_name, undo_error.what()));
  }
  change([&](State& state) {
    if (work.rollback) work.rollback(state);
    finish(state, operation_name, work, [&](OperationRecord& record) { record.error = std::move(error); });
  });
}

void Workspace::finish(State& state, std::string const& operation_name, Work const& work,
                       std::function<void(OperationRecord&)> const& outcome) {
  if (auto* const project = find_by_id(state.projects, work.target.project); project != nullptr) {
    // A purged project's id may be another project's by now.
    if (project->running_operation == operation_name) project->running_operation.clear();
  }
  for (auto& record : state.operations) {
    if (record.name != operation_name) continue;
    outcome(record);
    record.done = true;
  }
}

void Workspace::forget_old_operations() {
  auto surplus = state_.operations.size() - std::min(state_.operations.size(), most_operations_kept);
  std::erase_if(state_.operations, [&](OperationRecord const& record) {
    if (surplus == 0 || !record.done) return false;
    --surplus;
    return true;
  });
}

void Workspace::open() {
  state_ = store_.load();
  abort_unfinished_operations();
  remove_unfinished_resources();
  for (auto& project : state_.projects) open_endpoints(project);
  change([](State&) {});
}

void Workspace::abort_unfinished_operations() {
  for (auto& record : state_.operations) {
    if (record.done) continue;
    record.done = true;
    if (record.removal) {
      record.response = empty_response();
    } else {
      record.error = aborted("The emulator was stopped while the operation was running.").envelope();
    }
  }
}

void Workspace::remove_branch_data(BranchRecord const& branch) {
  try {
    computes_.remove_branch(branch.uid);
  } catch (std::exception const& error) {
    log(fmt::format("branch {}: {}", branch.uid, error.what()));
  }
}

void Workspace::remove_unfinished_resources() {
  std::erase_if(state_.projects, [&](ProjectRecord& project) {
    if (!project.creating && !project.removing) return false;
    for (auto const& branch : project.branches) remove_branch_data(branch);
    return true;
  });
  for (auto& project : state_.projects) remove_unfinished(project);
}

void Workspace::remove_unfinished(ProjectRecord& project) {
  std::erase_if(project.branches, [&](BranchRecord& branch) {
    if (!branch.creating && !branch.removing) return false;
    remove_branch_data(branch);
    return true;
  });
  for (auto& branch : project.branches) remove_unfinished(branch);
}

void Workspace::remove_unfinished(BranchRecord& branch) {
  std::vector<std::string> statements;
  for (auto const& database : branch.databases) {
    if (database.creating) {
      statements.push_back("DROP DATABASE IF EXISTS " + quote_identifier(database.postgres_database));
    }
  }
  for (auto const& role : branch.roles) {
    if (role.creating) statements.push_back("DROP ROLE IF EXISTS " + quote_identifier(role.postgres_role));
  }
  try {
    if (!statements.empty()) computes_.execute(branch.uid, "postgres", statements);
  } catch (std::exception const& error) {
    log(fmt::format("branch {}: {}", branch.uid, error.what()));
  }
  auto const creating = [](auto const& record) { return record.creating; };
  std::erase_if(branch.databases, creating);
  std::erase_if(branch.roles, creating);
  std::erase_if(branch.endpoints, creating);
}

void Workspace::note_version(ProjectRecord& project) const {
  try {
    project.running_pg_version = computes_.branch_version(project.branches.at(0).uid);
  } catch (std::exception const& error) {
    log(fmt::format("project {}: {}", project.id, error.what()));
  }
}

// An earlier emulator may have accepted them.
void Workspace::drop_refused(std::map<std::string, std::string>& pg_settings, std::string const& owner) const {
  std::erase_if(pg_settings, [&](auto const& setting) {
    try {
      check_setting_names({setting});
      return false;
    } catch (DataPlaneError const& error) {
      log(fmt::format("{}: dropped a setting: {}", owner, error.what()));
      return true;
    }
  });
}

void Workspace::open_endpoints(ProjectRecord& project) {
  if (project.running_pg_version == 0) note_version(project);
  drop_refused(project.defaults.pg_settings, "project " + project.id);
  if (project.delete_time) return;
  for (auto& branch : project.branches) {
    if (branch.delete_time) continue;
    for (auto& endpoint : branch.endpoints) {
      drop_refused(endpoint.compute.pg_settings, "endpoint " + endpoint.uid);
      try {
        endpoint.address = computes_.add_endpoint(endpoint.uid, branch.uid, settings_of(endpoint), endpoint.address);
      } catch (std::exception const& error) {
        log(fmt::format("endpoint {} cannot be opened: {}", endpoint.uid, error.what()));
      }
    }
  }
}

void Workspace::stop() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  workers_.finish();
}

}  // namespace lakebase::emulator
