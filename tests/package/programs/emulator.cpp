#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

// What a consumer does with lakebase::emulator: one in its own process.
int main() try {
  lakebase::testing::Emulator emulator;
  lakebase::WorkspaceClient const w{emulator.config()};
  auto const project = w.postgres.create_project({}, "in-process").wait({.timeout = std::chrono::minutes{1}});
  std::printf("emulator: %s\n", project.name.value_or("?").c_str());
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return EXIT_FAILURE;
}
