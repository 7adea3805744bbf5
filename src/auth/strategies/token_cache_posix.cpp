#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "auth/strategies/token_cache.hpp"
#include "base/file_descriptor_posix.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    auto const size = ::write(file, text.data(), text.size());
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

bool write_private_file(std::string const& path, std::string const& text) {
  // One writer at a time; the lock file stays, because removing it would let two in.
  FileDescriptor const lock{open((path + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (lock.get() < 0) return false;
  flock(lock.get(), LOCK_EX);
  auto const fresh = path + ".new";
  ::unlink(fresh.c_str());
  FileDescriptor file{open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600)};
  bool const written = file.get() >= 0 && write_all(file.get(), text);
  file.close();
  if (written && std::rename(fresh.c_str(), path.c_str()) == 0) return true;
  ::unlink(fresh.c_str());
  return false;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
