#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/computes.hpp"
#include "sync/source.hpp"

namespace lakebase::emulator {

/// The table of PostgreSQL that follows a source.
struct SyncTarget {
  struct TypeOverride {
    std::string column;
    std::string postgres_type;
  };
  struct ExtraColumn {
    std::string name;
    std::string type;
    std::string expression;
    bool is_generated = false;
  };
  struct ExtraIndex {
    std::string name;
    std::string definition;
  };

  /// Of the synced table, of which a table of PostgreSQL is the one only if this is the same.
  std::string uid;
  std::string branch_uid;
  std::string database;
  std::string schema;
  std::string table;
  std::vector<std::string> keys;
  /// Of rows with the same key the one in which this column is greatest counts. Empty: there must be one of each.
  std::string timeseries_key;
  std::vector<TypeOverride> type_overrides;
  std::vector<ExtraColumn> extra_columns;
  std::vector<ExtraIndex> extra_indexes;
};

struct SyncRequest {
  /// Make the table anew, also if its source has not changed.
  bool is_full_refresh = false;
  /// Throws if the emulator stops.
  std::function<void()> check;
  /// How many rows have gone to PostgreSQL; may be null.
  std::atomic<std::uint64_t>* copied = nullptr;
};

struct SyncOutcome {
  /// Of the source as it was read; see `Source::mark`.
  std::string mark;
  /// How often the source was found changed; the first state of it is 0.
  std::int64_t version = 0;
};

/// Whether the same may succeed later although nobody changes anything.
bool is_worth_another_try(DataPlaneError const& error);

/// Makes the table what its source is: at first by a copy of all rows, and then by what has changed. Rows and position
/// change in one transaction, so that a failure, of the emulator too, leaves the table as it was.
/// @throws SyncError if the user has to change something
/// @throws DataPlaneError if PostgreSQL cannot be reached, or a lock is not to be had
SyncOutcome sync_table(Computes& computes, SyncTarget const& target, Source& source, SyncRequest const& request);

}  // namespace lakebase::emulator
