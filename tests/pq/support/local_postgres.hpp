#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <lakebase/pq/connection_source.hpp>

#include "certificate.hpp"
#include "temporary_folder.hpp"

namespace lakebase::tests {

/// A real PostgreSQL server on loopback with TLS and a role `tester` with a password, for one test program.
class LocalPostgres {
 public:
  /// The program's one; started at the first call.
  static LocalPostgres& instance();
  ~LocalPostgres();

  pq::ConnectionSource source() const;
  std::uint16_t port() const noexcept { return port_; }
  /// Stops it the hard way and starts it again.
  void crash_and_restart();
  void stop();
  void start();

 private:
  LocalPostgres();
  void run(std::string const& command) const;

  TemporaryFolder folder_{};
  Certificate certificate_{};
  std::uint16_t port_ = 0;
};

}  // namespace lakebase::tests
