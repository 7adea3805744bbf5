#include "data_plane/group/group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

namespace lakebase::emulator {
namespace {

using namespace std::chrono_literals;

/// While a standby has yet to catch up, and else, to notice one that does not follow any more.
constexpr Duration soon_again = 20ms;
constexpr Duration later_again = 1s;
constexpr Duration build_again_pause = 500ms;
constexpr auto all_limit = 60s;
constexpr auto reader_limit = 20s;

/// Bytes of the log that each standby has not applied, by the names under which they replicate.
std::vector<std::pair<std::string, std::int64_t>> lags(Compute const& primary) noexcept try {
  std::vector<std::pair<std::string, std::int64_t>> lags;
  if (!primary.running()) return lags;
  for (auto const& row : primary.session_as_it_is().query(
           "SELECT application_name, greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint "
           "FROM pg_stat_replication WHERE replay_lsn IS NOT NULL")) {
    std::int64_t lag = 0;
    std::from_chars(row.at(1).data(), row.at(1).data() + row.at(1).size(), lag);
    lags.emplace_back(row.at(0), lag);
  }
  return lags;
} catch (std::exception const&) {
  return {};  // It has just stopped.
}

}  // namespace

Group::Group(Parts parts)
    : parts_(std::move(parts)),
      looking_(parts_.time.add({.next = [this] { return next_look(); },
                                .run = [this] { look(); },
                                .failed = [this](std::exception const& error) { parts_.log(error.what()); },
                                .pause = Duration::zero(),
                                .looks_outside = true})),
      building_(parts_.time.add({.next = [this] { return next_build(); },
                                 .run = [this] { build(); },
                                 .failed = [this](std::exception const& error) { parts_.log(error.what()); },
                                 .pause = Duration::zero(),
                                 .looks_outside = true})) {
  parts_.branch->watch([this] { poke(); });
}

Group::~Group() {
  halt();
}

bool Group::is_down(Compute const& compute) {
  return compute.status().state == ComputeState::idle;
}

void Group::poke() {
  {
    std::lock_guard lock{mutex_};
    news_ = true;
  }
  changed_.notify_all();
  parts_.time.poke();
}

void Group::configure(ComputeSettings const& settings) {
  {
    std::lock_guard one_at_a_time{working_};
    bool const same =
        settings.pg_settings == settings_.pg_settings && settings.max_connections == settings_.max_connections;
    auto const wanted = settings.disabled ? 0 : static_cast<std::size_t>(settings.standbys);
    {
      std::lock_guard lock{mutex_};
      wanted_ = same ? wanted : 0;
    }
    // A standby must not have less than its primary, and the primary might have to start anew.
    drop_down_to(same ? wanted : 0);
    primary()->configure(settings);
    for (auto const& standby : standbys()) standby->configure(settings);
    std::lock_guard lock{mutex_};
    settings_ = settings;
    wanted_ = wanted;
  }
  poke();
}

void Group::await_all() {
  {
    std::lock_guard lock{mutex_};
    if (wanted_ == 0) return;
  }
  parts_.branch->primary().with([](std::shared_ptr<Compute> const& primary) { primary->ensure_running(); });
  poke();
  auto const limit = std::chrono::steady_clock::now() + all_limit;
  while (lacks_standby() && std::chrono::steady_clock::now() < limit) {
    Lock lock{mutex_};
    if (halted_) return;
    changed_.wait_for(lock, 100ms);
  }
}

void Group::suspend(char const* reason) {
  std::lock_guard one_at_a_time{working_};
  {
    std::lock_guard lock{mutex_};
    sleeps_ = true;
  }
  drop_down_to(0);
  primary()->suspend(reason);
}

void Group::without_standbys(std::function<void()> const& work) {
  {
    std::lock_guard one_at_a_time{working_};
    drop_down_to(0);
    work();
    outdate();
  }
  poke();
}

std::vector<ComputeMember> Group::members() const {
  auto const serving = primary();
  auto const lag_of = lags(*serving);
  std::lock_guard lock{mutex_};
  std::vector<ComputeMember> all = {{primary_number_, false, serving->status()}};
  for (auto const& member : members_) {
    ComputeMember shown{member.of.number, true, member.of.compute->status()};
    for (auto const& [name, lag] : lag_of) {
      if (name == member.of.name) shown.lag = lag;
    }
    all.push_back(shown);
  }
  return all;
}

bool Group::lacks_standby() const {
  std::lock_guard lock{mutex_};
  auto const good =
      std::count_if(members_.begin(), members_.end(), [](Member const& member) { return member.confirms; });
  return wanted_ > 0 && (!may_lose_primary_ || static_cast<std::size_t>(good) < wanted_);
}

std::vector<std::shared_ptr<Compute>> Group::standbys() const {
  std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<Compute>> all;
  for (auto const& member : members_) all.push_back(member.of.compute);
  return all;
}

bool Group::is_standby(Compute const& compute) const {
  std::lock_guard lock{mutex_};
  return std::any_of(members_.begin(), members_.end(),
                     [&](Member const& member) { return member.of.compute.get() == &compute; });
}

std::shared_ptr<Compute> Group::next_reader() {
  auto const limit = std::chrono::steady_clock::now() + reader_limit;
  bool woken = false;
  for (;;) {
    {
      Lock lock{mutex_};
      for (std::size_t tried = 0; tried < members_.size(); ++tried) {
        auto const& member = members_[turn_++ % members_.size()];
        if (!is_down(*member.of.compute)) return member.of.compute;
      }
      if (halted_ || wanted_ == 0) throw DataPlaneError("the endpoint has no readable standbys any more", "57P01");
      if (std::chrono::steady_clock::now() >= limit)
        throw DataPlaneError("no standby is ready to be read from", "57P03");
      if (woken) changed_.wait_for(lock, 100ms);
    }
    if (!std::exchange(woken, true)) {
      parts_.branch->primary().with([](std::shared_ptr<Compute> const& primary) { primary->ensure_running(); });
    }
  }
}

std::optional<TimePoint> Group::next_look() {
  std::lock_guard lock{mutex_};
  if (halted_) return std::nullopt;
  if (news_) return parts_.time.now();
  if (wanted_ == 0) return std::nullopt;
  return next_look_;
}

void Group::look() {
  {
    std::lock_guard lock{mutex_};
    news_ = false;
  }
  {
    std::lock_guard one_at_a_time{working_};
    {
      std::lock_guard lock{mutex_};
      if (halted_) return;
    }
    drop_failed();
    if (primary()->waits_for_successor()) {
      succeed("the primary has died");
    } else if (is_down(*primary()) && is_awake()) {
      restart(*primary());  // It has died when no standby could be relied on.
    }
    auto const serving = primary();
    for (auto const& standby : standbys()) standby->refresh();
    if (serving->running()) {
      {
        std::lock_guard lock{mutex_};
        sleeps_ = false;
      }
      try {
        synchronise(*serving);
      } catch (DataPlaneError const& error) {
        parts_.log(fmt::format("branch {}: {}", parts_.branch->uid(), error.what()));  // It has just stopped.
      }
    }
  }
  bool const lacks = lacks_standby();
  {
    std::lock_guard lock{mutex_};
    next_look_ = parts_.time.now() + (lacks && !members_.empty() ? soon_again : later_again);
  }
  changed_.notify_all();
}

bool Group::is_awake() const {
  std::lock_guard lock{mutex_};
  return wanted_ > 0 && !sleeps_;
}

std::optional<TimePoint> Group::next_build() {
  std::lock_guard lock{mutex_};
  if (halted_) return std::nullopt;
  bool const has_work = members_.size() < wanted_ && !sleeps_;
  if (!leaving_.empty() || !former_.empty() || has_work) return retry_at_;
  return std::nullopt;
}

void Group::build() {
  try {
    clear_away();
    while (build_one()) {
    }
  } catch (std::exception const& error) {
    parts_.log(fmt::format("branch {}: a standby could not be made: {}", parts_.branch->uid(), error.what()));
    std::lock_guard lock{mutex_};
    retry_at_ = parts_.time.now() + build_again_pause;
  }
  poke();
}

/// @return whether there may be more to do
bool Group::build_one() {
  ComputeSettings settings;
  std::uint64_t era = 0;
  int number = 0;
  {
    std::lock_guard lock{mutex_};
    if (halted_ || sleeps_ || members_.size() >= wanted_) return false;
    settings = settings_;
    era = era_;
    number = ++last_number_;
  }
  // It may have died when no standby could take its place.
  parts_.branch->primary().with([](std::shared_ptr<Compute> const& primary) { primary->ensure_running(); });
  auto const member = parts_.branch->make_member(number);
  {
    std::lock_guard lock{mutex_};
    if (era != era_) return true;
    unready_ = member.compute;
  }
  try {
    member.compute->configure(settings);
    member.compute->ensure_running();
  } catch (...) {
    bool const is_outdated = forget_unready(era);
    discard(member.compute);
    if (is_outdated) return true;
    throw;
  }
  forget_unready(era);
  if (!add(member, era)) discard(member.compute);
  poke();
  return true;
}

/// @return whether it was of an earlier era
bool Group::forget_unready(std::uint64_t era) {
  std::lock_guard lock{mutex_};
  unready_.reset();
  return era != era_;
}

/// A copy that is being made is of no use any more, and would wait in vain for the log that it lacks.
void Group::outdate() {
  std::shared_ptr<Compute> unready;
  {
    std::lock_guard lock{mutex_};
    ++era_;
    unready.swap(unready_);
  }
  if (unready) unready->begin_closing();
}

bool Group::add(Branch::Member const& member, std::uint64_t era) {
  std::lock_guard one_at_a_time{working_};
  std::lock_guard lock{mutex_};
  if (era != era_ || halted_ || members_.size() >= wanted_) return false;
  members_.push_back({member});
  return true;
}

void Group::discard(std::shared_ptr<Compute> const& compute) {
  compute->begin_closing();
  compute->finish_closing();
  compute->remove_data();
}

void Group::clear_away() {
  std::vector<std::shared_ptr<Compute>> leaving;
  std::vector<std::shared_ptr<Compute>> former;
  {
    std::lock_guard lock{mutex_};
    leaving.swap(leaving_);
    former.swap(former_);
  }
  for (auto const& compute : leaving) discard(compute);
  for (auto const& compute : former) compute->finish_closing();
  if (former.empty()) return;
  parts_.branch->finish_install();
  parts_.on_succession();
}

void Group::halt() {
  {
    std::lock_guard lock{mutex_};
    halted_ = true;
  }
  changed_.notify_all();
  parts_.branch->watch(nullptr);
  looking_.remove();
  building_.remove();
}

void Group::close() {
  halt();
  std::lock_guard one_at_a_time{working_};
  drop_down_to(0);
  clear_away();
}

}  // namespace lakebase::emulator
