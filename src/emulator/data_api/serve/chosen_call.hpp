#pragma once

#include <string>
#include <vector>

#include "data_api/plan/plan.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator::data_api {

/// A function, and what it is called with.
struct ChosenCall {
  Function const* function = nullptr;
  std::vector<BoundArgument> arguments;
};

/// The function of this name that fits the arguments of a request.
/// @throws ApiError PGRST202 if there is none, PGRST203 if there are several, PGRST102 for a body that is no JSON
ChosenCall chosen_call(Catalog const& catalog, std::string const& schema, std::string const& name,
                       HttpRequest const& request, QueryTree const& tree);

}  // namespace lakebase::emulator::data_api
