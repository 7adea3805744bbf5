#pragma once

#include <string>

#include "control_plane_fixture.hpp"

namespace lakebase::emulator::tests {

/// Calls of the API of database instances, over a fake data plane.
class DatabaseTest : public ControlPlaneTest {
 protected:
  /// A call below `/api/2.0/database/`; `target` with its query.
  Answer database(std::string const& method, std::string const& target, Json const& body = nullptr);
  Answer instance(std::string const& name) { return database("GET", "instances/" + name); }
  /// Polls an instance until nothing happens to it; returns it, or the error.
  Json settled(std::string const& name);
  /// Creates an instance, and waits for it.
  Json make_instance(std::string const& name, Json body = Json::object());
  /// Changes an instance, and waits for the end.
  Json changed(std::string const& name, std::string const& mask, Json const& body);
  std::string endpoint_uid(std::string const& name);
};

}  // namespace lakebase::emulator::tests
