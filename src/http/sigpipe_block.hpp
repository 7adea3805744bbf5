#pragma once

#include <csignal>

// Signals belong to a thread, not to an object.

namespace lakebase {
inline namespace v0 {
namespace detail {

#if defined(_WIN32)

class SigpipeBlock {};

#else

/// Blocks SIGPIPE in the calling thread: OpenSSL writes to sockets without MSG_NOSIGNAL, and the disposition of the
/// signal is for the program to choose.
class SigpipeBlock {
 public:
  SigpipeBlock() noexcept;
  ~SigpipeBlock();
  SigpipeBlock(SigpipeBlock const&) = delete;
  SigpipeBlock& operator=(SigpipeBlock const&) = delete;

 private:
  sigset_t before_{};
  bool changed_ = false;
};

#endif

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
