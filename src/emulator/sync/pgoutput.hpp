#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lakebase::emulator {

/// A column of a row that changes, as JSON has it.
struct ChangedValue {
  std::string name;
  std::string json;
};
using ChangedRow = std::vector<ChangedValue>;

/// A change of a row of a table; with no row at all, its TRUNCATE.
struct RowChange {
  std::string schema;
  std::string table;
  /// The row before, of an update and a deletion.
  std::optional<ChangedRow> before;
  /// The row afterwards, of an insertion and an update.
  std::optional<ChangedRow> after;
};

/// A transaction that was committed.
struct ChangedTransaction {
  std::uint32_t xid = 0;
  /// Of its commit, and where the log goes on after it.
  std::uint64_t commit_lsn = 0;
  std::uint64_t end_lsn = 0;
  /// Microseconds since 1970.
  std::int64_t time = 0;
  std::vector<RowChange> changes;
};

/// Reads what PostgreSQL's output plugin `pgoutput` writes, in version 1 of its protocol.
class PgOutput {
 public:
  /// @return the transaction that the message ends, if it ends one
  /// @throws std::runtime_error if it is no such message
  std::optional<ChangedTransaction> read(std::string_view message);

 private:
  struct Column {
    std::string name;
    std::uint32_t type = 0;
  };
  struct Relation {
    std::string schema;
    std::string table;
    std::vector<Column> columns;
  };
  class Bytes;

  void read_relation(Bytes& bytes);
  Relation const& relation(Bytes& bytes) const;
  static ChangedRow read_row(Bytes& bytes, Relation const& relation, ChangedRow const* before);
  void add_change(Bytes& bytes, char kind);
  void add_truncations(Bytes& bytes);

  std::map<std::uint32_t, Relation> relations_;
  ChangedTransaction transaction_;
};

/// A value of PostgreSQL as JSON: numbers, truth values and JSON as such, the rest as text.
std::string json_of_value(std::uint32_t type, std::string_view text);

}  // namespace lakebase::emulator
