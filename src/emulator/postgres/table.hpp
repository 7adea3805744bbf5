#pragma once

#include <array>
#include <cstdint>
#include <functional>
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

/// Where the rows of a registered table are served.
std::string serving_url(BranchRecord const& branch, std::string const& id, std::string const& postgres_database);

/// Tables of PostgreSQL that are registered in Unity Catalog. No operations: each call does what it does at once.
class Tables {
 public:
  static constexpr std::array kinds{&table_kind};

  explicit Tables(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json create(Call const& call);
  Json remove(ResourceName const& name);
  /// Registers a table at once. @param id checked
  /// @param name_field the field of the request that has the id, in messages
  void register_table(std::string const& id, std::string const& name_field,
                      std::function<DatabaseObjects(State const&)> const& find_database);

 private:
  Json show(State const& state, ResourceName const& name) const;

  Workspace& workspace_;
};

}  // namespace lakebase::emulator
