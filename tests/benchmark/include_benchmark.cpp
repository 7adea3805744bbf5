// What one `#include <lakebase/lakebase.hpp>` adds to a translation unit over the standard headers that it needs: both
// are compiled in turn, as a consumer would compile them.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

namespace {

constexpr auto standard_headers = R"(
#include <array>
#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
)";

void compile(benchmark::State& state, std::string const& source) {
  auto const file =
      std::filesystem::temp_directory_path() / ("lakebase_include_" + std::to_string(std::rand()) + ".cpp");
  std::ofstream{file} << source;
  std::string const command = LAKEBASE_COMPILER " -std=c++20 -fsyntax-only " LAKEBASE_INCLUDES + file.string();
  for (auto _ : state) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error("does not compile: " + command);
  }
  std::filesystem::remove(file);
}

void StandardHeaders(benchmark::State& state) {
  compile(state, standard_headers);
}
void LakebaseHeader(benchmark::State& state) {
  compile(state, std::string{standard_headers} + "#include <lakebase/lakebase.hpp>\n");
}

BENCHMARK(StandardHeaders)->Unit(benchmark::kMillisecond)->Iterations(3)->Repetitions(3)->UseRealTime();
BENCHMARK(LakebaseHeader)->Unit(benchmark::kMillisecond)->Iterations(3)->Repetitions(3)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
