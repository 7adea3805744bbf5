#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <lakebase/lakebase.hpp>

// What a consumer does with lakebase::lakebase: a call over HTTP, a model, an error of the service.
int main() try {
  lakebase::WorkspaceClient const w;
  auto const project = w.postgres.create_project({}, "from-core").wait({.timeout = std::chrono::minutes{1}});
  if (lakebase::from_json<lakebase::postgres::Project>(lakebase::to_json(project)) != project) return EXIT_FAILURE;
  try {
    static_cast<void>(w.postgres.get_project("projects/none"));
  } catch (lakebase::NotFound const&) {
    std::printf("core %s: %s\n", LAKEBASE_VERSION, project.name.value_or("?").c_str());
    return EXIT_SUCCESS;
  }
  return EXIT_FAILURE;
} catch (lakebase::Error const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
