#include "sync/column_types.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/sql_quoting.hpp"
#include "sync/sync_error.hpp"

namespace lakebase::emulator {
namespace {

struct MappedType {
  std::string_view name;
  /// The usual name in Unity Catalog.
  std::string_view usual;
  /// Empty: PostgreSQL has none.
  std::string_view postgres;
};

constexpr std::array<MappedType, 33> mapped_types = {{
    {"BIGINT", "BIGINT", "bigint"},
    {"LONG", "BIGINT", "bigint"},
    {"INT", "INT", "integer"},
    {"INTEGER", "INT", "integer"},
    {"SMALLINT", "SMALLINT", "smallint"},
    {"SHORT", "SMALLINT", "smallint"},
    {"TINYINT", "TINYINT", "smallint"},
    {"BYTE", "TINYINT", "smallint"},
    {"BOOLEAN", "BOOLEAN", "boolean"},
    {"DOUBLE", "DOUBLE", "double precision"},
    {"FLOAT", "FLOAT", "real"},
    {"REAL", "FLOAT", "real"},
    {"STRING", "STRING", "text"},
    {"VARCHAR", "STRING", "text"},
    {"CHAR", "STRING", "text"},
    {"BINARY", "BINARY", "bytea"},
    {"DATE", "DATE", "date"},
    {"TIMESTAMP", "TIMESTAMP", "timestamp with time zone"},
    {"TIMESTAMP_LTZ", "TIMESTAMP", "timestamp with time zone"},
    {"TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp without time zone"},
    {"DECIMAL", "DECIMAL", "numeric"},
    {"DEC", "DECIMAL", "numeric"},
    {"NUMERIC", "DECIMAL", "numeric"},
    {"INTERVAL", "INTERVAL", "interval"},
    {"ARRAY", "ARRAY", "jsonb"},
    {"MAP", "MAP", "jsonb"},
    {"STRUCT", "STRUCT", "jsonb"},
    {"VARIANT", "VARIANT", ""},
    {"OBJECT", "OBJECT", ""},
    {"GEOGRAPHY", "GEOGRAPHY", ""},
    {"GEOMETRY", "GEOMETRY", ""},
    {"VOID", "VOID", ""},
    {"NULL", "VOID", ""},
}};

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto const first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

std::string upper_without_blanks(std::string_view text) {
  std::string upper;
  for (char const c : text) {
    if (c == ' ' || c == '\t') continue;
    upper += to_upper(c);
  }
  return upper;
}

// `(10,2)` of a DECIMAL: 1 to 38 digits, of which so many are of the fraction. Without: (10,0), as in Unity Catalog.
std::string decimal_size(std::string_view type, std::string_view size) {
  if (size.empty()) return "(10,0)";
  int digits = 0;
  int fraction = 0;
  auto const* const end = size.data() + size.size();
  auto at = std::from_chars(size.data() + 1, end, digits);
  if (at.ec == std::errc{} && at.ptr != end && *at.ptr == ',') at = std::from_chars(at.ptr + 1, end, fraction);
  bool const is_whole = at.ec == std::errc{} && at.ptr + 1 == end && *at.ptr == ')';
  if (!is_whole || digits < 1 || digits > 38 || fraction < 0 || fraction > digits) {
    throw SyncError(fmt::format("'{}' is no type: DECIMAL has 1 to 38 digits, as DECIMAL(10,2)", type));
  }
  return fmt::format("({},{})", digits, fraction);
}

// The end of an element of a list of columns: a comma or the end of a line outside of brackets.
std::size_t end_of_element(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '(' || c == '<') ++depth;
    if (c == ')' || c == '>') --depth;
    if (depth == 0 && (c == ',' || c == '\n')) return i;
  }
  return text.size();
}

// The end of a name or a type: a blank outside of brackets. `INTERVAL DAY TO SECOND` ends with its first word, which is
// all that counts.
std::size_t end_of_word(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '(' || c == '<') ++depth;
    if (c == ')' || c == '>') --depth;
    bool const is_blank = c == ' ' || c == '\t' || c == '\r';
    auto const next = without_blanks(text.substr(i));
    if (depth == 0 && is_blank && !next.starts_with('(') && !next.starts_with('<')) return i;
  }
  return text.size();
}

std::string take_name(std::string_view& element) {
  std::string name;
  if (element.starts_with('`')) {
    auto const end = element.find('`', 1);
    if (end == std::string_view::npos) throw SyncError(fmt::format("the name {} has no end", element));
    name = element.substr(1, end - 1);
    element.remove_prefix(end + 1);
  } else {
    auto const end = element.find_first_of(" \t:");
    name = element.substr(0, end);
    element.remove_prefix(std::min(end, element.size()));
  }
  element = without_blanks(element);
  if (element.starts_with(':')) element = without_blanks(element.substr(1));
  return name;
}

bool is_whole_number(std::string_view text) {
  std::int64_t number = 0;
  auto const* const end = text.data() + text.size();
  auto const digits = text.starts_with('-') ? text.substr(1) : text;
  // A number with zeros in front is a code of some kind.
  if (digits.size() > 1 && digits.starts_with('0')) return false;
  auto const [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && at == end;
}

bool is_fraction(std::string_view text) {
  auto const digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) return false;
  bool const is_plain = std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  });
  if (!is_plain) return false;
  double number = 0;
  auto const* const end = text.data() + text.size();
  auto const [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && at == end;
}

}  // namespace

SourceColumn column_of(std::string name, std::string_view type) {
  if (name.empty()) throw SyncError("a column has no name");
  auto const written = upper_without_blanks(type);
  auto const word = std::string_view{written}.substr(0, written.find_first_of("(<"));
  auto const size = std::string_view{written}.substr(word.size());
  auto const found = std::find_if(mapped_types.begin(), mapped_types.end(), [&](MappedType const& mapped) {
    return mapped.name == word || (mapped.name == "INTERVAL" && word.starts_with("INTERVAL"));
  });
  if (found == mapped_types.end()) {
    throw SyncError(fmt::format("column '{}' has the type '{}', which Unity Catalog does not have", name, type));
  }
  if (found->postgres.empty()) {
    throw SyncError(fmt::format("column '{}' has the type {}, which synced tables do not support", name, found->usual));
  }
  SourceColumn column{std::move(name), std::string{found->usual}, std::string{found->postgres}};
  if (column.type == "DECIMAL") {
    auto const digits = decimal_size(type, size);
    column.type += digits;
    column.postgres_type += digits;
  } else if (column.postgres_type == "jsonb") {
    column.type += size;
  }
  return column;
}

std::vector<SourceColumn> parse_columns(std::string_view text) {
  std::vector<SourceColumn> columns;
  while (!text.empty()) {
    auto const end = end_of_element(text);
    auto element = without_blanks(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
    if (element.empty() || element.starts_with("--")) continue;
    auto name = take_name(element);
    columns.push_back(column_of(std::move(name), element.substr(0, end_of_word(element))));
  }
  if (columns.empty()) throw SyncError("it names no column");
  return columns;
}

void SeenValues::add(std::string_view value, Form form) {
  any_ = true;
  if (form == Form::text) text_ = true;
  if (form == Form::boolean) boolean_ = true;
  if (form == Form::nested) nested_ = true;
  if (form == Form::number) (is_whole_number(value) ? whole_ : fraction_) = true;
}

void SeenValues::add_cell(std::string_view value) {
  if (text_) return;
  if (value == "true" || value == "false") return add(value, Form::boolean);
  add(value, is_whole_number(value) || is_fraction(value) ? Form::number : Form::text);
}

std::string SeenValues::type() const {
  int const forms = int{text_} + int{boolean_} + int{whole_ || fraction_} + int{nested_};
  if (!any_ || text_ || forms != 1) return "STRING";
  if (boolean_) return "BOOLEAN";
  if (nested_) return "STRUCT";
  return fraction_ ? "DOUBLE" : "BIGINT";
}

std::string quoted_list(std::vector<std::string> const& names) {
  std::string list;
  for (auto const& name : names) list += fmt::format("{}{}", list.empty() ? "" : ", ", quote_identifier(name));
  return list;
}

}  // namespace lakebase::emulator
