#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Whether two quotes in a row stand for one, as in rows and ranges.
enum class Doubled : bool { no, yes };

/// Takes what is in quotes off the front of `rest`, which begins with one. It refers to `rest`, or to `unquoted` if
/// something had to be replaced. None if there is no end.
inline std::optional<std::string_view> take_quoted(std::string_view& rest, std::string& unquoted, Doubled doubled) {
  auto end = rest.find_first_of("\"\\", 1);
  auto const ends_at = [&](std::size_t at) {
    return at != std::string_view::npos && rest[at] == '"' &&
           (doubled == Doubled::no || at + 1 >= rest.size() || rest[at + 1] != '"');
  };
  if (ends_at(end)) {
    auto const inside = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return inside;
  }
  unquoted.clear();
  for (std::size_t from = 1; end != std::string_view::npos; end = rest.find_first_of("\"\\", from)) {
    unquoted += rest.substr(from, end - from);
    if (ends_at(end)) {
      rest.remove_prefix(end + 1);
      return unquoted;
    }
    if (end + 1 >= rest.size()) return std::nullopt;
    unquoted += rest[end + 1];
    from = end + 2;
  }
  return std::nullopt;
}

/// What arrays, rows and ranges put in quotes wherever it stands in a value; their own brackets come to it.
constexpr bool needs_quotes(char letter) noexcept {
  return letter == ',' || letter == '"' || letter == '\\' || letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/// Puts the text from `begin` on in quotes, and a backslash before quotes and backslashes.
inline void put_in_quotes(std::string& text, std::size_t begin) {
  std::string quoted;
  quoted.reserve(text.size() - begin + 2);
  quoted += '"';
  for (char const letter : std::string_view{text}.substr(begin)) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  quoted += '"';
  text.replace(begin, std::string::npos, quoted);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
