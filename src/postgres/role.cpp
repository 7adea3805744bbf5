#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateRoleOperation PostgresClient::create_role(std::string_view parent, Role const& role,
                                                CreateRoleOptions const& options) const {
  return detail::start<CreateRoleOperation>(api_, Request::post("/api/2.0/postgres/{}/roles", parent)
                                                      .query("replace_existing", options.replace_existing)
                                                      .query("role_id", options.role_id)
                                                      .body(role));
}

DeleteRoleOperation PostgresClient::delete_role(std::string_view name, DeleteRoleOptions const& options) const {
  return detail::start<DeleteRoleOperation>(
      api_, Request::del("/api/2.0/postgres/{}", name).query("reassign_owned_to", options.reassign_owned_to));
}

Role PostgresClient::get_role(std::string_view name) const {
  return detail::fetch<Role>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<Role> PostgresClient::list_roles(std::string_view parent, ListRolesOptions const& options) const {
  return detail::list(api_, Request::get("/api/2.0/postgres/{}/roles", parent).query("page_size", options.page_size),
                      options.page_token, &ListRolesResponse::roles);
}

RevealRolePasswordResponse PostgresClient::reveal_role_password(std::string_view name) const {
  // Safe: a POST only because its response is a secret.
  return detail::fetch<RevealRolePasswordResponse>(
      api_, Request::post("/api/2.0/postgres/{}/password", name).empty_body().idempotency(detail::Idempotency::safe));
}

UpdateRoleOperation PostgresClient::update_role(std::string_view name, Role const& role,
                                                FieldMask const& update_mask) const {
  return detail::start<UpdateRoleOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name).query("update_mask", update_mask).body(role, update_mask));
}

}  // namespace v0
}  // namespace lakebase
