#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/json.hpp"
#include "sync/record_parser.hpp"

namespace lakebase::emulator {
namespace {

// Reads the members of the object itself; what is nested in it stays text, for PostgreSQL to read. So numbers keep all
// their digits.
class JsonLinesParser final : public RecordParser {
 public:
  bool has_quotes() const override { return false; }
  bool finds_columns() const override { return true; }
  bool take_header(std::string_view) override { return false; }
  std::vector<SourceCell> const& parse(std::string_view record) override;

 private:
  [[noreturn]] void fail(std::string what) const { throw BadRecord{at_ + 1, std::move(what)}; }
  char peek();
  void expect(char c, char const* what);
  std::string_view raw_text();
  std::string_view text_of(std::string_view raw);
  std::string_view raw_nested();
  SourceCell value();
  SourceCell word();
  SourceCell& cell_named(std::string_view name);

  std::string_view record_;
  std::size_t at_ = 0;
  /// The column after the last one: records mostly have their members in the same order.
  std::size_t next_ = 0;
  std::unordered_map<std::string, std::size_t> indexes_;
};

// The next character that is no blank; 0: the end.
char JsonLinesParser::peek() {
  while (at_ < record_.size() && (record_[at_] == ' ' || record_[at_] == '\t' || record_[at_] == '\r')) ++at_;
  return at_ < record_.size() ? record_[at_] : '\0';
}

void JsonLinesParser::expect(char c, char const* what) {
  if (peek() != c) fail(fmt::format("expected {}", what));
  ++at_;
}

// With its quotes.
std::string_view JsonLinesParser::raw_text() {
  auto const begin = at_++;
  for (;;) {
    at_ = record_.find_first_of("\"\\", at_);
    if (at_ == std::string_view::npos) {
      at_ = begin;
      fail("the text has no end");
    }
    if (record_[at_] == '"') break;
    at_ = std::min(at_ + 2, record_.size());
  }
  ++at_;
  return record_.substr(begin, at_ - begin);
}

std::string_view JsonLinesParser::text_of(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return raw.substr(1, raw.size() - 2);
  auto const parsed = Json::parse(raw, nullptr, false);
  if (!parsed.is_string()) fail("expected a text of JSON before this");
  return texts_.emplace_back(parsed.get<std::string>());
}

std::string_view JsonLinesParser::raw_nested() {
  auto const begin = at_;
  int depth = 0;
  do {
    if (at_ >= record_.size()) {
      at_ = begin;
      fail("the brackets are not closed");
    }
    char const c = record_[at_];
    if (c == '"') {
      raw_text();
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at_;
  } while (depth > 0);
  return record_.substr(begin, at_ - begin);
}

SourceCell JsonLinesParser::word() {
  auto const begin = at_;
  at_ = std::min(record_.find_first_of(",} \t\r", at_), record_.size());
  auto const text = record_.substr(begin, at_ - begin);
  if (text == "null") return {};
  if (text == "true" || text == "false") return {false, SeenValues::Form::boolean, text};
  bool const is_number =
      !text.empty() && (is_digit(text[0]) || text[0] == '-') && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
      });
  if (is_number) return {false, SeenValues::Form::number, text};
  at_ = begin;
  fail("expected a value of JSON");
}

SourceCell JsonLinesParser::value() {
  char const c = peek();
  if (c == '"') {
    auto const raw = raw_text();
    return {false, SeenValues::Form::text, text_of(raw), raw};
  }
  if (c == '{' || c == '[') return {false, SeenValues::Form::nested, raw_nested()};
  return word();
}

SourceCell& JsonLinesParser::cell_named(std::string_view name) {
  if (next_ < columns_.size() && columns_[next_].name == name) return cells_[next_++];
  auto const [found, is_new] = indexes_.emplace(name, columns_.size());
  if (is_new) {
    columns_.push_back({std::string{name}, {}, {}});
    cells_.emplace_back();
  }
  next_ = found->second + 1;
  return cells_[found->second];
}

std::vector<SourceCell> const& JsonLinesParser::parse(std::string_view record) {
  record_ = record;
  at_ = next_ = 0;
  texts_.clear();
  cells_.assign(columns_.size(), {});
  expect('{', "an object of JSON");
  if (peek() == '}') {
    ++at_;
  } else {
    for (;;) {
      if (peek() != '"') fail("expected the name of a member");
      auto const name = text_of(raw_text());
      expect(':', "':'");
      auto const read = value();
      cell_named(name) = read;
      if (peek() == '}') break;
      expect(',', "',' or '}'");
    }
    ++at_;
  }
  if (peek() != '\0') fail("expected the end of the line");
  return cells_;
}

}  // namespace

std::unique_ptr<RecordParser> make_json_parser() {
  return std::make_unique<JsonLinesParser>();
}

}  // namespace lakebase::emulator
