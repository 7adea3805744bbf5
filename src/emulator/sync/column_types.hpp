#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// A column of a source.
struct SourceColumn {
  std::string name;
  /// Of Unity Catalog, in its usual form: `DECIMAL(10,2)`; of a table of PostgreSQL, its type there. Empty: not known.
  std::string type;
  /// The type in PostgreSQL.
  std::string postgres_type;

  bool is_binary() const { return type == "BINARY"; }
};

/// A column of a type that is written as in SQL: `decimal(10, 2)`, `array<string>`.
/// @throws SyncError if Unity Catalog has no such type, or PostgreSQL none for it
SourceColumn column_of(std::string name, std::string_view type);

/// `id BIGINT NOT NULL, name STRING`, with commas or ends of lines between the columns; what follows a type is ignored.
/// @throws SyncError
std::vector<SourceColumn> parse_columns(std::string_view text);

/// The narrowest type that fits all values that were seen; see `SeenValues`.
class SeenValues {
 public:
  /// A value as text, without quotes or with those of JSON's texts taken away.
  enum class Form { text, number, boolean, nested };
  void add(std::string_view value, Form form);
  /// The same for a cell of a CSV file, whose form its text shows.
  void add_cell(std::string_view value);
  /// STRING if nothing was seen.
  std::string type() const;

 private:
  bool any_ = false;
  bool text_ = false;
  bool boolean_ = false;
  bool whole_ = false;
  bool fraction_ = false;
  bool nested_ = false;
};

/// `, ` between the names, each in quotes of SQL.
std::string quoted_list(std::vector<std::string> const& names);

}  // namespace lakebase::emulator
