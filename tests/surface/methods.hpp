#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include <lakebase/postgres_client.hpp>

namespace lakebase::tests {

/// Calls the method of that name with its required arguments, waits for the operation or walks the list that it
/// returns, and gives the JSON of the result: of a model, of all items of a list; nothing where there is none. Null
/// where there is no such method.
std::function<std::string(PostgresClient const&)> settled_call(std::string const& method);

/// The JSON of a model of that name with every member set.
nlohmann::ordered_json const& filled_model(std::string const& name);

}  // namespace lakebase::tests
