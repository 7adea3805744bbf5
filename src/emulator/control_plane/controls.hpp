#pragma once

#include <string>

#include "engine/router.hpp"
#include "http/faults.hpp"
#include "postgres/credential.hpp"
#include "postgres/endpoint.hpp"
#include "postgres/workspace.hpp"

namespace lakebase::emulator {

/// Controls besides the service's API: `/emulator/…`, and the same for C++.
class Controls {
 public:
  Controls(Workspace& workspace, Endpoints const& endpoints, Credentials& credentials, Faults& faults)
      : workspace_(workspace), endpoints_(endpoints), credentials_(credentials), faults_(faults) {}

  void routes(Router& router);

  void suspend(std::string const& endpoint_name);
  void crash(std::string const& endpoint_name);
  void refuse_logins(std::string const& endpoint_name, LoginRefusal refusal);
  void accept_logins(std::string const& endpoint_name);
  void set_token_life(std::optional<Duration> life) { credentials_.set_token_life(life); }
  void inject(FaultRule rule) { faults_.add(std::move(rule)); }
  void clear_faults() { faults_.clear(); }
  Json state() const;

 private:
  Workspace& workspace_;
  Endpoints const& endpoints_;
  Credentials& credentials_;
  Faults& faults_;
};

}  // namespace lakebase::emulator
