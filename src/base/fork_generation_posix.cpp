#include <pthread.h>

#include <atomic>
#include <mutex>

#include "base/per_process.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// 0: forks are not counted yet.
constinit std::atomic<unsigned> generation{0};
constinit std::once_flag counts_forks;

void count_fork() {
  generation.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

unsigned fork_generation() noexcept {
  if (auto const known = generation.load(std::memory_order_relaxed); known != 0) return known;
  std::call_once(counts_forks, [] {
    pthread_atfork(nullptr, nullptr, count_fork);  // glibc drops the handler when the library is unloaded
    generation.store(1, std::memory_order_relaxed);
  });
  return generation.load(std::memory_order_relaxed);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
