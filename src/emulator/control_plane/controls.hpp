#pragma once

#include <string>
#include <vector>

#include "common/timekeeper.hpp"
#include "database/instance.hpp"
#include "engine/router.hpp"
#include "http/faults.hpp"
#include "postgres/branch.hpp"
#include "postgres/credential.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Controls besides the service's API: `/emulator/…`, and the same for C++.
class Controls {
 public:
  Controls(Workspace& workspace, Branches& branches, Endpoints const& endpoints, Instances const& instances,
           Credentials& credentials, Faults& faults, Timekeeper& time)
      : workspace_(workspace),
        branches_(branches),
        endpoints_(endpoints),
        instances_(instances),
        credentials_(credentials),
        faults_(faults),
        time_(time) {}

  void routes(Router& router);

  // Where the name of an endpoint is asked for, that of a database instance will do, too.
  void suspend(std::string const& endpoint_name);
  void crash(std::string const& endpoint_name);
  void fail_over(std::string const& endpoint_name);
  /// Waits for the end. @throws ServiceError that says why it failed
  void reset_branch(std::string const& branch_name);
  void refuse_logins(std::string const& endpoint_name, LoginRefusal refusal);
  void accept_logins(std::string const& endpoint_name);
  void set_token_life(std::optional<Duration> life) { credentials_.set_token_life(life); }
  void inject(FaultRule rule) { faults_.add(std::move(rule)); }
  void clear_faults() { faults_.clear(); }
  Json state() const;
  TimePoint now() const { return time_.now(); }
  /// Moves the time ahead; see `Timekeeper::advance`.
  /// @return the operations that still run although it waited for them for long
  /// @throws ServiceError if the time does not go there
  std::vector<std::string> advance(Duration duration);

 private:
  std::string uid_of(std::string const& name) const;
  Json clock() const;
  Json standbys_of(EndpointRecord const& endpoint) const;
  Json advance(Fields const& body);
  std::vector<std::string> running_operations() const;

  Workspace& workspace_;
  Branches& branches_;
  Endpoints const& endpoints_;
  Instances const& instances_;
  Credentials& credentials_;
  Faults& faults_;
  Timekeeper& time_;
};

}  // namespace lakebase::emulator
