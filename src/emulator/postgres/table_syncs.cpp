#include "postgres/table_syncs.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/random.hpp"
#include "engine/router.hpp"
#include "postgres/cdf_status.hpp"
#include "postgres/database_objects.hpp"
#include "postgres/registered.hpp"
#include "sync/file_source.hpp"
#include "sync/sync_error.hpp"
#include "sync/table_source.hpp"
#include "sync/table_sync.hpp"

namespace lakebase::emulator {

struct TableSyncs::Job {
  ResourceName branch;
  std::string branch_uid;
  SyncedTableRecord table;
  std::shared_ptr<Run> run;
};

namespace {

constexpr Duration between_looks = std::chrono::seconds{1};
constexpr std::string_view pipelines_api = "api/2.0/pipelines/*";

// Calls the function with each synced table and its branch, until it returns true.
template <class Function>
void each_synced_table(State const& state, Function const& function) {
  for (auto const& project : state.projects) {
    for (auto const& branch : project.branches) {
      for (auto const& table : branch.synced_tables) {
        if (function(project, branch, table)) return;
      }
    }
  }
}

bool waits_for_a_sync(SyncedTableRecord const& table) {
  return table.sync.requested || (!table.sync.has_synced && table.sync.failure.empty());
}

std::string pg_type_of(TypeOverrideRecord const& type) {
  std::string_view const prefix = "PG_SPECIFIC_TYPE_";
  auto name = to_lower(std::string_view{type.pg_type}.substr(prefix.size()));
  return type.size ? fmt::format("{}({})", name, *type.size) : name;
}

SyncTarget target_of(SyncedTableRecord const& table, std::string const& branch_uid) {
  auto const name = parse_table_name(table.id).value();
  auto const& spec = table.spec;
  SyncTarget target;
  target.uid = table.uid;
  target.branch_uid = branch_uid;
  target.database = table.postgres_database;
  target.schema = name.schema;
  target.table = name.table;
  target.keys = spec.primary_key_columns;
  target.timeseries_key = spec.timeseries_key;
  for (auto const& type : spec.type_overrides) target.type_overrides.push_back({type.column_name, pg_type_of(type)});
  for (auto const& column : spec.extra_columns) {
    target.extra_columns.push_back(
        {column.column_name, column.column_type, column.compute, column.maintenance == "STORED_GENERATED"});
  }
  for (auto const& index : spec.extra_indexes) target.extra_indexes.push_back({index.name, index.definition});
  return target;
}

// `projects/p/branches/b/databases/d:schema.table`
SourceTable table_named(State const& state, std::string const& text) {
  auto const colon = text.find(':');
  auto const name = parse_name(std::string_view{text}.substr(0, colon));
  auto const table = colon == std::string::npos ? std::string{} : text.substr(colon + 1);
  auto const dot = table.find('.');
  if (!name || !name->is(database_kind) || dot == std::string::npos) {
    throw SyncError(fmt::format("the source '{}' is not projects/P/branches/B/databases/D:SCHEMA.TABLE", text));
  }
  try {
    auto const& branch = live_branch(state, *name);
    auto const* const by_id = branch.databases.find(name->id());
    return {branch.uid, by_id == nullptr ? name->id() : by_id->postgres_database, table.substr(0, dot),
            table.substr(dot + 1)};
  } catch (ServiceError const& error) {
    throw SyncError(fmt::format("the source '{}': {}", text, error.what()));
  }
}

std::unique_ptr<Source> source_of(Workspace& workspace, std::string const& text) {
  if (text.starts_with("projects/")) {
    return make_table_source(workspace.computes(), table_named(*workspace.state(), text));
  }
  if (is_source_file(text)) return make_file_source(text);
  throw SyncError(fmt::format("the source '{}' is no .csv, .jsonl or .ndjson file", text));
}

std::string state_of(SyncedTableRecord const& table, bool is_running) {
  auto const& sync = table.sync;
  std::string_view state = "ONLINE_NO_PENDING_UPDATE";
  if (!sync.has_synced) {
    state = sync.failure.empty() || is_running ? "PROVISIONING_INITIAL_SNAPSHOT" : "OFFLINE_FAILED";
  } else if (is_running && table.spec.scheduling_policy != "CONTINUOUS") {
    state = "ONLINE_TRIGGERED_UPDATE";
  } else if (!sync.failure.empty()) {
    state = "ONLINE_PIPELINE_FAILED";
  } else if (table.spec.scheduling_policy == "CONTINUOUS") {
    state = "ONLINE_CONTINUOUS_UPDATE";
  }
  return fmt::format("SYNCED_TABLE_{}", state);
}

std::int64_t milliseconds_of(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace

bool TableSyncs::has_source(SyncedTableRecord const& table) const {
  return workspace_.options().sources.contains(table.spec.source_table);
}

// Under the lock.
std::optional<TimePoint> TableSyncs::due_time(SyncedTableRecord const& table, TimePoint now) const {
  if (table.creating || !has_source(table) || runs_.contains(table.uid)) return std::nullopt;
  auto const look = looks_.find(table.uid);
  bool const is_continuous = table.spec.scheduling_policy == "CONTINUOUS";
  if (!waits_for_a_sync(table) && !is_continuous) return std::nullopt;
  if (look == looks_.end()) return now;
  bool const is_at_once = waits_for_a_sync(table) && look->second.trouble.empty();
  return is_at_once ? now : look->second.time + between_looks;
}

std::optional<TimePoint> TableSyncs::next_due() const {
  std::optional<TimePoint> soonest;
  if (stopping_ || workspace_.options().sources.empty()) return soonest;
  auto const state = workspace_.state();
  auto const now = workspace_.now();
  std::lock_guard const lock{mutex_};
  each_synced_table(*state, [&](auto const&, auto const&, SyncedTableRecord const& table) {
    take_sooner(soonest, due_time(table, now));
    return false;
  });
  return soonest;
}

std::optional<TableSyncs::Job> TableSyncs::claim() {
  auto const state = workspace_.state();
  auto const now = workspace_.now();
  std::optional<Job> job;
  std::lock_guard const lock{mutex_};
  each_synced_table(*state,
                    [&](ProjectRecord const& project, BranchRecord const& branch, SyncedTableRecord const& table) {
                      auto const due = due_time(table, now);
                      if (!due || *due > now) return false;
                      job = Job{branch_name(project.id, branch.id), branch.uid, table, std::make_shared<Run>()};
                      runs_[table.uid] = job->run;
                      return true;
                    });
  return job;
}

void TableSyncs::release(Job const& job, Look look) {
  std::lock_guard const lock{mutex_};
  runs_.erase(job.table.uid);
  looks_[job.table.uid] = std::move(look);
}

// Unless the table was deleted meanwhile.
void TableSyncs::note(Job const& job, std::function<void(SyncRecord&)> const& change) {
  workspace_.change([&](State& state) {
    auto* const branch = find_branch(state, job.branch);
    auto* const table = branch == nullptr ? nullptr : branch->synced_tables.find(job.table.id);
    if (table != nullptr && table->uid == job.table.uid) change(table->sync);
  });
}

void TableSyncs::run_one() {
  if (stopping_) return;
  auto const job = claim();
  if (!job) return;
  Look look;
  {
    std::lock_guard const lock{mutex_};
    look = looks_[job->table.uid];
  }
  look.time = workspace_.now();
  look.trouble.clear();
  try {
    carry_out(*job, look);
  } catch (SyncStopped const&) {
    look = {};
  } catch (SyncError const& error) {
    bool const is_known = !waits_for_a_sync(job->table) && job->table.sync.failure == error.what();
    if (!is_known) {
      workspace_.log(fmt::format("synced table {}: {}", job->table.id, error.what()));
      note(*job, [&](SyncRecord& sync) {
        sync.failure = error.what();
        sync.requested = sync.full_refresh = false;
        sync.update_state = "FAILED";
      });
    }
  } catch (std::exception const& error) {
    look.trouble = error.what();
    if (!stopping_) {
      workspace_.log(fmt::format("synced table {}, which is attempted again: {}", job->table.id, error.what()));
    }
  }
  release(*job, look);
}

void TableSyncs::carry_out(Job const& job, Look& look) {
  bool const is_wanted = waits_for_a_sync(job.table);
  require_wakeable(workspace_.computes(), live_branch(*workspace_.state(), job.branch), "The sync cannot run");
  auto const source = source_of(workspace_, workspace_.options().sources.at(job.table.spec.source_table));
  auto const mark = source->mark();
  if (!is_wanted && mark == look.mark) return;
  // What fails with this one fails again.
  look.mark = mark;
  if (is_wanted) note(job, [](SyncRecord& sync) { sync.update_state = "RUNNING"; });
  auto const start = workspace_.now();
  auto const outcome = sync_table(workspace_.computes(), target_of(job.table, job.branch_uid), *source,
                                  {.is_full_refresh = job.table.sync.full_refresh,
                                   .check =
                                       [this] {
                                         if (stopping_) throw SyncStopped{};
                                       },
                                   .copied = &job.run->copied});
  look.mark = outcome.mark;
  auto const& before = job.table.sync;
  if (!is_wanted && before.failure.empty() && before.version == outcome.version) return;
  note(job, [&](SyncRecord& sync) {
    if (is_wanted) {
      sync.requested = sync.full_refresh = false;
      sync.update_state = "COMPLETED";
    }
    sync.has_synced = true;
    sync.failure.clear();
    sync.version = outcome.version;
    sync.start_time = start;
    sync.end_time = workspace_.now();
  });
}

Json TableSyncs::status(SyncedTableRecord const& table) const {
  if (table.creating) {
    return Json{{"detailed_state", "SYNCED_TABLE_PROVISIONING"}, {"message", "The synced table is being created."}};
  }
  std::shared_ptr<Run> run;
  std::string trouble;
  {
    std::lock_guard const lock{mutex_};
    if (auto const found = runs_.find(table.uid); found != runs_.end()) run = found->second;
    if (auto const found = looks_.find(table.uid); found != looks_.end()) trouble = found->second.trouble;
  }
  auto const& sync = table.sync;
  Json json{{"detailed_state", state_of(table, run && waits_for_a_sync(table))}};
  if (!has_source(table)) {
    json["message"] = fmt::format(
        "The emulator has no rows of the source table '{0}'. Start it with --source {0}=FILE, where FILE is a CSV file "
        "or one of JSON lines.",
        table.spec.source_table);
  } else if (!trouble.empty()) {
    json["message"] = fmt::format("The sync is attempted again: {}", trouble);
  } else if (!sync.failure.empty()) {
    json["message"] = fmt::format("Synced table pipeline failed: {}", sync.failure);
  } else if (!sync.has_synced) {
    json["message"] = "Synced table creation successful, pipeline running.";
  } else {
    json["message"] = fmt::format("Synced table creation succeeded using the pipeline {}.", table.pipeline_id);
  }
  if (run && waits_for_a_sync(table)) {
    json["ongoing_sync_progress"] = Json{{"synced_row_count", run->copied.load()}};
    if (!sync.has_synced) json["provisioning_phase"] = "PROVISIONING_PHASE_MAIN";
  }
  if (!sync.has_synced) return json;
  json["last_sync_time"] = to_text(sync.end_time);
  json["last_processed_commit_version"] = sync.version;
  json["last_sync"] = Json{{"sync_start_time", to_text(sync.start_time)},
                           {"sync_end_time", to_text(sync.end_time)},
                           {"delta_table_sync_info", Json{{"delta_commit_version", sync.version},
                                                          {"delta_commit_time", to_text(sync.start_time)}}}};
  return json;
}

namespace {

std::vector<SyncedTableRecord> tables_of_pipeline(State const& state, std::string const& id) {
  std::vector<SyncedTableRecord> tables;
  each_synced_table(state, [&](auto const&, auto const&, SyncedTableRecord const& table) {
    if (table.pipeline_id == id) tables.push_back(table);
    return false;
  });
  if (tables.empty()) {
    throw ServiceError{404, "RESOURCE_DOES_NOT_EXIST", fmt::format("The specified pipeline {} was not found.", id)};
  }
  return tables;
}

// Of the tables' states the one that says most.
std::string joint_state(std::vector<SyncedTableRecord> const& tables, std::string const& update_id) {
  for (std::string_view const state : {"FAILED", "RUNNING", "QUEUED", "COMPLETED"}) {
    auto const has_it = [&](SyncedTableRecord const& table) {
      return table.sync.update_id == update_id && table.sync.update_state == state;
    };
    if (std::any_of(tables.begin(), tables.end(), has_it)) return std::string{state};
  }
  return {};
}

}  // namespace

Json TableSyncs::start(Call const& call) {
  auto const& id = call.path.at(3);
  bool const is_full = call.fields().flag("full_refresh").value_or(false);
  auto const update_id = random_uuid(workspace_.random());
  workspace_.change([&](State& state) {
    for (auto const& table : tables_of_pipeline(state, id)) {
      if (!has_source(table)) {
        throw bad_request(status(table).at("message").get<std::string>());
      }
      if (table.sync.requested) {
        throw ServiceError{
            409, "CONFLICT",
            fmt::format("An active update {} already exists for pipeline {}.", table.sync.update_id, id)};
      }
    }
    state.projects.change_all([&](ProjectRecord& project) {
      project.branches.change_all([&](BranchRecord& branch) {
        branch.synced_tables.change_if([&](SyncedTableRecord const& table) { return table.pipeline_id == id; },
                                       [&](SyncedTableRecord& table) {
                                         table.sync.requested = true;
                                         table.sync.full_refresh = is_full;
                                         table.sync.update_id = update_id;
                                         table.sync.update_state = "QUEUED";
                                         table.sync.update_time = workspace_.now();
                                       });
      });
    });
  });
  return Json{{"update_id", update_id}};
}

Json TableSyncs::pipeline(std::string const& id) const {
  auto const tables = tables_of_pipeline(*workspace_.state(), id);
  auto const& sync = tables.front().sync;
  auto const state = joint_state(tables, sync.update_id);
  Json json{{"pipeline_id", id}, {"name", fmt::format("Synced table: {}", tables.front().id)}};
  json["state"] = state == "FAILED" ? "FAILED" : state == "COMPLETED" || state.empty() ? "IDLE" : "RUNNING";
  json["latest_updates"] = Json::array();
  if (!sync.update_id.empty()) {
    json["latest_updates"].push_back(
        Json{{"update_id", sync.update_id}, {"state", state}, {"creation_time", to_text(sync.update_time)}});
  }
  return json;
}

Json TableSyncs::update(std::string const& id, std::string const& update_id) const {
  auto const tables = tables_of_pipeline(*workspace_.state(), id);
  auto const state = joint_state(tables, update_id);
  if (state.empty()) {
    throw ServiceError{404, "RESOURCE_DOES_NOT_EXIST",
                       fmt::format("The specified update {} of pipeline {} was not found.", update_id, id)};
  }
  return Json{{"update", Json{{"pipeline_id", id},
                              {"update_id", update_id},
                              {"state", state},
                              {"cause", "API_CALL"},
                              {"creation_time", milliseconds_of(tables.front().sync.update_time)}}}};
}

void TableSyncs::routes(Router& router) {
  router.add("GET", pipelines_api, [this](Call const& call) { return pipeline(call.path.at(3)); });
  router.add("POST", fmt::format("{}/updates", pipelines_api), [this](Call const& call) { return start(call); });
  router.add("GET", fmt::format("{}/updates/*", pipelines_api),
             [this](Call const& call) { return update(call.path.at(3), call.path.at(5)); });
}

}  // namespace lakebase::emulator
