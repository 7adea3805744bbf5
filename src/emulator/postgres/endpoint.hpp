#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "common/json.hpp"
#include "common/random.hpp"
#include "common/time.hpp"
#include "engine/errors.hpp"
#include "engine/records.hpp"
#include "postgres/compute_rules.hpp"
#include "postgres/forward_declarations.hpp"
#include "postgres/kind.hpp"

namespace lakebase::emulator {

inline constexpr Kind endpoint_kind{"projects/*/branches/*/endpoints/*", "Endpoint", "endpoint"};
inline constexpr Kind compute_instance_kind{"projects/*/branches/*/endpoints/*/compute-instances/*", "ComputeInstance",
                                            "compute_instance"};

struct EndpointRecord {
  std::int64_t sequence = 0;
  std::string id;
  std::string uid;
  bool read_only = false;
  ComputeSpec compute;
  bool disabled = false;
  /// What the client asked for; none: false for read-write endpoints, true for read-only ones.
  std::optional<bool> readable_secondaries;
  /// How many connections it takes; 0: as many as its size allows.
  std::int64_t max_connections = 0;
  /// The primary and its standbys.
  std::int64_t computes = 1;
  /// The address of its front; empty until the data plane has opened that.
  std::string address;
  /// The same of the front of its standbys; kept while they cannot be read from.
  std::string read_only_address;
  TimePoint create_time;
  TimePoint update_time;
  /// Not yet complete: shown in the state INIT.
  bool creating = false;
  /// Until then it shows a `pending_state`, and cannot be deleted.
  std::optional<TimePoint> reconciling_until;

  template <class Field>
  static void describe(Field&& field) {
    field("sequence", &EndpointRecord::sequence);
    field("id", &EndpointRecord::id);
    field("uid", &EndpointRecord::uid);
    field("read_only", &EndpointRecord::read_only);
    field("compute", &EndpointRecord::compute);
    field("disabled", &EndpointRecord::disabled);
    field("readable_secondaries", &EndpointRecord::readable_secondaries);
    field("max_connections", &EndpointRecord::max_connections);
    field("computes", &EndpointRecord::computes);
    field("address", &EndpointRecord::address);
    field("read_only_address", &EndpointRecord::read_only_address);
    field("create_time", &EndpointRecord::create_time);
    field("update_time", &EndpointRecord::update_time);
    field("creating", &EndpointRecord::creating);
  }
};

/// Endpoints of a branch, and their compute instances.
class Endpoints {
 public:
  static constexpr std::array kinds{&endpoint_kind, &compute_instance_kind};

  explicit Endpoints(Workspace& workspace) : workspace_(workspace) {}

  void routes(Router& router);

  Json get(ResourceName const& name) const;
  Json list(ResourceName const& branch, Query const& query) const;
  Json create(ResourceName const& branch, Call const& call);
  Json update(ResourceName const& name, Call const& call);
  Json remove(ResourceName const& name);

  Json get_compute_instance(ResourceName const& name) const;
  Json list_compute_instances(ResourceName const& endpoint, Query const& query) const;

  /// The uid by which the data plane knows an endpoint.
  std::string uid_of(std::string const& endpoint_name) const;

 private:
  Json view(ProjectRecord const& project, BranchRecord const& branch, EndpointRecord const& endpoint) const;
  /// One for each server: a suspended compute has none.
  std::vector<Json> instance_views(ResourceName const& endpoint) const;
  Json show(State const& state, ResourceName const& name) const;
  Plan plan_create(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Plan plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);

  Workspace& workspace_;
};

/// The state of the endpoint's compute; none if it has none, or none yet.
std::optional<ComputeStatus> status_of(Computes const& computes, EndpointRecord const& endpoint);
/// Whether it has standbys that clients can read from.
bool has_readable_standbys(EndpointRecord const& endpoint);
/// The settings of an endpoint's compute for the data plane.
ComputeSettings settings_of(EndpointRecord const& endpoint);

/// The endpoint `primary` that each branch comes with.
EndpointRecord primary_endpoint(State& state, RandomBytes const& random, ComputeSpec const& compute, TimePoint now);

/// Whether another compute of the project may be active. @throws ServiceError
void require_active_room(Workspace const& workspace, ProjectRecord const& project);
/// Why an endpoint's compute may not be woken; none: it may, or it is active already.
std::optional<std::string> reason_to_sleep(Workspace const& workspace, ProjectRecord const& project,
                                           EndpointRecord const& endpoint);

/// Opens an endpoint's fronts, at the addresses of the record if they are free, and enters those that they have.
void open_fronts(Computes& computes, std::string const& branch_uid, EndpointRecord& endpoint);
/// Opens an endpoint's fronts, starts its compute unless it is disabled, and enters the addresses into the record.
void bring_up(Computes& computes, std::string const& branch_uid, EndpointRecord& endpoint);
/// Gives its computes the settings of an endpoint, and enters the address of the standbys' front.
void update_computes(Computes& computes, EndpointRecord& endpoint);
/// Where clients read only; empty: nowhere.
std::string read_only_host_of(EndpointRecord const& endpoint);
/// Opens the first endpoint of a new branch.
void open_new(Workspace& workspace, std::string const& branch_uid, EndpointRecord& endpoint);

}  // namespace lakebase::emulator
