#pragma once

// Models, `Enum` and its enumerators, `Timestamp`, `Duration`, `FieldMask` and `JsonText` on streams, as `to_json`
// writes them, with `***` in place of tokens and passwords; names of resources as they are. GoogleTest prints by it,
// too: include it in all sources of a test program or in none, for a program has one way to print a type.
//
//   std::cout << client.get_branch(name) << '\n';   // {"name":"projects/p/branches/b","status":{…}}

#include <iosfwd>
#include <string>

#include <lakebase/current_user_client.hpp>
#include <lakebase/database/common.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/export.hpp>
#include <lakebase/json.hpp>
#include <lakebase/postgres/common.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/printing.hpp>

namespace lakebase {
inline namespace v0 {

namespace detail {

LAKEBASE_EXPORT std::ostream& print(std::ostream& out, std::string const& text);

}  // namespace detail

/// Prints a model, or an `Enum`, `Timestamp`, `Duration`, `FieldMask` or `JsonText`.
template <detail::HasJson T>
std::ostream& operator<<(std::ostream& out, T const& value) {
  return detail::print(out, detail::printed(value));
}

/// Prints an enumerator as its `Enum`: the wire value in quotes, which is empty for `unrecognized`.
template <detail::ApiEnum E>
std::ostream& operator<<(std::ostream& out, E value) {
  return out << Enum<E>{value};
}

// Found by the namespaces of the models.
namespace postgres {
using lakebase::operator<<;
}
namespace database {
using lakebase::operator<<;
}
namespace iam {
using lakebase::operator<<;
}

}  // namespace v0
}  // namespace lakebase
