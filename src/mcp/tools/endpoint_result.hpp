#pragma once

#include <optional>
#include <string>

#include "mcp/tools/workspace.hpp"

namespace lakebase::mcp {

/// An endpoint, as tools show it.
struct EndpointResult {
  std::optional<std::string> name{};
  std::optional<std::string> state{};
  std::optional<std::string> endpoint_type{};
  std::optional<double> min_cu{};
  std::optional<double> max_cu{};
  std::optional<std::string> host{};

  template <class Field>
  static void describe(Field&& field) {
    field("name", &EndpointResult::name);
    field("state", &EndpointResult::state);
    field("endpoint_type", &EndpointResult::endpoint_type);
    field("min_cu", &EndpointResult::min_cu);
    field("max_cu", &EndpointResult::max_cu);
    field("host", &EndpointResult::host);
  }
};

inline EndpointResult shown(postgres::Endpoint const& endpoint) {
  EndpointResult result;
  result.name = endpoint.name;
  if (!endpoint.status) return result;
  auto const& status = *endpoint.status;
  result.state = word(status.current_state);
  result.endpoint_type = word(status.endpoint_type);
  result.min_cu = status.autoscaling_limit_min_cu;
  result.max_cu = status.autoscaling_limit_max_cu;
  if (status.hosts) result.host = status.hosts->host;
  return result;
}

}  // namespace lakebase::mcp
