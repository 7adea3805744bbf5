#pragma once

#include "postgres/call.hpp"
#include "postgres/views.hpp"

namespace lakebase::emulator {

/// Endpoints of a branch, and their compute instances.
class Endpoints {
 public:
  Endpoints(Workspace& workspace, Views const& views) : workspace_(workspace), views_(views) {}

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
  Json show(State const& state, ResourceName const& name) const;
  Work plan_create(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);
  Work plan_change(State& state, ResourceName const& name, Fields const& spec, Touched const& touched);

  Workspace& workspace_;
  Views const& views_;
};

/// The endpoint `primary` that each branch comes with.
EndpointRecord primary_endpoint(State& state, ComputeSpec const& compute, TimePoint now);

/// Opens an endpoint's front and starts its compute; notes the address in the record.
void bring_up(Computes& computes, std::string const& branch_uid, EndpointRecord& endpoint);

}  // namespace lakebase::emulator
