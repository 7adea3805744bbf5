#include "pq/pool/waiters.hpp"

#include <utility>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

void Waiters::insert(Waiter& waiter, Waiter* before, Waiter* behind) noexcept {
  waiter.before = before;
  waiter.behind = behind;
  (before != nullptr ? before->behind : first_) = &waiter;
  (behind != nullptr ? behind->before : last_) = &waiter;
  ++size_;
}

void Waiters::leave(Waiter& waiter) noexcept {
  (waiter.before != nullptr ? waiter.before->behind : first_) = waiter.behind;
  (waiter.behind != nullptr ? waiter.behind->before : last_) = waiter.before;
  --size_;
}

// The waiter may be destroyed as soon as the caller's lock is released.
void Waiters::call(Waiter& waiter, Waiter::Got got) noexcept {
  leave(waiter);
  waiter.got = got;
  ring_later(waiter);
}

void Waiters::ring_later(Waiter const& waiter) noexcept {
  auto const before = std::exchange(to_ring_, waiter.bell);
  if (before && before != waiter.bell) before->notify_one();
}

Waiter* Waiters::next_to_serve(Moment now) noexcept {
  while (first_ != nullptr) {
    if (now >= first_->deadline) {
      call(*first_, Waiter::Got::timeout);
    } else if (first_->stop.stop_requested()) {
      call(*first_, Waiter::Got::stop);
    } else {
      return first_;
    }
  }
  return nullptr;
}

void Waiters::call_first_to_look() noexcept {
  if (first_ == nullptr || first_->is_to_look) return;
  first_->is_to_look = true;
  ring_later(*first_);
}

bool Waiters::hand_over(PooledPointer& connection, Moment now) noexcept {
  auto* const waiter = next_to_serve(now);
  if (waiter == nullptr) return false;
  waiter->connection = std::move(connection);
  call(*waiter, Waiter::Got::connection);
  return true;
}

bool Waiters::permit_to_open(Moment now) noexcept {
  auto* const waiter = next_to_serve(now);
  if (waiter == nullptr) return false;
  call(*waiter, Waiter::Got::permission_to_open);
  return true;
}

void Waiters::wake_all() noexcept {
  for (auto* waiter = first_; waiter != nullptr; waiter = waiter->behind) ring_later(*waiter);
}

void Waiters::fail_all(std::exception_ptr const& error) noexcept {
  while (first_ != nullptr) {
    first_->error = error;
    call(*first_, Waiter::Got::error);
  }
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
