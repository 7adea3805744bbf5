#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {

/// The fields that an update touches: `FieldMask{"spec.ttl", "spec.is_protected"}`.
///
/// Paths are the API's snake_case names from the resource down. A path that is named here but unset in the resource is
/// refused by the service; a group of alternatives (`ttl`, `expire_time`, `no_expiry`) is named by its group
/// (`spec.expiration`).
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: none but std::bad_alloc. Which paths exist, the service checks.
/// Lifetime: owns its paths; `paths()` refers to them.
class FieldMask {
 public:
  /// An empty mask.
  FieldMask() = default;
  /// Names these paths, in this order.
  LAKEBASE_EXPORT FieldMask(std::initializer_list<std::string_view> paths);
  /// Names these paths, in this order.
  explicit FieldMask(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  /// Reads the API's form, paths joined by commas. Blanks around a path and empty paths are dropped.
  [[nodiscard]] LAKEBASE_EXPORT static FieldMask parse(std::string_view text);

  /// The paths, in the order given.
  [[nodiscard]] std::vector<std::string> const& paths() const& noexcept { return paths_; }
  /// The paths of a temporary, as a list of their own.
  [[nodiscard]] std::vector<std::string> paths() && noexcept { return std::move(paths_); }
  /// Whether it is empty.
  [[nodiscard]] bool empty() const noexcept { return paths_.empty(); }

  /// The API's form.
  [[nodiscard]] LAKEBASE_EXPORT std::string to_string() const;

  friend bool operator==(FieldMask const&, FieldMask const&) = default;

 private:
  std::vector<std::string> paths_{};
};

}  // namespace v0
}  // namespace lakebase
