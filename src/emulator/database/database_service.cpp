#include "database/database_service.hpp"

namespace lakebase::emulator {

void DatabaseService::routes(Router& router) {
  instances_.routes(router);
  credentials_.routes(router);
}

}  // namespace lakebase::emulator
