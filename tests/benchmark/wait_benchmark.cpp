// How long a program waits for what the emulator does: an operation that takes half a second, which `wait` shall notice
// by 0.6 s, and a project with twenty branches made one after another, as a test suite makes them. The baseline for the
// latter is the same program, built on an earlier commit. `--benchmark_filter` chooses one.

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include <lakebase/lakebase.hpp>
#include <lakebase/testing/emulator.hpp>

namespace {

using namespace lakebase::postgres;
using namespace std::chrono_literals;

constexpr std::uint16_t postgres_port = 55561;

/// The counter says how long after the operation's end its wait returned.
void OperationOfHalfASecond(benchmark::State& state) {
  constexpr auto length = 500ms;
  lakebase::testing::Emulator const emulator{{.postgres_port = postgres_port, .operation_delay = length}};
  lakebase::WorkspaceClient const w{emulator.config()};
  w.postgres.create_project({}, "p").wait();
  double latest = 0;
  for (auto _ : state) {
    auto const begun = std::chrono::steady_clock::now();
    w.postgres
        .update_project("projects/p", Project{.spec = ProjectSpec{.display_name = "Shop"}},
                        lakebase::FieldMask{"spec.display_name"})
        .wait();
    std::chrono::duration<double, std::milli> const late = std::chrono::steady_clock::now() - begun - length;
    latest = std::max(latest, late.count());
  }
  state.counters["latest_ms_after_its_end"] = latest;
}

/// Each on an emulator that has nothing else.
void ProjectWithTwentyBranches(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    lakebase::testing::Emulator const emulator{{.postgres_port = postgres_port}};
    lakebase::WorkspaceClient const w{emulator.config()};
    state.ResumeTiming();
    w.postgres.create_project({}, "p").wait();
    for (int number = 0; number < 20; ++number) {
      w.postgres
          .create_branch("projects/p", Branch{.spec = BranchSpec{.no_expiry = true}}, "b" + std::to_string(number))
          .wait();
    }
    state.PauseTiming();
    if (w.postgres.list_branches("projects/p").to_vector().size() != 21) throw std::runtime_error("not 21 branches");
    state.ResumeTiming();
  }
}

BENCHMARK(OperationOfHalfASecond)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(10);
BENCHMARK(ProjectWithTwentyBranches)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace

BENCHMARK_MAIN();
