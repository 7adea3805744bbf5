#include <map>

#include <gmock/gmock.h>

#include <lakebase/error.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/pq/router.hpp>
#include <lakebase/testing/fake_clock.hpp>
#include <lakebase/testing/scripted_transport.hpp>

#include "support/client_over.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using ::testing::HasSubstr;
using ::testing::Not;

// A workspace that answers as told, and an environment.
class Source : public ::testing::Test {
 protected:
  WorkspaceClient client() { return WorkspaceClient{config_over(wire)}; }
  void answers(std::string body) { wire->then({200, std::move(body)}); }
  SourceOptions options() {
    SourceOptions result;
    result.sslrootcert = "/roots.pem";
    result.environment = [this](std::string_view name) -> std::optional<std::string> {
      auto const found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional{found->second};
    };
    return result;
  }
  std::string message_of(std::string_view target, SourceOptions const& how) {
    try {
      static_cast<void>(source_for(client(), target, how));
    } catch (ConfigError const& error) {
      return error.what();
    }
    return "no error";
  }

  std::shared_ptr<lakebase::testing::ScriptedTransport> wire = script({});
  std::map<std::string, std::string, std::less<>> variables;
};

constexpr char const* primary =
    R"({"name":"projects/p/branches/b/endpoints/primary","status":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE",)"
    R"("current_state":"IDLE","hosts":{"host":"ep-1.example.com","read_write_pooled_host":"ep-1-pooler.example.com"}}})";
constexpr char const* replica =
    R"({"name":"projects/p/branches/b/endpoints/r","status":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY",)"
    R"("hosts":{"host":"ep-2.example.com","read_only_host":"ep-2.example.com"}}})";

TEST_F(Source, FollowsAProjectToItsOnlyBranchAndEndpoint) {
  answers(R"({"branches":[{"name":"projects/p/branches/b"}]})");
  answers(std::string{R"({"endpoints":[)"} + replica + "," + primary + "]}");
  answers(R"({"userName":"me@example.com"})");
  auto const source = source_for(client(), "projects/p", options());
  EXPECT_EQ(source.parameters.host, "ep-1.example.com");
  EXPECT_EQ(source.parameters.endpoint, "projects/p/branches/b/endpoints/primary");
  EXPECT_EQ(source.parameters.user, "me@example.com");
  EXPECT_EQ(source.parameters.dbname, "databricks_postgres");
  EXPECT_EQ(source.parameters.sslmode, SslMode::verify_full);
  EXPECT_TRUE(source.credentials->uses_tokens());
}

TEST_F(Source, TakesFromTheConfigurationWhatItKnowsOfTheDatabases) {
  auto config = config_over(wire);
  config.postgres_port = 55432;
  config.postgres_root_certificates = "/emulator/ca.pem";
  WorkspaceClient const knowing{config};
  variables = {{"PGUSER", "me"}, {"PGPORT", "5433"}, {"PGSSLROOTCERT", "/environment.pem"}};
  auto how = options();
  how.sslrootcert.reset();
  auto const parameters_of = [&](WorkspaceClient const& w) {
    answers(primary);
    return source_for(w, "projects/p/branches/b/endpoints/primary", how).parameters;
  };
  EXPECT_EQ(parameters_of(knowing).port, 55432) << "before the environment";
  EXPECT_EQ(parameters_of(knowing).sslrootcert, "/emulator/ca.pem");
  EXPECT_EQ(parameters_of(client()).port, 5433) << "a configuration that knows nothing leaves it to the environment";
  EXPECT_EQ(parameters_of(client()).sslrootcert, "/environment.pem");
  how.port = 6543;
  how.sslrootcert = "/mine.pem";
  EXPECT_EQ(parameters_of(knowing).port, 6543) << "what the program says beats both";
  EXPECT_EQ(parameters_of(knowing).sslrootcert, "/mine.pem");
  variables["PGHOST"] = "ep-1.example.com";
  variables["LAKEBASE_ENDPOINT"] = "projects/p/branches/b/endpoints/primary";
  how = options();
  how.sslrootcert.reset();
  auto const described = source_from_environment(how, knowing).parameters;
  EXPECT_EQ(described.port, 55432);
  EXPECT_EQ(described.sslrootcert, "/emulator/ca.pem");
}

TEST_F(Source, ListsTheChoicesWhereThereAreSeveral) {
  answers(R"({"branches":[{"name":"projects/p/branches/a"},{"name":"projects/p/branches/b"}]})");
  EXPECT_THAT(message_of("projects/p", options()), HasSubstr("projects/p/branches/a, projects/p/branches/b"));
  answers(R"({"endpoints":[]})");
  EXPECT_THAT(message_of("projects/p/branches/b", options()), HasSubstr("no read-write endpoint"));
  EXPECT_THAT(message_of("instance 1", options()), HasSubstr("not a project"));
}

TEST_F(Source, GoesToAReplicaToRead) {
  variables["PGUSER"] = "reader";
  auto how = options();
  how.intent = Intent::read_only;
  answers(std::string{R"({"endpoints":[)"} + replica + "," + primary + "]}");
  EXPECT_EQ(source_for(client(), "projects/p/branches/b", how).parameters.host, "ep-2.example.com");
  answers(std::string{R"({"endpoints":[)"} + primary + "]}");
  EXPECT_EQ(source_for(client(), "projects/p/branches/b", how).parameters.host, "ep-1.example.com");
  answers(replica);
  EXPECT_THAT(message_of("projects/p/branches/b/endpoints/r", options()), HasSubstr("only reads"));
}

TEST_F(Source, TakesThePoolerWithAPasswordOnly) {
  auto how = options();
  how.pooled = true;
  EXPECT_THAT(message_of("projects/p/branches/b/endpoints/primary", how), HasSubstr("not tokens"));
  EXPECT_TRUE(wire->requests().empty());
  how.password = "planted-password";
  how.user = "app";
  answers(primary);
  auto const source = source_for(client(), "projects/p/branches/b/endpoints/primary", how);
  EXPECT_EQ(source.parameters.host, "ep-1-pooler.example.com");
  EXPECT_TRUE(source.parameters.pooled);
}

TEST_F(Source, RefusesADisabledEndpoint) {
  answers(R"({"name":"e","status":{"disabled":true,"endpoint_type":"ENDPOINT_TYPE_READ_WRITE","hosts":{"host":"h"}}})");
  EXPECT_THAT(message_of("projects/p/branches/b/endpoints/e", options()), HasSubstr("disabled"));
}

TEST_F(Source, ReadsTheEnvironmentOfDatabricksApps) {
  variables = {{"LAKEBASE_ENDPOINT", "projects/p/branches/b/endpoints/primary"},
               {"PGHOST", "ep-1.example.com"},
               {"PGPORT", "5433"},
               {"PGDATABASE", "app"},
               {"PGUSER", "6f1a"},
               {"PGSSLMODE", "require"},
               {"PGAPPNAME", "my-app"}};
  auto const source = source_from_environment(options(), client());
  EXPECT_EQ(source.parameters.host, "ep-1.example.com");
  EXPECT_EQ(source.parameters.port, 5433);
  EXPECT_EQ(source.parameters.dbname, "app");
  EXPECT_EQ(source.parameters.user, "6f1a");
  EXPECT_EQ(source.parameters.application_name, "my-app");
  EXPECT_EQ(source.parameters.sslmode, SslMode::verify_full);  // the platform's `require` is not weak enough a wish
  EXPECT_TRUE(wire->requests().empty());
  auto how = options();
  how.sslmode = SslMode::require;
  EXPECT_EQ(source_from_environment(how, client()).parameters.sslmode, SslMode::require);
}

TEST_F(Source, AsksForTheHostWhereTheEnvironmentOnlyHasTheEndpoint) {
  variables = {{"ENDPOINT_NAME", "projects/p/branches/b/endpoints/primary"}, {"PGUSER", "me"}};
  answers(primary);
  EXPECT_EQ(source_from_environment(options(), client()).parameters.host, "ep-1.example.com");
}

TEST_F(Source, TakesTheNamesOfTheEarlierProductWhereThePlatformsAreUnset) {
  variables = {{"LAKEBASE_HOST", "h"},
               {"LAKEBASE_USERNAME", "app"},
               {"LAKEBASE_DATABASE_NAME", "db"},
               {"PGPASSWORD", "planted-password"}};
  auto source = source_from_environment(options());
  EXPECT_EQ(source.parameters.host, "h");
  EXPECT_EQ(source.parameters.user, "app");
  EXPECT_EQ(source.parameters.dbname, "db");
  variables["PGUSER"] = "first";
  EXPECT_EQ(source_from_environment(options()).parameters.user, "first");
}

TEST_F(Source, AsksWhoTheUserIsInOrder) {
  constexpr char const* target = "projects/p/branches/b/endpoints/primary";
  auto const config = [&](std::optional<std::string> client_id) {
    auto result = config_over(wire);
    result.token.reset();
    result.client_id = std::move(client_id);
    result.credentials_strategy = make_credentials_strategy("test", [](CredentialsLimits const&) { return Headers{}; });
    return result;
  };
  auto how = options();
  answers(primary);
  answers(R"({"userName":"me@example.com"})");
  EXPECT_EQ(source_for(WorkspaceClient{config({})}, target, how).parameters.user, "me@example.com");
  answers(primary);
  EXPECT_EQ(source_for(WorkspaceClient{config("6f1a")}, target, how).parameters.user, "6f1a");
  variables["PGUSER"] = "of-the-environment";
  answers(primary);
  EXPECT_EQ(source_for(WorkspaceClient{config("6f1a")}, target, how).parameters.user, "of-the-environment");
  how.user = "explicit";
  answers(primary);
  EXPECT_EQ(source_for(WorkspaceClient{config("6f1a")}, target, how).parameters.user, "explicit");
}

TEST_F(Source, TakesANativePasswordWhereNoEndpointIsKnown) {
  variables = {{"PGHOST", "h"}, {"PGUSER", "app"}, {"PGPASSWORD", "planted-password"}};
  EXPECT_FALSE(source_from_environment(options()).credentials->uses_tokens());
  variables = {{"LAKEBASE_PG_URL", "postgresql://app:planted-password@h:5433/db?sslmode=disable"}};
  EXPECT_THROW(static_cast<void>(source_from_environment(options())), ConfigError);
  variables = {{"LAKEBASE_PG_URL", "postgresql://app:planted-password@h:5433/db?sslmode=require"}};
  auto const source = source_from_environment(options());
  EXPECT_EQ(source.parameters.dbname, "db");
  EXPECT_EQ(source.parameters.sslmode, SslMode::verify_full);
  EXPECT_EQ(source.credentials->get({}).password, "planted-password");
  variables = {{"LAKEBASE_PG_URL", "postgresql://app:planted-password@[h"}};
  try {
    static_cast<void>(source_from_environment(options()));
    ADD_FAILURE() << "accepted";
  } catch (ConfigError const& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("planted")));
  }
  variables.clear();
  EXPECT_THROW(static_cast<void>(source_from_environment(options())), ConfigError);
}

TEST_F(Source, NeverTakesPlaintext) {
  variables = {{"PGSSLMODE", "disable"}, {"PGUSER", "me"}};
  answers(primary);
  EXPECT_THAT(message_of("projects/p/branches/b/endpoints/primary", options()), HasSubstr("plaintext"));
}

TEST_F(Source, TakesNoSocketAndNoListOfHostsOnAnyWay) {
  for (std::string const host : {"/var/run/postgresql", "@abstract", "h,/tmp"}) {
    for (auto const* const variable : {"PGHOST", "LAKEBASE_HOST"}) {
      variables = {{variable, host}, {"PGUSER", "app"}, {"PGPASSWORD", "planted-password"}};
      EXPECT_THROW(static_cast<void>(source_from_environment(options())), ConfigError) << variable << ' ' << host;
      variables["LAKEBASE_ENDPOINT"] = "projects/p/branches/b/endpoints/primary";
      EXPECT_THROW(static_cast<void>(source_from_environment(options(), client())), ConfigError)
          << variable << ' ' << host;
    }
    variables.clear();
    auto const conninfo = "user=app password=planted-password host='" + host + "'";
    EXPECT_THROW(static_cast<void>(source_from_conninfo(conninfo, options())), ConfigError) << host;
    EXPECT_THROW(static_cast<void>(source_from_conninfo(conninfo + " hostaddr=127.0.0.1", options())), ConfigError)
        << host;
    EXPECT_THROW(
        static_cast<void>(source_from_conninfo("postgresql://app:planted-password@/db?host=" + host, options())),
        ConfigError);
    variables["PGUSER"] = "me";
    answers(R"({"status":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE","hosts":{"host":")" + host + R"("}}})");
    EXPECT_THAT(message_of("projects/p/branches/b/endpoints/e", options()), HasSubstr("the host " + host));
  }
  EXPECT_THROW(static_cast<void>(source_from_conninfo("postgresql://app:planted-password@a,b/db", options())),
               ConfigError);
  EXPECT_THROW(static_cast<void>(source_from_conninfo("user=app password=planted-password", options())), ConfigError)
      << "libpq's default";
}

TEST_F(Source, TakesNoTextThatAsksForLessThanAGenuineServer) {
  std::string const text = "host=h user=app password=planted-password ";
  for (auto const* const wish :
       {"sslmode=allow", "sslmode=prefer", "sslmode=require", "requiressl=0", "requiressl=1"}) {
    EXPECT_EQ(source_from_conninfo(text + wish, options()).parameters.sslmode, SslMode::verify_full) << wish;
  }
  EXPECT_THROW(static_cast<void>(source_from_conninfo(text + "sslmode=disable", options())), ConfigError);
  EXPECT_THROW(static_cast<void>(source_from_conninfo(text + "gssencmode=prefer", options())), ConfigError);
  EXPECT_THROW(static_cast<void>(source_from_conninfo(text + "service=other", options())), ConfigError);
}

TEST_F(Source, RefusesNamesThatLeadElsewhere) {
  for (auto const* const name :
       {"projects/./branches/b/endpoints/e", "projects/p/branches/../endpoints/e", "projects/p/branches/b/endpoints/.",
        "projects/p/branches/..", "projects/.", "projects//branches/b", "projects/p/", "projects/p\n", "", "/"}) {
    EXPECT_THAT(message_of(name, options()), HasSubstr("not a project, branch or endpoint")) << name;
    EXPECT_THROW(static_cast<void>(make_endpoint_credentials(client().postgres, name)), InvalidArgument) << name;
  }
  EXPECT_TRUE(wire->requests().empty());
}

TEST_F(Source, GoesByTheClockOfItsClient) {
  auto const clock = std::make_shared<lakebase::testing::FakeClock>();
  variables["PGUSER"] = "me";
  answers(primary);
  auto const source =
      source_for(WorkspaceClient{config_over(wire, clock)}, "projects/p/branches/b/endpoints/primary", options());
  EXPECT_EQ(source.clock, clock);
  EXPECT_EQ(source.credentials->clock(), clock);
  auto const own = std::make_shared<lakebase::testing::FakeClock>();
  auto const client = WorkspaceClient{config_over(wire, clock)};
  EXPECT_EQ(make_endpoint_credentials(client.postgres, "projects/p/branches/b/endpoints/e")->clock(), clock);
  EXPECT_EQ(make_endpoint_credentials(client.postgres, "projects/p/branches/b/endpoints/e", {.clock = own})->clock(),
            own);
}

TEST_F(Source, AsksTheServiceWhetherAnEndpointRuns) {
  variables["PGUSER"] = "me";
  answers(primary);
  auto const source = source_for(client(), "projects/p/branches/b/endpoints/primary", options());
  auto const runs = [&](std::string const& status) {
    answers(R"({"name":"e","status":)" + status + "}");
    return source.ask_running(std::chrono::seconds{1}, {});
  };
  EXPECT_TRUE(runs(R"({"current_state":"ACTIVE"})"));
  EXPECT_TRUE(runs(R"({"current_state":"DEGRADED"})"));
  EXPECT_FALSE(runs(R"({"current_state":"IDLE"})"));
  EXPECT_FALSE(runs(R"({"current_state":"ACTIVE","disabled":true})"));
  wire->then({404, R"({"error_code":"NOT_FOUND","message":"endpoint id not found"})"});
  EXPECT_THROW(source.ask_running(std::chrono::seconds{1}, {}), NotFound);
}

TEST_F(Source, AsksTheServiceWhetherAnEndpointIsThere) {
  variables["PGUSER"] = "me";
  answers(primary);
  auto const source = source_for(client(), "projects/p/branches/b/endpoints/primary", options());
  answers(primary);
  EXPECT_EQ(source.ask_endpoint(std::chrono::seconds{1}, {}), EndpointState::there);
  answers(R"({"name":"e","status":{"disabled":true}})");
  EXPECT_EQ(source.ask_endpoint(std::chrono::seconds{1}, {}), EndpointState::disabled);
  wire->then({404, R"({"error_code":"NOT_FOUND","message":"endpoint id not found"})"});
  EXPECT_EQ(source.ask_endpoint(std::chrono::seconds{1}, {}), EndpointState::gone);
  wire->then({503, "{}"});
  EXPECT_THROW(source.ask_endpoint(std::chrono::seconds{1}, {}), TemporarilyUnavailable);
  EXPECT_EQ(wire->requests().size(), 5U) << "each once";
}

constexpr char const* instance_with_readers =
    R"({"name":"my-instance","state":"AVAILABLE","read_write_dns":"ep-1.example.com",)"
    R"("read_only_dns":"ep-ro-1.example.com","effective_stopped":false})";
constexpr char const* instance_without_readers =
    R"({"name":"my-instance","state":"AVAILABLE","read_write_dns":"ep-1.example.com"})";
constexpr char const* stopped_instance =
    R"({"name":"my-instance","state":"STOPPED","read_write_dns":"ep-1.example.com","effective_stopped":true})";

TEST_F(Source, LooksUpAnInstance) {
  answers(instance_with_readers);
  answers(R"({"userName":"me@example.com"})");
  auto const source = source_for(client(), "my-instance", options());
  EXPECT_EQ(source.parameters.host, "ep-1.example.com");
  EXPECT_EQ(source.parameters.endpoint, "my-instance");
  EXPECT_EQ(source.parameters.user, "me@example.com");
  EXPECT_EQ(source.parameters.dbname, "databricks_postgres");
  EXPECT_TRUE(source.credentials->uses_tokens());
  answers(R"({"token":"planted-token","expiration_time":"2026-01-01T01:00:00Z"})");
  EXPECT_EQ(source.credentials->get({}).password, "planted-token");
  EXPECT_THAT(wire->requests().back().url, ::testing::EndsWith("/api/2.0/database/credentials"));
  EXPECT_THAT(wire->requests().back().body, HasSubstr(R"("instance_names":["my-instance"])"));
}

TEST_F(Source, GoesToTheReadableSecondariesOfAnInstanceToRead) {
  variables["PGUSER"] = "reader";
  auto how = options();
  how.intent = Intent::read_only;
  answers(instance_with_readers);
  EXPECT_EQ(source_for(client(), "my-instance", how).parameters.host, "ep-ro-1.example.com");
  answers(instance_without_readers);
  EXPECT_EQ(source_for(client(), "my-instance", how).parameters.host, "ep-1.example.com");
}

TEST_F(Source, RoutesReadsOfAnInstanceToItsReadableSecondaries) {
  variables["PGUSER"] = "me";
  answers(instance_with_readers);
  answers(instance_with_readers);
  auto router = make_router(client(), "my-instance", options());
  EXPECT_NE(router.reader(), nullptr);
  answers(instance_without_readers);
  answers(instance_without_readers);
  auto single = make_router(client(), "my-instance", options());
  EXPECT_EQ(single.reader(), nullptr);
}

TEST_F(Source, SaysThatAnInstanceCannotBeConnectedTo) {
  variables["PGUSER"] = "me";
  auto const why = [&](char const* instance) {
    answers(instance);
    return message_of("my-instance", options());
  };
  EXPECT_THAT(why(stopped_instance), HasSubstr("the instance my-instance is stopped"));
  EXPECT_THAT(why(stopped_instance), HasSubstr("The instance is stopped: start it"));
  EXPECT_THAT(why(R"({"name":"my-instance","state":"STARTING"})"), HasSubstr("still being started"));
  EXPECT_THAT(why(R"({"name":"my-instance","state":"DELETING"})"), HasSubstr("is being deleted"));
}

TEST_F(Source, RefusesWhatAnInstanceDoesNotHave) {
  auto how = options();
  how.credentials.group_name = "analysts";
  EXPECT_THAT(message_of("my-instance", how), HasSubstr("tokens of an instance"));
  how = options();
  how.credentials.ttl = std::chrono::minutes{10};
  EXPECT_THAT(message_of("my-instance", how), HasSubstr("tokens of an instance"));
  how = options();
  how.pooled = true;
  how.password = "planted-password";
  EXPECT_THAT(message_of("my-instance", how), HasSubstr("no pooler"));
  EXPECT_TRUE(wire->requests().empty());
}

TEST_F(Source, AsksTheServiceAboutAnInstance) {
  variables["PGUSER"] = "me";
  answers(instance_without_readers);
  auto const source = source_for(client(), "my-instance", options());
  answers(instance_without_readers);
  EXPECT_EQ(source.ask_endpoint(std::chrono::seconds{1}, {}), EndpointState::there);
  answers(stopped_instance);
  EXPECT_EQ(source.ask_endpoint(std::chrono::seconds{1}, {}), EndpointState::stopped);
  answers(R"({"name":"my-instance","state":"DELETING"})");
  EXPECT_EQ(source.ask_endpoint(std::chrono::seconds{1}, {}), EndpointState::gone);
  wire->then({404, R"({"error_code":"NOT_FOUND","message":"not found"})"});
  EXPECT_EQ(source.ask_endpoint(std::chrono::seconds{1}, {}), EndpointState::gone);
  answers(instance_without_readers);
  EXPECT_TRUE(source.ask_running(std::chrono::seconds{1}, {}));
  answers(stopped_instance);
  EXPECT_FALSE(source.ask_running(std::chrono::seconds{1}, {}));
}

TEST_F(Source, ReadsTheEnvironmentOfTheSampleApplications) {
  variables = {{"LAKEBASE_INSTANCE_NAME", "my-instance"},
               {"LAKEBASE_DATABASE_NAME", "db"},
               {"LAKEBASE_USERNAME", "app@example.com"}};
  answers(instance_without_readers);
  auto const source = source_from_environment(options(), client());
  EXPECT_EQ(source.parameters.host, "ep-1.example.com");
  EXPECT_EQ(source.parameters.dbname, "db");
  EXPECT_EQ(source.parameters.user, "app@example.com");
  EXPECT_EQ(source.parameters.endpoint, "my-instance");
  variables["PGHOST"] = "ep-2.example.com";
  EXPECT_EQ(source_from_environment(options(), client()).parameters.host, "ep-2.example.com") << "without a request";
  EXPECT_EQ(wire->requests().size(), 1U);
}

TEST_F(Source, TakesTheFirstOfWhatTheEnvironmentSays) {
  variables = {{"LAKEBASE_ENDPOINT", "projects/p/branches/b/endpoints/primary"},
               {"LAKEBASE_INSTANCE_NAME", "my-instance"},
               {"LAKEBASE_PG_URL", "postgresql://app:planted-password@of-the-url/db"},
               {"PGHOST", "of-pghost"},
               {"PGPASSWORD", "planted-password"},
               {"PGUSER", "me"}};
  auto const place = [&] {
    auto const parameters = source_from_environment(options(), client()).parameters;
    return parameters.endpoint + " at " + parameters.host;
  };
  EXPECT_EQ(place(), "projects/p/branches/b/endpoints/primary at of-pghost");
  variables.erase("LAKEBASE_ENDPOINT");
  EXPECT_EQ(place(), "my-instance at of-pghost");
  variables.erase("LAKEBASE_INSTANCE_NAME");
  EXPECT_EQ(place(), " at of-the-url");
  variables.erase("LAKEBASE_PG_URL");
  EXPECT_EQ(place(), " at of-pghost");
  EXPECT_TRUE(wire->requests().empty());
}

TEST_F(Source, FindsTheInstanceOfAHostWithoutAPassword) {
  variables = {{"PGHOST", "ep-1.example.com"}, {"PGUSER", "app"}, {"PGDATABASE", "db"}};
  answers(std::string{R"({"database_instances":[)"} + instance_without_readers + "]}");
  auto const source = source_from_environment(options(), client());
  EXPECT_EQ(source.parameters.endpoint, "my-instance");
  EXPECT_TRUE(source.credentials->uses_tokens());
}

TEST_F(Source, ListsAllThatItLookedAt) {
  auto const why = [&](std::optional<WorkspaceClient> const& given) -> std::string {
    try {
      static_cast<void>(source_from_environment(options(), given));
    } catch (ConfigError const& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(why({}), HasSubstr("looked at LAKEBASE_ENDPOINT (not set), ENDPOINT_NAME (not set), "
                                 "LAKEBASE_INSTANCE_NAME (not set), LAKEBASE_PG_URL (not set), PGHOST (not set), "
                                 "LAKEBASE_HOST (not set), PGPASSWORD (not set)"));
  EXPECT_THAT(why({}), HasSubstr("Set LAKEBASE_ENDPOINT"));
  variables["PGHOST"] = "ep-1.example.com";
  answers("{}");
  EXPECT_THAT(why(client()), HasSubstr("PGHOST (set)"));
  answers("{}");
  EXPECT_THAT(why(client()), HasSubstr("the caller sees no instance with it"));
  EXPECT_THAT(why({}), HasSubstr("no workspace to ask for an instance with it"));
}

TEST_F(Source, MintsForInstancesWithClaims) {
  InstanceCredentialOptions how{.request_id = "r-1"};
  how.claims.push_back(
      {.permission_set = database::RequestedClaimsPermissionSet::read_only, .resources = {{.table_name = "c.s.t"}}});
  auto const credentials = make_instance_credentials(client().database, {"a", "b"}, how);
  EXPECT_TRUE(wire->requests().empty());
  answers(R"({"token":"planted-token","expiration_time":"2026-01-01T01:00:00Z"})");
  EXPECT_EQ(credentials->get({}).password, "planted-token");
  EXPECT_EQ(credentials->get({}).password, "planted-token");
  ASSERT_EQ(wire->requests().size(), 1U) << "one mint for a token's life";
  auto const body = wire->requests().back().body;
  for (auto const* const part :
       {R"("instance_names":["a","b"])", R"("request_id":"r-1")", R"("READ_ONLY")", R"("c.s.t")"}) {
    EXPECT_THAT(body, HasSubstr(part));
  }
  credentials->invalidate("planted-token");
  answers(R"({"token":"planted-token","expiration_time":"soon"})");
  EXPECT_THROW(credentials->get({}), AuthError);
  EXPECT_THROW(static_cast<void>(make_instance_credentials(client().database, {"a/b"})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(make_instance_credentials(client().database, {})), InvalidArgument);
}

TEST_F(Source, TakesClaimsOfASourceToItsInstance) {
  variables["PGUSER"] = "me";
  auto how = options();
  how.credentials.claims.push_back(
      {.permission_set = postgres::RequestedClaimsPermissionSet::read_only, .resources = {{.table_name = "c.s.t"}}});
  answers(instance_without_readers);
  answers(R"({"token":"planted-token","expiration_time":"2026-01-01T01:00:00Z"})");
  static_cast<void>(source_for(client(), "my-instance", how).credentials->get({}));
  EXPECT_THAT(wire->requests().back().body,
              HasSubstr(R"("claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"c.s.t"}]}])"));
}

TEST_F(Source, MintsForTheEndpointWithGroupClaimsAndLife) {
  auto how = options();
  how.credentials.group_name = "analysts";
  how.credentials.ttl = std::chrono::minutes{10};
  how.credentials.claims.push_back(
      {.permission_set = postgres::RequestedClaimsPermissionSet::read_only, .resources = {{.table_name = "c.s.t"}}});
  answers(primary);
  answers(R"({"token":"planted-token","expire_time":"2026-01-01T01:10:00Z"})");
  auto const source = source_for(client(), "projects/p/branches/b/endpoints/primary", how);
  EXPECT_EQ(source.parameters.user, "analysts");
  EXPECT_EQ(source.credentials->get({}).password, "planted-token");
  auto const body = wire->requests().back().body;
  for (auto const* const part : {R"("group_name":"analysts")", R"("ttl":"600s")", R"("READ_ONLY")", R"("c.s.t")",
                                 R"("endpoint":"projects/p/branches/b/endpoints/primary")"}) {
    EXPECT_THAT(body, HasSubstr(part));
  }
  answers(R"({"token":"planted-token"})");
  source.credentials->invalidate("planted-token");
  EXPECT_THROW(source.credentials->get({}), AuthError);
}

TEST_F(Source, GivesAConninfoWithAPasswordToOthers) {
  auto const source = source_from_conninfo("postgresql://app:planted-password@host/db", options());
  EXPECT_EQ(conninfo_with_password(source), source.parameters.to_conninfo("planted-password"));
}

TEST_F(Source, MintsWithTheOptionsOfItsClient) {
  auto const postgres = client().postgres.with({.timeout = std::chrono::seconds{3}, .headers = {{"X-Team", "data"}}});
  auto const credentials = make_endpoint_credentials(postgres, "projects/p/branches/b/endpoints/primary");
  answers(R"({"token":"planted-token","expire_time":"2026-01-01T01:10:00Z"})");
  credentials->get({});
  EXPECT_EQ(find_header(wire->requests().back().headers, "X-Team"), "data");
  EXPECT_LE(wire->limits().back().total.value(), std::chrono::seconds{3});
}

}  // namespace
}  // namespace lakebase::tests
