#pragma once

// Models, values and names of resources for {fmt}, as <lakebase/ostream.hpp> prints them; takes the format
// specification of a string:
//
//   fmt::print("{}\n", client.get_branch(name));
//
// Not included by <lakebase/lakebase.hpp>, which knows no formatting library.

#include <concepts>
#include <string_view>

#include <fmt/format.h>

#include <lakebase/enum.hpp>
#include <lakebase/json.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/printing.hpp>

/// Formats models, and `Enum`, `Timestamp`, `Duration`, `FieldMask` and `JsonText`. Secrets are `***`.
template <lakebase::detail::HasJson T>
struct fmt::formatter<T, char> : fmt::formatter<std::string_view> {
  /// Writes the JSON text.
  template <class Context>
  auto format(T const& value, Context& context) const {
    return fmt::formatter<std::string_view>::format(lakebase::detail::printed(value), context);
  }
};

/// Formats enumerators of the API as their `Enum`.
template <lakebase::detail::ApiEnum E>
struct fmt::formatter<E, char> : fmt::formatter<lakebase::Enum<E>> {};

/// Formats names of resources.
template <std::derived_from<lakebase::postgres::ResourceName> T>
struct fmt::formatter<T, char> : fmt::formatter<std::string_view> {
  /// Writes the whole name.
  template <class Context>
  auto format(T const& name, Context& context) const {
    return fmt::formatter<std::string_view>::format(name.to_string(), context);
  }
};
