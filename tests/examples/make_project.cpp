// Makes the project that the examples expect to find: make_project ID

#include <cstdio>
#include <cstdlib>

#include <lakebase/lakebase.hpp>

int main(int argc, char** argv) try {
  lakebase::PostgresClient const postgres;
  postgres.create_project({}, argc > 1 ? argv[1] : "my-app").wait({.timeout = std::chrono::minutes{1}});
  return EXIT_SUCCESS;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "make_project: %s\n", error.what());
  return EXIT_FAILURE;
}
