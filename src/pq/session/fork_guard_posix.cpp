#include "pq/session/fork_guard_posix.hpp"

#include <cstddef>

#include <sys/mman.h>
#include <unistd.h>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

ForkGuard::ForkGuard() : pid_(::getpid()) {
#if defined(MADV_WIPEONFORK)
  auto const size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  if (::madvise(page, size, MADV_WIPEONFORK) != 0) {
    ::munmap(page, size);
    return;
  }
  page_ = static_cast<int volatile*>(page);
  *page_ = 1;
#endif
}

ForkGuard::~ForkGuard() {
  if (page_ != nullptr) ::munmap(const_cast<int*>(page_), static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
}

bool ForkGuard::same_process() const noexcept {
  return page_ != nullptr ? *page_ == 1 : ::getpid() == pid_;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
