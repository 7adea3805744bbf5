// Makes a Lakebase project, branches it, resizes its compute, and reads a row over TLS with a token that it minted.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include <libpq-fe.h>
#include <lakebase/lakebase.hpp>

using namespace lakebase::postgres;
using namespace std::chrono_literals;

// Prints each step with the time it took.
class Steps {
 public:
  void done(std::string const& what) {
    auto const now = std::chrono::steady_clock::now();
    std::printf("%7.3f s  %s\n", std::chrono::duration<double>(now - last_).count(), what.c_str());
    last_ = now;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

Connection connect(std::string const& host, std::string const& user, std::string const& token) {
  char const* const keywords[] = {"host", "user", "password", "dbname", "sslmode", nullptr};
  char const* const values[] = {host.c_str(),          user.c_str(),  token.c_str(),
                                "databricks_postgres", "verify-full", nullptr};
  Connection connection{PQconnectdbParams(keywords, values, 0), &PQfinish};
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  return connection;
}

// Runs one statement and returns the first value of its answer, if there is one.
std::string query(Connection const& connection, char const* sql) {
  std::unique_ptr<PGresult, decltype(&PQclear)> const result{PQexec(connection.get(), sql), &PQclear};
  auto const status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

int main() try {
  Steps steps;
  lakebase::WorkspaceClient w;  // environment, then ~/.databrickscfg

  Project project =
      w.postgres
          .create_project(Project{.spec = ProjectSpec{.display_name = "My Application", .pg_version = 17}}, "my-app")
          .wait();
  steps.done("created project " + *project.name);

  Branch branch = w.postgres.create_branch("projects/my-app", Branch{.spec = BranchSpec{.ttl = 168h}}, "development")
                      .wait({.timeout = 5min});
  steps.done("created branch " + *branch.name);

  std::string const endpoint_name = *branch.name + "/endpoints/primary";
  Endpoint endpoint =
      w.postgres
          .update_endpoint(
              endpoint_name,
              Endpoint{.spec = EndpointSpec{.autoscaling_limit_max_cu = 8.0, .autoscaling_limit_min_cu = 2.0}},
              FieldMask{"spec.autoscaling_limit_min_cu", "spec.autoscaling_limit_max_cu"})
          .wait();
  steps.done("resized " + endpoint_name + " to 2-8 CU");

  DatabaseCredential credential = w.postgres.generate_database_credential(endpoint_name);
  std::string const user = *w.current_user.me().user_name;
  steps.done("minted a credential for " + user);

  auto on_branch = connect(*endpoint.status->hosts->host, user, *credential.token);
  steps.done("connected to " + *endpoint.status->hosts->host + " with sslmode=verify-full");
  std::printf("           %s\n", query(on_branch, "SELECT version()").c_str());

  query(on_branch, "CREATE TABLE greetings (text text)");
  query(on_branch, "INSERT INTO greetings VALUES ('a row that production does not have')");
  std::printf("           %s\n", query(on_branch, "SELECT text FROM greetings").c_str());
  steps.done("wrote and read a row on the branch");

  std::string const production = "projects/my-app/branches/production/endpoints/primary";
  auto on_production = connect(*w.postgres.get_endpoint(production).status->hosts->host, user,
                               *w.postgres.generate_database_credential(production).token);
  if (query(on_production, "SELECT to_regclass('greetings')") != "") throw std::runtime_error("the branch leaked");
  steps.done("looked for it on production: not there");

  w.postgres.delete_project("projects/my-app", {.purge = true}).wait();
  steps.done("deleted the project");
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "quickstart: %s\n", error.what());
  return EXIT_FAILURE;
}
