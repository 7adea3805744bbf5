#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "mcp/protocol/json/json.hpp"

namespace lakebase::mcp {

/// Modern: each request says all there is to know. Legacy: `initialize` opens a session.
enum class Era { modern, legacy };

inline constexpr std::array<std::string_view, 1> modern_versions{"2026-07-28"};
/// The newest first.
inline constexpr std::array<std::string_view, 4> legacy_versions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                                 "2024-11-05"};

inline constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";

/// Severities of log messages, the least first; its place in the list. @throws ProtocolError if there is none of that
/// name
[[nodiscard]] int log_level_of(Json const& name);

/// Who sent a request, and what can be asked of it.
struct Client {
  Era era = Era::modern;
  std::string version{};
  Json capabilities = Json::object();
  /// The least severity of the log messages that it wants; none: it wants none.
  std::optional<int> log_level{};
  /// Who it is, as the transport knows: state that is sealed for one is of no use to another.
  std::string principal{};
};

/// What it takes of a client to be sent this request (`sampling/createMessage`, `elicitation/create`, `roots/list`).
[[nodiscard]] Json capability_for(std::string const& method);
[[nodiscard]] bool can_ask(Client const& client, std::string const& method);

/// The era that a message belongs to. @param header the header MCP-Protocol-Version, empty if there is none
[[nodiscard]] Era era_of(Json const& message, std::string_view header);

}  // namespace lakebase::mcp
