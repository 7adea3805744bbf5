#include <lakebase/pq/recovery.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return lakebase::detail::contains_ignoring_case(text, part);
}

template <std::size_t N>
bool contains_any(std::string_view text, std::array<std::string_view, N> const& parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return contains(text, part); });
}

constexpr std::array<std::string_view, 3> refused_token{
    "invalid authorization for databricks identity login",
    "oauth: user is not authorized",
    "password authentication failed",
};

// Plaintext refused, by the real front and by related ones.
constexpr std::array<std::string_view, 4> tls_demanded{
    "invalid protocol version: 196608",
    "connection is insecure",
    "server does not support ssl",
    "ssl required",
};

constexpr std::array<std::string_view, 5> tls_mismatch{
    "certificate verify failed",
    "does not match host name",
    "root certificate",
    "channel binding required",
    "certificate",
};

constexpr std::array<std::string_view, 8> refused_for_good{
    "native postgres login is disabled",
    "endpoint is disabled",
    "is not allowed",
    "has been deleted",
    "endpoint not found",
    "endpoint id is not specified",
    "sasl authentication failed",
    "unsupported startup parameter",
};

constexpr std::array<std::string_view, 4> crowded{
    "too many clients",
    "connection slots",
    "too many connections",
    "too many connection attempts",
};

constexpr std::array<std::string_view, 6> waking{
    "couldn't connect to compute node", "could not connect to compute node",
    "control plane request failed",     "failed to acquire permit",
    "the database system is",           "session is read-only",
};

constexpr std::array<std::string_view, 13> link_fault{
    "connection refused",
    "connection reset",
    "host is unreachable",
    "network is unreachable",
    "no route to host",
    "eof detected",
    "server closed the connection",
    "connection has been closed",
    "timeout expired",
    "timed out",
    "broken pipe",
    "could not send",
    "could not receive",
};

// With or without the instance's name: the service documents no words for it.
bool says_stopped(std::string_view message) {
  return contains(message, "instance") && contains(message, "is stopped");
}

}  // namespace

ConnectRecovery classify_connect(std::string_view sqlstate, std::string_view message) {
  using enum ConnectRecovery;
  if (contains_any(message, refused_for_good) || contains_any(message, tls_demanded)) return never;
  if (says_stopped(message)) return never;
  if (sqlstate == "28P01" || contains_any(message, refused_token)) return new_token;
  if (sqlstate == "53300" || contains_any(message, crowded)) return retry_slowly;
  if (contains_any(message, waking)) return retry;
  if (sqlstate.empty()) {
    if (contains(message, "could not translate host name")) return retry_name;
    if (contains_any(message, tls_mismatch)) return never;
    return contains_any(message, link_fault) ? retry : never;
  }
  if (sqlstate.starts_with("08") || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03") return retry;
  return never;
}

StatementRecovery classify_statement(std::string_view sqlstate, bool broken) {
  if (sqlstate == "40001" || sqlstate == "40P01") return StatementRecovery::replay;
  if (sqlstate == "25006") return StatementRecovery::reroute;
  // Any function may raise 08006, 57P01 and the like: they mean a lost connection only if it is broken.
  return broken ? StatementRecovery::reconnect : StatementRecovery::never;
}

std::string_view hint_for(std::string_view sqlstate, std::string_view message) {
  if (contains_any(message, tls_demanded)) {
    return "TLS required: this endpoint refuses plaintext, so nothing on the way may strip TLS (sslmode=require or "
           "stricter)";
  }
  if (contains(message, "native postgres login is disabled")) {
    return "Log in with a token, or switch on enable_pg_native_login of the project";
  }
  if (contains(message, "sasl authentication failed")) {
    return "Pooled hosts take passwords of PostgreSQL only, not tokens: use the direct host";
  }
  if (contains(message, "unsupported startup parameter")) return "Pooled hosts take no start-up options";
  if (contains(message, "in another way than as a cleartext password") ||
      contains(message, "authentication method requirement")) {
    return "No endpoint of Lakebase does so for a token, which is sent as a password over verified TLS or not at all: "
           "check the host";
  }
  if (contains(message, "channel binding required")) return "Unset PGCHANNELBINDING: token logins cannot bind channels";
  if (contains(message, "certificate")) {
    return "The server's certificate was not accepted: see sslrootcert, PGSSLROOTCERT and SSL_CERT_FILE, and whether "
           "the host is the endpoint's own name";
  }
  if (sqlstate == "28000" && contains(message, "does not exist")) {
    return "The role is missing: create a role of exactly this name in the branch (create_role, or "
           "databricks_create_role in SQL)";
  }
  if (sqlstate == "28P01" || contains_any(message, refused_token)) {
    return "The user must be the identity that the token was minted for, of the same workspace, and have a role of "
           "exactly that name in the branch";
  }
  if (sqlstate == "3D000") return "The name in SQL differs from the resource id: see Database.status.postgres_database";
  if (sqlstate == "42501") {
    return "The object or its schema is owned by another role: have its owner GRANT the rights, or use a schema of "
           "your own";
  }
  if (sqlstate == "53300" || contains_any(message, crowded)) {
    return "The endpoint's connections are used up: use smaller pools, or a larger compute";
  }
  if (contains(message, "endpoint is disabled")) return "The endpoint is disabled: set spec.disabled to false";
  if (says_stopped(message)) {
    return "The instance is stopped: start it, e.g. by database::start_instance, and wait until it is AVAILABLE";
  }
  if (contains(message, "could not translate host name") || contains(message, "endpoint id is not specified") ||
      contains(message, "endpoint not found") || contains(message, "has been deleted")) {
    return "The branch or its endpoint may be gone: look the endpoint's host up again";
  }
  if (sqlstate == "42P05") {
    return "The name stands for another statement on this session: take another name, or DEALLOCATE that one first";
  }
  if (sqlstate == "57014" && contains(message, "statement timeout")) {
    return "The server's statement_timeout was up, a setting of the session, the role or the database: raise it by SET "
           "statement_timeout, or give the statement less to do";
  }
  if (sqlstate == "57014" && contains(message, "user request")) {
    return "Somebody else cancelled it, by pg_cancel_backend or by a cancel request with the key of this session";
  }
  if (sqlstate == "55P03") {
    return "Another transaction holds the lock: retry later, raise lock_timeout, or leave NOWAIT out";
  }
  if (sqlstate == "25P03") {
    return "A transaction was left open for longer than idle_in_transaction_session_timeout: end it before the program "
           "waits for something else";
  }
  if (sqlstate == "57P05") {
    return "Nothing was sent for longer than idle_session_timeout: take a new connection, as a pool does";
  }
  if (sqlstate == "25006") {
    return "Either the transaction is read-only (BEGIN READ ONLY, SET TRANSACTION READ ONLY), or the server only "
           "reads: a "
           "replica, or a primary before a failover";
  }
  return {};
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
