#include <lakebase/database_client.hpp>

#include "call/call.hpp"
#include "database/names.hpp"

namespace lakebase {
inline namespace v0 {

using namespace database;
using detail::instance_segment;
using detail::Request;
using detail::Segment;

DatabaseInstanceRole DatabaseClient::create_database_instance_role(
    std::string_view instance_name, DatabaseInstanceRole const& database_instance_role,
    CreateDatabaseInstanceRoleOptions const& options) const {
  return detail::fetch<DatabaseInstanceRole>(
      api_, Request::post("/api/2.0/database/instances/{}/roles", instance_segment(instance_name))
                .query("database_instance_name", options.database_instance_name)
                .body(database_instance_role));
}

void DatabaseClient::delete_database_instance_role(std::string_view instance_name, std::string_view name,
                                                   DeleteDatabaseInstanceRoleOptions const& options) const {
  detail::perform(
      api_, Request::del("/api/2.0/database/instances/{}/roles/{}", instance_segment(instance_name), Segment{name})
                .query("allow_missing", options.allow_missing)
                .query("reassign_owned_to", options.reassign_owned_to));
}

DatabaseInstanceRole DatabaseClient::get_database_instance_role(std::string_view instance_name,
                                                                std::string_view name) const {
  return detail::fetch<DatabaseInstanceRole>(
      api_, Request::get("/api/2.0/database/instances/{}/roles/{}", instance_segment(instance_name), Segment{name}));
}

Pager<DatabaseInstanceRole> DatabaseClient::list_database_instance_roles(
    std::string_view instance_name, ListDatabaseInstanceRolesOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/database/instances/{}/roles", instance_segment(instance_name))
                          .query("page_size", options.page_size),
                      options.page_token, &ListDatabaseInstanceRolesResponse::database_instance_roles);
}

DatabaseInstanceRole DatabaseClient::update_database_instance_role(
    std::string_view instance_name, std::string_view name, DatabaseInstanceRole const& database_instance_role,
    UpdateDatabaseInstanceRoleOptions const& options) const {
  return detail::fetch<DatabaseInstanceRole>(
      api_, Request::patch("/api/2.0/database/instances/{}/roles/{}", instance_segment(instance_name), Segment{name})
                .query("database_instance_name", options.database_instance_name)
                .body(database_instance_role));
}

}  // namespace v0
}  // namespace lakebase
