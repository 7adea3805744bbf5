#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/pq/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// How the server is verified. Plaintext is not among the choices: a login sends its token as it is.
enum class SslMode {
  verify_full,  ///< The certificate is valid and issued for the host. The default.
  verify_ca,    ///< The certificate is valid, for whatever host.
  require,      ///< Encrypted, whoever responds: an attacker in between gets a usable token.
};

/// Which servers are accepted, if one host name may lead to several.
enum class SessionKind {
  any,         ///< Accept any server.
  read_write,  ///< Refuse a server that only reads, e.g. the old primary after a failover.
};

/// Everything that a login needs except the password. An aggregate: change what you like before you connect.
///
/// Thread safety: a value: distinct objects are independent.
/// Exceptions: what each function names.
/// Lifetime: owns its texts.
struct LAKEBASE_PQ_EXPORT ConnectionParameters {
  /// Name, not address: the service distinguishes endpoints by it, and the certificate is issued for it.
  std::string host{};
  /// Address to connect to instead of looking `host` up; several separated by commas. Pins it, so it suits one
  /// connection; long-lived programs set `ConnectOptions::resolver`.
  std::string hostaddr{};
  /// The server's port.
  std::uint16_t port = 5432;
  /// The database's name in PostgreSQL, which is not its resource id.
  std::string dbname = "databricks_postgres";
  /// Role of PostgreSQL: e-mail address, application id, group name or a plain role. Case-sensitive.
  std::string user{};
  /// How far TLS is checked; never less than encrypted.
  SslMode sslmode = SslMode::verify_full;
  /// PEM file of the certificate authorities, or `system`. Empty: looked up when it is needed, see `find_root_file`.
  std::string sslrootcert{};
  /// Seen in `pg_stat_activity`. Empty: `lakebase-cpp/` and the version.
  std::string application_name{};
  /// Start-up options such as `-c search_path=app`. Not for pooled hosts, which refuse them.
  std::string options{};
  /// What kind of server the session has to be on.
  SessionKind session = SessionKind::any;
  /// The host is a pooler: no tokens, no options, no session state.
  bool pooled = false;
  /// Resource name of the endpoint, or name of the instance, if it is known; not passed to libpq.
  std::string endpoint{};
  /// Further keywords of libpq. Keywords that have a member above are refused here, and so is `password`.
  std::map<std::string, std::string> extra{};

  /// What libpq, psql and most drivers take as one string: `host='…' port='5432' …`. Without a password if none is
  /// given.
  /// @throws ConfigError if the parameters contradict each other
  [[nodiscard]] std::string to_conninfo(std::optional<std::string_view> password = {}) const;
  /// The same as `postgresql://user@host:port/dbname?…`, percent-encoded.
  /// @throws ConfigError
  [[nodiscard]] std::string to_url(std::optional<std::string_view> password = {}) const;
  /// The same as variables for psql, pg_dump and their like: `PGHOST`, `PGUSER`, …, `PGPASSWORD` if one is given.
  /// @throws ConfigError
  [[nodiscard]] std::map<std::string, std::string> to_environment(std::optional<std::string_view> password = {}) const;
};

/// The file of certificate authorities to check servers with: `PGSSLROOTCERT`; `system` if libpq (16 or later) knows
/// it; `SSL_CERT_FILE`; the bundle of the usual distributions. Empty if there is none.
[[nodiscard]] LAKEBASE_PQ_EXPORT std::string find_root_file();

/// libpq's name of a mode: `verify-full`, `verify-ca`, `require`.
[[nodiscard]] LAKEBASE_PQ_EXPORT std::string_view to_string(SslMode mode);

/// Refuses what cannot work before anything is connected to: an empty host or user, `options` for a pooled host, a
/// token for a pooled host, unknown keywords.
/// @throws ConfigError with the reason
LAKEBASE_PQ_EXPORT void validate(ConnectionParameters const& parameters, bool with_token);

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
