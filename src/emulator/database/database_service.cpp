#include "database/database_service.hpp"

namespace lakebase::emulator {

void DatabaseService::routes(Router& router) {
  instances_.routes(router);
  roles_.routes(router);
  credentials_.routes(router);
  catalogs_.routes(router);
  tables_.routes(router);
  synced_tables_.routes(router);
}

}  // namespace lakebase::emulator
