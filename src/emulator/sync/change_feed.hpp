#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/computes.hpp"

namespace lakebase::emulator {

/// A table whose changes are written to a file.
struct FedTable {
  std::string name;
  /// Its OID, which tells it from a later table of the same name.
  std::string relation;
  std::string file;
  /// How much of the file is valid; what stands behind it was not acknowledged.
  std::uint64_t size = 0;
  /// The transactions whose rows the first copy holds, as `pg_current_snapshot` writes them.
  std::string snapshot;
  /// Of the first copy.
  std::string lsn;
};

/// Where a feed stands. It is to be kept before the slot is told, so that nothing is written twice.
struct FeedPosition {
  std::vector<FedTable> tables;
  /// Changes up to here are in the files; empty: there is no slot yet.
  std::string lsn;
};

/// The feed of a schema of a database.
struct FeedPlan {
  std::string branch_uid;
  std::string database;
  std::string schema;
  /// Of the slot and the publication.
  std::string slot;
  std::filesystem::path folder;
  /// In front of the tables' names, as names of files: `main.cdf.`
  std::string prefix;
};

/// Writes what has changed since the last call into the files, the rows of new tables first.
/// @param keep is called with each new position, and must have it on the disk when it returns
/// @return whether there may be more to be written
bool write_changes(Computes& computes, FeedPlan const& plan, FeedPosition& position,
                   std::function<void(FeedPosition const&)> const& keep);

/// Removes slot and publication of a feed, if they are there.
void end_feed(Computes& computes, FeedPlan const& plan);

/// Statements that list the tables of a schema with what decides about them: OID, name, kind, whether it is a
/// partition, persistence and replica identity.
std::string sql_to_list_fed_tables(std::string const& schema);
/// Why a table of that list is left out; empty: it is not.
std::string why_not_fed(std::string const& schema, std::vector<std::string> const& row);

}  // namespace lakebase::emulator
