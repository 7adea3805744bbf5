#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "sync/record_parser.hpp"
#include "sync/sync_error.hpp"

namespace lakebase::emulator {
namespace {

class CsvParser final : public RecordParser {
 public:
  bool has_quotes() const override { return true; }
  bool finds_columns() const override { return false; }
  bool take_header(std::string_view record) override;
  std::vector<SourceCell> const& parse(std::string_view record) override;

 private:
  void split(std::string_view record);
  void split_quoted(std::string_view record);
  std::size_t add_quoted(std::string_view record, std::size_t begin);
  void add(std::string_view text, bool is_null) { cells_.push_back({is_null, SeenValues::Form::text, text}); }
};

// The commas of `price:DECIMAL(10,2)` need no quotes.
std::vector<std::string> joined_header(std::vector<SourceCell> const& cells) {
  std::vector<std::string> parts;
  std::ptrdiff_t open = 0;
  for (auto const& cell : cells) {
    std::string const text{cell.text};
    if (open > 0) {
      parts.back() += ',' + text;
    } else {
      parts.push_back(text);
    }
    open += std::count_if(text.begin(), text.end(), [](char c) { return c == '(' || c == '<'; });
    open -= std::count_if(text.begin(), text.end(), [](char c) { return c == ')' || c == '>'; });
  }
  return parts;
}

bool CsvParser::take_header(std::string_view record) {
  split(record);
  for (auto const& part : joined_header(cells_)) {
    auto const colon = part.find(':');
    auto const name = std::string{trimmed(std::string_view{part}.substr(0, colon))};
    if (name.empty()) throw BadRecord{1, "the header has a column without a name"};
    try {
      columns_.push_back(colon == std::string::npos
                             ? SourceColumn{name, {}, {}}
                             : column_of(name, trimmed(std::string_view{part}.substr(colon + 1))));
    } catch (SyncError const& error) {
      throw BadRecord{1, error.what()};
    }
  }
  return true;
}

std::vector<SourceCell> const& CsvParser::parse(std::string_view record) {
  split(record);
  if (cells_.size() == columns_.size()) return cells_;
  throw BadRecord{1, fmt::format("expected {} columns, as in the header, got {}", columns_.size(), cells_.size())};
}

// As PostgreSQL does: nothing is null, and "" is an empty text.
void CsvParser::split(std::string_view record) {
  cells_.clear();
  texts_.clear();
  if (record.find('"') != std::string_view::npos) return split_quoted(record);
  for (;;) {
    auto const comma = record.find(',');
    auto const text = record.substr(0, comma);
    add(text, text.empty());
    if (comma == std::string_view::npos) return;
    record.remove_prefix(comma + 1);
  }
}

void CsvParser::split_quoted(std::string_view record) {
  for (std::size_t at = 0;;) {
    if (at < record.size() && record[at] == '"') {
      at = add_quoted(record, at);
    } else {
      auto const end = std::min(record.find(',', at), record.size());
      auto const text = record.substr(at, end - at);
      if (auto const quote = text.find('"'); quote != std::string_view::npos) {
        throw BadRecord{at + quote + 1, "a quote inside of a value; write the value in quotes, and the quote twice"};
      }
      add(text, text.empty());
      at = end;
    }
    if (at == record.size()) return;
    ++at;
  }
}

// Where the comma after it is, or the end.
std::size_t CsvParser::add_quoted(std::string_view record, std::size_t begin) {
  auto& text = texts_.emplace_back();
  for (auto at = begin + 1;;) {
    auto const quote = record.find('"', at);
    if (quote == std::string_view::npos) throw BadRecord{begin + 1, "the quote is not closed"};
    text += record.substr(at, quote - at);
    at = quote + 1;
    if (at < record.size() && record[at] == '"') {
      text += '"';
      ++at;
      continue;
    }
    if (at < record.size() && record[at] != ',') throw BadRecord{at + 1, "expected a comma after the quote"};
    add(text, false);
    return at;
  }
}

}  // namespace

std::unique_ptr<RecordParser> make_csv_parser() {
  return std::make_unique<CsvParser>();
}

}  // namespace lakebase::emulator
