#pragma once

#include <string_view>

namespace lakebase::emulator {

/// What the ids of a kind of resources look like.
struct IdRule {
  /// A regular expression, for messages.
  std::string_view pattern;
  bool (*fits)(std::string_view id);
};

/// 1 to 63 lower-case letters, digits and hyphens: a letter first, and no hyphen last.
bool is_usual_id(std::string_view id);
inline constexpr IdRule usual_ids{"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", is_usual_id};

/// A kind of resources. Each is a constant in the header of its resource, and is compared by its address.
struct Kind {
  /// The shape of its names, with `*` for ids: `projects/*/branches/*`. What has no id at the end is a singleton of the
  /// resource in front of it: `projects/*/branches/*/databases/*/data-api`.
  std::string_view names;
  /// `Branch` and so on, as in the service's type names.
  std::string_view type;
  /// `branch` and so on, as in the names of fields.
  std::string_view field;
  IdRule ids = usual_ids;

  constexpr bool is_singleton() const { return !names.ends_with('*'); }
};

}  // namespace lakebase::emulator
