#include "postgres/cdf_feeds.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "postgres/cdf_config.hpp"
#include "postgres/workspace.hpp"
#include "sync/change_feed.hpp"

namespace lakebase::emulator {

struct CdfFeeds::Job {
  ResourceName name;
  CdfConfigRecord config;
};

namespace {

constexpr Duration between_feed_looks = std::chrono::seconds{1};
constexpr Duration after_a_failed_look = std::chrono::seconds{5};
/// What is known of the computes that may change a branch's data.
struct UseOfBranch {
  bool is_open = false;
  TimePoint last{};
};

UseOfBranch use_of(Computes const& computes, BranchRecord const& branch) {
  UseOfBranch use;
  for (auto const& endpoint : branch.endpoints) {
    auto const status = endpoint.read_only ? std::nullopt : status_of(computes, endpoint);
    if (!status || status->state != ComputeState::active) continue;
    use.is_open = use.is_open || status->open_sessions > 0;
    use.last = std::max(use.last, status->last_active);
  }
  return use;
}

template <class Function>
void each_feed(State const& state, Function const& function) {
  for (auto const& project : state.projects) {
    if (project.delete_time) continue;
    for (auto const& branch : project.branches) {
      if (branch.delete_time) continue;
      for (auto const& database : branch.databases) {
        for (auto const& config : database.cdf_configs) {
          if (function(project, branch, database, config)) return;
        }
      }
    }
  }
}

FeedPosition position_of(CdfConfigRecord const& config) {
  FeedPosition position{{}, config.fed_lsn};
  for (auto const& table : config.tables) {
    position.tables.push_back(
        {table.name, table.relation, table.file, static_cast<std::uint64_t>(table.size), table.snapshot, table.lsn});
  }
  return position;
}

void keep_position(CdfConfigRecord& config, FeedPosition const& position) {
  config.fed_lsn = position.lsn;
  config.tables.clear();
  for (auto const& table : position.tables) {
    config.tables.push_back(
        {table.name, table.relation, table.file, static_cast<std::int64_t>(table.size), table.snapshot, table.lsn});
  }
}

}  // namespace

FeedPlan CdfFeeds::plan_of(State const& state, ResourceName const& name, CdfConfigRecord const& config) const {
  auto const database = name.parent();
  return {live_branch(state, name).uid,    live_database(state, database).postgres_database,
          config.postgres_schema,          fmt::format("lakebase_cdf_{}", config.sequence),
          workspace_.options().cdf_folder, fmt::format("{}.{}.", config.catalog, config.schema)};
}

// Under the lock.
std::optional<TimePoint> CdfFeeds::due_time(BranchRecord const& branch, CdfConfigRecord const& config,
                                            TimePoint now) const {
  if (config.creating || running_.contains(config.sequence) || ended_.contains(config.sequence)) return std::nullopt;
  auto const found = looks_.find(config.sequence);
  auto const look = found == looks_.end() ? Look{} : found->second;
  if (found == looks_.end() && config.fed_lsn.empty()) return now;
  auto const use = use_of(workspace_.computes(), branch);
  if (!look.failed && !look.has_more && !use.is_open && use.last <= look.used) return std::nullopt;
  return look.time + (look.failed ? after_a_failed_look : between_feed_looks);
}

std::optional<TimePoint> CdfFeeds::next_due() const {
  std::optional<TimePoint> soonest;
  if (stopping_ || workspace_.options().cdf_folder.empty()) return soonest;
  auto const state = workspace_.state();
  auto const now = workspace_.now();
  std::lock_guard const lock{mutex_};
  each_feed(*state, [&](auto const&, BranchRecord const& branch, auto const&, CdfConfigRecord const& config) {
    take_sooner(soonest, due_time(branch, config, now));
    return false;
  });
  return soonest;
}

std::optional<CdfFeeds::Job> CdfFeeds::claim() {
  auto const state = workspace_.state();
  auto const now = workspace_.now();
  std::optional<Job> job;
  std::lock_guard const lock{mutex_};
  each_feed(*state, [&](auto const& project, BranchRecord const& branch, auto const& database, auto const& config) {
    auto const due = due_time(branch, config, now);
    if (!due || *due > now) return false;
    job = Job{branch_name(project.id, branch.id).child(database_kind, database.id).child(cdf_config_kind, config.id),
              config};
    running_.insert(config.sequence);
    return true;
  });
  return job;
}

void CdfFeeds::release(std::int64_t feed, Look const& look) {
  std::lock_guard const lock{mutex_};
  running_.erase(feed);
  looks_[feed] = look;
  released_.notify_all();
}

void CdfFeeds::run_one() {
  if (stopping_ || workspace_.options().cdf_folder.empty()) return;
  auto const job = claim();
  if (!job) return;
  Look look;
  try {
    look.has_more = carry_on(*job);
  } catch (std::exception const& error) {
    look.failed = true;
    if (!stopping_) {
      workspace_.log(fmt::format("{}, which is attempted again: {}", job->name.text(), error.what()));
    }
  }
  look.time = workspace_.now();
  auto const state = workspace_.state();
  if (auto const* const branch = find_branch(*state, job->name))
    look.used = use_of(workspace_.computes(), *branch).last;
  release(job->config.sequence, look);
}

bool CdfFeeds::carry_on(Job const& job) {
  auto const plan = plan_of(*workspace_.state(), job.name, job.config);
  auto position = position_of(job.config);
  return write_changes(workspace_.computes(), plan, position, [&](FeedPosition const& reached) {
    workspace_.change([&](State& state) {
      auto* const config = live_database(state, job.name).cdf_configs.find(job.name.id());
      if (config == nullptr || config->sequence != job.config.sequence) {
        throw std::runtime_error("the feed was removed");
      }
      keep_position(*config, reached);
      config->last_sync_time = workspace_.now();
    });
  });
}

void CdfFeeds::end(ResourceName const& name, bool and_files) {
  auto const config = live_cdf_config(*workspace_.state(), name);
  {
    std::unique_lock lock{mutex_};
    ended_.insert(config.sequence);
    released_.wait(lock, [&] { return !running_.contains(config.sequence); });
  }
  // As it is after that run.
  auto const state = workspace_.state();
  auto const& now = live_cdf_config(*state, name);
  try {
    auto const plan = plan_of(*state, name, now);
    if (!now.fed_lsn.empty()) end_feed(workspace_.computes(), plan);
    std::error_code none;
    for (auto const& table : now.tables) {
      if (and_files) std::filesystem::remove(plan.folder / table.file, none);
    }
  } catch (...) {
    std::lock_guard const lock{mutex_};
    ended_.erase(config.sequence);
    throw;
  }
}

}  // namespace lakebase::emulator
