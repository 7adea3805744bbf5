#pragma once

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Tells whether this process is the one that made the guard: a forked child must not use its parent's connections.
class ForkGuard {
 public:
  ForkGuard();
  ~ForkGuard();
  ForkGuard(ForkGuard const&) = delete;
  ForkGuard& operator=(ForkGuard const&) = delete;

  bool same_process() const noexcept;

 private:
  // A page that the kernel clears in a child, which costs no system call to look at; null where there is no such thing.
  int volatile* page_ = nullptr;
  long pid_;
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
