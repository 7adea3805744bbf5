#pragma once

#include <csignal>

// What belongs to a thread and not to an object: its signals.

namespace lakebase::inline v0::detail {

#if defined(_WIN32)

class SigpipeBlock {};

#else

/// Keeps SIGPIPE from the calling thread: OpenSSL writes to sockets without MSG_NOSIGNAL, and the disposition of the
/// signal is the program's to choose.
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

}  // namespace lakebase::inline v0::detail
