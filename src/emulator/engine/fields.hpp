#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"

namespace lakebase::emulator {

/// Reads members of one object of a request's body. Absent and null are the same; unknown members are ignored, as by
/// the service. A wrong type is a MALFORMED_REQUEST that names the path.
///
/// Refers to the document, which must outlive it.
class Fields {
 public:
  /// `path` is the name of the object in messages: empty for the body itself.
  explicit Fields(Json const& object, std::string path = {});

  /// Whether the member is set.
  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool empty() const { return object_ == nullptr || object_->empty(); }

  /// As in protobuf, an empty string counts as not set.
  std::optional<std::string> text(std::string_view name) const;
  /// @throws ServiceError if it is not set
  std::string required_text(std::string_view name) const;
  /// One of the values, e.g. of an enum; empty if it is not set.
  std::string choice(std::string_view name, std::vector<std::string_view> const& values) const;
  /// An identifier of PostgreSQL: at most 63 bytes.
  std::string identifier(std::string_view name, std::string const& default_name) const;
  std::optional<bool> flag(std::string_view name) const;
  std::optional<double> number(std::string_view name) const;
  /// Also from a decimal string.
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::optional<Duration> duration(std::string_view name) const;
  std::optional<TimePoint> time(std::string_view name) const;
  std::map<std::string, std::string> text_map(std::string_view name) const;
  std::vector<std::string> text_list(std::string_view name) const;
  /// Elements of a list of objects.
  std::vector<Fields> list(std::string_view name) const;
  /// Empty if it is absent.
  Fields message(std::string_view name) const;

  std::string path_of(std::string_view name) const;

 private:
  Fields() = default;
  Json const* find(std::string_view name) const;

  Json const* object_ = nullptr;
  std::string path_;
};

/// Whether arrays and objects are in each other more than `levels` deep. Copying a document recurses, so that a deep
/// one could overflow the stack.
bool is_nested_deeper(std::string_view json, int levels);

/// Parses a request's body; an empty one is an empty object.
Json parse_body(std::string_view body);

}  // namespace lakebase::emulator
