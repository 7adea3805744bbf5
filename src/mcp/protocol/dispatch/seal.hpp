#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "mcp/protocol/json/json.hpp"

namespace lakebase::mcp {

/// State that a client keeps for the server between two requests: it can read it and cannot change it. A seal is good
/// for what it is bound to, for a time, and for as long as the process lives. Any thread may use it.
class Seal {
 public:
  using Time = std::chrono::system_clock::time_point;

  Seal();

  [[nodiscard]] std::string close(Json const& state, std::string_view bound_to, Time expires) const;
  /// None if it was altered, is bound to something else, or has expired.
  [[nodiscard]] std::optional<Json> open(std::string_view sealed, std::string_view bound_to, Time now) const;

 private:
  [[nodiscard]] std::string mark(std::string_view body, std::string_view bound_to) const;

  std::string key_;
};

}  // namespace lakebase::mcp
