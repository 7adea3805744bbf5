#include "pq/login/root_file.hpp"

#include <fstream>

#include <libpq-fe.h>
#include <lakebase/pq/connection_parameters.hpp>

#include "base/environment.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {
namespace {

// libpq 16 is the first to know sslrootcert=system; before that it is the name of a file that does not exist.
constexpr int knows_system_roots = 160000;

// Debian, Fedora and RHEL, openSUSE, Alpine and FreeBSD, macOS with Homebrew.
constexpr char const* bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/openssl@3/cert.pem",
};

}  // namespace

std::optional<std::string> process_variable(std::string_view name) {
  auto value = lakebase::detail::process_environment(name);
  return value && !value->empty() ? value : std::nullopt;
}

std::string find_root_file_in(Environment const& environment, int libpq_version,
                              std::function<bool(std::string const&)> const& exists) {
  bool const system = libpq_version >= knows_system_roots;
  if (auto const chosen = environment("PGSSLROOTCERT"); chosen && (system || *chosen != "system")) return *chosen;
  if (system) return "system";
  if (auto const file = environment("SSL_CERT_FILE")) return *file;
  for (auto const* const bundle : bundles) {
    if (exists(bundle)) return bundle;
  }
  return {};
}

std::string find_root_file_in(Environment const& environment) {
  return find_root_file_in(environment, PQlibVersion(),
                           [](std::string const& file) { return std::ifstream{file}.good(); });
}

}  // namespace detail

std::string find_root_file() {
  return detail::find_root_file_in(detail::process_variable);
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
