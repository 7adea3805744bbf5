#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"
#include "postgres/cdf_feeds.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

/// 1 to 63 lower-case letters, digits and underscores, a letter first.
bool is_cdf_config_id(std::string_view id);
inline constexpr Kind cdf_config_kind{"projects/*/branches/*/databases/*/cdf-configs/*",
                                      "CdfConfig",
                                      "cdf_config",
                                      {"[a-z][a-z0-9_]{0,62}", is_cdf_config_id}};

/// See `FedTable`.
struct FedTableRecord {
  std::string name;
  std::string relation;
  std::string file;
  std::int64_t size = 0;
  std::string snapshot;
  std::string lsn;

  template <class Field>
  static void describe(Field&& field) {
    field("name", &FedTableRecord::name);
    field("relation", &FedTableRecord::relation);
    field("file", &FedTableRecord::file);
    field("size", &FedTableRecord::size);
    field("snapshot", &FedTableRecord::snapshot);
    field("lsn", &FedTableRecord::lsn);
  }
};

struct CdfConfigRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string catalog;
  std::string schema;
  std::string postgres_schema;
  /// Where the feed begins: the position in the log at which it was created.
  std::string start_lsn;
  /// Changes up to here are in the files; empty: nothing is.
  std::string fed_lsn;
  std::vector<FedTableRecord> tables;
  TimePoint last_sync_time;
  TimePoint create_time;
  bool creating = false;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &CdfConfigRecord::sequence);
    field("id", &CdfConfigRecord::id);
    field("catalog", &CdfConfigRecord::catalog);
    field("schema", &CdfConfigRecord::schema);
    field("postgres_schema", &CdfConfigRecord::postgres_schema);
    field("start_lsn", &CdfConfigRecord::start_lsn);
    field("fed_lsn", &CdfConfigRecord::fed_lsn);
    field("tables", &CdfConfigRecord::tables);
    field("last_sync_time", &CdfConfigRecord::last_sync_time);
    field("create_time", &CdfConfigRecord::create_time);
    field("creating", &CdfConfigRecord::creating);
  }
};

/// Change data feeds of a database, each of one schema. They can be created and deleted, and not be changed.
class CdfConfigs {
 public:
  static constexpr std::array kinds{&cdf_config_kind};

  explicit CdfConfigs(Workspace& workspace) : workspace_(workspace), feeds_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& database, Query const& query) const;
  Json create(ResourceName const& database, Call const& call);
  Json remove(ResourceName const& name, bool and_files);
  CdfFeeds& feeds() { return feeds_; }

 private:
  Json view(ResourceName const& database, CdfConfigRecord const& config) const;
  Plan plan_create(State& state, ResourceName const& name, CdfConfigRecord config);

  Workspace& workspace_;
  CdfFeeds feeds_;
};

/// The feed of this name, or of a status of it. @throws ServiceError not found, for the highest missing parent
CdfConfigRecord const& live_cdf_config(State const& state, ResourceName const& name);

}  // namespace lakebase::emulator
