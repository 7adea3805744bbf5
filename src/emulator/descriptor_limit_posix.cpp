#include "descriptor_limit_posix.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace lakebase::emulator {

void raise_descriptor_limit() {
  constexpr rlim_t enough = 65536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, enough));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace lakebase::emulator
