#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

// What a consumer does with lakebase::pq: a row of SQL over TLS, with a token.
int main() try {
  lakebase::WorkspaceClient const w;
  w.postgres.create_project({}, "from-pq").wait({.timeout = std::chrono::minutes{1}});
  auto connection = lakebase::pq::connect(lakebase::pq::source_for(w, "projects/from-pq"));
  auto const answer = connection.exec("SELECT 6 * 7").value<int>();
  std::printf("pq: %d\n", answer);
  return answer == 42 ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
