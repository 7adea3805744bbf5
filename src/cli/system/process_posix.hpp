#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace lakebase::cli {

/// Variables that a program finds beside those of this one; none: it does not find it.
using Variables = std::map<std::string, std::optional<std::string>>;

/// Changes the environment of this process and of the programs that it starts from here on: takes out the variables
/// that `is_unwanted`, and sets others. To be called while there is one thread.
void change_environment(bool (*is_unwanted)(std::string_view name), Variables const& variables);

/// Runs a program to its end, on this one's input and output, and returns its exit status; 128 and more for a signal,
/// as in a shell. `errors`, if given, receives a copy of what it writes to standard error. Ctrl-C is for the program
/// alone.
/// @throws Failure if it cannot be started
int run(std::vector<std::string> command, Variables const& variables, std::string* errors = nullptr);

/// How a program has ended: its exit status, as `run` gives it, and the end of what it wrote to standard error.
struct Ended {
  int status = 0;
  std::string errors{};
};

/// Runs a program without input to its end, or until it is ended by a stop request, and keeps what it prints in `out`.
/// @throws Failure if it cannot be started
Ended capture(std::vector<std::string> command, Variables const& variables, std::string& out,
              std::stop_token const& stop);

/// A program that runs beside this one, in a group of processes of its own: Ctrl-C does not reach it. It has to be
/// waited for.
class Program {
 public:
  /// Starts it with these descriptors as its standard input and output; -1: there is nothing to read, and what is
  /// written is dropped. What it writes to standard error is kept.
  /// @throws Failure if it cannot be started
  Program(std::vector<std::string> command, Variables const& variables, int in, int out);
  ~Program();
  Program(Program const&) = delete;
  Program& operator=(Program const&) = delete;

  /// Asks it to end, from whatever thread.
  void end();
  /// Waits for its end.
  Ended wait();

 private:
  std::mutex mutex_{};
  int process_ = 0;  ///< 0: it has ended
  Ended ended_{};
  std::thread reading_{};
};

/// Both ends of a pipe, which programs that are started do not inherit.
class Channel {
 public:
  Channel();
  ~Channel();
  Channel(Channel const&) = delete;
  Channel& operator=(Channel const&) = delete;

  [[nodiscard]] int reading() const { return ends_[0]; }
  [[nodiscard]] int writing() const { return ends_[1]; }
  void close_reading() { close(0); }
  void close_writing() { close(1); }
  /// The reading end, whose owner the caller is now.
  [[nodiscard]] int release_reading() { return std::exchange(ends_[0], -1); }

 private:
  void close(std::size_t end);

  std::array<int, 2> ends_{-1, -1};
};

/// Continues as another program.
/// @throws Failure if it cannot be started, with the status that a shell has then
[[noreturn]] void become(std::vector<std::string> command, Variables const& variables);

}  // namespace lakebase::cli
