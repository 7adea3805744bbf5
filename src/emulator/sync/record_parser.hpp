#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sync/column_types.hpp"

namespace lakebase::emulator {

/// A value of a record.
struct SourceCell {
  bool is_null = true;
  SeenValues::Form form = SeenValues::Form::text;
  std::string_view text;
  /// As JSON; empty: `text` is it.
  std::string_view json{};
};

/// A record that cannot be read.
struct BadRecord {
  /// The character at which it cannot be read, from 1 on.
  std::size_t character;
  std::string what;
};

/// Takes records of a file apart.
class RecordParser {
 public:
  virtual ~RecordParser() = default;

  /// Whether a newline between quotes is part of a record.
  virtual bool has_quotes() const = 0;
  /// Takes the first record of the file, if it holds names of columns. False: it is a record like the others.
  virtual bool take_header(std::string_view record) = 0;
  /// The columns so far, with their types where the file names them.
  std::vector<SourceColumn> const& columns() const { return columns_; }
  /// The cells of a record, in the order of the columns; missing ones are null. They are valid until the next call.
  /// @throws BadRecord
  virtual std::vector<SourceCell> const& parse(std::string_view record) = 0;
  /// Whether records have columns that are not known before they are read.
  virtual bool finds_columns() const = 0;

 protected:
  std::vector<SourceColumn> columns_;
  std::vector<SourceCell> cells_;
  /// Texts that do not stand in the record as they are.
  std::deque<std::string> texts_;
};

/// CSV, with a header line: `id:BIGINT,name:STRING`, or names only.
std::unique_ptr<RecordParser> make_csv_parser();
/// A JSON object on each line.
std::unique_ptr<RecordParser> make_json_parser();

}  // namespace lakebase::emulator
