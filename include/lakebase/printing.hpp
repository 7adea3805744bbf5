#pragma once

#include <string>

#include <lakebase/error.hpp>
#include <lakebase/export.hpp>
#include <lakebase/json.hpp>

// What <lakebase/ostream.hpp> and <lakebase/fmt.hpp> print.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The text with `***` in place of what is secret.
LAKEBASE_EXPORT std::string without_secrets(std::string const& json);
/// What stands for a value that cannot be written, and why.
LAKEBASE_EXPORT std::string unprintable(Error const& error);

/// As `to_json` writes it, without secrets. For people: it also prints what no JSON can be made of.
template <HasJson T>
std::string printed(T const& value) {
  try {
    return without_secrets(to_json(value));
  } catch (ParseError const& error) {
    return unprintable(error);
  }
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
