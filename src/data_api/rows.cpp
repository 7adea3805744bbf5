#include <lakebase/data_api/rows.hpp>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {
namespace detail {

namespace {

// Cuts JSON into the texts of its values. Numbers stay as they are written, however long they are.
class JsonCutter {
 public:
  explicit JsonCutter(std::string_view json) : json_(json) {}

  bool take(char wanted) {
    skip_space();
    if (at_ == json_.size() || json_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) fail(fmt::format("a '{}'", wanted));
  }
  std::string_view value() {
    skip_space();
    auto const begin = at_;
    int levels = 0;
    do {
      if (at_ == json_.size()) fail("a value");
      char const c = json_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      if (levels == 0 && at_ > begin && is_end(c)) break;
      if (c == '{' || c == '[') ++levels;
      if (c == '}' || c == ']') --levels;
      if (levels < 0) fail("a value");
      ++at_;
      if (levels == 0 && (c == '}' || c == ']')) break;
    } while (levels > 0 || (at_ < json_.size() && !is_end(json_[at_])));
    return json_.substr(begin, at_ - begin);
  }
  void expect_end() {
    skip_space();
    if (at_ != json_.size()) fail("the end");
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  static bool is_end(char c) { return c == ',' || c == ':' || c == '}' || c == ']' || is_space(c); }
  void skip_space() {
    while (at_ < json_.size() && is_space(json_[at_])) ++at_;
  }
  void skip_string() {
    for (++at_; at_ < json_.size() && json_[at_] != '"'; ++at_) {
      if (json_[at_] == '\\') ++at_;
    }
    if (at_ >= json_.size()) fail("the end of a string");
    ++at_;
  }
  [[noreturn]] void fail(std::string_view wanted) const {
    throw ParseError{{},
                     ErrorFacts{.message = fmt::format("the rows are not the JSON that was expected: {} at byte {}",
                                                       wanted, std::min(at_, json_.size()))}};
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::string_view> elements_of(std::string_view json) {
  std::vector<std::string_view> elements;
  JsonCutter in{json};
  in.expect('[');
  if (!in.take(']')) {
    do elements.push_back(in.value());
    while (in.take(','));
    in.expect(']');
  }
  in.expect_end();
  return elements;
}

std::vector<std::pair<std::string, std::string_view>> members_of(std::string_view json) {
  std::vector<std::pair<std::string, std::string_view>> members;
  JsonCutter in{json};
  in.expect('{');
  if (!in.take('}')) {
    do {
      auto key = scalar_text(in.value());
      in.expect(':');
      members.emplace_back(std::move(key), in.value());
    } while (in.take(','));
    in.expect('}');
  }
  in.expect_end();
  return members;
}

std::string scalar_text(std::string_view json) {
  return json.starts_with('"') ? lakebase::detail::decode_string(json) : std::string{json};
}

void throw_wrong_value(std::string_view json, std::string_view name, std::string_view wanted) {
  throw ParseError{
      std::string{name},
      ErrorFacts{.message = fmt::format("{} should be {}, and is {}", name.empty() ? "the value" : name, wanted,
                                        json == "null" ? "null" : lakebase::detail::shorten(json, 64)),
                 .hint = json == "null" ? "Make the member a std::optional." : ""}};
}

double read_double(std::string_view json, std::string_view name) {
  auto const text = scalar_text(json);
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Of NaN and the infinities, PostgreSQL makes strings.
  bool const is_number = end == text.data() + text.size() && error == std::errc{};
  if (!is_number) throw_wrong_value(json, name, "a number");
  return value;
}

}  // namespace detail
}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
