// What the places where an observer of events would be told cost if there is none: a pool's connection out and back, a
// prepared statement, a statement with a parameter, and a call of the API without a network.
//
//   hooks_benchmark                    prints ns for each operation, without an observer and with one that does nothing
//   hooks_benchmark OPERATION COUNT    does only that, that many times: for a count of instructions
//
// The limit is 1 % of the operation in the tree before the hooks. As no clock tells 1 % on a machine that is shared,
// the figure is that of instructions, which come out the same each time: build this file in both trees, and in each
// take
//
//   valgrind --tool=callgrind hooks_benchmark OPERATION 1000     and 11000; the difference by 10000 is one operation

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>

#include "pq/support/local_postgres.hpp"
#if __has_include(<lakebase/events.hpp>)
#include <lakebase/events.hpp>
#define LAKEBASE_WITH_EVENTS
#endif

namespace {

using namespace lakebase::pq;
using Clock = std::chrono::steady_clock;

// The same response to each request.
class Echo final : public lakebase::Transport {
 public:
  lakebase::HttpResponse send(lakebase::HttpRequest const& request, lakebase::TransportLimits const&) override {
    return {.status = 200, .headers = {}, .body = R"({"name": "projects/my-app"})", .effective_url = request.url};
  }
};

struct Operation {
  std::string_view name;
  int batch;
  std::function<void()> once;
};

lakebase::Config config() {
  return {.host = "https://workspace.example", .token = "t", .transport = std::make_shared<Echo>()};
}

// Of one client, pool and connection, which it keeps.
std::vector<Operation> operations(ConnectionSource const& source, lakebase::Config const& client) {
  auto const pool = std::make_shared<ConnectionPool>(source);
  auto const connection = std::make_shared<Connection>(connect(source));
  connection->prepare("one", "SELECT $1::int");
  auto const postgres = std::make_shared<lakebase::PostgresClient>(client);
  return {{"acquire", 1000, [pool] { auto const lease = pool->acquire(); }},
          {"prepared", 20, [connection] { static_cast<void>(connection->exec_prepared("one", {1})); }},
          {"statement", 20, [connection] { static_cast<void>(connection->exec("SELECT $1::int", {1})); }},
          {"call", 100, [postgres] { static_cast<void>(postgres->get_project("projects/my-app")); }}};
}

#if defined(LAKEBASE_WITH_EVENTS)

class Nothing final : public lakebase::EventObserver {
 public:
  void ended(lakebase::Event const&, Context) override {}
};

double nanoseconds_each(Operation const& operation) {
  auto const start = Clock::now();
  for (int i = 0; i < operation.batch; ++i) operation.once();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / operation.batch;
}

void print_times(ConnectionSource source) {
  auto const off = operations(source, config());
  auto const observer = std::make_shared<Nothing>();
  source.events = observer;
  auto observed = config();
  observed.events = observer;
  auto const on = operations(source, observed);
  for (std::size_t i = 0; i < off.size(); ++i) {
    std::vector<double> without;
    std::vector<double> with;
    for (int turn = 0; turn < 501; ++turn) {  // in turn, so that a busy machine hurts both alike
      without.push_back(nanoseconds_each(off[i]));
      with.push_back(nanoseconds_each(on[i]));
    }
    auto const median = [](std::vector<double>& times) {
      std::nth_element(times.begin(), times.begin() + 250, times.end());
      return times[250];
    };
    double const base = median(without);
    double const told = median(with);
    std::printf("%-10s without an observer %8.0f ns, with one %8.0f ns: %+.1f %%\n", off[i].name.data(), base, told,
                100 * (told / base - 1));
  }
}

#else

void print_times(ConnectionSource const&) {
  throw std::runtime_error("this tree has no observers: give an operation and a count");
}

#endif

}  // namespace

int main(int count, char** arguments) try {
  auto const source = lakebase::tests::LocalPostgres::instance().source();
  if (count == 1) {
    print_times(source);
    return EXIT_SUCCESS;
  }
  if (count == 3) {
    for (auto const& operation : operations(source, config())) {
      if (operation.name != arguments[1]) continue;
      auto const start = Clock::now();
      int const times = std::atoi(arguments[2]);
      for (int i = 0; i < times; ++i) operation.once();
      std::printf("%.1f ns each\n", std::chrono::duration<double, std::nano>(Clock::now() - start).count() / times);
      return EXIT_SUCCESS;
    }
  }
  std::fprintf(stderr, "usage: %s [acquire|prepared|statement|call COUNT]\n", arguments[0]);
  return 2;
} catch (std::exception const& error) {
  std::fprintf(stderr, "hooks_benchmark: %s\n", error.what());
  return EXIT_FAILURE;
}
