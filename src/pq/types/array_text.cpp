#include <lakebase/pq/type_array.hpp>

#include <algorithm>

#include "base/ascii.hpp"
#include "pq/types/quotes.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {
namespace {

// What `[0:1][-3:4]=` before an array says is in the array itself, too.
std::string_view without_bounds(std::string_view text) {
  if (text.empty() || text.front() != '[') return text;
  auto const end = text.find('=');
  if (end == std::string_view::npos) bad_text("it is no array");
  if (text.substr(0, end).find_first_not_of("[]:+-0123456789") != std::string_view::npos) bad_text("it is no array");
  return text.substr(end + 1);
}

}  // namespace

ArrayText::ArrayText(std::string_view text) : rest_(without_bounds(text)) {
  if (rest_.empty() || rest_.front() != '{') bad_text("it is no array");
  rest_.remove_prefix(1);
}

ArrayText::Token ArrayText::close() {
  rest_.remove_prefix(1);
  after_value_ = true;
  if (--depth_ == 0 && !rest_.empty()) bad_text("it is no array");
  return Token::close;
}

ArrayText::Token ArrayText::next() {
  if (depth_ == 0 || rest_.empty()) bad_text("it is no array");
  bool const after_comma = after_value_ && rest_.front() == ',';
  if (after_value_) {
    if (rest_.front() == '}') return close();
    if (!after_comma) bad_text("it is no array");
    rest_.remove_prefix(1);
    if (rest_.empty()) bad_text("it is no array");
  }
  after_value_ = false;
  if (rest_.front() == '{') {
    rest_.remove_prefix(1);
    ++depth_;
    return Token::open;
  }
  if (rest_.front() == '}' && !after_comma) return close();
  after_value_ = true;
  ++values_;
  return rest_.front() == '"' ? read_quoted() : read_plain();
}

ArrayText::Token ArrayText::read_plain() {
  auto const end = rest_.find_first_of("{},\"\\");
  if (end == 0 || end == std::string_view::npos || (rest_[end] != ',' && rest_[end] != '}')) {
    bad_text("it is no array");
  }
  value_ = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return lakebase::detail::equal_ignoring_case(value_, "null") ? Token::null : Token::value;
}

ArrayText::Token ArrayText::read_quoted() {
  auto const quoted = take_quoted(rest_, unquoted_, Doubled::no);
  if (!quoted) bad_text("it is no array");
  value_ = *quoted;
  return Token::value;
}

void ArrayText::rethrow(ParseError const& error) const {
  rethrow_of_array(error, values_);
}

void rethrow_of_array(ParseError const& error, std::size_t value) {
  auto const* const bad = dynamic_cast<BadText const*>(&error);
  auto const reason = bad != nullptr ? bad->reason() : error.message();
  bad_text("at value " + std::to_string(value) + (reason.empty() ? "" : ", " + reason));
}

void quote_element(std::string& text, std::size_t begin) {
  auto const element = std::string_view{text}.substr(begin);
  auto const special = [](char letter) { return letter == '{' || letter == '}' || needs_quotes(letter); };
  bool const plain = !element.empty() && std::none_of(element.begin(), element.end(), special) &&
                     !lakebase::detail::equal_ignoring_case(element, "null");
  if (!plain) put_in_quotes(text, begin);
}

}  // namespace detail
}  // namespace pq
}  // namespace v0
}  // namespace lakebase
