// How fast lakebase::pq is, each figure beside its baseline of the same run:
//   - a connection's way out of a pool and back, without anybody else: at most 6 reads of the steady clock;
//   - the same by 32 threads on 16 connections: its 99th percentile at most 1.5 x that of a bare mutex and vector;
//   - single-row reads from a loop over Connection, as a share of what pgbench -S reaches with as many connections to
//     the same local server over TLS: at least 80 % wanted;
//   - from a cold process to a first row, in parts, against the emulator (where it is built).
//
//   pq_benchmark [seconds per reading, default 5] [pool: the first two only]

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <libpq-fe.h>

#include <lakebase/pq/pq.hpp>

#include "pq/support/local_postgres.hpp"
#if defined(LAKEBASE_WITH_EMULATOR)
#include "pq/support/lakebase_fixture.hpp"
#endif

namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double nanoseconds_each(int count, auto&& action) {
  auto const start = Clock::now();
  for (int i = 0; i < count; ++i) action();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / count;
}

// The least of several readings: what a busy machine adds is not ours.
double least_of(int readings, auto&& measure) {
  double least = measure();
  for (int i = 1; i < readings; ++i) least = std::min(least, measure());
  return least;
}

void check_out_and_return() {
  ConnectionPool pool{lakebase::tests::LocalPostgres::instance().source()};
  int const socket = PQsocket(pool.acquire()->native());
  auto const poll_once = [&] {
    pollfd descriptor{socket, POLLIN, 0};
    ::poll(&descriptor, 1, 0);
  };
  auto const read_clock = [] { static_cast<void>(Clock::now()); };
  double const pool_time =
      least_of(100, [&] { return nanoseconds_each(1000, [&] { auto const lease = pool.acquire(); }); });
  double const clock_time = least_of(100, [&] { return nanoseconds_each(1000, read_clock); });
  double const poll_time = least_of(100, [&] { return nanoseconds_each(1000, poll_once); });
  std::printf("pool check-out and return  %7.0f ns, a read of the clock %.0f ns: %.1f x (limit 6); a poll %.0f ns\n",
              pool_time, clock_time, pool_time / clock_time, poll_time);
}

// The least that shares things between threads.
class BarePool {
 public:
  explicit BarePool(int size) : idle_(static_cast<std::size_t>(size)) {}
  int take() {
    std::unique_lock lock{mutex_};
    returned_.wait(lock, [this] { return !idle_.empty(); });
    int const one = idle_.back();
    idle_.pop_back();
    return one;
  }
  void give_back(int one) {
    {
      std::lock_guard const lock{mutex_};
      idle_.push_back(one);
    }
    returned_.notify_one();
  }

 private:
  std::mutex mutex_{};
  std::condition_variable returned_{};
  std::vector<int> idle_;
};

struct Percentiles {
  double median;
  double p99;
  double most;
  std::size_t number;
};

// Of the time that one turn takes, with 32 threads at it.
Percentiles in_a_crowd(std::chrono::nanoseconds length, auto&& take_and_return) {
  constexpr std::size_t most_each = 1'000'000;
  std::vector<std::vector<float>> times(32);
  for (auto& mine : times) mine.resize(most_each);  // its memory is there before the clock runs
  auto const end = Clock::now() + length;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : times) {
      threads.emplace_back([&mine, &take_and_return, end] {
        std::size_t count = 0;
        for (auto start = Clock::now(); start < end && count < most_each;) {
          take_and_return();
          auto const now = Clock::now();
          mine[count++] = std::chrono::duration<float, std::nano>(now - start).count();
          start = now;
        }
        mine.resize(count);
      });
    }
  }
  std::vector<float> all;
  for (auto const& mine : times) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  auto const at = [&](std::size_t percent) { return static_cast<double>(all[(all.size() - 1) * percent / 100]); };
  return {at(50), at(99), at(100), all.size()};
}

void contended(int seconds) {
  constexpr int connections = 16;
  ConnectionPool pool{lakebase::tests::LocalPostgres::instance().source(), {.max_size = connections}};
  {
    std::vector<Lease> all;
    for (int i = 0; i < connections; ++i) all.push_back(pool.acquire());
  }
  BarePool bare{connections};
  auto const print = [](char const* what, Percentiles const& p) {
    std::printf("  %-24s median %7.0f ns, p99 %9.0f ns, most %6.1f ms, %zu turns\n", what, p.median, p.p99,
                p.most / 1e6, p.number);
  };
  std::printf("32 threads on 16 connections that are returned at once:\n");
  double ours = 0;
  double theirs = 0;
  for (int turn = 0; turn < 3; ++turn) {  // alternating, so that a busy machine hurts both alike
    auto const of_bare = in_a_crowd(std::chrono::seconds{seconds}, [&] { bare.give_back(bare.take()); });
    auto const of_pool = in_a_crowd(std::chrono::seconds{seconds}, [&] { auto const lease = pool.acquire(); });
    print("mutex and vector", of_bare);
    print("pool", of_pool);
    theirs = turn == 0 ? of_bare.p99 : std::min(theirs, of_bare.p99);
    ours = turn == 0 ? of_pool.p99 : std::min(ours, of_pool.p99);
  }
  std::printf("  p99 of the pool           %.2f x (limit 1.5)\n", ours / theirs);
}

struct Pgbench {
  ConnectionSource source = lakebase::tests::LocalPostgres::instance().source();
  std::string environment{};

  Pgbench() {
    for (auto const& [name, value] : source.parameters.to_environment(source.credentials->get({}).password)) {
      environment += name + "='" + value + "' ";
    }
    if (std::system((environment + "pgbench -i -q -s 10 >/dev/null 2>&1").c_str()) != 0)
      throw std::runtime_error("pgbench -i");
  }

  double theirs(int connections, int seconds) const {
    auto const command = environment + "pgbench -n -S -M prepared -c " + std::to_string(connections) + " -j " +
                         std::to_string(connections) + " -T " + std::to_string(seconds) + " 2>/dev/null";
    FILE* const pipe = ::popen(command.c_str(), "r");
    char line[512];
    double rate = 0;
    while (std::fgets(line, sizeof line, pipe) != nullptr) std::sscanf(line, "tps = %lf", &rate);
    ::pclose(pipe);
    return rate;
  }

  double ours(int connections, int seconds) const {
    std::vector<long> counts(static_cast<std::size_t>(connections));
    auto const start = Clock::now();
    {
      std::vector<std::jthread> threads;
      for (auto& count : counts) {
        threads.emplace_back([&count, this, seconds, start] {
          auto connection = connect(source);
          connection.prepare("read", "SELECT abalance FROM pgbench_accounts WHERE aid = $1");
          std::minstd_rand random{std::random_device{}()};
          std::uniform_int_distribution<int> account{1, 1'000'000};
          while (Clock::now() - start < std::chrono::seconds{seconds}) {
            if (connection.exec_prepared("read", {account(random)}).size() != 1) std::abort();
            ++count;
          }
        });
      }
    }
    long sum = 0;
    for (long const count : counts) sum += count;
    return static_cast<double>(sum) / std::chrono::duration<double>(Clock::now() - start).count();
  }
};

void select_rate(int seconds) {
  Pgbench const pgbench;
  for (int const connections : {1, 4}) {
    // Alternating, so that a busy machine hurts both alike.
    double theirs = 0;
    double ours = 0;
    for (int turn = 0; turn < 3; ++turn) {
      theirs += pgbench.theirs(connections, seconds) / 3;
      ours += pgbench.ours(connections, seconds) / 3;
    }
    std::printf("select-only, %d connection%s  %7.0f/s, pgbench %7.0f/s: %.0f %% (at least 80)\n", connections,
                connections == 1 ? " " : "s", ours, theirs, 100 * ours / theirs);
  }
}

#if defined(LAKEBASE_WITH_EMULATOR)

// A process of its own, started at `last`: prints the time of each part.
int cold(Clock::time_point last) {
  auto const part = [&](char const* what) {
    auto const now = Clock::now();
    std::printf("    %-28s %7.1f ms\n", what, std::chrono::duration<double, std::milli>(now - last).count());
    last = now;
  };
  part("start the process");
  lakebase::WorkspaceClient w;
  part("make the client");
  auto const name = std::string{lakebase::tests::Lakebase::endpoint};
  auto const host = *w.postgres.get_endpoint(name).status->hosts->host;
  part("find the host");
  auto const user = *w.current_user.me().user_name;
  part("find the user");
  ConnectionSource source;
  source.parameters.host = host;
  source.parameters.user = user;
  source.parameters.port = static_cast<std::uint16_t>(std::atoi(std::getenv("PGPORT")));
  source.parameters.endpoint = name;
  source.credentials = make_endpoint_credentials(w.postgres, name);
  source.credentials->get({});
  part("mint a token");
  auto connection = connect(source);
  part("connect, TLS, log in");
  connection.exec("SELECT 1");
  part("first row");
  return EXIT_SUCCESS;
}

void cold_process(char const* program) {
  lakebase::tests::Lakebase lakebase;
  static_cast<void>(connect(lakebase.source()));  // the endpoint is awake
  ::setenv("DATABRICKS_HOST", lakebase.emulator.host().c_str(), 1);
  ::setenv("DATABRICKS_TOKEN", lakebase.emulator.token().c_str(), 1);
  ::setenv("PGSSLROOTCERT", lakebase.emulator.ca_certificate().c_str(), 1);
  ::setenv("PGPORT", std::to_string(lakebase.emulator.postgres_port()).c_str(), 1);
  std::printf("cold process to a first row:\n");
  std::fflush(stdout);
  auto const start = Clock::now();
  auto const command = std::string{program} + " --cold " + std::to_string(start.time_since_epoch().count());
  if (std::system(command.c_str()) != 0) throw std::runtime_error("the cold process failed");
  std::printf("    %-28s %7.1f ms\n", "all, with the process's end",
              std::chrono::duration<double, std::milli>(Clock::now() - start).count());
}

#endif

// 0 where the argument is none.
int seconds_of(char const* argument) {
  int seconds = 0;
  auto const [end, error] = std::from_chars(argument, argument + std::strlen(argument), seconds);
  return error == std::errc{} && *end == '\0' && seconds > 0 ? seconds : 0;
}

}  // namespace

int main(int count, char** arguments) try {
#if defined(LAKEBASE_WITH_EMULATOR)
  if (count > 2 && std::strcmp(arguments[1], "--cold") == 0) {
    return cold(Clock::time_point{Clock::duration{std::atoll(arguments[2])}});
  }
#endif
  int const seconds = count == 1 ? 5 : seconds_of(arguments[1]);
  bool const pool_only = count == 3 && std::strcmp(arguments[2], "pool") == 0;
  if ((count > 2 && !pool_only) || seconds == 0) {
    std::fprintf(stderr, "usage: %s [seconds per reading, at least 1; default 5] [pool]\n", arguments[0]);
    return 2;
  }
  check_out_and_return();
  contended(seconds);
  if (pool_only) return EXIT_SUCCESS;
  select_rate(seconds);
#if defined(LAKEBASE_WITH_EMULATOR)
  cold_process(arguments[0]);
#endif
  return EXIT_SUCCESS;
} catch (std::exception const& error) {
  std::fprintf(stderr, "pq_benchmark: %s\n", error.what());
  return EXIT_FAILURE;
}
