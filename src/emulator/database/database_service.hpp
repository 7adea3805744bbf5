#pragma once

#include "database/catalog.hpp"
#include "database/credential.hpp"
#include "database/instance.hpp"
#include "database/role.hpp"
#include "database/synced_table.hpp"
#include "database/table.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {

/// The API of database instances: all its resources over one workspace.
class DatabaseService {
 public:
  DatabaseService(Workspace& workspace, Resources& resources, Credentials const& credentials)
      : instances_(workspace),
        roles_(workspace, resources.get<Roles>()),
        credentials_(workspace, credentials),
        catalogs_(workspace, resources.get<Catalogs>()),
        tables_(workspace, resources.get<Tables>()),
        synced_tables_(workspace, resources.get<SyncedTables>()) {}

  void routes(Router& router);
  Instances const& instances() const { return instances_; }
  void run_due() { instances_.run_due(); }
  std::optional<TimePoint> next_due() const { return instances_.next_due(); }

 private:
  Instances instances_;
  InstanceRoles roles_;
  InstanceCredentials credentials_;
  DatabaseCatalogs catalogs_;
  DatabaseTables tables_;
  SyncedDatabaseTables synced_tables_;
};

}  // namespace lakebase::emulator
