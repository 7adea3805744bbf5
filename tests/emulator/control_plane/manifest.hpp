#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"

namespace lakebase::emulator::tests {

/// A member of a request's body, at whatever depth.
struct BodyPath {
  /// `spec.group.min`; an element of a list has the list's path, once more.
  std::vector<std::string> names;
  /// In the manifest's words: `str`, `List[ProjectCustomTag]`, the name of a message or an enum.
  std::string type;
  std::string text() const;
};

/// The manifest of the API that the SDK's surface is held against.
class Manifest {
 public:
  Manifest();

  Json const& methods() const { return document_.at("methods"); }
  Json const& messages() const { return document_.at("messages"); }
  bool is_enum(std::string_view type) const { return document_.at("enums").contains(std::string{type}); }
  bool is_message(std::string_view type) const { return messages().contains(std::string{type}); }
  /// Members of a message and of the messages in it, but not of what is in lists.
  std::vector<BodyPath> paths(std::string const& message) const;

 private:
  void add(std::vector<BodyPath>& paths, std::vector<std::string> const& above, std::string const& message) const;

  Json document_;
};

/// The type of the argument that is a method's body; empty if it has none.
std::string body_type(Json const& method);
/// A copy of a body with a value at a place.
Json with_value(Json body, BodyPath const& path, Json const& value);

}  // namespace lakebase::emulator::tests
