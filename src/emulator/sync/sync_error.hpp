#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace lakebase::emulator {

/// Rows cannot be copied before the user has changed something; the message says what.
class SyncError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The emulator stops: what was begun is left to its next start.
class SyncStopped : public std::runtime_error {
 public:
  SyncStopped() : std::runtime_error("the emulator stops") {}
};

}  // namespace lakebase::emulator
