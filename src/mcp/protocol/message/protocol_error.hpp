#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "mcp/protocol/json/json.hpp"

namespace lakebase::mcp {

/// Codes of JSON-RPC and of the protocol.
enum class Code : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  header_mismatch = -32020,
  missing_capability = -32021,
  unsupported_version = -32022,
  legacy_resource_not_found = -32002,
};

/// What ends a request with an error of the protocol.
class ProtocolError : public std::runtime_error {
 public:
  ProtocolError(Code code, std::string const& message, Json data = nullptr)
      : std::runtime_error(message), code_(code), data_(std::move(data)) {}

  [[nodiscard]] Code code() const noexcept { return code_; }
  [[nodiscard]] Json const& data() const noexcept { return data_; }

 private:
  Code code_;
  Json data_;
};

}  // namespace lakebase::mcp
