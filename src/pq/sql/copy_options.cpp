#include "pq/sql/copy_options.hpp"

#include <algorithm>
#include <cstddef>

#include "base/ascii.hpp"
#include "pq/session/watched.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

using lakebase::detail::equal_ignoring_case;
using lakebase::detail::is_alnum;

struct Token {
  enum class Kind { end, word, quoted, sign };
  Kind kind = Kind::end;
  std::string_view text{};

  [[nodiscard]] bool is(std::string_view word) const noexcept {
    return kind == Kind::word && equal_ignoring_case(text, word);
  }
};

/// The words of a statement, its signs, and what is in quotes.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) noexcept : rest_(sql) {}

  Token next() noexcept {
    rest_ = without_blank(rest_);
    if (rest_.empty()) return {};
    if (rest_.front() == '\'' || rest_.front() == '"') return quoted();
    auto const in_word = [](char c) { return is_alnum(c) || c == '_'; };
    auto const size = std::find_if_not(rest_.begin(), rest_.end(), in_word) - rest_.begin();
    return size > 0 ? take(Token::Kind::word, static_cast<std::size_t>(size)) : take(Token::Kind::sign, 1);
  }

 private:
  Token take(Token::Kind kind, std::size_t size) noexcept {
    Token const token{kind, rest_.substr(0, size)};
    rest_.remove_prefix(size);
    return token;
  }

  // A quote within, which is doubled, begins another one.
  Token quoted() noexcept {
    auto const end = std::min(rest_.find(rest_.front(), 1), rest_.size());
    Token const token{Token::Kind::quoted, rest_.substr(1, end - 1)};
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return token;
  }

  std::string_view rest_;
};

}  // namespace

std::string format_option(std::string_view copy) {
  Tokens tokens{copy};
  auto token = tokens.next();
  while (token.kind != Token::Kind::end && !token.is("stdin")) token = tokens.next();
  int depth = 0;
  for (token = tokens.next(); token.kind != Token::Kind::end; token = tokens.next()) {
    if (token.kind == Token::Kind::sign) depth += token.text == "(" ? 1 : token.text == ")" ? -1 : 0;
    if (depth == 0 && (token.is("where") || token.text == ";")) return {};
    if (token.is("format") && !equal_ignoring_case(tokens.next().text, "text")) return "FORMAT";
    for (auto const* const option : {"CSV", "DELIMITER", "DELIMITERS", "NULL", "HEADER", "ENCODING"}) {
      if (token.is(option)) return option;
    }
  }
  return {};
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
