// Shares connections between threads, in transactions that are run again if that is safe. The target is a project, a
// branch or an endpoint.
//
//   connection_pool [projects/my-app/branches/production]

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

int main(int count, char** arguments) try {
  lakebase::WorkspaceClient w;
  lakebase::pq::ConnectionPool pool{
      lakebase::pq::source_for(w, count > 1 ? arguments[1] : "projects/my-app/branches/production"), {.max_size = 4}};

  pool.run([](lakebase::pq::Transaction& tx) { tx.exec("CREATE TABLE IF NOT EXISTS visits (visitor int)"); });
  {
    std::vector<std::jthread> threads;
    for (int visitor = 0; visitor < 8; ++visitor) {
      threads.emplace_back([&pool, visitor] {
        pool.run([&](lakebase::pq::Transaction& tx) { tx.exec("INSERT INTO visits VALUES ($1)", {visitor}); });
      });
    }
  }
  int const visits = pool.acquire()->query_value<int>("SELECT count(*) FROM visits");
  std::printf("%d visits over %llu connections\n", visits, static_cast<unsigned long long>(pool.statistics().opened));
  return EXIT_SUCCESS;
} catch (lakebase::pq::CommitUnknown const& error) {
  std::fprintf(stderr, "in doubt whether it was committed: %s\n", error.what());
  return EXIT_FAILURE;
} catch (std::exception const& error) {
  std::fprintf(stderr, "connection_pool: %s\n", error.what());
  return EXIT_FAILURE;
}
