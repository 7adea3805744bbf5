// A pool in bad weather: tokens that live for seconds, an endpoint that is suspended and crashes, mints that fail. What
// was reported as committed must be there once; what was reported as failed must not be there; what is in doubt is
// counted. LAKEBASE_SOAK_SECONDS sets the length, default 10.

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "support/lakebase_fixture.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using Key = std::pair<int, int>;

constexpr int workers = 16;
constexpr int leases_in_a_burst = 12;  // 192 in all
constexpr auto wait_limit = 20s;
// A COMMIT that is under way when the time is over is waited for; the machine may be busy, too.
constexpr auto slack = 6s;

std::chrono::seconds length() {
  char const* const text = std::getenv("LAKEBASE_SOAK_SECONDS");
  return std::chrono::seconds{text == nullptr ? 10 : std::atoi(text)};
}

long resident_kilobytes() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

// What the workers were told.
struct Ledger {
  std::mutex mutex{};
  std::set<Key> committed{};
  std::set<Key> in_doubt{};
  std::set<Key> failed{};
  std::map<std::string, int> errors{};
  std::chrono::nanoseconds longest{};
  int bursts = 0;
  std::vector<std::string> texts{};

  void note_error(Error const& error) {
    std::string const text = error.what();
    ++errors[text.substr(0, 120)];
    texts.push_back(text);
  }
  void note_wait(std::chrono::steady_clock::time_point start) {
    longest = std::max<std::chrono::nanoseconds>(longest, std::chrono::steady_clock::now() - start);
  }
};

void write_one(ConnectionPool& pool, Ledger& ledger, Key const& key) {
  auto const start = std::chrono::steady_clock::now();
  auto const insert = [&](Transaction& t) { t.exec("INSERT INTO soak VALUES ($1, $2)", {key.first, key.second}); };
  std::set<Key>* outcome = &ledger.committed;
  std::optional<Error> thrown;
  try {
    pool.run(insert, {.timeout = wait_limit});
  } catch (CommitUnknown const& error) {
    outcome = &ledger.in_doubt;
    thrown = error;
  } catch (Error const& error) {
    outcome = &ledger.failed;
    thrown = error;
  }
  std::lock_guard const lock{ledger.mutex};
  outcome->insert(key);
  if (thrown) ledger.note_error(*thrown);
  ledger.note_wait(start);
}

// Takes many connections at once, so that the pool fills up.
void burst(ConnectionPool& pool, Ledger& ledger) {
  std::vector<Lease> leases;
  for (int i = 0; i < leases_in_a_burst; ++i) {
    auto const start = std::chrono::steady_clock::now();
    std::optional<Error> thrown;
    try {
      leases.push_back(pool.acquire({.timeout = wait_limit}));
      leases.back()->exec("SELECT 1", {}, {.timeout = wait_limit});
    } catch (Error const& error) {
      thrown = error;
    }
    std::lock_guard const lock{ledger.mutex};
    if (thrown) ledger.note_error(*thrown);
    ledger.note_wait(start);
  }
  std::lock_guard const lock{ledger.mutex};
  ++ledger.bursts;
}

void work(ConnectionPool& pool, Ledger& ledger, int worker, std::stop_token const& stop) {
  auto next_burst = std::chrono::steady_clock::now() + 1s;  // all workers together
  for (int number = 0; !stop.stop_requested(); ++number) {
    write_one(pool, ledger, {worker, number});
    if (std::chrono::steady_clock::now() < next_burst) continue;
    burst(pool, ledger);
    next_burst += 4s;
  }
}

// Suspends every 3 s, crashes every 10 s.
void make_weather(lakebase::testing::Emulator& emulator, std::stop_token const& stop) {
  auto const start = std::chrono::steady_clock::now();
  int suspends = 0;
  int crashes = 0;
  while (!stop.stop_requested()) {
    auto const passed = std::chrono::steady_clock::now() - start;
    if (passed >= (suspends + 1) * 3s) {
      ++suspends;
      emulator.suspend(Lakebase::endpoint);
    }
    if (passed >= (crashes + 1) * 10s) {
      ++crashes;
      emulator.crash(Lakebase::endpoint);
    }
    std::this_thread::sleep_for(20ms);
  }
}

void check(ConnectionPool& pool, Ledger const& ledger) {
  std::map<Key, int> found;
  auto const lease = pool.acquire();
  for (Row const row : lease->stream("SELECT worker, number, count(*) FROM soak GROUP BY 1, 2")) {
    found[{row[0].as<int>(), row[1].as<int>()}] = row[2].as<int>();
  }
  for (auto const& [key, count] : found) EXPECT_EQ(count, 1) << "twice: " << key.first << '/' << key.second;
  for (auto const& key : ledger.committed)
    EXPECT_TRUE(found.contains(key)) << "lost: " << key.first << '/' << key.second;
  for (auto const& key : ledger.failed)
    EXPECT_FALSE(found.contains(key)) << "undead: " << key.first << '/' << key.second;
}

TEST(Soak, LosesNothingAndRepeatsNothing) {
  Lakebase lakebase;
  postgres::Endpoint const larger{.spec = postgres::EndpointSpec{.autoscaling_limit_max_cu = 4.0}};
  lakebase.w.postgres.update_endpoint(Lakebase::endpoint, larger, FieldMask{"spec.autoscaling_limit_max_cu"}).wait();
  lakebase.emulator.set_token_life(5s);
  lakebase.emulator.fail_every_credential(7);
  auto source = lakebase.source();
  auto const credentials = make_endpoint_credentials(lakebase.w.postgres, Lakebase::endpoint);
  source.credentials = credentials;
  ConnectionPool pool{source, {.max_size = 200, .idle_timeout = 2s}};
  pool.run([](Transaction& t) { t.exec("CREATE TABLE soak (worker int, number int)"); });

  Ledger ledger;
  int most_open = 0;
  long early = 0;
  {
    std::jthread const weather{[&](std::stop_token const& stop) { make_weather(lakebase.emulator, stop); }};
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i) {
      threads.emplace_back([&, i](std::stop_token const& stop) { work(pool, ledger, i, stop); });
    }
    auto const start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < length()) {
      std::this_thread::sleep_for(50ms);
      most_open = std::max(most_open, pool.statistics().open);
      if (early == 0 && std::chrono::steady_clock::now() - start > length() / 3) early = resident_kilobytes();
    }
  }
  long const late = resident_kilobytes();
  lakebase.emulator.clear_faults();
  check(pool, ledger);

  auto const statistics = pool.statistics();
  std::printf(
      "%zu committed, %zu in doubt, %zu failed, %d bursts, at most %d connections at once, %llu opened, %llu found "
      "dead, "
      "%llu replays, %llu mints of which %llu failed, longest wait %.1f s, %ld kB resident after a third, %ld at the "
      "end\n",
      ledger.committed.size(), ledger.in_doubt.size(), ledger.failed.size(), ledger.bursts, most_open,
      static_cast<unsigned long long>(statistics.opened), static_cast<unsigned long long>(statistics.found_dead),
      static_cast<unsigned long long>(statistics.replays),
      static_cast<unsigned long long>(credentials->statistics().mints),
      static_cast<unsigned long long>(credentials->statistics().failures),
      std::chrono::duration<double>(ledger.longest).count(), early, late);
  for (auto const& [text, count] : ledger.errors) std::printf("%6d x %s\n", count, text.c_str());
  EXPECT_GT(ledger.committed.size(), 100U);
  EXPECT_EQ(statistics.in_doubt, ledger.in_doubt.size());
  EXPECT_LE(ledger.longest, wait_limit + slack);
  EXPECT_LE(late, early + 64 * 1024);
  auto const token = source.credentials->get({}).password;
  for (auto const& text : ledger.texts) EXPECT_EQ(text.find(token.substr(0, 20)), std::string::npos);
}

}  // namespace
}  // namespace lakebase::tests
