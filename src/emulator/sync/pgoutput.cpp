#include "sync/pgoutput.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "common/ascii.hpp"
#include "common/json.hpp"

namespace lakebase::emulator {
namespace {

// From 1970 to 2000, from where PostgreSQL counts.
constexpr std::int64_t microseconds_before_2000 = std::int64_t{946'684'800} * 1'000'000;

}  // namespace

class PgOutput::Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {}

  std::string_view take(std::size_t size) {
    if (size > left_.size()) throw std::runtime_error("PostgreSQL sent a broken change");
    auto const taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  char letter() { return take(1).front(); }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (char const byte : take(size)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::string text() {
    auto const end = std::min(left_.find('\0'), left_.size());
    std::string const value{take(end)};
    take(1);
    return value;
  }

 private:
  std::string_view left_;
};

void PgOutput::read_relation(Bytes& bytes) {
  auto const id = static_cast<std::uint32_t>(bytes.number(4));
  Relation relation;
  relation.schema = bytes.text();
  relation.table = bytes.text();
  bytes.take(1);
  relation.columns.resize(bytes.number(2));
  for (auto& column : relation.columns) {
    bytes.take(1);
    column.name = bytes.text();
    column.type = static_cast<std::uint32_t>(bytes.number(4));
    bytes.take(4);
  }
  relations_[id] = std::move(relation);
}

PgOutput::Relation const& PgOutput::relation(Bytes& bytes) const {
  auto const found = relations_.find(static_cast<std::uint32_t>(bytes.number(4)));
  if (found == relations_.end()) throw std::runtime_error("PostgreSQL sent a change of an unknown table");
  return found->second;
}

// A long value that an update leaves alone stands in the row before only.
ChangedRow PgOutput::read_row(Bytes& bytes, Relation const& relation, ChangedRow const* before) {
  ChangedRow row;
  auto const count = bytes.number(2);
  for (std::size_t i = 0; i < count; ++i) {
    auto const& column = relation.columns.at(i);
    auto const kind = bytes.letter();
    std::string json = "null";
    if (kind == 't') json = json_of_value(column.type, bytes.take(bytes.number(4)));
    if (kind == 'u' && before != nullptr) json = before->at(i).json;
    row.push_back({column.name, std::move(json)});
  }
  return row;
}

void PgOutput::add_change(Bytes& bytes, char kind) {
  auto const& of = relation(bytes);
  RowChange change{of.schema, of.table, {}, {}};
  auto which = bytes.letter();
  if (which == 'O' || which == 'K') {
    change.before = read_row(bytes, of, nullptr);
    if (kind == 'U') which = bytes.letter();
  }
  if (which == 'N') change.after = read_row(bytes, of, change.before ? &*change.before : nullptr);
  transaction_.changes.push_back(std::move(change));
}

void PgOutput::add_truncations(Bytes& bytes) {
  auto const count = bytes.number(4);
  bytes.take(1);
  for (std::size_t i = 0; i < count; ++i) {
    auto const& of = relation(bytes);
    transaction_.changes.push_back({of.schema, of.table, {}, {}});
  }
}

std::optional<ChangedTransaction> PgOutput::read(std::string_view message) {
  Bytes bytes{message};
  auto const kind = bytes.letter();
  switch (kind) {
    case 'B':
      transaction_ = {};
      bytes.take(16);
      transaction_.xid = static_cast<std::uint32_t>(bytes.number(4));
      break;
    case 'R':
      read_relation(bytes);
      break;
    case 'I':
    case 'U':
    case 'D':
      add_change(bytes, kind);
      break;
    case 'T':
      add_truncations(bytes);
      break;
    case 'C':
      bytes.take(1);
      transaction_.commit_lsn = bytes.number(8);
      transaction_.end_lsn = bytes.number(8);
      transaction_.time = static_cast<std::int64_t>(bytes.number(8)) + microseconds_before_2000;
      return std::exchange(transaction_, {});
    default:
      // Types, origins and messages.
      break;
  }
  return std::nullopt;
}

std::string json_of_value(std::uint32_t type, std::string_view text) {
  enum : std::uint32_t {
    of_bool = 16,
    of_int8 = 20,
    of_int2 = 21,
    of_int4 = 23,
    of_oid = 26,
    of_json = 114,
    of_float4 = 700,
    of_float8 = 701,
    of_numeric = 1700,
    of_jsonb = 3802
  };
  switch (type) {
    case of_bool:
      return text == "t" ? "true" : "false";
    case of_json:
      // It may hold newlines, which end a line of the file.
      if (text.find_first_of("\r\n") != std::string_view::npos) return Json::parse(text).dump();
      return std::string{text};
    case of_jsonb:
      return std::string{text};
    case of_int2:
    case of_int4:
    case of_int8:
    case of_oid:
    case of_float4:
    case of_float8:
    case of_numeric:
      // Not a number, and infinite.
      if (!text.empty() && is_digit(text.back())) return std::string{text};
      break;
    default:
      break;
  }
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lakebase::emulator
