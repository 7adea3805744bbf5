#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Where a reader is in a document: a member or an element of its parent. Lives on the stack, and costs nothing until
/// an error needs its text.
struct JsonPath {
  JsonPath const* parent = nullptr;
  std::string_view key{};
  std::size_t index = no_index;

  static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

  /// `projects[3].spec.ttl`; empty for the root.
  std::string text() const {
    if (parent == nullptr) return {};
    auto const above = parent->text();
    if (index != no_index) return above + '[' + std::to_string(index) + ']';
    return above.empty() ? std::string{key} : above + '.' + std::string{key};
  }
};

/// @throws ParseError saying what was expected at `path`
[[noreturn]] void throw_wrong_type(JsonPath const& path, std::string_view wanted, std::string_view found);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
