#include "system/thread_group_posix.hpp"

#include <cstddef>
#include <system_error>

#include "common/all_signals_blocked_posix.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t stack_size = 1U << 20U;

}  // namespace

void* ThreadGroup::run(void* thread) {
  auto& self = *static_cast<Thread*>(thread);
  self.work();
  self.work = nullptr;
  self.ended.store(true, std::memory_order_release);
  return nullptr;
}

void ThreadGroup::start(std::function<void()> work) {
  std::lock_guard lock{mutex_};
  Thread& thread = threads_.emplace_back();
  thread.work = std::move(work);
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, stack_size);
  int error = 0;
  {
    AllSignalsBlocked blocked;
    error = ::pthread_create(&thread.handle, &attributes, &ThreadGroup::run, &thread);
  }
  ::pthread_attr_destroy(&attributes);
  if (error != 0) {
    threads_.pop_back();
    throw std::system_error(error, std::generic_category(), "cannot start a thread");
  }
}

void ThreadGroup::reap() {
  std::lock_guard lock{mutex_};
  threads_.remove_if([](Thread& thread) {
    if (!thread.ended.load(std::memory_order_acquire)) return false;
    ::pthread_join(thread.handle, nullptr);
    return true;
  });
}

void ThreadGroup::join_all() {
  // Joins without the lock, because threads may start others meanwhile.
  for (;;) {
    std::list<Thread> ending;
    {
      std::lock_guard lock{mutex_};
      ending.splice(ending.end(), threads_);
    }
    if (ending.empty()) return;
    for (Thread& thread : ending) ::pthread_join(thread.handle, nullptr);
  }
}

}  // namespace lakebase::emulator
