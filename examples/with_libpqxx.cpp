// libpqxx over a connection of lakebase::pq: tokens, TLS and waking the endpoint are taken care of.
//
//   with_libpqxx [projects/my-app/branches/production]

#include <cstdio>
#include <cstdlib>
#include <string>

#include <pqxx/pqxx>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/libpqxx.hpp>
#include <lakebase/pq/pq.hpp>

namespace {

// As code that knows nothing of this library takes its connection.
std::string role_of(pqxx::connection& connection) {
  pqxx::work tx{connection};
  return tx.exec("SELECT current_user")[0][0].c_str();
}

}  // namespace

int main(int count, char** arguments) try {
  lakebase::WorkspaceClient w;
  auto const source = lakebase::pq::source_for(w, count > 1 ? arguments[1] : "projects/my-app/branches/production");

  auto connection = lakebase::pq::pqxx_connect(source);
  pqxx::work tx{connection};
  auto const result = tx.exec("SELECT split_part(version(), ' ', 2)");

  // [with_pqxx]
  std::string const role = lakebase::pq::with_pqxx(source, role_of);  // std::string role_of(pqxx::connection&)
  // [with_pqxx end]
  std::printf("%s on PostgreSQL %s\n", role.c_str(), result[0][0].c_str());
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "with_libpqxx: %s\n", error.what());
  return EXIT_FAILURE;
}
