#pragma once

#include "common/json.hpp"
#include "engine/call.hpp"
#include "engine/router.hpp"
#include "postgres/credential.hpp"

namespace lakebase::emulator {

/// Mints credentials for database instances. On their logins decides what decides on those at endpoints.
class InstanceCredentials {
 public:
  InstanceCredentials(Workspace& workspace, Credentials const& credentials)
      : workspace_(workspace), credentials_(credentials) {}

  void routes(Router& router) const;

  Json generate(Call const& call) const;

 private:
  Workspace& workspace_;
  Credentials const& credentials_;
};

}  // namespace lakebase::emulator
