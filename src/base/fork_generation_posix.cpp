#include <pthread.h>

#include <atomic>
#include <mutex>

#include "base/per_process.hpp"

namespace lakebase::inline v0::detail {

namespace {

constinit std::atomic<unsigned> generation{0};
constinit std::once_flag counts_forks;

void count_fork() {
  generation.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

unsigned fork_generation() noexcept {
  // glibc drops the handler when the library is unloaded.
  std::call_once(counts_forks, [] { pthread_atfork(nullptr, nullptr, count_fork); });
  return generation.load(std::memory_order_relaxed);
}

}  // namespace lakebase::inline v0::detail
