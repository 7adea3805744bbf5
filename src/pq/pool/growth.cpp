#include "pq/pool/growth.hpp"

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

bool Growth::may_open(Moment now) const noexcept {
  if (open_ >= max_size_ || (!awake_ && opening_ > 0)) return false;
  // A pool without open connections has nothing to wait for.
  return open_ == 0 || now >= paused_until_;
}

void Growth::start() noexcept {
  ++open_;
  ++opening_;
}

void Growth::opened() noexcept {
  --opening_;
  awake_ = true;
}

void Growth::failed() noexcept {
  --opening_;
  --open_;
  awake_ = false;
}

void Growth::crowded(Moment now) noexcept {
  --opening_;
  --open_;
  paused_until_ = lakebase::detail::after(now, crowd_pause);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
