#include <lakebase/postgres_client.hpp>

#include "base/text/uuid.hpp"
#include "call/call.hpp"
#include "postgres/requests.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

DeleteRecoveryBranchPreviewOperation PostgresClient::delete_recovery_branch_preview(
    std::string_view name, DeleteRecoveryBranchPreviewOptions const& options) const {
  return detail::start<DeleteRecoveryBranchPreviewOperation>(
      api_,
      Request::del("/api/2.0/postgres/{}", name).query("request_id", detail::request_id_or_new(options.request_id)));
}

RecoveryBranchPreview PostgresClient::get_recovery_branch_preview(std::string_view name) const {
  return detail::fetch<RecoveryBranchPreview>(api_, Request::get("/api/2.0/postgres/{}", name));
}

InspectRecoveryBranchPreviewOperation PostgresClient::inspect_recovery_branch_preview(
    std::string_view name, std::string_view branch_id, InspectRecoveryBranchPreviewOptions const& options) const {
  auto const request = detail::InspectRecoveryBranchPreviewRequest{
      .branch_id = std::string{branch_id}, .request_id = detail::request_id_or_new(options.request_id)};
  return detail::start<InspectRecoveryBranchPreviewOperation>(
      api_, Request::post("/api/2.0/postgres/{}/inspect", name).body(request));
}

Pager<RecoveryBranchPreview> PostgresClient::list_recovery_branch_previews(
    std::string_view parent, ListRecoveryBranchPreviewsOptions const& options) const {
  return detail::list(
      api_,
      Request::get("/api/2.0/postgres/{}/preview/recovery-branches", parent).query("page_size", options.page_size),
      options.page_token, &ListRecoveryBranchPreviewsResponse::recovery_branch_previews);
}

}  // namespace v0
}  // namespace lakebase
