#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lakebase::cli {

/// Variables that a program finds beside those of this one; none: it does not find it.
using Variables = std::map<std::string, std::optional<std::string>>;

/// Runs a program to its end, on this one's input and output, and returns its exit status; 128 and more for a signal,
/// as in a shell. `errors`, if given, receives a copy of what it writes to standard error. Ctrl-C is for the program
/// alone.
/// @throws Failure if it cannot be started
int run(std::vector<std::string> command, Variables const& variables, std::string* errors = nullptr);

/// Continues as another program.
/// @throws Failure if it cannot be started
[[noreturn]] void become(std::vector<std::string> command, Variables const& variables);

}  // namespace lakebase::cli
