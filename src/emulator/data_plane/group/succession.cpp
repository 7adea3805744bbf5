// Which standbys confirm commits, and how one of them takes the primary's place.
//
// A commit is confirmed when one of the named standbys has it. So the one of these that has most of the log has all
// that was confirmed since they were named; what was confirmed before, one of them must have too before the primary is
// left.

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "common/sql_quoting.hpp"
#include "data_plane/group/group.hpp"

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

constexpr auto group_settings_limit = 5s;
constexpr auto catch_up_limit = 2s;
constexpr auto ready_limit = 30s;
/// A standby that does not stream for so long is replaced.
constexpr auto follow_limit = 10s;
constexpr auto group_pause = 2ms;

/// Polls until it holds; false: it did not within the limit.
template <class Holds>
bool group_awaits(std::chrono::steady_clock::duration limit, Holds const& holds) {
  auto const end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(group_pause);
  }
  return true;
}

std::string list_of(std::vector<std::string> const& names) {
  std::string list;
  for (auto const& name : names) list += (list.empty() ? "" : ", ") + quote_literal(name);
  return list;
}

}  // namespace

void Group::drop_failed() {
  std::vector<std::string> names;
  bool has_lost = false;
  {
    std::lock_guard lock{mutex_};
    for (auto member = members_.begin(); member != members_.end();) {
      if (!is_down(*member->of.compute)) {
        if (member->confirms) names.push_back(member->of.name);
        ++member;
        continue;
      }
      parts_.log(fmt::format("branch {}: the standby {} has failed", parts_.branch->uid(), member->of.number));
      has_lost = has_lost || member->confirms;
      leaving_.push_back(member->of.compute);
      member = members_.erase(member);
    }
  }
  if (!has_lost) return;
  auto const serving = primary();
  // It alone may have had a commit that the primary has confirmed.
  if (serving->waits_for_successor()) return restart(*serving);
  confirm_by(*serving, names);
}

void Group::drop_down_to(std::size_t count) {
  outdate();
  std::vector<std::string> names;
  {
    std::lock_guard lock{mutex_};
    while (members_.size() > count) {
      leaving_.push_back(members_.back().of.compute);
      members_.pop_back();
    }
    for (auto const& member : members_) {
      if (member.confirms) names.push_back(member.of.name);
    }
  }
  auto const serving = primary();
  if (serving->waits_for_successor()) serving->go_on();
  confirm_by(*serving, names);
  std::vector<std::shared_ptr<Compute>> leaving;
  {
    std::lock_guard lock{mutex_};
    leaving.swap(leaving_);
  }
  for (auto const& compute : leaving) discard(compute);
}

/// From now on, commits wait for one of these. Until one of them has all, the primary does not give way to them.
void Group::confirm_by(Compute& primary, std::vector<std::string> const& names) try {
  primary.guard(false);
  {
    std::lock_guard lock{mutex_};
    may_lose_primary_ = false;
  }
  parts_.branch->set_synchronous(names);
  auto const wanted = synchronous_standby_names(names);
  bool const has_them = group_awaits(group_settings_limit, [&] {
    if (primary.status().state != ComputeState::active) return true;  // It begins with them.
    primary.refresh();
    return primary.session_as_it_is().query("SHOW synchronous_standby_names").at(0).at(0) == wanted;
  });
  if (!has_them) return;
  if (names.empty() || primary.status().state != ComputeState::active) return;
  auto session = primary.session_as_it_is();
  // The checkpointer tells the other processes whether to wait at all. It has, when it has done this.
  session.query("CHECKPOINT");
  auto const all = session.query("SELECT pg_current_wal_flush_lsn()").at(0).at(0);
  auto const caught_up =
      fmt::format("SELECT FROM pg_stat_replication WHERE application_name IN ({}) AND flush_lsn >= {}", list_of(names),
                  quote_literal(all));
  if (!group_awaits(catch_up_limit, [&] { return !session.query(caught_up).empty(); })) return;
  primary.guard(true);
  std::lock_guard lock{mutex_};
  may_lose_primary_ = true;
} catch (DataPlaneError const& error) {
  parts_.log(fmt::format("branch {}: {}", parts_.branch->uid(), error.what()));  // It has just stopped.
}

void Group::synchronise(Compute& primary) {
  std::vector<std::string> streaming;
  for (auto const& row :
       primary.session_as_it_is().query("SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'")) {
    streaming.push_back(row.at(0));
  }
  std::vector<std::string> names;
  {
    std::lock_guard lock{mutex_};
    bool changed = !may_lose_primary_;
    auto const now = std::chrono::steady_clock::now();
    for (auto member = members_.begin(); member != members_.end();) {
      bool const follows = std::find(streaming.begin(), streaming.end(), member->of.name) != streaming.end();
      changed = changed || follows != member->confirms;
      member->confirms = follows;
      if (follows) {
        member->followed = now;
        names.push_back(member->of.name);
      } else if (now - member->followed > follow_limit) {
        parts_.log(fmt::format("branch {}: the standby {} does not follow", parts_.branch->uid(), member->of.number));
        leaving_.push_back(member->of.compute);
        member = members_.erase(member);
        continue;
      }
      ++member;
    }
    if (!changed || (names.empty() && !is_confirmed_)) return;
    is_confirmed_ = !names.empty();
  }
  confirm_by(primary, names);
}

void Group::restart(Compute& primary) {
  primary.go_on();
  try {
    primary.ensure_running();
  } catch (DataPlaneError const&) {
    // It is in the log.
  }
}

bool Group::succeed(char const* reason) {
  auto const old = primary();
  old->make_way(reason);
  if (auto const successor = promote_most_advanced()) {
    install(*successor);
    return true;
  }
  restart(*old);
  return false;
}

/// None: one could not be asked, and it alone may have what was confirmed; or it could not be promoted.
std::optional<Branch::Member> Group::promote_most_advanced() {
  std::vector<Branch::Member> candidates;
  {
    std::lock_guard lock{mutex_};
    for (auto const& member : members_) {
      if (member.confirms) candidates.push_back(member.of);
    }
  }
  std::optional<Branch::Member> best;
  std::uint64_t most = 0;
  for (auto const& candidate : candidates) {
    auto const has = candidate.compute->received();
    if (has == 0) return std::nullopt;
    if (has <= most) continue;
    most = has;
    best = candidate;
  }
  if (!best) return std::nullopt;
  try {
    best->compute->promote();
    return best;
  } catch (DataPlaneError const& error) {
    parts_.log(fmt::format("branch {}: the standby {} cannot be promoted: {}", parts_.branch->uid(), best->number,
                           error.what()));
    std::lock_guard lock{mutex_};
    std::erase_if(members_, [&](Member const& member) { return member.of.number == best->number; });
    leaving_.push_back(best->compute);
    return std::nullopt;
  }
}

void Group::install(Branch::Member const& successor) {
  outdate();
  {
    std::lock_guard lock{mutex_};
    primary_number_ = successor.number;
    may_lose_primary_ = is_confirmed_ = false;
    // One that did not follow may have what the successor has not.
    for (auto const& member : members_) {
      if (!member.confirms) leaving_.push_back(member.of.compute);
    }
    std::erase_if(members_,
                  [&](Member const& member) { return !member.confirms || member.of.number == successor.number; });
    for (auto& member : members_) {
      member.confirms = false;
      member.followed = std::chrono::steady_clock::now();
    }
  }
  parts_.branch->set_synchronous({});
  auto const former = parts_.branch->install(successor);
  former->begin_closing();
  parts_.log(fmt::format("branch {}: the standby {} is the primary now", parts_.branch->uid(), successor.number));
  std::lock_guard lock{mutex_};
  former_.push_back(former);
}

void Group::fail_over() {
  auto const limit = std::chrono::steady_clock::now() + ready_limit;
  for (;;) {
    {
      std::lock_guard one_at_a_time{working_};
      Lock lock{mutex_};
      if (halted_ || wanted_ == 0)
        throw DataPlaneError("the endpoint has no standby: its group is of one compute, or it is disabled", "55000");
      if (sleeps_) throw DataPlaneError("the endpoint is suspended", "55000");
      bool const is_ready = may_lose_primary_;
      lock.unlock();
      if (is_ready) {
        if (succeed("a failover was requested")) break;
        throw DataPlaneError("no standby could take the primary's place", "55000");
      }
    }
    Lock lock{mutex_};
    if (std::chrono::steady_clock::now() >= limit) throw DataPlaneError("no standby has caught up", "55000");
    changed_.wait_for(lock, 20ms);
  }
  poke();
}

}  // namespace lakebase::emulator
