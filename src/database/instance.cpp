#include <fmt/format.h>

#include <lakebase/database_client.hpp>
#include <lakebase/error.hpp>

#include "call/call.hpp"
#include "database/instance_state.hpp"
#include "database/names.hpp"
#include "database/requests.hpp"
#include "database/service.hpp"

namespace lakebase {
inline namespace v0 {

using namespace database;
using detail::instance_segment;
using detail::Request;

namespace {

void check_new_instance(DatabaseInstance const& instance) {
  static_cast<void>(instance_segment(instance.name.value_or("")));
  if (!instance.parent_instance_ref) return;
  auto const& parent = *instance.parent_instance_ref;
  if (parent.name) static_cast<void>(instance_segment(*parent.name));
  if (!parent.lsn || !parent.branch_time) return;
  throw InvalidArgument{ErrorFacts{.message = "parent_instance_ref names both an lsn and a branch_time",
                                   .hint = "Set one of them; with neither, the parent is copied as it is now."}};
}

}  // namespace

CreateDatabaseInstanceOperation DatabaseClient::create_database_instance(
    DatabaseInstance const& database_instance) const {
  check_new_instance(database_instance);
  return detail::start<CreateDatabaseInstanceOperation>(
      api_, Request::post("/api/2.0/database/instances").body(database_instance), detail::instance_protocol);
}

void DatabaseClient::delete_database_instance(std::string_view name,
                                              DeleteDatabaseInstanceOptions const& options) const {
  detail::perform(api_, Request::del("/api/2.0/database/instances/{}", instance_segment(name))
                            .query("force", options.force)
                            .query("purge", options.purge));
}

DatabaseInstance DatabaseClient::failover_database_instance(std::string_view name,
                                                            FailoverDatabaseInstanceOptions const& options) const {
  auto const& target = options.failover_target_database_instance_name;
  if (target) static_cast<void>(instance_segment(*target));
  detail::FailoverInstanceRequest const body{.failover_target_database_instance_name = target};
  return detail::fetch<DatabaseInstance>(
      api_, Request::post("/api/2.0/database/instances/{}/failover", instance_segment(name)).body(body));
}

DatabaseInstance DatabaseClient::find_database_instance_by_uid(FindDatabaseInstanceByUidOptions const& options) const {
  return detail::fetch<DatabaseInstance>(
      api_, Request::get("/api/2.0/database/instances:findByUid").query("uid", options.uid));
}

DatabaseInstance DatabaseClient::get_database_instance(std::string_view name) const {
  return detail::fetch<DatabaseInstance>(api_, Request::get("/api/2.0/database/instances/{}", instance_segment(name)));
}

Pager<DatabaseInstance> DatabaseClient::list_database_instances(ListDatabaseInstancesOptions const& options) const {
  return detail::list(api_, Request::get("/api/2.0/database/instances").query("page_size", options.page_size),
                      options.page_token, &ListDatabaseInstancesResponse::database_instances);
}

DatabaseInstance DatabaseClient::update_database_instance(std::string_view name,
                                                          DatabaseInstance const& database_instance,
                                                          std::string_view update_mask) const {
  auto const mask = detail::parse_update_mask(update_mask);
  return detail::fetch<DatabaseInstance>(api_, Request::patch("/api/2.0/database/instances/{}", instance_segment(name))
                                                   .query("update_mask", mask)
                                                   .body(database_instance, mask));
}

void DatabaseClient::upgrade_instance_to_autoscaling(std::string_view name) const {
  detail::perform(api_, Request::patch("/api/2.0/database/instances/{}/upgrade", instance_segment(name)));
}

namespace database {

namespace {

struct Missing {
  std::string why{};
  std::string what_to_do{};
};

Missing why_no_host(DatabaseInstance const& instance, HostKind kind) {
  if (!instance.state) {
    return {"it has no state, so it is not one that the service has sent", "Read it by get_database_instance."};
  }
  if (*instance.state == DatabaseInstanceState::starting) {
    return {"it is still being started (STARTING)", "Wait for its creation, or for AVAILABLE by wait_until."};
  }
  if (*instance.state == DatabaseInstanceState::deleting) return {"it is being deleted", "Create another one."};
  if (detail::is_to_be_stopped(instance)) return {"the instance is stopped", "Start it, e.g. by start_instance."};
  if (kind == HostKind::read_only) {
    return {"it has no readable secondaries",
            "Set enable_readable_secondaries and a node_count of 2 or more, or read from the read-write host."};
  }
  return {fmt::format("the service reports none; its state is {}", instance.state->wire()), "Read it again."};
}

}  // namespace

std::string host_of(DatabaseInstance const& instance, HostKind kind) {
  bool const reads = kind == HostKind::read_only;
  auto const& host = reads ? instance.read_only_dns : instance.read_write_dns;
  if (host && !host->empty()) return *host;
  auto reason = why_no_host(instance, kind);
  throw MissingField{
      reads ? "read_only_dns" : "read_write_dns",
      {.message = fmt::format("the instance {} has no host for {}: {}", instance.name.value_or("without a name"),
                              reads ? "reads" : "writes", reason.why),
       .hint = std::move(reason.what_to_do)}};
}

}  // namespace database

}  // namespace v0
}  // namespace lakebase
