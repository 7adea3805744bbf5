#include "database/names.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

bool can_name_instance(std::string_view name) noexcept {
  constexpr std::size_t longest = 63;
  return !name.empty() && name.size() <= longest &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

Segment instance_segment(std::string_view name) {
  if (can_name_instance(name)) return {name};
  bool const is_of_postgres = name.starts_with("projects/");
  throw InvalidArgument{
      ErrorFacts{.message = fmt::format("\"{}\" is not the name of an instance", one_line(shorten(name, 128))),
                 .hint = is_of_postgres ? "A project and what is in it is for w.postgres."
                                        : "The name of an instance is 1 to 63 letters, digits and hyphens."}};
}

FieldMask parse_update_mask(std::string_view text) {
  auto mask = FieldMask::parse(text);
  auto const entries = static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) + 1;
  if (mask.paths().size() == entries) return mask;
  throw InvalidArgument{ErrorFacts{
      .message = fmt::format("the update mask \"{}\" has an empty entry", one_line(shorten(text, 128))),
      .hint = "Name members, separated by commas: \"capacity,stopped\". \"*\", the default, is all of them."}};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
