#include "mcp/protocol/era/era.hpp"

#include <algorithm>

#include "mcp/protocol/message/protocol_error.hpp"

namespace lakebase::mcp {

int log_level_of(Json const& name) {
  static constexpr std::array<std::string_view, 8> names{"debug", "info",     "notice", "warning",
                                                         "error", "critical", "alert",  "emergency"};
  auto const found = name.is_string() ? std::find(names.begin(), names.end(), name.get<std::string>()) : names.end();
  if (found == names.end()) throw ProtocolError(Code::invalid_params, "There is no such level of log messages.");
  return static_cast<int>(found - names.begin());
}

Json capability_for(std::string const& method) {
  return {{method.substr(0, method.find('/')), Json::object()}};
}

bool can_ask(Client const& client, std::string const& method) {
  auto const needed = capability_for(method);
  auto const& declared = member(client.capabilities, needed.begin().key());
  if (!declared.is_object()) return false;
  // Forms are meant where no mode is named.
  return method != "elicitation/create" || declared.empty() || declared.contains("form") || !declared.contains("url");
}

Era era_of(Json const& message, std::string_view header) {
  auto const& meta = member(member(message, "params"), "_meta");
  if (meta.is_object() && meta.contains(std::string{version_key})) return Era::modern;
  // Versions are dates, which compare as text. `initialize` is what a client of either era opens an older session with.
  bool const is_date = header.size() == 10 && header.find_first_not_of("0123456789-") == std::string_view::npos;
  return is_date && header >= modern_versions.front() ? Era::modern : Era::legacy;
}

}  // namespace lakebase::mcp
