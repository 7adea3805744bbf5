#include "pq/pool/idle_set.hpp"

#include <algorithm>
#include <utility>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

IdleSet::IdleSet(IdleLimits limits) : limits_(limits) {
  connections_.reserve(limits_.capacity);
}

Moment IdleSet::end_of(Idle const& idle, bool spare) const noexcept {
  if (!spare) return idle.expires;
  return std::min(idle.expires, lakebase::detail::after(idle.idle_since, limits_.idle_timeout));
}

void IdleSet::put(PooledPointer connection) noexcept {
  auto const expires = connection->expires;
  auto const idle_since = connection->idle_since;
  connections_.push_back({std::move(connection), expires, idle_since});
}

IdleSet::Taken IdleSet::take(Moment now) noexcept {
  if (connections_.empty()) return {};
  bool const expired = now >= end_of(connections_.back(), has_spare());
  Taken taken{std::move(connections_.back().connection), expired};
  connections_.pop_back();
  return taken;
}

std::vector<PooledPointer> IdleSet::take_expired(Moment now) {
  std::vector<PooledPointer> old;
  auto spare = static_cast<std::ptrdiff_t>(size()) - limits_.min_idle;
  auto const stays = [&](Idle& one) {
    bool const goes = now >= end_of(one, spare > 0);
    if (goes) {
      --spare;
      old.push_back(std::move(one.connection));
    }
    return !goes;
  };
  connections_.erase(std::stable_partition(connections_.begin(), connections_.end(), stays), connections_.end());
  return old;
}

std::vector<PooledPointer> IdleSet::take_all() {
  std::vector<PooledPointer> all;
  all.reserve(size());
  for (auto& one : connections_) all.push_back(std::move(one.connection));
  connections_.clear();  // keeps its capacity
  return all;
}

Moment IdleSet::next_expiry() const noexcept {
  auto next = Moment::max();
  for (auto const& one : connections_) next = std::min(next, end_of(one, has_spare()));
  return next;
}

Moment IdleSet::next_expiry_after_put() const noexcept {
  if (connections_.empty()) return Moment::max();
  auto const last = end_of(connections_.back(), has_spare());
  return size() == 1 ? last : std::min(last, end_of(connections_.front(), has_spare()));
}

Moment end_of_life(Moment opened, std::chrono::nanoseconds max_lifetime, double draw) noexcept {
  return lakebase::detail::after(opened, lakebase::detail::times(0.9 + 0.2 * draw, max_lifetime));
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
