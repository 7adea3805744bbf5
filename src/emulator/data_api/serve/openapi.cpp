#include <fmt/format.h>

#include "data_api/serve/api.hpp"

namespace lakebase::emulator::data_api {
namespace {

Json property_of(Column const& column) {
  std::string_view const type = column.type;
  Json property{{"format", column.type}};
  if (type == "boolean") {
    property["type"] = "boolean";
  } else if (type == "smallint" || type == "integer" || type == "bigint") {
    property["type"] = "integer";
  } else if (type == "real" || type == "double precision" || type.starts_with("numeric")) {
    property["type"] = "number";
  } else if (type.ends_with("[]")) {
    property["type"] = "array";
    property["items"] = Json{{"type", "string"}};
  } else if (type != "json" && type != "jsonb") {
    property["type"] = "string";
  }
  if (!column.default_value.empty()) property["default"] = column.default_value;
  return property;
}

Json definition_of(Table const& table) {
  Json definition{{"type", "object"}, {"properties", Json::object()}};
  for (auto const& column : table.columns) {
    definition["properties"][column.name] = property_of(column);
    if (!column.nullable) definition["required"].push_back(column.name);
  }
  return definition;
}

Json operation(char const* tag, char const* status, char const* description) {
  return Json{{"tags", Json::array({tag})}, {"responses", Json{{status, Json{{"description", description}}}}}};
}

}  // namespace

Json openapi_document(Catalog const& catalog, std::string const& schema, std::string const& base_path) {
  Json document{{"swagger", "2.0"},
                {"info", Json{{"title", fmt::format("Data API of the schema {}", schema)}, {"version", "1"}}},
                {"basePath", base_path},
                {"schemes", Json::array({"http"})},
                {"consumes", Json::array({"application/json", "text/csv"})},
                {"produces", Json::array({"application/json", "application/vnd.pgrst.object+json", "text/csv"})},
                {"paths", Json::object()},
                {"definitions", Json::object()}};
  for (auto const& table : catalog.tables) {
    if (table.schema != schema) continue;
    document["definitions"][table.name] = definition_of(table);
    auto& path = document["paths"]["/" + table.name];
    path["get"] = operation(table.name.c_str(), "200", "OK");
    if (table.is_view) continue;
    path["post"] = operation(table.name.c_str(), "201", "Created");
    path["patch"] = operation(table.name.c_str(), "204", "No Content");
    path["delete"] = operation(table.name.c_str(), "204", "No Content");
  }
  for (auto const& function : catalog.functions) {
    if (function.schema != schema) continue;
    auto& path = document["paths"]["/rpc/" + function.name];
    path["post"] = operation("rpc", "200", "OK");
    if (function.is_stable) path["get"] = operation("rpc", "200", "OK");
  }
  return document;
}

}  // namespace lakebase::emulator::data_api
