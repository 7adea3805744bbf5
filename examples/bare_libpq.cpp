// Lets lakebase::pq find the endpoint, mint tokens, set up TLS and retry, and libpq do the rest.
//
//   bare_libpq [projects/my-app/branches/production]

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <libpq-fe.h>
#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

int main(int count, char** arguments) try {
  lakebase::WorkspaceClient w;
  auto const source = lakebase::pq::source_for(w, count > 1 ? arguments[1] : "projects/my-app/branches/production");

  // Ours from here on, in blocking mode.
  std::unique_ptr<PGconn, decltype(&PQfinish)> const connection{lakebase::pq::connect(source).release(), &PQfinish};
  std::unique_ptr<PGresult, decltype(&PQclear)> const result{
      PQexec(connection.get(), "SELECT current_user, split_part(version(), ' ', 2)"), &PQclear};
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  std::printf("%s on PostgreSQL %s\n", PQgetvalue(result.get(), 0, 0), PQgetvalue(result.get(), 0, 1));
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "bare_libpq: %s\n", error.what());
  return EXIT_FAILURE;
}
