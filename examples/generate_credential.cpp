// Mints a database credential and prints it as settings for psql and other clients of libpq:
//
//   eval "$(generate_credential [ENDPOINT])" && psql
//
// ENDPOINT is projects/my-app/branches/production/endpoints/primary by default.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>

using namespace lakebase::postgres;

int main(int argc, char** argv) try {
  std::string const name = argc > 1 ? argv[1] : "projects/my-app/branches/production/endpoints/primary";
  lakebase::WorkspaceClient const w;

  auto const endpoint = w.postgres.get_endpoint(name);
  auto const credential = w.postgres.generate_database_credential(name, {.ttl = std::chrono::minutes{15}});
  auto const me = w.current_user.me();

  std::printf("export PGHOST='%s'\n", host_of(endpoint).c_str());
  std::printf("export PGUSER='%s'\n", lakebase::at(me, &lakebase::iam::User::user_name).c_str());
  std::printf("export PGPASSWORD='%s'\n", token_of(credential).c_str());
  std::printf("export PGDATABASE=databricks_postgres PGSSLMODE=verify-full\n");
  std::fprintf(stderr, "The password is good for new connections until %s.\n",
               lakebase::at(credential, &DatabaseCredential::expire_time).to_string().c_str());
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "generate_credential: %s\n", error.what());
  return EXIT_FAILURE;
}
