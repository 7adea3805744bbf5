#include "sync/file_source.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "common/digest.hpp"
#include "common/encoding.hpp"
#include "sync/copy_rows.hpp"
#include "sync/file_records_posix.hpp"
#include "sync/record_parser.hpp"
#include "sync/sync_error.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view change_kind_column = "_change_type";
constexpr std::array<std::string_view, 4> change_columns = {change_kind_column, "_commit_version", "_commit_timestamp",
                                                            "_commit_lsn"};
// How much of a feed tells that what was read of it is still there.
constexpr std::size_t compared_tail = 256;
constexpr std::uint64_t rows_between_checks = 4096;

bool is_change_column(std::string_view name) {
  return std::find(change_columns.begin(), change_columns.end(), name) != change_columns.end();
}

template <class Columns>
auto column_named(Columns& columns, std::string_view name) {
  return std::find_if(columns.begin(), columns.end(), [&](SourceColumn const& column) { return column.name == name; });
}

/// What a cell becomes in PostgreSQL.
struct CellPlan {
  std::size_t index;
  SourceColumn column;
  bool is_key = false;
};

class FileRows final : public SourceRows {
 public:
  FileRows(fs::path const& path, Json const& position);

  bool is_feed() const override { return is_feed_; }
  bool goes_on() const override { return goes_on_; }
  std::vector<SourceColumn> columns(std::vector<SourceColumn> const& known) override;
  void read(ReadPlan const& plan, CopySink const& sink) override;
  Json position() const override { return position_; }
  std::string place_of(ReadPlan const& plan, std::uint64_t row) override;

 private:
  void read_head();
  void read_schema(fs::path const& path);
  void look_for_position(Json const& position);
  template <class Function>
  void each_record(std::function<void()> const& check, Function const& function);
  void add_seen(std::vector<SourceColumn> const& known, std::vector<SourceColumn>& columns);
  std::vector<SeenValues> seen_values();
  std::vector<CellPlan> cell_plans(ReadPlan const& plan) const;
  std::uint64_t read_rows(ReadPlan const& plan, CopySink const& sink, std::uint64_t wanted_row);
  bool add_change(CopyRows& rows, std::vector<SourceCell> const& cells, std::uint64_t line) const;
  bool add_cells(CopyRows& rows, std::vector<SourceCell> const& cells, std::vector<CellPlan> const& plans,
                 std::uint64_t line) const;
  void add_cell(CopyRows& rows, SourceCell const& cell, SourceColumn const& column, std::uint64_t line) const;
  [[noreturn]] void fail(std::uint64_t line, std::string const& what) const {
    throw SyncError(fmt::format("{}, line {}, {}", name_, line, what));
  }

  std::string const name_;
  OpenedFile const file_;
  std::unique_ptr<RecordParser> parser_;
  std::optional<std::vector<SourceColumn>> schema_;
  bool is_feed_ = false;
  bool goes_on_ = false;
  std::uint64_t begin_ = 0;
  std::uint64_t begin_line_ = 1;
  std::uint64_t end_ = 0;
  std::uint64_t end_line_ = 1;
  Json position_ = Json::object();
};

FileRows::FileRows(fs::path const& path, Json const& position)
    : name_(path.filename().string()),
      file_(path),
      parser_(path.extension() == ".csv" ? make_csv_parser() : make_json_parser()) {
  read_schema(path);
  read_head();
  if (is_feed_) look_for_position(position);
}

void FileRows::read_schema(fs::path const& path) {
  fs::path file = path;
  file += ".schema";
  if (!fs::exists(file)) return;
  OpenedFile const opened{file};
  try {
    schema_ = parse_columns(opened.read(0, opened.size()));
  } catch (SyncError const& error) {
    throw SyncError(fmt::format("{}: {}", file.filename().string(), error.what()));
  }
}

// The header, if there is one, and whether it is a feed.
void FileRows::read_head() {
  if (file_.read(0, 3) == "\xEF\xBB\xBF") begin_ = 3;
  FileRecords records{file_, parser_->has_quotes(), begin_};
  std::string_view record;
  if (!records.next(record)) {
    if (parser_->has_quotes()) throw SyncError(fmt::format("{} is empty: its first line names the columns", name_));
    return;
  }
  try {
    if (parser_->take_header(record)) {
      begin_ = records.offset();
      begin_line_ = records.next_line();
    } else {
      parser_->parse(record);
    }
  } catch (BadRecord const& bad) {
    fail(records.line(), fmt::format("character {}: {}", bad.character, bad.what));
  }
  auto const& found = parser_->columns();
  is_feed_ = column_named(found, change_kind_column) != found.end();
}

void FileRows::look_for_position(Json const& position) {
  if (position.value("file", "") != file_.identity()) return;
  auto const offset = position.value("offset", std::uint64_t{0});
  auto const tail = std::min<std::uint64_t>(offset, compared_tail);
  if (offset > file_.size() || hex(sha256(file_.read(offset - tail, tail))) != position.value("tail", "")) return;
  goes_on_ = true;
  begin_ = offset;
  begin_line_ = position.value("line", std::uint64_t{1});
}

void FileRows::read(ReadPlan const& plan, CopySink const& sink) {
  read_rows(plan, sink, 0);
  if (!is_feed_) return;
  auto const tail = std::min<std::uint64_t>(end_, compared_tail);
  position_ = Json{{"file", file_.identity()},
                   {"offset", end_},
                   {"line", end_line_},
                   {"tail", hex(sha256(file_.read(end_ - tail, tail)))}};
}

// Blank lines are no records. The last line of a feed may still be written if no newline ends it.
template <class Function>
void FileRows::each_record(std::function<void()> const& check, Function const& function) {
  FileRecords records{file_, parser_->has_quotes(), begin_, begin_line_};
  end_ = begin_;
  end_line_ = begin_line_;
  std::string_view record;
  std::uint64_t until_check = rows_between_checks;
  try {
    while (records.next(record)) {
      if (is_feed_ && !records.is_complete()) break;
      end_ = records.offset();
      end_line_ = records.next_line();
      if (--until_check == 0) {
        until_check = rows_between_checks;
        if (check) check();
      }
      if (record.find_first_not_of(" \t") == std::string_view::npos) continue;
      try {
        if (!function(parser_->parse(record), records.line())) return;
      } catch (BadRecord const& bad) {
        fail(records.line(), fmt::format("character {}: {}", bad.character, bad.what));
      }
    }
  } catch (SyncError const& error) {
    std::string const text = error.what();
    throw SyncError(text.starts_with("line ") ? fmt::format("{}, {}", name_, text) : text);
  }
}

std::vector<SourceColumn> FileRows::columns(std::vector<SourceColumn> const& known) {
  std::vector<SourceColumn> declared = schema_.value_or(parser_->columns());
  if (schema_ && !parser_->finds_columns()) {
    for (auto const& column : parser_->columns()) {
      if (is_change_column(column.name) || column_named(*schema_, column.name) != schema_->end()) continue;
      throw SyncError(fmt::format("{}: column '{}' is not in {}.schema", name_, column.name, name_));
    }
  }
  for (auto& column : declared) {
    auto const before = column_named(known, column.name);
    if (column.type.empty() && before != known.end()) column = *before;
  }
  if (!schema_) add_seen(known, declared);
  if (is_feed_) std::erase_if(declared, [](SourceColumn const& column) { return is_change_column(column.name); });
  return declared;
}

// Gives types to the columns that have none yet, and finds those that only records name.
void FileRows::add_seen(std::vector<SourceColumn> const& known, std::vector<SourceColumn>& columns) {
  auto const is_untyped = [](SourceColumn const& column) {
    return column.type.empty() && !is_change_column(column.name);
  };
  if (!parser_->finds_columns() && std::none_of(columns.begin(), columns.end(), is_untyped)) return;
  auto const seen = seen_values();
  auto const& found = parser_->columns();
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto place = column_named(columns, found[i].name);
    if (place != columns.end() && !place->type.empty()) continue;
    if (place == columns.end()) place = columns.insert(place, found[i]);
    auto const before = column_named(known, found[i].name);
    *place = before != known.end() ? *before : column_of(found[i].name, seen[i].type());
  }
  if (!parser_->finds_columns()) return;
  // A member that no object has now.
  for (auto const& column : known) {
    if (column_named(columns, column.name) == columns.end()) columns.push_back(column);
  }
}

std::vector<SeenValues> FileRows::seen_values() {
  std::vector<SeenValues> seen;
  each_record({}, [&](std::vector<SourceCell> const& cells, std::uint64_t) {
    if (seen.size() < cells.size()) seen.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].is_null) continue;
      if (parser_->has_quotes()) {
        seen[i].add_cell(cells[i].text);
      } else {
        seen[i].add(cells[i].text, cells[i].form);
      }
    }
    return true;
  });
  seen.resize(std::max(seen.size(), parser_->columns().size()));
  return seen;
}

std::vector<CellPlan> FileRows::cell_plans(ReadPlan const& plan) const {
  std::vector<CellPlan> plans;
  auto const& found = parser_->columns();
  for (auto const& column : plan.columns) {
    auto const place = column_named(found, column.name);
    bool const is_key = std::find(plan.keys.begin(), plan.keys.end(), column.name) != plan.keys.end();
    plans.push_back({static_cast<std::size_t>(place - found.begin()), column, is_key});
  }
  return plans;
}

// The number of the line of this row, if one is wanted.
std::uint64_t FileRows::read_rows(ReadPlan const& plan, CopySink const& sink, std::uint64_t wanted_row) {
  CopyRows rows{sink};
  auto plans = cell_plans(plan);
  auto known = parser_->columns().size();
  std::uint64_t found = 0;
  each_record(plan.check, [&](std::vector<SourceCell> const& cells, std::uint64_t line) {
    if (parser_->columns().size() != known) {
      known = parser_->columns().size();
      plans = cell_plans(plan);
      auto const& name = parser_->columns().back().name;
      if (schema_ && column_named(*schema_, name) == schema_->end() && !is_change_column(name)) {
        fail(line, fmt::format("column '{}' is not in {}.schema", name, name_));
      }
    }
    if ((is_feed_ && !add_change(rows, cells, line)) || !add_cells(rows, cells, plans, line)) {
      rows.drop_row();
      return true;
    }
    rows.end_row();
    found = line;
    return wanted_row == 0 || rows.rows() < wanted_row;
  });
  rows.flush();
  return found;
}

// False if the change says nothing that another one does not say.
bool FileRows::add_change(CopyRows& rows, std::vector<SourceCell> const& cells, std::uint64_t line) const {
  auto const& found = parser_->columns();
  auto const kind = cells[static_cast<std::size_t>(column_named(found, change_kind_column) - found.begin())].text;
  if (kind == "update_preimage") return false;
  if (kind != "insert" && kind != "update_postimage" && kind != "delete") {
    fail(line, fmt::format("column '{}': expected insert, update_preimage, update_postimage or delete, got '{}'",
                           change_kind_column, kind));
  }
  rows.add_text(kind == "delete" ? "t" : "f");
  rows.add_number(static_cast<std::int64_t>(line));
  return true;
}

// False if a column of the key is null.
bool FileRows::add_cells(CopyRows& rows, std::vector<SourceCell> const& cells, std::vector<CellPlan> const& plans,
                         std::uint64_t line) const {
  for (auto const& plan : plans) {
    bool const is_null = plan.index >= cells.size() || cells[plan.index].is_null;
    if (is_null && plan.is_key) return false;
    if (is_null) {
      rows.add_null();
    } else {
      add_cell(rows, cells[plan.index], plan.column, line);
    }
  }
  return true;
}

void FileRows::add_cell(CopyRows& rows, SourceCell const& cell, SourceColumn const& column, std::uint64_t line) const {
  bool is_text = true;
  if (column.is_binary() && !cell.text.starts_with("\\x")) {
    auto const bytes = base64_decoded(cell.text);
    if (!bytes) {
      fail(line, fmt::format("column '{}': expected BINARY in base64, or \\x and hexadecimal digits, got '{}'",
                             column.name, cell.text));
    }
    is_text = rows.add_text("\\x" + hex(*bytes));
  } else {
    is_text = rows.add_text(column.postgres_type == "jsonb" && !cell.json.empty() ? cell.json : cell.text);
  }
  if (!is_text)
    fail(line, fmt::format("column '{}': a zero byte, which PostgreSQL cannot store in a text", column.name));
}

std::string FileRows::place_of(ReadPlan const& plan, std::uint64_t row) {
  return fmt::format("{}, line {}", name_,
                     read_rows(
                         plan, [](std::string_view) {}, row));
}

class FileSource final : public Source {
 public:
  explicit FileSource(fs::path path) : path_(std::move(path)) {}
  std::string mark() override { return OpenedFile{path_}.mark(); }
  std::unique_ptr<SourceRows> open(Json const& position) override {
    return std::make_unique<FileRows>(path_, position);
  }

 private:
  fs::path const path_;
};

}  // namespace

bool is_source_file(fs::path const& path) {
  auto const kind = path.extension();
  return kind == ".csv" || kind == ".jsonl" || kind == ".ndjson";
}

std::unique_ptr<Source> make_file_source(fs::path path) {
  return std::make_unique<FileSource>(std::move(path));
}

}  // namespace lakebase::emulator
