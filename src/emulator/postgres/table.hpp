#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/json.hpp"
#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"
#include "postgres/synced_table.hpp"

namespace lakebase::emulator {

inline constexpr Kind table_kind{"tables/*", "Table", "table", unity_table_ids};

struct TableRecord {
  std::int64_t sequence = 0;
  /// `catalog.schema.table`; schema and table are those of PostgreSQL too.
  std::string id;
  std::string postgres_database;
  TimePoint create_time;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &TableRecord::sequence);
    field("id", &TableRecord::id);
    field("postgres_database", &TableRecord::postgres_database);
    field("create_time", &TableRecord::create_time);
  }
};

/// Tables of PostgreSQL that are registered in Unity Catalog. No operations: each call does what it does at once.
class Tables {
 public:
  static constexpr std::array kinds{&table_kind};

  explicit Tables(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json create(Call const& call);
  Json remove(ResourceName const& name);

 private:
  Json show(State const& state, ResourceName const& name) const;

  Workspace& workspace_;
};

}  // namespace lakebase::emulator
