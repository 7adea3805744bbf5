// A pool in bad weather: tokens that live for seconds, an endpoint that is suspended and crashes, mints that fail. What
// was reported as committed must be there once; what was reported as failed must not be there; what is in doubt is
// counted. LAKEBASE_SOAK_SECONDS sets the length, default 20; CI takes 60.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "support/lakebase_fixture.hpp"
#include "support/outcomes.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;

constexpr std::size_t workers = 16;
constexpr int most_connections = 200;
constexpr int leases_in_a_burst = 13;  // 208 in all: more than there are, but no deadlock, as 16 x 12 fit
constexpr auto wait_limit = 20s;
// The time of a transaction bounds its waits; the statement that is under way at its end is waited for.
constexpr auto slack = 6s;
// Of a machine that is busy.
constexpr auto lateness = 1s;

std::chrono::seconds length() {
  char const* const text = std::getenv("LAKEBASE_SOAK_SECONDS");
  return std::chrono::seconds{text == nullptr ? 20 : std::atoi(text)};
}

// What may be added between the second and the last third. A sanitizer keeps freed memory for a while.
#ifdef LAKEBASE_SANITIZED
constexpr long growth_kilobytes = 128 * 1024;
#else
constexpr long growth_kilobytes = 8 * 1024;
#endif

long resident_kilobytes() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

// What the workers were told.
struct Ledger {
  // Of each worker's transactions, by their number. Only the worker touches its own.
  std::array<std::vector<Outcome>, workers> outcomes{};
  std::mutex mutex{};
  std::map<std::string, int> texts{};
  std::chrono::nanoseconds longest_transaction{};
  std::chrono::nanoseconds longest_acquire{};

  std::int64_t count(Outcome outcome) const {
    std::int64_t sum = 0;
    for (auto const& of_worker : outcomes) sum += std::count(of_worker.begin(), of_worker.end(), outcome);
    return sum;
  }
  void note_text(std::string const& text) {
    std::lock_guard const lock{mutex};
    ++texts[text];
  }
};

// Credentials that remember what they handed out.
class Remembering final : public DatabaseCredentialProvider {
 public:
  explicit Remembering(std::shared_ptr<DatabaseCredentialProvider> inner) : inner_(std::move(inner)) {}
  LoginSecret get(CredentialsLimits const& limits) override {
    auto secret = inner_->get(limits);
    std::lock_guard const lock{mutex_};
    secrets_.insert(secret.password);
    return secret;
  }
  bool invalidate(std::string_view password) override { return inner_->invalidate(password); }
  bool uses_tokens() const noexcept override { return true; }
  std::set<std::string> const& secrets() const { return secrets_; }

 private:
  std::shared_ptr<DatabaseCredentialProvider> inner_;
  std::mutex mutex_{};
  std::set<std::string> secrets_{};
};

void write_one(ConnectionPool& pool, Ledger& ledger, std::size_t worker) {
  auto& outcomes = ledger.outcomes.at(worker);
  auto const start = std::chrono::steady_clock::now();
  auto const insert = [&](Transaction& t) { t.exec("INSERT INTO soak VALUES ($1, $2)", {worker, outcomes.size()}); };
  auto outcome = Outcome::committed;
  try {
    pool.run(insert, {.timeout = wait_limit});
  } catch (CommitUnknown const& error) {
    outcome = Outcome::in_doubt;
    ledger.note_text(error.what());
  } catch (Error const& error) {
    outcome = Outcome::failed;
    ledger.note_text(error.what());
  }
  std::chrono::nanoseconds const taken = std::chrono::steady_clock::now() - start;
  outcomes.push_back(outcome);
  std::lock_guard const lock{ledger.mutex};
  ledger.longest_transaction = std::max(ledger.longest_transaction, taken);
}

// Takes many connections at once, so that the pool fills up.
void burst(ConnectionPool& pool, Ledger& ledger) {
  std::vector<Lease> leases;
  for (int i = 0; i < leases_in_a_burst; ++i) {
    auto const start = std::chrono::steady_clock::now();
    std::optional<Lease> lease;
    try {
      lease = pool.acquire({.timeout = wait_limit});
    } catch (Error const& error) {
      ledger.note_text(error.what());
    }
    std::chrono::nanoseconds const taken = std::chrono::steady_clock::now() - start;
    std::lock_guard const lock{ledger.mutex};
    ledger.longest_acquire = std::max(ledger.longest_acquire, taken);
    if (lease) leases.push_back(std::move(*lease));
  }
  // Holds on to them until the pool is full, for a while.
  auto const until = std::chrono::steady_clock::now() + 1s;
  while (pool.statistics().open < most_connections && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(5ms);
  }
  for (auto const& lease : leases) {
    try {
      lease->exec("SELECT 1", {}, {.timeout = wait_limit});
    } catch (Error const& error) {
      ledger.note_text(error.what());
    }
  }
}

void work(ConnectionPool& pool, Ledger& ledger, std::size_t worker, std::stop_token const& stop) {
  auto next_burst = std::chrono::steady_clock::now() + 1s;  // all workers together
  while (!stop.stop_requested()) {
    write_one(pool, ledger, worker);
    if (std::chrono::steady_clock::now() < next_burst) continue;
    burst(pool, ledger);
    next_burst += 4s;
  }
}

// Suspends every 3 s, kills a PostgreSQL process every 10 s.
class Weather {
 public:
  explicit Weather(lakebase::testing::Emulator& emulator)
      : thread_([this, &emulator](std::stop_token const& stop) { make(emulator, stop); }) {}
  int suspends() const noexcept { return suspends_; }
  int crashes() const noexcept { return crashes_; }
  void end() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  void make(lakebase::testing::Emulator& emulator, std::stop_token const& stop) {
    auto const start = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
      auto const passed = std::chrono::steady_clock::now() - start;
      if (passed >= (suspends_ + 1) * 3s) {
        emulator.suspend(Lakebase::endpoint);
        ++suspends_;
      }
      if (passed >= (crashes_ + 1) * 10s) {
        emulator.crash(Lakebase::endpoint);
        ++crashes_;
      }
      std::this_thread::sleep_for(20ms);
    }
  }

  std::atomic<int> suspends_ = 0;
  std::atomic<int> crashes_ = 0;
  std::jthread thread_;
};

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

class Soak : public ::testing::Test {
 protected:
  void SetUp() override {
    postgres::Endpoint const larger{.spec = postgres::EndpointSpec{.autoscaling_limit_max_cu = 4.0}};
    lakebase.w.postgres.update_endpoint(Lakebase::endpoint, larger, FieldMask{"spec.autoscaling_limit_max_cu"}).wait();
    lakebase.emulator.set_token_life(5s);
    lakebase.emulator.fail_every_credential(7);
    RefreshPolicy tokens;
    tokens.on_event = [this](CredentialEvent const& event) { ledger.note_text(event.message); };
    minting = std::make_shared<CachingCredentialProvider>(mint(), tokens);
    remembering = std::make_shared<Remembering>(minting);
  }

  // As `make_endpoint_credentials` does it, but nothing on the way tries again where a mint fails.
  Mint mint() {
    return [client = lakebase.w.postgres.with({.retry = {.max_attempts = 1}})](CredentialsLimits const&) {
      auto const credential = client.generate_database_credential(Lakebase::endpoint);
      return MintedToken{credential.token.value(), credential.expire_time.value()};
    };
  }

  ConnectionPool pool() {
    auto source = lakebase.source();
    source.credentials = remembering;
    PoolOptions options{.max_size = most_connections, .idle_timeout = 2s};
    options.connect.on_attempt = [this](ConnectAttempt const& attempt) { ledger.note_text(attempt.message); };
    return ConnectionPool{source, options};
  }

  // Lets the workers work for the length of the test; observes them from here.
  void soak(ConnectionPool& shared) {
    Weather weather{lakebase.emulator};
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i) {
      threads.emplace_back([&, i](std::stop_token const& stop) { work(shared, ledger, i, stop); });
    }
    auto const start = std::chrono::steady_clock::now();
    for (auto passed = 0ns; passed < length(); passed = std::chrono::steady_clock::now() - start) {
      std::this_thread::sleep_for(50ms);
      most_open = std::max(most_open, shared.statistics().open);
      auto& peak = peaks.at(static_cast<std::size_t>(std::min<std::int64_t>(3 * passed / length(), 2)));
      peak = std::max(peak, resident_kilobytes());
    }
    for (auto& thread : threads) thread.request_stop();
    threads.clear();
    weather.end();
    suspends = weather.suspends();
    crashes = weather.crashes();
  }

  void print(PoolStatistics const& pool_counts, CredentialStatistics const& tokens) const {
    auto const number_of = [this](Outcome outcome) { return static_cast<long long>(ledger.count(outcome)); };
    std::printf("%lld committed, %lld in doubt, %lld failed; %d suspends, %d crashes\n", number_of(Outcome::committed),
                number_of(Outcome::in_doubt), number_of(Outcome::failed), suspends, crashes);
    std::printf("at most %d connections at once; %llu opened, %llu found dead, %llu replays\n", most_open,
                static_cast<unsigned long long>(pool_counts.opened),
                static_cast<unsigned long long>(pool_counts.found_dead),
                static_cast<unsigned long long>(pool_counts.replays));
    std::printf("%llu mints of which %llu failed\n", static_cast<unsigned long long>(tokens.mints),
                static_cast<unsigned long long>(tokens.failures));
    std::printf("longest transaction %.1f s, longest wait for a connection %.1f s\n",
                seconds(ledger.longest_transaction), seconds(ledger.longest_acquire));
    std::printf("at most %ld, %ld, %ld kB resident in the thirds\n", peaks[0], peaks[1], peaks[2]);
    for (auto const& [text, count] : ledger.texts) std::printf("%6d x %.160s\n", count, text.c_str());
  }

  Lakebase lakebase{};
  Ledger ledger{};
  std::shared_ptr<CachingCredentialProvider> minting{};
  std::shared_ptr<Remembering> remembering{};
  std::array<long, 3> peaks{};
  int most_open = 0;
  int suspends = 0;
  int crashes = 0;
};

TEST_F(Soak, LosesNothingAndRepeatsNothing) {
  auto shared = pool();
  shared.run([](Transaction& t) { t.exec("CREATE TABLE soak (worker int, number int)"); });
  soak(shared);
  lakebase.emulator.clear_faults();
  expect_as_told(shared, "soak", {ledger.outcomes.begin(), ledger.outcomes.end()});

  auto const statistics = shared.statistics();
  auto const tokens = minting->statistics();
  print(statistics, tokens);
  EXPECT_GT(ledger.count(Outcome::committed), 100);
  EXPECT_EQ(statistics.in_doubt, static_cast<std::uint64_t>(ledger.count(Outcome::in_doubt)));
  EXPECT_LE(ledger.longest_transaction, wait_limit + slack);
  EXPECT_LE(ledger.longest_acquire, wait_limit + lateness);
  // A leak makes every third the highest so far.
  EXPECT_LE(peaks[2], std::max(peaks[0], peaks[1]) + growth_kilobytes);
  // It was as bad as it was meant to be.
  EXPECT_EQ(most_open, most_connections);
  EXPECT_GE(suspends, length() / 3s - 2);
  EXPECT_GE(crashes, length() / 10s - 1);
  EXPECT_GE(tokens.mints, static_cast<std::uint64_t>(length() / 5s));
  EXPECT_GE(tokens.failures, tokens.mints / 7);
  EXPECT_GT(statistics.found_dead, 0U);
  for (auto const& secret : remembering->secrets()) {
    for (auto const& [text, count] : ledger.texts) EXPECT_EQ(text.find(secret), std::string::npos);
  }
}

}  // namespace
}  // namespace lakebase::tests
