#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace lakebase::cli {

/// A line on the terminal while something is waited for: what, and for how long. It is gone when this is. Nothing is
/// shown where standard error is no terminal, or one that cannot erase a line (TERM=dumb).
class Progress {
 public:
  explicit Progress(std::string what);
  /// Asks a function for the text each time it draws, from a thread of its own.
  explicit Progress(std::function<std::string()> what);
  ~Progress();
  Progress(Progress const&) = delete;
  Progress& operator=(Progress const&) = delete;

 private:
  void draw();

  std::function<std::string()> const what_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_over_ = false;
  std::thread drawing_;
};

}  // namespace lakebase::cli
