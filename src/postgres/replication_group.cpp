#include <lakebase/postgres_client.hpp>

#include "base/text/uuid.hpp"
#include "call/call.hpp"
#include "postgres/requests.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

namespace {

template <class Options>
detail::ChangePrimaryRequest change_primary(std::string_view target_workspace, Options const& options) {
  return {.etag = options.etag,
          .request_id = detail::request_id_or_new(options.request_id),
          .target_workspace = std::string{target_workspace}};
}

}  // namespace

CreateReplicationGroupPreviewOperation PostgresClient::create_replication_group_preview(
    std::string_view parent, ReplicationGroupPreview const& replication_group_preview,
    std::string_view replication_group_preview_id, CreateReplicationGroupPreviewOptions const& options) const {
  return detail::start<CreateReplicationGroupPreviewOperation>(
      api_, Request::post("/api/2.0/postgres/{}/preview/replication-groups", parent)
                .query("replication_group_preview_id", replication_group_preview_id)
                .query("request_id", detail::request_id_or_new(options.request_id))
                .body(replication_group_preview));
}

DeleteReplicationGroupPreviewOperation PostgresClient::delete_replication_group_preview(
    std::string_view name, DeleteReplicationGroupPreviewOptions const& options) const {
  return detail::start<DeleteReplicationGroupPreviewOperation>(
      api_, Request::del("/api/2.0/postgres/{}", name)
                .query("etag", options.etag)
                .query("request_id", detail::request_id_or_new(options.request_id)));
}

FailoverReplicationGroupPreviewOperation PostgresClient::failover_replication_group_preview(
    std::string_view name, std::string_view target_workspace,
    FailoverReplicationGroupPreviewOptions const& options) const {
  return detail::start<FailoverReplicationGroupPreviewOperation>(
      api_, Request::post("/api/2.0/postgres/{}/failover", name).body(change_primary(target_workspace, options)));
}

ReplicationGroupPreview PostgresClient::get_replication_group_preview(std::string_view name) const {
  return detail::fetch<ReplicationGroupPreview>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<ReplicationGroupPreview> PostgresClient::list_replication_group_previews(
    std::string_view parent, ListReplicationGroupPreviewsOptions const& options) const {
  return detail::list(
      api_,
      Request::get("/api/2.0/postgres/{}/preview/replication-groups", parent).query("page_size", options.page_size),
      options.page_token, &ListReplicationGroupPreviewsResponse::replication_group_previews);
}

SwitchoverReplicationGroupPreviewOperation PostgresClient::switchover_replication_group_preview(
    std::string_view name, std::string_view target_workspace,
    SwitchoverReplicationGroupPreviewOptions const& options) const {
  return detail::start<SwitchoverReplicationGroupPreviewOperation>(
      api_, Request::post("/api/2.0/postgres/{}/switchover", name).body(change_primary(target_workspace, options)));
}

UpdateReplicationGroupPreviewOperation PostgresClient::update_replication_group_preview(
    std::string_view name, ReplicationGroupPreview const& replication_group_preview, FieldMask const& update_mask,
    UpdateReplicationGroupPreviewOptions const& options) const {
  return detail::start<UpdateReplicationGroupPreviewOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name)
                .query("request_id", detail::request_id_or_new(options.request_id))
                .query("update_mask", update_mask)
                .body(replication_group_preview, update_mask));
}

}  // namespace v0
}  // namespace lakebase
