#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace lakebase::cli {

/// While it lives, Ctrl-C asks a stop token instead of ending the process. One at a time, made while there is one
/// thread.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(Interrupt const&) = delete;
  Interrupt& operator=(Interrupt const&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::atomic<bool> over_{false};
  bool is_ignored_ = false;  // as for a program in the background of a script
  std::thread waiting_;
};

/// What a shell sees of a program that Ctrl-C has ended.
inline constexpr int interrupted_status = 130;

}  // namespace lakebase::cli
