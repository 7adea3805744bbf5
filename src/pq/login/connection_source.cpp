#include <lakebase/pq/connection_source.hpp>

#include <charconv>
#include <initializer_list>
#include <memory>
#include <utility>

#include <libpq-fe.h>
#include <lakebase/database/convenience.hpp>
#include <lakebase/error.hpp>

#include "pq/login/endpoint_lookup.hpp"
#include "pq/login/instance_lookup.hpp"
#include "pq/login/root_file.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

using detail::Environment;

Environment environment_of(SourceOptions const& options) {
  if (!options.environment) return detail::process_variable;
  return [given = options.environment](std::string_view name) {
    auto value = given(name);
    return value && value->empty() ? std::nullopt : value;
  };
}

std::uint16_t port_of(std::string const& text) {
  std::uint16_t port = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) throw ConfigError("not a port: " + text);
  return port;
}

// The first of several variables that is set: that of Databricks Apps, then those in the samples of the earlier
// product.
std::optional<std::string> first_of(Environment const& environment, std::initializer_list<std::string_view> names) {
  for (auto const name : names) {
    if (auto value = environment(name)) return value;
  }
  return std::nullopt;
}

// The mode of PGSSLMODE, but never without a check of the server's certificate: only the program itself may switch that
// off.
SslMode sslmode_of(std::optional<std::string> const& text) {
  if (!text || *text == "verify-full" || *text == "require" || *text == "prefer" || *text == "allow") {
    return SslMode::verify_full;
  }
  if (*text == "verify-ca") return SslMode::verify_ca;
  if (*text == "disable") throw ConfigError("sslmode=disable: a login in plaintext would give its token away");
  throw ConfigError("not an sslmode: " + *text);
}

// The parameters from the options and the environment, without host, user and endpoint.
ConnectionParameters basic_parameters(SourceOptions const& options, Environment const& environment) {
  ConnectionParameters parameters;
  parameters.dbname = options.dbname
                          ? *options.dbname
                          : first_of(environment, {"PGDATABASE", "LAKEBASE_DATABASE_NAME"}).value_or(parameters.dbname);
  auto const port = environment("PGPORT");
  parameters.port = options.port ? *options.port : port ? port_of(*port) : parameters.port;
  parameters.sslmode = options.sslmode ? *options.sslmode : sslmode_of(environment("PGSSLMODE"));
  parameters.sslrootcert = options.sslrootcert ? *options.sslrootcert : std::string{};
  if (parameters.sslrootcert.empty() && parameters.sslmode != SslMode::require) {
    parameters.sslrootcert = detail::find_root_file_in(environment);
  }
  parameters.application_name =
      options.application_name ? *options.application_name : environment("PGAPPNAME").value_or("");
  parameters.pooled = options.pooled;
  return parameters;
}

// Fills in what the client's configuration says of its workspace's databases: it yields to the program's options, and
// has precedence over the environment.
SourceOptions with_knowledge_of(WorkspaceClient const& client, SourceOptions options) {
  auto const& config = client.config();
  if (!options.port) options.port = config.postgres_port;
  bool const knows_authorities = config.postgres_root_certificates && !config.postgres_root_certificates->empty();
  if (!options.sslrootcert && knows_authorities) options.sslrootcert = config.postgres_root_certificates;
  return options;
}

std::optional<std::string> user_without_asking(SourceOptions const& options, Environment const& environment) {
  if (options.user) return options.user;
  if (options.credentials.group_name) return options.credentials.group_name;
  return first_of(environment, {"PGUSER", "LAKEBASE_USERNAME"});
}

std::string user_of(SourceOptions const& options, Environment const& environment, WorkspaceClient const& client) {
  if (auto user = user_without_asking(options, environment)) return *user;
  if (auto const& id = client.config().client_id; id && !id->empty()) return *id;
  auto const me = client.current_user.me();
  if (!me.user_name) throw ConfigError("the service does not tell the current user's name: set the user");
  return *me.user_name;
}

// The functions that ask the service about what is connected to: a pair for endpoints, a pair for instances.
template <class Client, class Ask>
auto asking(Client client, std::string name, Ask ask) {
  return [client = std::move(client), name = std::move(name), ask](std::chrono::nanoseconds timeout,
                                                                   std::stop_token stop) {
    return ask(client, name, timeout, std::move(stop));
  };
}

void choose_credentials(ConnectionSource& source, SourceOptions const& options, WorkspaceClient const& client) {
  auto const& name = source.parameters.endpoint;
  if (detail::names_instance(name)) {
    source.credentials = make_instance_credentials(client.database, {name}, detail::for_instance(options.credentials));
    source.ask_endpoint = asking(client.database, name, &detail::ask_instance);
    source.ask_running = asking(client.database, name, &detail::ask_instance_running);
  } else {
    source.credentials = make_endpoint_credentials(client.postgres, name, options.credentials);
    source.ask_endpoint = asking(client.postgres, name, &detail::ask_endpoint);
    source.ask_running = asking(client.postgres, name, &detail::ask_running);
  }
  if (options.password) source.credentials = make_password_credentials(*options.password);
  source.clock = client.postgres.clock();
  source.events = client.config().events;
  validate(source.parameters, source.credentials->uses_tokens());
}

// What is at `host`, with tokens of the endpoint or instance of that name.
ConnectionSource source_at(std::string host, std::string name, WorkspaceClient const& client,
                           SourceOptions const& options) {
  auto const environment = environment_of(options);
  ConnectionSource source{.parameters = basic_parameters(with_knowledge_of(client, options), environment)};
  source.parameters.host = std::move(host);
  source.parameters.endpoint = std::move(name);
  source.parameters.user = user_of(options, environment, client);
  choose_credentials(source, options, client);
  return source;
}

std::string secret_of(ConnectionSource const& source, CredentialsLimits const& limits) {
  if (!source.credentials) throw ConfigError("no credentials to connect with");
  return source.credentials->get(limits).password;
}

void take(ConnectionParameters& parameters, std::optional<std::string>& password, SourceOptions const& options,
          PQconninfoOption const& option) {
  std::string const keyword = option.keyword;
  std::string const value = option.val;
  if (keyword == "host") {
    parameters.host = value;
  } else if (keyword == "hostaddr") {
    parameters.hostaddr = value;
  } else if (keyword == "port") {
    parameters.port = port_of(value);
  } else if (keyword == "dbname") {
    parameters.dbname = value;
  } else if (keyword == "user") {
    parameters.user = value;
  } else if (keyword == "password") {
    password = value;
  } else if (keyword == "sslmode") {
    if (!options.sslmode) parameters.sslmode = sslmode_of(value);
  } else if (keyword == "sslrootcert") {
    parameters.sslrootcert = value;
  } else if (keyword == "application_name") {
    parameters.application_name = value;
  } else if (keyword == "options") {
    parameters.options = value;
  } else if (keyword == "target_session_attrs") {
    parameters.session = value == "read-write" ? SessionKind::read_write : SessionKind::any;
  } else {
    parameters.extra.emplace(keyword, value);
  }
}

}  // namespace

ConnectionSource source_for(WorkspaceClient const& client, std::string_view target, SourceOptions const& options) {
  if (options.pooled && !options.password) {
    throw ConfigError(
        "pooled hosts take passwords of PostgreSQL only, not tokens: set a password, or use the direct host");
  }
  if (detail::names_instance(target)) {
    if (options.pooled) throw ConfigError("instances have no pooler: connect to the host that is not pooled");
    static_cast<void>(detail::for_instance(options.credentials));
    auto const instance = client.database.get_database_instance(target);
    return source_at(detail::host_of(instance, options.intent), std::string{target}, client, options);
  }
  auto const endpoint = detail::find_endpoint(client.postgres, target, options.intent);
  return source_at(detail::host_of(endpoint, options.intent, options.pooled),
                   endpoint.name.value_or(std::string{target}), client, options);
}

namespace {

WorkspaceClient client_or_new(std::optional<WorkspaceClient> const& given, SourceOptions const& options) {
  if (given) return *given;
  Config config;
  config.environment = options.environment;
  return WorkspaceClient{config};
}

// `why` is what came of a host that is known without a password.
[[noreturn]] void throw_nowhere(Environment const& environment, std::string const& why) {
  std::string looked_at;
  for (auto const* const name : {"LAKEBASE_ENDPOINT", "ENDPOINT_NAME", "LAKEBASE_INSTANCE_NAME", "LAKEBASE_PG_URL",
                                 "PGHOST", "LAKEBASE_HOST", "PGPASSWORD"}) {
    looked_at += looked_at.empty() ? "" : ", ";
    looked_at += std::string{name} + (environment(name) ? " (set)" : " (not set)");
  }
  throw ConfigError(ErrorFacts{
      .message =
          "the environment does not tell where to connect; looked at " + looked_at + (why.empty() ? "" : ": ") + why,
      .hint = "Set LAKEBASE_ENDPOINT (projects/…/branches/…/endpoints/…), LAKEBASE_INSTANCE_NAME (my-instance), "
              "LAKEBASE_PG_URL, or PGHOST with PGUSER and PGPASSWORD."});
}

// As Databricks Apps describe the instance that is a resource of theirs: by its host alone.
ConnectionSource source_of_host(std::string const& host, Environment const& environment, SourceOptions const& options,
                                std::optional<WorkspaceClient> const& given) {
  std::optional<WorkspaceClient> client;
  try {
    client = client_or_new(given, options);
  } catch (ConfigError const& error) {
    throw_nowhere(environment, "there is no password for the host " + host +
                                   ", and no workspace to ask for an instance with it (" + error.message() + ")");
  }
  auto const instance = database::find_instance_by_dns(client->database, host);
  if (!instance || !instance->name) {
    throw_nowhere(environment,
                  "there is no password for the host " + host + ", and the caller sees no instance with it");
  }
  return source_at(detail::host_of(*instance, options.intent), *instance->name, *client, options);
}

}  // namespace

ConnectionSource source_from_environment(SourceOptions const& options, std::optional<WorkspaceClient> client) {
  auto const environment = environment_of(options);
  auto const host = first_of(environment, {"PGHOST", "LAKEBASE_HOST"});
  auto const name = first_of(environment, {"LAKEBASE_ENDPOINT", "ENDPOINT_NAME", "LAKEBASE_INSTANCE_NAME"});
  if (name) {
    auto const w = client_or_new(client, options);
    return host ? source_at(*host, *name, w, options) : source_for(w, *name, options);
  }
  if (auto const url = environment("LAKEBASE_PG_URL")) return source_from_conninfo(*url, options);
  if (!host) throw_nowhere(environment, {});
  auto const password = options.password ? options.password : environment("PGPASSWORD");
  if (!password) return source_of_host(*host, environment, options, client);
  ConnectionSource source{.parameters = basic_parameters(options, environment)};
  source.parameters.host = *host;
  source.parameters.user = user_without_asking(options, environment).value_or("");
  source.credentials = make_password_credentials(*password);
  validate(source.parameters, false);
  return source;
}

std::string conninfo_with_password(ConnectionSource const& source, CredentialsLimits const& limits) {
  return source.parameters.to_conninfo(secret_of(source, limits));
}

std::string url_with_token(ConnectionSource const& source, CredentialsLimits const& limits) {
  return source.parameters.to_url(secret_of(source, limits));
}

ConnectionSource source_from_conninfo(std::string const& conninfo, SourceOptions const& options) {
  char* complaint = nullptr;
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const parsed{
      PQconninfoParse(conninfo.c_str(), &complaint), &PQconninfoFree};
  // Dropped: libpq's message may quote the text, and with it the password.
  if (complaint != nullptr) PQfreemem(complaint);
  if (parsed == nullptr) throw ConfigError("not a connection string (its text is withheld, as it may hold a password)");
  auto const environment = environment_of(options);
  ConnectionSource source{.parameters = basic_parameters(options, environment)};
  std::optional<std::string> password = options.password;
  for (auto const* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') take(source.parameters, password, options, *option);
  }
  if (options.user) source.parameters.user = *options.user;
  if (options.dbname) source.parameters.dbname = *options.dbname;
  if (source.parameters.user.empty()) source.parameters.user = user_without_asking(options, environment).value_or("");
  if (!password) throw ConfigError("the connection string holds no password");
  source.credentials = make_password_credentials(*password);
  validate(source.parameters, false);
  return source;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
