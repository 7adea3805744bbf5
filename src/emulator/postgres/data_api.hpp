#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

inline constexpr Kind data_api_kind{"projects/*/branches/*/databases/*/data-api", "DataApi", "data_api"};

/// What is set of the Data API of a database.
struct DataApiRecord {
  std::vector<std::string> db_schemas{"public"};
  std::vector<std::string> db_extra_search_path;
  /// 0: as many as there are.
  std::int64_t db_max_rows = 0;
  std::string db_anon_role = "anonymous";
  bool db_aggregates_enabled = true;
  std::string jwt_role_claim_key = ".sub";
  Duration jwt_cache_max_lifetime{};
  std::string openapi_mode = "OPEN_API_MODE_DISABLED";
  std::vector<std::string> server_cors_allowed_origins;
  bool server_timing_enabled = false;
  /// Schemas of the database when it was last created or updated.
  std::vector<std::string> available_schemas;
  TimePoint create_time;
  TimePoint update_time;

  template <class Field>
  static void describe(Field&& field) {
    field("db_schemas", &DataApiRecord::db_schemas);
    field("db_extra_search_path", &DataApiRecord::db_extra_search_path);
    field("db_max_rows", &DataApiRecord::db_max_rows);
    field("db_anon_role", &DataApiRecord::db_anon_role);
    field("db_aggregates_enabled", &DataApiRecord::db_aggregates_enabled);
    field("jwt_role_claim_key", &DataApiRecord::jwt_role_claim_key);
    field("jwt_cache_max_lifetime", &DataApiRecord::jwt_cache_max_lifetime);
    field("openapi_mode", &DataApiRecord::openapi_mode);
    field("server_cors_allowed_origins", &DataApiRecord::server_cors_allowed_origins);
    field("server_timing_enabled", &DataApiRecord::server_timing_enabled);
    field("available_schemas", &DataApiRecord::available_schemas);
    field("create_time", &DataApiRecord::create_time);
    field("update_time", &DataApiRecord::update_time);
  }
};

/// Where the Data APIs of a branch are served: at its endpoint that writes; empty: nowhere, or it has none.
std::string data_api_address(BranchRecord const& branch);

/// The Data API of a database, which is off until it is created.
class DataApis {
 public:
  static constexpr std::array kinds{&data_api_kind};

  explicit DataApis(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json create(ResourceName const& database, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name);

 private:
  Json show(State const& state, ResourceName const& name) const;
  Plan plan_put(State& state, ResourceName const& name, DataApiRecord wanted);

  Workspace& workspace_;
};

}  // namespace lakebase::emulator
