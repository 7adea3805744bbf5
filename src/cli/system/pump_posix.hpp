#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "cli/system/process_posix.hpp"

namespace lakebase::cli {

/// Two programs, of which one reads what the other writes.
struct Pump {
  std::vector<std::string> from;
  Variables from_variables;
  std::vector<std::string> to;
  Variables to_variables;
  /// What `to` reads before what `from` writes, and after it if `from` has ended well.
  std::string prologue;
  std::string epilogue;
  /// Sees each piece before `to` does, and may change it.
  std::function<void(std::span<char> piece)> look;
};

struct Pumped {
  enum class Failed { neither, from, to };

  /// Which one failed, or failed first. The other one was made to end.
  Failed failed = Failed::neither;
  Ended from;
  Ended to;
  bool has_epilogue = false;
};

/// Runs both to their ends. If `from` fails, or a stop is asked for, `to` never reads an end: it is ended instead, so
/// that it does not take a part for the whole.
/// @throws Failure if one cannot be started
Pumped run(Pump const& pump, std::stop_token const& stop);

}  // namespace lakebase::cli
