#include <lakebase/pq/connection_parameters.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <libpq-fe.h>
#include <lakebase/error.hpp>
#include <lakebase/version.hpp>

#include "base/text/percent.hpp"
#include "pq/login/libpq_keywords.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {
namespace {

using Defaults = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

template <class Found>
void for_keyword(std::string_view keyword, Found&& found) {
  Defaults const all{PQconndefaults(), &PQconninfoFree};
  for (auto const* option = all.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword) found(*option);
  }
}

void append_quoted(std::string& text, std::string_view value) {
  text += '\'';
  for (char const c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  text += '\'';
}

constexpr std::array<std::string_view, 14> members{"host",        "hostaddr",
                                                   "port",        "dbname",
                                                   "user",        "sslmode",
                                                   "sslrootcert", "password",
                                                   "options",     "service",
                                                   "passfile",    "application_name",
                                                   "sslsni",      "target_session_attrs"};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (;;) {
    auto const comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

// The lists that libpq takes are parallel: each address needs the host's name beside it.
std::vector<std::string> hosts_of(ConnectionParameters const& parameters) {
  return std::vector<std::string>(split(parameters.hostaddr).size(), parameters.host);
}

// Refuses what libpq would not take for the name of a single host that is reached over TLS.
void check_host(std::string const& host) {
  constexpr char const* hint = "Set host to the name of the endpoint's host, as given in status.hosts.";
  if (host.empty()) throw ConfigError(ErrorFacts{.message = "no host to connect to", .hint = hint});
  if (host.front() == '/' || host.front() == '@') {
    throw ConfigError(ErrorFacts{.message = "the host " + host +
                                            " is a Unix socket, which has no TLS: a login would "
                                            "give its token or password away in plaintext",
                                 .hint = hint});
  }
  if (host.find(',') != std::string::npos) {
    throw ConfigError(ErrorFacts{.message = "the host " + host + " is a list: one password would go to several hosts",
                                 .hint =
                                     "Name one host. For reads from replicas use a Router; several addresses of one "
                                     "host go into hostaddr."});
  }
}

// If both are possible, libpq prefers the encryption of GSSAPI to TLS, and then checks no certificate.
void check_extra(std::string const& keyword, std::string const& value) {
  if (std::find(members.begin(), members.end(), keyword) != members.end()) {
    throw ConfigError("the keyword " + keyword + " cannot be set as an extra one");
  }
  if (!libpq_knows(keyword)) throw ConfigError("this libpq does not know the keyword " + keyword);
  if (keyword == "gssencmode" && value != "disable") {
    throw ConfigError(ErrorFacts{.message = "gssencmode=" + value +
                                            " would replace TLS, and with it the check of the "
                                            "server's certificate",
                                 .hint = "Leave it out, or set it to disable."});
  }
}

std::string root_file_for(ConnectionParameters const& parameters) {
  if (!parameters.sslrootcert.empty()) return parameters.sslrootcert;
  if (parameters.sslmode == SslMode::require) return {};
  auto found = find_root_file();
  if (found.empty()) {
    throw ConfigError(
        "no file of certificate authorities was found to check the server with: looked at PGSSLROOTCERT, "
        "SSL_CERT_FILE and the usual bundles in /etc; set sslrootcert");
  }
  return found;
}

}  // namespace

bool libpq_knows(std::string_view keyword) {
  bool known = false;
  for_keyword(keyword, [&](PQconninfoOption const&) { known = true; });
  return known;
}

std::optional<std::string> variable_for(std::string_view keyword) {
  std::optional<std::string> variable;
  for_keyword(keyword, [&](PQconninfoOption const& option) {
    if (option.envvar != nullptr) variable = option.envvar;
  });
  return variable;
}

Keywords keywords_of(ConnectionParameters const& parameters, std::optional<std::string_view> password) {
  Keywords all;
  auto const add = [&](char const* keyword, std::string const& value) {
    if (!value.empty()) all.emplace_back(keyword, value);
  };
  std::string hosts;
  for (auto const& host : hosts_of(parameters)) hosts += (hosts.empty() ? "" : ",") + host;
  add("host", hosts);
  add("hostaddr", parameters.hostaddr);
  add("port", std::to_string(parameters.port));
  add("dbname", parameters.dbname);
  add("user", parameters.user);
  if (password) add("password", std::string{*password});
  add("sslmode", std::string{to_string(parameters.sslmode)});
  add("sslrootcert", root_file_for(parameters));
  add("application_name",
      parameters.application_name.empty() ? "lakebase-cpp/" LAKEBASE_VERSION : parameters.application_name);
  add("options", parameters.options);
  if (parameters.session == SessionKind::read_write) add("target_session_attrs", "read-write");
  for (auto const& [keyword, value] : parameters.extra) add(keyword.c_str(), value);
  for (auto const& [keyword, value] : all) {
    if (value.find('\0') != std::string::npos) throw ConfigError("a NUL character in the parameter " + keyword);
  }
  return all;
}

std::string conninfo_of(Keywords const& keywords) {
  std::string text;
  for (auto const& [keyword, value] : keywords) {
    if (!text.empty()) text += ' ';
    text += keyword;
    text += '=';
    append_quoted(text, value);
  }
  return text;
}

std::string dial_string(ConnectionParameters const& parameters, std::string_view password, bool is_token) {
  auto keywords = keywords_of(parameters, password);
  auto const settle = [&](char const* keyword, std::string value) {
    bool const given =
        std::any_of(keywords.begin(), keywords.end(), [&](auto const& one) { return one.first == keyword; });
    if (!given && libpq_knows(keyword)) keywords.emplace_back(keyword, std::move(value));
  };
  settle("hostaddr", "");
  settle("options", "");
  // From libpq 16 on, where an empty value would refuse every login. A token goes as cleartext or not at all; for a
  // password, every method without Kerberos is accepted, as before 16.
  settle("require_auth", is_token ? "password" : "password,md5,scram-sha-256,none");
  settle("target_session_attrs", "any");
  settle("gssencmode", "disable");
  settle("channel_binding", is_token ? "disable" : "prefer");
  settle("client_encoding", "UTF8");
  settle("sslsni", "1");
  settle("ssl_min_protocol_version", "TLSv1.2");
  settle("ssl_max_protocol_version", "");
  settle("sslcertmode", "allow");         // from libpq 16 on
  settle("sslnegotiation", "postgres");   // 17
  settle("min_protocol_version", "3.0");  // 18
  settle("max_protocol_version", "3.0");
  settle("keepalives", "1");
  settle("keepalives_idle", "30");
  settle("keepalives_interval", "10");
  settle("keepalives_count", "5");
  settle("tcp_user_timeout", "30000");
  settle("connect_timeout", "0");
  return conninfo_of(keywords);
}

}  // namespace detail

std::string_view to_string(SslMode mode) {
  switch (mode) {
    case SslMode::verify_ca:
      return "verify-ca";
    case SslMode::require:
      return "require";
    case SslMode::verify_full:
      break;
  }
  return "verify-full";
}

void validate(ConnectionParameters const& parameters, bool with_token) {
  detail::check_host(parameters.host);
  if (parameters.user.empty()) throw ConfigError("no user to log in as");
  if (parameters.dbname.empty()) throw ConfigError("no database to connect to");
  if (parameters.pooled && with_token) {
    throw ConfigError("the pooled host " + parameters.host +
                      " takes passwords of PostgreSQL only, not tokens: use the direct host, or a native password");
  }
  if (parameters.pooled && !parameters.options.empty()) {
    throw ConfigError("the pooled host " + parameters.host + " takes no start-up options");
  }
  for (auto const& [keyword, value] : parameters.extra) detail::check_extra(keyword, value);
}

std::string ConnectionParameters::to_conninfo(std::optional<std::string_view> password) const {
  validate(*this, false);
  return detail::conninfo_of(detail::keywords_of(*this, password));
}

std::string ConnectionParameters::to_url(std::optional<std::string_view> password) const {
  validate(*this, false);
  using lakebase::detail::percent_encode;
  std::string url = "postgresql://" + percent_encode(user);
  if (password) url += ':' + percent_encode(*password);
  char before = '@';
  for (auto const& one : detail::hosts_of(*this)) {
    bool const ipv6 = one.find(':') != std::string::npos;
    url += before + (ipv6 ? '[' + one + ']' : percent_encode(one)) + ':' + std::to_string(port);
    before = ',';
  }
  url += '/' + percent_encode(dbname);
  char separator = '?';
  constexpr std::array<std::string_view, 5> said{"host", "port", "dbname", "user", "password"};
  for (auto const& [keyword, value] : detail::keywords_of(*this, password)) {
    if (std::find(said.begin(), said.end(), keyword) != said.end()) continue;
    url += separator + keyword + '=' + percent_encode(value);
    separator = '&';
  }
  return url;
}

std::map<std::string, std::string> ConnectionParameters::to_environment(
    std::optional<std::string_view> password) const {
  validate(*this, false);
  std::map<std::string, std::string> environment;
  for (auto const& [keyword, value] : detail::keywords_of(*this, password)) {
    auto const variable = detail::variable_for(keyword);
    if (!variable) throw ConfigError("libpq reads no environment variable for the keyword " + keyword);
    environment.emplace(*variable, value);
  }
  return environment;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
