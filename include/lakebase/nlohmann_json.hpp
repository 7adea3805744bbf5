#pragma once

// Models as nlohmann::json, for programs that work with that library anyway:
//
//   nlohmann::json document = branch;
//   auto branch = document.get<lakebase::postgres::Branch>();
//
// Not included by <lakebase/lakebase.hpp>, which knows no JSON library. Conversions go through text, so any version of
// nlohmann_json will do.

#include <nlohmann/json.hpp>

#include <lakebase/json.hpp>

/// Converts models, and `Duration`, `Timestamp`, `FieldMask`, `Enum` and `JsonText`, as the API writes them.
template <lakebase::detail::HasJson T>
struct nlohmann::adl_serializer<T, void> {
  /// @throws lakebase::ParseError if `lakebase::to_json` does
  template <class Json>
  static void to_json(Json& json, T const& value) {
    json = Json::parse(lakebase::to_json(value));
  }

  /// @throws lakebase::ParseError for a member of another type; it carries the JSON path
  template <class Json>
  static void from_json(Json const& json, T& value) {
    value = lakebase::from_json<T>(json.dump());
  }
};
