#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/redaction.hpp"
#include "base/text/nearest.hpp"
#include "data_api/connection.hpp"

// Names of tables and columns, held against the schema's OpenAPI document.

namespace lakebase {
inline namespace v0 {
namespace data_api {
namespace detail {

namespace {

using lakebase::detail::Json;

std::vector<std::string> members_of_member(Json const& json, char const* name) {
  std::vector<std::string> names;
  auto const found = json.find(name);
  if (found == json.end() || !found->is_object()) return names;
  for (auto const& item : found->items()) names.push_back(item.key());
  return names;
}

/// What names there are, and those that are not.
class NameCheck {
 public:
  bool has(std::string_view owner, std::string_view kind, std::string const& name,
           std::vector<std::string> const& known) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return true;
    if (!unknown_.empty()) unknown_ += "; ";
    unknown_ += fmt::format("{} has no {} \"{}\"", owner, kind, lakebase::detail::one_line(name));
    auto const near = lakebase::detail::nearest(name, known);
    if (!near.empty()) unknown_ += fmt::format(" (did you mean \"{}\"?)", near);
    return false;
  }
  std::string const& unknown() const noexcept { return unknown_; }

 private:
  std::string unknown_{};
};

}  // namespace

void check_names(Connection const& connection, std::string const& schema, std::vector<TableNames> const& tables) {
  Call const root{.schema = schema, .accept = "application/openapi+json"};
  auto const document = lakebase::detail::parse_json(send(connection, root).json.text);
  auto const definitions = document.find("definitions");
  if (definitions == document.end() || !definitions->is_object()) {
    throw ParseError{"definitions", ErrorFacts{.message = fmt::format("the OpenAPI document of the schema {} has no "
                                                                      "definitions, which would be its tables",
                                                                      schema)}};
  }
  auto const known = members_of_member(document, "definitions");
  NameCheck check;
  for (auto const& [table, columns] : tables) {
    if (!check.has("the schema " + schema, "table", table, known)) continue;
    auto const known_columns = members_of_member((*definitions)[table], "properties");
    for (auto const& column : columns) check.has(table, "column", column, known_columns);
  }
  if (check.unknown().empty()) return;
  throw InvalidArgument{
      ErrorFacts{.message = check.unknown(),
                 .hint = "Check the names and the schema; after a change of it, run NOTIFY pgrst, 'reload schema'."}};
}

}  // namespace detail
}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
