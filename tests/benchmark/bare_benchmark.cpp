// What the library costs in a bare program that does nothing else: each measurement runs in a fresh process, with a
// heap that nobody has warmed and the page faults of the machine, against a baseline of the same run. The server is the
// parent. Prints the median and the mean of a step (of several rounds, the one in the middle), its page faults, the
// ratios to the baseline, and the aim:
//
//   list of 100    100 full projects, fetched 50 times: at most 3 times raw libcurl fetching the same bytes
//   decode         from_json of that body: at most 1.3 times simdjson's DOM parsing it and copying its strings; its
//                  On-Demand, which leaves unread members unchecked, is printed as well
//   cached token   at most 2.5 times a read of the steady clock
//   unary          get_project: at most 1.05 times raw libcurl, or 4 us above it where that takes less than 60 us
//
// bare_benchmark [ROUNDS [NAME]]

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

#include <simdjson.h>

#include <lakebase/lakebase.hpp>

#include "auth/token_source.hpp"
#include "benchmark/bodies.hpp"
#include "benchmark/loopback.hpp"

namespace {

using namespace lakebase::benchmarks;
using SteadyClock = std::chrono::steady_clock;

std::string const list_path = "/api/2.0/postgres/projects";
std::string const project_path = list_path + "/my-app";

template <class Value>
void keep(Value const& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// What one process found.
struct Cost {
  /// The median step: steps that the machine interrupted do not count.
  double median = 0;
  /// The mean of all steps.
  double mean = 0;
  /// Page faults of a step.
  double faults = 0;
};

// --- In the fresh process ---

long faults_so_far() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// In nanoseconds, the first step and its page faults included.
template <class Step>
Cost cost_of(int steps, Step const& step) {
  std::vector<double> spans(static_cast<std::size_t>(steps));
  auto const faults = faults_so_far();
  for (auto& span : spans) {
    auto const start = SteadyClock::now();
    step();
    span = std::chrono::duration<double, std::nano>(SteadyClock::now() - start).count();
  }
  Cost cost{.faults = static_cast<double>(faults_so_far() - faults) / steps};
  for (auto const span : spans) cost.mean += span / steps;
  std::sort(spans.begin(), spans.end());
  cost.median = spans[spans.size() / 2];
  return cost;
}

constexpr int lists = 50;
constexpr int decodes = 50;
constexpr int calls = 2'000;

Cost raw_list(std::string const& host) {
  RawHandle raw{host + list_path, Fields::same};
  keep(RawHandle{host + project_path, Fields::same}.fetch());
  return cost_of(lists, [&] { keep(raw.fetch()); });
}

Cost list(std::string const& host) {
  lakebase::PostgresClient const client{{.host = host, .token = "t"}};
  keep(client.get_project("projects/my-app"));
  return cost_of(lists, [&] { keep(client.list_projects().to_vector()); });
}

Cost raw_unary(std::string const& host) {
  RawHandle raw{host + project_path, Fields::same};
  return cost_of(calls, [&] { keep(raw.fetch()); });
}

Cost unary(std::string const& host) {
  lakebase::PostgresClient const client{{.host = host, .token = "t"}};
  return cost_of(calls, [&] { keep(client.get_project("projects/my-app")); });
}

// To write it here would warm the heap.
std::string fetched_list(std::string const& host) {
  return RawHandle{host + list_path, Fields::same}.fetch();
}

// The texts of a document that its models hold: every value, and the names of settings.
using Texts = std::vector<std::string>;

constexpr std::string_view settings = "pg_settings";

void copy_texts(simdjson::ondemand::value value, Texts& out, bool with_names = false) {
  using simdjson::ondemand::json_type;
  switch (value.type()) {
    case json_type::object:
      for (auto field : value.get_object()) {
        std::string_view const name = field.unescaped_key();
        if (with_names) out.emplace_back(name);
        copy_texts(field.value(), out, name == settings);
      }
      break;
    case json_type::array:
      for (auto item : value.get_array()) copy_texts(item.value(), out);
      break;
    case json_type::string:
      out.emplace_back(value.get_string().value());
      break;
    case json_type::number:
      keep(value.get_number().value());
      break;
    case json_type::boolean:
      keep(value.get_bool().value());
      break;
    case json_type::null:
      break;
  }
}

void copy_texts(simdjson::dom::element value, Texts& out, bool with_names = false) {
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::OBJECT:
      for (auto const field : value.get_object()) {
        if (with_names) out.emplace_back(field.key);
        copy_texts(field.value, out, field.key == settings);
      }
      break;
    case element_type::ARRAY:
      for (auto const item : value.get_array()) copy_texts(item, out);
      break;
    case element_type::STRING:
      out.emplace_back(value.get_string().value());
      break;
    default:
      break;
  }
}

// With one parser for all documents, the text in place, and room for as many texts as the last document had.
Cost ondemand_decode(std::string const& host) {
  simdjson::padded_string const text{fetched_list(host)};
  simdjson::ondemand::parser parser;
  std::size_t count = 0;
  return cost_of(decodes, [&] {
    Texts texts;
    texts.reserve(count);
    simdjson::ondemand::document document = parser.iterate(text);
    copy_texts(simdjson::ondemand::value{document}, texts);
    count = texts.size();
    keep(texts);
  });
}

Cost dom_decode(std::string const& host) {
  simdjson::padded_string const text{fetched_list(host)};
  simdjson::dom::parser parser;
  std::size_t count = 0;
  return cost_of(decodes, [&] {
    Texts texts;
    texts.reserve(count);
    copy_texts(parser.parse(text), texts);
    count = texts.size();
    keep(texts);
  });
}

Cost decode(std::string const& host) {
  auto const text = fetched_list(host);
  return cost_of(decodes, [&] { keep(lakebase::from_json<ListProjectsResponse>(text)); });
}

constexpr int reads = 1'000;

template <class Read>
Cost of_a_read(Read const& read) {
  auto cost = cost_of(1'000, [&] {
    for (int i = 0; i < reads; ++i) read();
  });
  cost.median /= reads;
  cost.mean /= reads;
  return cost;
}

Cost clock_read(std::string const&) {
  return of_a_read([] { keep(SteadyClock::now()); });
}

Cost cached_token(std::string const&) {
  auto const clock = lakebase::make_system_clock();
  lakebase::detail::TokenSource source{
      [&](lakebase::CredentialsLimits const&, std::string_view) {
        return lakebase::detail::Token{.access_token = "t", .expiry = clock->system_now() + std::chrono::hours{1}};
      },
      clock};
  return of_a_read([&] { keep(source.token({})); });
}

// --- In the parent ---

struct Measurement {
  std::string_view name;
  Cost (*run)(std::string const& host);
  /// Index of what it is measured against.
  std::optional<std::size_t> baseline{};
  std::string_view aim{};
};

constexpr std::array measurements{
    Measurement{"raw list", &raw_list},
    Measurement{"list of 100", &list, 0, "<= 3"},
    Measurement{"simdjson", &ondemand_decode},
    Measurement{"simdjson dom", &dom_decode},
    Measurement{"decode", &decode, 3, "<= 1.3"},
    Measurement{"clock read", &clock_read},
    Measurement{"cached token", &cached_token, 5, "<= 2.5"},
    Measurement{"raw unary", &raw_unary},
    Measurement{"unary", &unary, 7, "<= 1.05, or + 4 us"},
};

constexpr std::string_view measure = "--measure";

int run_here(std::string_view name, std::string const& host) {
  auto const found = std::find_if(measurements.begin(), measurements.end(),
                                  [&](Measurement const& measurement) { return measurement.name == name; });
  if (found == measurements.end()) return EXIT_FAILURE;
  auto const cost = found->run(host);
  std::printf("%.3f %.3f %.3f\n", cost.median, cost.mean, cost.faults);
  return EXIT_SUCCESS;
}

Cost run_in_fresh_process(Measurement const& measurement, std::string const& host) {
  auto const command = std::filesystem::read_symlink("/proc/self/exe").string() + ' ' + std::string{measure} + " '" +
                       std::string{measurement.name} + "' " + host;
  std::unique_ptr<FILE, int (*)(FILE*)> const output{::popen(command.c_str(), "r"), &::pclose};
  Cost cost;
  if (!output || std::fscanf(output.get(), "%lf %lf %lf", &cost.median, &cost.mean, &cost.faults) != 3) {
    throw std::runtime_error{std::string{measurement.name}};
  }
  return cost;
}

// The median of the rounds, of each.
Cost summary_of(std::vector<Cost> const& costs) {
  auto const middle = [&](double Cost::*part) {
    std::vector<double> values;
    for (auto const& cost : costs) values.push_back(cost.*part);
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
  };
  return {middle(&Cost::median), middle(&Cost::mean), middle(&Cost::faults)};
}

using Costs = std::array<std::vector<Cost>, measurements.size()>;

void print_table(Costs const& costs) {
  std::printf("%-14s %12s %12s %10s %9s %9s  %s\n", "", "median us", "mean us", "faults", "x median", "x mean", "aim");
  for (std::size_t i = 0; i < measurements.size(); ++i) {
    if (costs[i].empty()) continue;
    auto const& measurement = measurements[i];
    auto const mine = summary_of(costs[i]);
    std::printf("%-14s %12.3f %12.3f %10.1f", std::string{measurement.name}.c_str(), mine.median / 1000,
                mine.mean / 1000, mine.faults);
    if (measurement.baseline && !costs[*measurement.baseline].empty()) {
      auto const baseline = summary_of(costs[*measurement.baseline]);
      std::printf(" %9.2f %9.2f  %s", mine.median / baseline.median, mine.mean / baseline.mean,
                  std::string{measurement.aim}.c_str());
    }
    std::printf("\n");
  }
}

// One after the other in each round, so that a change of the machine's mood meets all of them.
int run_all(int rounds, std::string_view only) {
  Server const server{{{list_path, list_body()}, {project_path, project_body}}};
  Costs costs;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < measurements.size(); ++i) {
      if (measurements[i].name.find(only) == std::string_view::npos) continue;
      costs[i].push_back(run_in_fresh_process(measurements[i], server.host()));
    }
  }
  print_table(costs);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && argv[1] == measure) return run_here(argv[2], argv[3]);
  return run_all(argc > 1 ? std::atoi(argv[1]) : 11, argc > 2 ? argv[2] : "");
}
