#include <lakebase/pq/type_numeric.hpp>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

std::size_t take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && lakebase::detail::is_digit(text[count])) ++count;
  text.remove_prefix(count);
  return count;
}

void take_sign(std::string_view& text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
}

bool is_numeric(std::string_view text) {
  if (text == "NaN") return true;
  take_sign(text);
  if (text == "Infinity") return true;
  auto digits = take_digits(text);
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    digits += take_digits(text);
  }
  if (digits == 0) return false;
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    take_sign(text);
    if (take_digits(text) == 0) return false;
  }
  return text.empty();
}

}  // namespace

Numeric::Numeric(std::string text) : text_(std::move(text)) {
  if (!is_numeric(text_)) bad_value("a text that is no numeric");
}

Numeric TypeText<Numeric>::read(std::string_view text) {
  if (!is_numeric(text)) bad_text();
  return Numeric{std::string{text}};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
