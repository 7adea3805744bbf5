#pragma once

#include "database/credential.hpp"
#include "database/instance.hpp"

namespace lakebase::emulator {

/// The API of database instances: all its resources over one workspace.
class DatabaseService {
 public:
  DatabaseService(Workspace& workspace, Credentials const& credentials)
      : instances_(workspace), credentials_(workspace, credentials) {}

  void routes(Router& router);
  Instances const& instances() const { return instances_; }

 private:
  Instances instances_;
  InstanceCredentials credentials_;
};

}  // namespace lakebase::emulator
