#include "local_postgres.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

#include "free_port.hpp"

namespace lakebase::tests {
namespace {

constexpr char const* password = "planted-password";

}  // namespace

LocalPostgres& LocalPostgres::instance() {
  static LocalPostgres server;
  return server;
}

// The programs of LAKEBASE_POSTGRES_BIN, as for the emulator, or else of the distribution. PostgreSQL refuses to run as
// root.
void LocalPostgres::run(std::string const& command) const {
  auto const* const wanted = std::getenv("LAKEBASE_POSTGRES_BIN");
  std::string const folder = wanted != nullptr ? wanted : "$(ls -d /usr/lib/postgresql/*/bin | tail -1)";
  std::string const bin = "PATH=" + folder + ":$PATH; ";
  auto const whole = bin + "cd " + folder_.path().string() + " && " + command + " >>log.txt 2>&1";
  auto const line = ::geteuid() == 0 ? "runuser -u postgres -- sh -c '" + whole + "'" : "sh -c '" + whole + "'";
  if (std::system(line.c_str()) != 0) {
    std::ifstream log{folder_.path() / (command.ends_with("start") ? "server.log" : "log.txt")};
    throw std::runtime_error("failed: " + command + '\n' + std::string{std::istreambuf_iterator<char>{log}, {}});
  }
}

LocalPostgres::LocalPostgres() : port_(free_port()) {
  certificate_ = make_certificate(folder_.path());
  std::ofstream{folder_.path() / "password"} << password;
  if (::geteuid() == 0 && std::system(("chown -R postgres " + folder_.path().string()).c_str()) != 0) {
    throw std::runtime_error("chown");
  }
  run("initdb -D data -U tester -A scram-sha-256 --pwfile=password --no-sync -E UTF8 --locale=C");
  std::ofstream{folder_.path() / "settings"} << "port = " << port_
                                             << "\nssl = on\nssl_cert_file = '../server.crt'\n"
                                                "ssl_key_file = '../server.key'\nfsync = off\n"
                                                "unix_socket_directories = '.'\nmax_connections = 40\n";
  run("(cat settings >>data/postgresql.conf)");
  start();
}

LocalPostgres::~LocalPostgres() {
  try {
    run("pg_ctl -D data -m immediate stop");
  } catch (std::exception const&) {  // it was stopped by its test
  }
}

void LocalPostgres::start() {
  run("pg_ctl -D data -w -l server.log start");
}
void LocalPostgres::stop() {
  run("pg_ctl -D data -m fast -w stop");
}

void LocalPostgres::crash_and_restart() {
  run("pg_ctl -D data -m immediate stop");
  start();
}

pq::ConnectionSource LocalPostgres::source() const {
  pq::ConnectionSource source;
  source.parameters.host = "localhost";
  source.parameters.hostaddr = "127.0.0.1";
  source.parameters.port = port_;
  source.parameters.user = "tester";
  source.parameters.dbname = "postgres";
  source.parameters.sslrootcert = certificate_.certificate.string();
  source.credentials = pq::make_password_credentials(password);
  return source;
}

}  // namespace lakebase::tests
