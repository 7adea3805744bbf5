#include "http/curl_pool.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lakebase {
inline namespace v0 {
namespace detail {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto origin = "http://127.0.0.1:1";

TEST(CurlPool, WaitsNoLongerThanTheDeadline) {
  CurlOptions const options{.max_connections_per_host = 1};
  CurlPool pool{options};
  auto const lease = pool.take(origin, std::nullopt, {});
  ASSERT_TRUE(lease);
  EXPECT_FALSE(pool.take(origin, Clock::now() + 1ms, {}));
  EXPECT_TRUE(pool.take("http://127.0.0.1:2", Clock::now() + 10s, {})) << "another host has places of its own";
}

TEST(CurlPool, WaitsNoLongerThanUntilItIsStopped) {
  CurlOptions const options{.max_connections_per_host = 1};
  CurlPool pool{options};
  auto const lease = pool.take(origin, std::nullopt, {});
  std::stop_source stop;
  std::jthread const stopper{[&] { stop.request_stop(); }};
  EXPECT_FALSE(pool.take(origin, std::nullopt, stop.get_token()));
}

TEST(CurlPool, HandsAPlaceOnToWhoWaits) {
  CurlOptions const options{.max_connections_per_host = 1};
  CurlPool pool{options};
  auto lease = pool.take(origin, std::nullopt, {});
  HttpRequest const request{.method = "GET", .url = origin};
  (**lease).prepare(request, origin, options);
  auto const* const slot = &**lease;
  std::jthread const giver{[&] { lease.reset(); }};
  auto const next = pool.take(origin, std::nullopt, {});
  ASSERT_TRUE(next);
  EXPECT_EQ(&**next, slot) << "with its open connection";
}

// Calls that wait, give up and are stopped at the very moment at which a place is theirs.
TEST(CurlPool, LosesNoPlaceAndLendsNoneTwice) {
  constexpr std::size_t places = 2;
  CurlOptions const options{.max_connections = places, .max_connections_per_host = places};
  CurlPool pool{options};
  std::atomic<std::size_t> in_use{0};
  std::atomic<std::size_t> most{0};
  std::atomic<int> served{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        for (int round = 0; round < 400; ++round) {
          std::stop_source stop;
          std::optional<std::jthread> stopper;
          if (round % 40 == thread) stopper.emplace([&stop] { stop.request_stop(); });
          auto const lease = pool.take(origin, Clock::now() + (round % 7) * 20us, stop.get_token());
          if (!lease) continue;
          auto const now = ++in_use;
          for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          std::this_thread::yield();
          --in_use;
          ++served;
        }
      });
    }
  }
  EXPECT_LE(most, places);
  EXPECT_GT(served, 0);
  auto const first = pool.take(origin, Clock::now(), {});
  auto const second = pool.take(origin, Clock::now(), {});
  EXPECT_TRUE(first && second) << "a place was lost";
  EXPECT_FALSE(pool.take(origin, Clock::now(), {}));
}

}  // namespace
}  // namespace detail
}  // namespace v0
}  // namespace lakebase
