#include "pq/pool/core.hpp"

#include <algorithm>
#include <utility>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

namespace {

using lakebase::detail::after;

}  // namespace

bool PoolCore::start_opening(Moment now, bool first_in_line) noexcept {
  if ((!waiters.empty() && !first_in_line) || !growth.may_open(now)) return false;
  growth.start();
  return true;
}

void PoolCore::join(Waiter& waiter, Moment now, bool first_in_line) noexcept {
  if (first_in_line) {  // it was served already, but in vain, and must not be overtaken
    waiters.join_first(waiter);
  } else {
    waiter.patient_until = std::min(after(now, patience), after(waiter.deadline, -patience));
    waiters.join_last(waiter);
  }
  // A pause may just have ended for those ahead: they are served here, even before they wake up.
  permit_openings(now);
}

void PoolCore::leave(Waiter& waiter, Moment now) noexcept {
  waiters.leave(waiter);
  serve(now);
}

bool PoolCore::give(PooledPointer connection, Moment now) noexcept {
  bool const may_be_fetched = now - connection->lent_at < brief_lease && waiters.first_is_patient(now);
  bool const handed_over = !may_be_fetched && waiters.hand_over(connection, now);
  if (!handed_over) idle.put(std::move(connection));
  // Also if there is a new first one, which was not called yet for what is idle.
  if (!idle.empty()) waiters.call_first_to_look();
  return !handed_over;
}

void PoolCore::closed_some(int count, Moment now) noexcept {
  growth.closed(count);
  serve(now);
}

void PoolCore::opened(Moment now) noexcept {
  growth.opened();
  serve(now);
}

void PoolCore::crowded(Moment now) noexcept {
  growth.crowded(now);
  serve(now);
  waiters.wake_all();
}

void PoolCore::failed(Moment now, std::exception_ptr const& for_all) noexcept {
  growth.failed();
  if (for_all) waiters.fail_all(for_all);
  serve(now);
}

void PoolCore::serve(Moment now) noexcept {
  while (!waiters.empty() && !idle.empty()) {
    auto connection = idle.take(now).connection;  // however old: a moment ago it was still worth keeping
    if (!waiters.hand_over(connection, now)) idle.put(std::move(connection));
  }
  permit_openings(now);
}

void PoolCore::permit_openings(Moment now) noexcept {
  while (growth.may_open(now) && waiters.permit_to_open(now)) growth.start();
}

std::vector<PooledPointer> PoolCore::close(std::exception_ptr const& error) {
  closed = true;
  waiters.fail_all(error);
  return idle.take_all();
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
