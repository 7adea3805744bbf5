// Connections to a database instance for the threads of an application, whose tokens are minted and replaced in time.
// It is what samples in Python do by an event of SQLAlchemy that sets the password, and a thread that mints one every
// 50 minutes.
//
//   pool_on_an_instance [INSTANCE]

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <lakebase/database/convenience.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

namespace pq = lakebase::pq;

int main(int count, char** arguments) try {
  std::string const name = count > 1 ? arguments[1] : "my-instance";
  lakebase::WorkspaceClient const w;

  // The same call at every start of a program.
  lakebase::database::ensure_database_instance(w.database, {.name = name, .capacity = "CU_1"});

  // A session outlives its token, so only a new one needs another: nothing is minted ahead of that.
  pq::RefreshPolicy refresh;
  refresh.on_event = [](pq::CredentialEvent const& event) {
    if (event.kind == pq::CredentialEvent::Kind::minted) std::printf("minted a token\n");
  };
  pq::ConnectionPool pool{pq::source_for(w, name, {.credentials = {.refresh = refresh}}), {.max_size = 4}};

  pool.run([](pq::Transaction& tx) { tx.exec("CREATE TABLE IF NOT EXISTS visits (visitor int)"); });
  {
    std::vector<std::jthread> threads;
    for (int visitor = 0; visitor < 8; ++visitor) {
      threads.emplace_back([&pool, visitor] {
        pool.run([&](pq::Transaction& tx) { tx.exec("INSERT INTO visits VALUES ($1)", {visitor}); });
      });
    }
  }
  int const visits = pool.run([](pq::Transaction& tx) { return tx.query_value<int>("SELECT count(*) FROM visits"); });
  std::printf("%d visits over %llu connections\n", visits, static_cast<unsigned long long>(pool.statistics().opened));
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "pool_on_an_instance: %s\n", error.what());
  return EXIT_FAILURE;
}
