#include <lakebase/postgres_client.hpp>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "call/call.hpp"

namespace lakebase {
inline namespace v0 {

using namespace postgres;
using detail::Request;

CreateEndpointOperation PostgresClient::create_endpoint(std::string_view parent, Endpoint const& endpoint,
                                                        std::string_view endpoint_id,
                                                        CreateEndpointOptions const& options) const {
  return detail::start<CreateEndpointOperation>(api_, Request::post("/api/2.0/postgres/{}/endpoints", parent)
                                                          .query("endpoint_id", endpoint_id)
                                                          .query("replace_existing", options.replace_existing)
                                                          .body(endpoint));
}

DeleteEndpointOperation PostgresClient::delete_endpoint(std::string_view name) const {
  return detail::start<DeleteEndpointOperation>(api_, Request::del("/api/2.0/postgres/{}", name));
}

Endpoint PostgresClient::get_endpoint(std::string_view name) const {
  return detail::fetch<Endpoint>(api_, Request::get("/api/2.0/postgres/{}", name));
}

Pager<Endpoint> PostgresClient::list_endpoints(std::string_view parent, ListEndpointsOptions const& options) const {
  return detail::list(api_,
                      Request::get("/api/2.0/postgres/{}/endpoints", parent).query("page_size", options.page_size),
                      options.page_token, &ListEndpointsResponse::endpoints);
}

UpdateEndpointOperation PostgresClient::update_endpoint(std::string_view name, Endpoint const& endpoint,
                                                        FieldMask const& update_mask) const {
  return detail::start<UpdateEndpointOperation>(
      api_, Request::patch("/api/2.0/postgres/{}", name).query("update_mask", update_mask).body(endpoint, update_mask));
}

namespace postgres {

namespace {

// What a host is called in the API, and what it is called in prose.
struct HostNames {
  std::string_view member{};
  std::string_view prose{};
};

HostNames names_of(HostKind kind) {
  switch (kind) {
    case HostKind::read_write:
      return {"host", "host for writes"};
    case HostKind::read_only:
      return {"read_only_host", "host for reads"};
    case HostKind::read_write_pooled:
      return {"read_write_pooled_host", "pooled host for writes"};
    case HostKind::read_only_pooled:
      break;
  }
  return {"read_only_pooled_host", "pooled host for reads"};
}

bool is_for_writes(HostKind kind) {
  return kind == HostKind::read_write || kind == HostKind::read_write_pooled;
}

bool only_reads(Endpoint const& endpoint) {
  if (endpoint.status && endpoint.status->endpoint_type) {
    return *endpoint.status->endpoint_type == EndpointType::read_only;
  }
  return endpoint.spec && endpoint.spec->endpoint_type && *endpoint.spec->endpoint_type == EndpointType::read_only;
}

std::optional<std::string> host_in(EndpointHosts const& hosts, HostKind kind, bool is_replica) {
  switch (kind) {
    case HostKind::read_write:
      return is_replica ? std::nullopt : hosts.host;
    case HostKind::read_only:
      return is_replica && !hosts.read_only_host ? hosts.host : hosts.read_only_host;
    case HostKind::read_write_pooled:
      return is_replica ? std::nullopt : hosts.read_write_pooled_host;
    case HostKind::read_only_pooled:
      break;
  }
  return hosts.read_only_pooled_host;
}

struct Reason {
  std::string why{};
  std::string what_to_do{};
};

// Why the service has reported no hosts yet.
Reason why_no_hosts(Endpoint const& endpoint) {
  if (!endpoint.status) {
    return {"it has no status, so it is not one that the service has sent", "Read it by get_endpoint."};
  }
  auto const& status = *endpoint.status;
  if (status.current_state && *status.current_state == EndpointStatusState::init) {
    return {"it is still being started (INIT)", "Wait for its operation, or read it again in a moment."};
  }
  if (status.disabled.value_or(false)) {
    return {"it is disabled", "Set spec.disabled to false, and read it again."};
  }
  return {fmt::format("the service reports no hosts; its state is {}",
                      status.current_state ? status.current_state->wire() : "unknown"),
          "Read it again; if that does not help, it may have been deleted: check with list_endpoints."};
}

Reason why_no_host(Endpoint const& endpoint, HostKind kind) {
  if (only_reads(endpoint) && is_for_writes(kind)) {
    return {"it is a read-only endpoint",
            "Use HostKind::read_only, or the branch's read-write endpoint (find_read_write_endpoint)."};
  }
  if (!endpoint.status || !endpoint.status->hosts) return why_no_hosts(endpoint);
  if (kind == HostKind::read_only) {
    return {"it is a read-write endpoint without readable standbys",
            "Use a read-only endpoint, or give this one a spec.group of two computes or more with "
            "enable_readable_secondaries."};
  }
  if (kind == HostKind::read_write) return why_no_hosts(endpoint);
  if (kind == HostKind::read_only_pooled && !only_reads(endpoint)) {
    return {"it is a read-write endpoint, which has a pooled host for writes at most",
            "Use HostKind::read_write_pooled, or a read-only endpoint."};
  }
  return {"the service has no pooler for it", "Connect to the host that is not pooled, and pool in the program."};
}

}  // namespace

std::string host_of(Endpoint const& endpoint, HostKind kind) {
  auto const hosts = endpoint.status && endpoint.status->hosts ? *endpoint.status->hosts : EndpointHosts{};
  if (auto host = host_in(hosts, kind, only_reads(endpoint)); host && !host->empty()) return *std::move(host);
  auto const names = names_of(kind);
  auto reason = why_no_host(endpoint, kind);
  throw MissingField{fmt::format("status.hosts.{}", names.member),
                     {.message = fmt::format("the endpoint {} has no {}: {}",
                                             endpoint.name.value_or(endpoint.endpoint_id.value_or("without a name")),
                                             names.prose, reason.why),
                      .hint = std::move(reason.what_to_do)}};
}

}  // namespace postgres

}  // namespace v0
}  // namespace lakebase
