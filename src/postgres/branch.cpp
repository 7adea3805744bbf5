#include <lakebase/postgres_client.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateBranchOperation PostgresClient::create_branch(std::string_view parent, Branch const& branch,
                                                    std::string_view branch_id,
                                                    CreateBranchOptions const& options) const {
  return detail::start<CreateBranchOperation>(api_, Request::post("/api/2.0/postgres/{}/branches", parent)
                                                        .query("branch_id", branch_id)
                                                        .query("replace_existing", options.replace_existing)
                                                        .body(branch));
}

DeleteBranchOperation PostgresClient::delete_branch(std::string_view name, DeleteBranchOptions const& options) const {
  return detail::start<DeleteBranchOperation>(api_, Request::del("/api/2.0/postgres/{}", name)
                                                        .query("allow_missing", options.allow_missing)
                                                        .query("purge", options.purge));
}

Branch PostgresClient::get_branch(std::string_view name) const {
  return detail::fetch<Branch>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<Branch> PostgresClient::list_branches(std::string_view parent, ListBranchesOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/{}/branches", parent)
                          .query("page_size", options.page_size)
                          .query("show_deleted", options.show_deleted),
                      options.page_token, &ListBranchesResponse::branches);
}

UndeleteBranchOperation PostgresClient::undelete_branch(std::string_view name) const {
  return detail::start<UndeleteBranchOperation>(api_,
                                                Request::post("/api/2.0/postgres/{}/undelete", name).empty_body());
}

UpdateBranchOperation PostgresClient::update_branch(std::string_view name, Branch const& branch,
                                                    FieldMask const& update_mask) const {
  return detail::start<UpdateBranchOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name).query("update_mask", update_mask).body(branch, update_mask));
}

}  // namespace v0
}  // namespace lakebase
