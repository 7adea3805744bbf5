#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"
#include "engine/errors.hpp"
#include "engine/records.hpp"
#include "postgres/cdf_config.hpp"
#include "postgres/data_api.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

inline constexpr Kind database_kind{"projects/*/branches/*/databases/*", "Database", "database"};

struct DatabaseRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string postgres_database;
  /// Id of the owner's role.
  std::string role_id;
  TimePoint create_time;
  TimePoint update_time;
  bool creating = false;
  /// None: it is off.
  std::optional<DataApiRecord> data_api;
  Records<CdfConfigRecord> cdf_configs;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &DatabaseRecord::sequence);
    field("id", &DatabaseRecord::id);
    field("postgres_database", &DatabaseRecord::postgres_database);
    field("role_id", &DatabaseRecord::role_id);
    field("create_time", &DatabaseRecord::create_time);
    field("update_time", &DatabaseRecord::update_time);
    field("creating", &DatabaseRecord::creating);
    field("data_api", &DatabaseRecord::data_api);
    field("cdf_configs", &DatabaseRecord::cdf_configs);
  }
};

/// Databases of a branch: resources here, and databases in PostgreSQL.
class Databases {
 public:
  static constexpr std::array kinds{&database_kind};

  explicit Databases(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& branch, Query const& query) const;
  Json create(ResourceName const& branch, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name);
  /// Removes a database from the state; see `ResourceTable::erase`.
  static void erase(State& state, ResourceName const& name, Json const& removal);

 private:
  Json view(ProjectRecord const& project, BranchRecord const& branch, DatabaseRecord const& database) const;
  Json show(State const& state, ResourceName const& name) const;
  Plan plan_create(State& state, ResourceName const& name, Fields const& spec);
  Plan plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  void open_to_superusers(std::string const& branch_uid, DatabaseRecord const& database) const;

  Workspace& workspace_;
};

/// The name in `spec.postgres_database`, or the default. @throws ServiceError if it cannot be a name
std::string database_name_from_spec(Fields const& spec, std::string const& default_name);

/// Whether it is one that PostgreSQL has from the beginning: none of the service's.
bool is_of_postgresql(std::string_view postgres_database);

/// @throws ServiceError if the branch has a database of that name, or if PostgreSQL keeps the name
void require_free(BranchRecord const& branch, DatabaseRecord const& database);

/// Enters a database that is being created into the state. @throws ServiceError if its name is taken, or by the quota
void enter_new(State& state, BranchRecord& branch, DatabaseRecord& database, Limits const& limits);

/// SQL that creates the database.
std::string sql_to_create(DatabaseRecord const& database, std::string const& owner);
/// SQL that gives all rights on the database itself to databricks_superuser, as in the service.
std::string sql_to_open_to_superusers(DatabaseRecord const& database);
/// Finds nothing if there is no such database.
std::string sql_to_find_database(std::string const& postgres_database);
/// Cuts its sessions.
std::string sql_to_drop_database(std::string const& postgres_database);

ServiceError database_not_found(std::string_view database_id);

}  // namespace lakebase::emulator
