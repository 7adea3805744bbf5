#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

#if defined(_WIN32)

inline unsigned fork_generation() noexcept {
  return 0;
}

#else

/// How many forks lie between this process and the one that loaded the library. Costs one load.
LAKEBASE_EXPORT unsigned fork_generation() noexcept;

#endif

/// A value that the child of a fork makes anew, because connections, locks and work in flight belong to the parent.
/// What a child inherits is neither used nor destroyed there: that could reach the parent's peers.
template <class T>
class PerProcess {
 public:
  PerProcess() = default;
  PerProcess(PerProcess const&) = delete;
  PerProcess& operator=(PerProcess const&) = delete;
  ~PerProcess() {
    auto const* node = node_.load(std::memory_order_acquire);
    if (node != nullptr && node->generation == fork_generation()) delete node;
  }

  /// This process's value. `make` returns a `std::unique_ptr<T>`; its argument is the parent's value if this process is
  /// a child, else null.
  template <class Make>
  T& get(Make make) {
    auto* node = node_.load(std::memory_order_acquire);
    if (node != nullptr && node->generation == fork_generation()) return *node->value;
    auto* const inherited = node == nullptr ? nullptr : node->value.get();
    auto fresh = std::make_unique<Node>(Node{fork_generation(), make(inherited), node});
    if (node_.compare_exchange_strong(node, fresh.get(), std::memory_order_acq_rel)) return *fresh.release()->value;
    return *node->value;
  }

 private:
  struct Node {
    unsigned generation;
    std::unique_ptr<T> value;
    Node const* inherited;  // keeps it reachable, so that it does not count as a leak
  };

  std::atomic<Node*> node_{nullptr};
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
