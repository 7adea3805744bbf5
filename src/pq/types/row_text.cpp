#include <lakebase/pq/type_range.hpp>
#include <lakebase/pq/type_row.hpp>

#include <algorithm>

#include "pq/types/quotes.hpp"

// Rows in one value and ranges quote their parts alike.

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {
namespace {

// Takes a part off the front, up to one of the `ends`; none if there is nothing before that. A part may consist of
// pieces with and without quotes.
std::optional<std::string_view> take_part(std::string_view& rest, std::string& unquoted, std::string_view ends) {
  if (rest.empty()) bad_text("it has no end");
  if (ends.find(rest.front()) != std::string_view::npos) return std::nullopt;
  auto const plain_end = [&](std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && text[at] != '"' && text[at] != '\\' && ends.find(text[at]) == std::string_view::npos)
      ++at;
    return at;
  };
  if (auto const end = plain_end(rest); end < rest.size() && rest[end] != '"' && rest[end] != '\\') {
    auto const part = rest.substr(0, end);
    rest.remove_prefix(end);
    return part;
  }
  std::string all;
  std::string piece;
  while (!rest.empty() && ends.find(rest.front()) == std::string_view::npos) {
    if (rest.front() == '"') {
      auto const quoted = take_quoted(rest, piece, Doubled::yes);
      if (!quoted) bad_text("it has quotes without an end");
      all += *quoted;
    } else if (rest.front() == '\\') {
      if (rest.size() < 2) bad_text("it has no end");
      all += rest[1];
      rest.remove_prefix(2);
    } else {
      auto const end = plain_end(rest);
      all += rest.substr(0, end);
      rest.remove_prefix(end);
    }
  }
  unquoted = std::move(all);
  return unquoted;
}

}  // namespace

RowText::RowText(std::string_view text) : rest_(text) {
  if (text.empty() || text.front() != '(') bad_text("it is no row");
  rest_.remove_prefix(1);
  ended_ = rest_ == ")";  // a row of no parts, or of one that is NULL
}

std::optional<std::string_view> RowText::next() {
  if (ended_ && rest_ != ")") bad_text("it has fewer parts than that");
  auto const part = take_part(rest_, unquoted_, ",)");
  if (rest_.empty()) bad_text("it has no end");
  ended_ = rest_.front() == ')';
  rest_.remove_prefix(1);
  if (ended_ && !rest_.empty()) bad_text("it is no row");
  return part;
}

void RowText::end() const {
  if (!ended_) bad_text("it has more parts than that");
}

RangeText::RangeText(std::string_view text) {
  if (text == "empty") {
    empty = true;
    return;
  }
  if (text.empty() || (text.front() != '[' && text.front() != '(')) bad_text("it is no range");
  lower_inclusive = text.front() == '[';
  text.remove_prefix(1);
  std::string unquoted;
  lower = take_part(text, unquoted, ",)]");
  if (text.empty() || text.front() != ',') bad_text("it is no range");
  text.remove_prefix(1);
  upper = take_part(text, unquoted, ",)]");
  if (text != ")" && text != "]") bad_text("it is no range");
  upper_inclusive = text == "]";
}

void quote_part(std::string& text, std::size_t begin) {
  auto const part = std::string_view{text}.substr(begin);
  auto const special = [](char letter) {
    return letter == '(' || letter == ')' || letter == '[' || letter == ']' || needs_quotes(letter);
  };
  bool const plain = !part.empty() && std::none_of(part.begin(), part.end(), special);
  if (!plain) put_in_quotes(text, begin);
}

}  // namespace detail
}  // namespace pq
}  // namespace v0
}  // namespace lakebase
