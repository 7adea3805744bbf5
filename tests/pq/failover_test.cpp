// A pool whose primary fails again and again, by command and by a crash, while a standby takes its place. What was
// reported as committed must be there once; what was reported as failed must not be there; what is in doubt is settled.
// LAKEBASE_FAILOVERS sets how often, default 4.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "support/lakebase_fixture.hpp"
#include "support/outcomes.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t workers = 8;

int failovers() {
  char const* const text = std::getenv("LAKEBASE_FAILOVERS");
  return text == nullptr ? 4 : std::atoi(text);
}

struct Worker {
  std::vector<Outcome> outcomes{};
  int in_doubt = 0;
  int unsettled = 0;
  std::atomic<SteadyClock::rep> last_success{0};
};

/// Finds out what became of a transaction.
Outcome settled(ConnectionPool& pool, CommitUnknown const& in_doubt, Worker& worker) {
  ++worker.in_doubt;
  auto const limit = SteadyClock::now() + 30s;
  while (SteadyClock::now() < limit) {
    auto const lease = pool.acquire();
    try {
      auto const outcome = settle(*lease, in_doubt);
      if (outcome == CommitOutcome::committed) return Outcome::committed;
      if (outcome == CommitOutcome::aborted) return Outcome::failed;
      if (outcome != CommitOutcome::in_progress) break;
    } catch (Error const&) {
      // The next primary knows too.
    }
    std::this_thread::sleep_for(5ms);
  }
  ++worker.unsettled;
  return Outcome::failed;
}

void work(ConnectionPool& pool, Worker& worker, std::size_t number, std::stop_token const& stop) {
  while (!stop.stop_requested()) {
    auto const insert = [&](Transaction& t) {
      t.exec("INSERT INTO kept VALUES ($1, $2)", {number, worker.outcomes.size()});
    };
    auto outcome = Outcome::committed;
    try {
      pool.run(insert, {.transaction = {.track_commit = true}});
    } catch (CommitUnknown const& error) {
      outcome = settled(pool, error, worker);
    } catch (Error const& error) {
      std::printf("failed: %.200s\n", error.what());
      outcome = Outcome::failed;
    }
    worker.outcomes.push_back(outcome);
    if (outcome == Outcome::committed) worker.last_success = SteadyClock::now().time_since_epoch().count();
  }
}

class Failover : public ::testing::Test {
 protected:
  void SetUp() override {
    postgres::Endpoint const several{
        .spec =
            postgres::EndpointSpec{.group = postgres::EndpointGroupSpec{.min = 3, .max = 3}, .no_suspension = true}};
    lakebase.w.postgres.update_endpoint(Lakebase::endpoint, several, FieldMask{"spec.group", "spec.suspension"}).wait();
  }

  std::string state() {
    return std::string{lakebase.w.postgres.get_endpoint(Lakebase::endpoint).status->current_state->wire()};
  }
  bool await_all() {
    auto const limit = SteadyClock::now() + 30s;
    while (state() != "ACTIVE") {
      if (SteadyClock::now() > limit) return false;
      std::this_thread::sleep_for(10ms);
    }
    return true;
  }
  /// Fails over, and returns how long it took until somebody committed again.
  std::chrono::nanoseconds fail(bool by_command) {
    auto const began = SteadyClock::now();
    by_command ? lakebase.emulator.failover(Lakebase::endpoint) : lakebase.emulator.crash(Lakebase::endpoint);
    auto const since = (by_command ? began : SteadyClock::now()).time_since_epoch().count();
    // One that was committed by the former primary in the last moment does not count: all have to have begun anew.
    auto const limit = SteadyClock::now() + 30s;
    auto const is_served = [&] {
      return std::any_of(all.begin(), all.end(), [&](Worker const& worker) { return worker.last_success > since; });
    };
    if (by_command) {
      auto const serves = SteadyClock::now().time_since_epoch().count();
      while (SteadyClock::now() < limit &&
             std::none_of(all.begin(), all.end(), [&](Worker const& worker) { return worker.last_success > serves; })) {
        std::this_thread::sleep_for(1ms);
      }
    }
    while (SteadyClock::now() < limit && !is_served()) std::this_thread::sleep_for(1ms);
    return SteadyClock::now() - began;
  }
  void check(ConnectionPool& pool) {
    std::vector<std::vector<Outcome>> told;
    for (auto const& worker : all) told.push_back(worker.outcomes);
    expect_as_told(pool, "kept", told);
  }

  Lakebase lakebase{};
  std::array<Worker, workers> all{};
};

TEST_F(Failover, LosesNothingAndRepeatsNothing) {
  ConnectionPool pool{lakebase.source(), {.max_size = static_cast<int>(workers)}};
  pool.run([](Transaction& t) { t.exec("CREATE TABLE kept (worker int, number int)"); });
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < workers; ++i) {
    threads.emplace_back([&, i](std::stop_token const& stop) { work(pool, all[i], i, stop); });
  }
  std::vector<std::chrono::nanoseconds> pauses;
  for (int round = 0; round < failovers(); ++round) {
    ASSERT_TRUE(await_all()) << "the group does not become whole again, after " << round << " failovers";
    pauses.push_back(fail(round % 2 == 0));
  }
  EXPECT_TRUE(await_all());
  for (auto& thread : threads) thread.request_stop();
  threads.clear();
  check(pool);
  std::sort(pauses.begin(), pauses.end());
  std::size_t committed = 0;
  int in_doubt = 0;
  for (auto const& worker : all) {
    committed +=
        static_cast<std::size_t>(std::count(worker.outcomes.begin(), worker.outcomes.end(), Outcome::committed));
    in_doubt += worker.in_doubt;
    EXPECT_EQ(worker.unsettled, 0);
  }
  auto const milliseconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  std::printf("%zu committed, %d of them or of the failed in doubt and settled, over %zu failovers\n", committed,
              in_doubt, pauses.size());
  std::printf("first success after: p50 %.0f ms, longest %.0f ms\n", milliseconds(pauses.at(pauses.size() / 2)),
              milliseconds(pauses.back()));
  EXPECT_GT(committed, pauses.size());
}

}  // namespace
}  // namespace lakebase::tests
