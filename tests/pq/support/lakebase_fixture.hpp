#pragma once

#include <string>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>
#include <lakebase/testing/emulator.hpp>

#include "free_port.hpp"

namespace lakebase::tests {

/// An emulator with the project `projects/p`. Its configuration says how to connect.
class Lakebase {
 public:
  static constexpr char const* branch = "projects/p/branches/production";
  static constexpr char const* endpoint = "projects/p/branches/production/endpoints/primary";

  Lakebase() { w.postgres.create_project({}, "p").wait(); }

  /// Nothing but what the configuration says.
  pq::SourceOptions options() const {
    pq::SourceOptions result;
    result.environment = [](std::string_view) { return std::optional<std::string>{}; };
    return result;
  }
  pq::ConnectionSource source() const { return pq::source_for(w, branch, options()); }

  testing::Emulator emulator{{.postgres_port = free_port()}};
  WorkspaceClient w{emulator.config()};
};

}  // namespace lakebase::tests
