#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

// Programs that tokens come from: the CLIs of Databricks and Azure. The implementation is in run_program_posix.cpp.

namespace lakebase {
inline namespace v0 {
namespace detail {

struct ProgramResult {
  enum class Ending { exited, not_started, timed_out, stopped };
  Ending ending = Ending::exited;
  int exit_code = 0;
  std::string output{};
  std::string errors{};
};

/// Runs a program without a shell, with an empty standard input, and collects what it writes. Ends it and its children
/// when the time is over or `stop` is requested.
ProgramResult run_program(std::vector<std::string> const& arguments, std::chrono::nanoseconds limit,
                          std::stop_token const& stop);

/// Starts a program that goes on by itself, such as a browser: without streams, and without waiting for its end.
void start_program(std::vector<std::string> arguments);

/// Whether the file can be run.
bool is_executable(std::string const& path);

/// The first file of that name in a list of folders like `PATH`; empty if there is none.
std::string find_program(std::string const& name, std::string const& path);

/// What a failed program wrote to its error stream, on one line and shortened. Its output is left out: it is not for
/// people and may hold tokens.
std::string words_for_people(ProgramResult const& result);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
