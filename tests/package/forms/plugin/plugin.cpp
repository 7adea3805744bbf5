#include <chrono>
#include <cstdio>
#include <exception>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

// A plugin with the library within itself.
extern "C" __attribute__((visibility("default"))) int use_lakebase() try {
  lakebase::WorkspaceClient const w;
  w.postgres.create_project({}, "from-plugin").wait({.timeout = std::chrono::minutes{1}});
  auto connection = lakebase::pq::connect(lakebase::pq::source_for(w, "projects/from-plugin"));
  auto const answer = connection.exec("SELECT 42").value<int>();
  std::printf("plugin: %d\n", answer);
  return answer;
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return -1;
}
