#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/json.hpp"
#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"
#include "postgres/resource_names.hpp"
#include "postgres/synced_table_spec.hpp"
#include "postgres/table_syncs.hpp"

namespace lakebase::emulator {

/// Three parts of letters, digits and underscores, with dots between them.
bool is_unity_table_id(std::string_view id);
inline constexpr IdRule unity_table_ids{R"(^[A-Za-z0-9_]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_]+$)", is_unity_table_id};

inline constexpr Kind synced_table_kind{"synced_tables/*", "SyncedTable", "synced_table", unity_table_ids};

struct SyncedTableRecord {
  std::int64_t sequence = 0;
  /// `catalog.schema.table`; schema and table are those of PostgreSQL too.
  std::string id;
  std::string uid;
  std::string postgres_database;
  std::string pipeline_id;
  SyncedTableSpecRecord spec;
  SyncRecord sync;
  TimePoint create_time;
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &SyncedTableRecord::sequence);
    field("id", &SyncedTableRecord::id);
    field("uid", &SyncedTableRecord::uid);
    field("postgres_database", &SyncedTableRecord::postgres_database);
    field("pipeline_id", &SyncedTableRecord::pipeline_id);
    field("spec", &SyncedTableRecord::spec);
    field("sync", &SyncedTableRecord::sync);
    field("create_time", &SyncedTableRecord::create_time);
    field("creating", &SyncedTableRecord::creating);
  }
};

/// The place that a request asks for, and how it calls that.
struct AskedPlace {
  /// None: it follows from the catalog.
  std::optional<ResourceName> branch;
  /// Empty: the same.
  std::string database;
  /// The fields, in messages.
  std::string branch_field;
  std::string database_field;
  std::string storage_field;
};

/// Tables that are copied from Unity Catalog into PostgreSQL. They can be created and deleted, and neither changed nor
/// listed. The emulator is told where their rows come from; see `WorkspaceOptions::sources`.
class SyncedTables {
 public:
  static constexpr std::array kinds{&synced_table_kind};

  explicit SyncedTables(Workspace& workspace) : workspace_(workspace), syncs_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json create(Call const& call);
  Json remove(ResourceName const& name);
  /// Starts to make a synced table. @param id checked
  Json start(std::string const& id, SyncedTableSpecRecord const& wanted,
             std::function<AskedPlace(State const&)> const& find_asked, Identity const& caller);
  /// @param drops the table in PostgreSQL goes, too
  Plan plan_remove(State const& state, ResourceName const& name, bool drops) const;
  TableSyncs& syncs() { return syncs_; }

 private:
  Json show(State const& state, ResourceName const& name) const;

  Workspace& workspace_;
  TableSyncs syncs_;
};

}  // namespace lakebase::emulator
