// A day of a Listener in a short time: its endpoint is suspended or crashes every second while another session sends.
// LAKEBASE_LISTENER_SECONDS is how long; scripts/long listener-day gives it more.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "support/lakebase_fixture.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using Date = std::chrono::system_clock::time_point;

struct Sent {
  int number = 0;
  Date before{};
  Date after{};
  bool said_listening = false;
};

// Sends numbers, one by one, as long as the day lasts; remembers those whose transaction was committed for certain.
class Sender {
 public:
  Sender(ConnectionPool& pool, Listener const& listener) : pool_(pool), listener_(listener) {}

  bool send(std::string const& payload) {
    try {
      pool_.run([&](Transaction& tx) { tx.exec("SELECT pg_notify('day', $1)", {payload}); }, {.timeout = 20s});
      return true;
    } catch (Error const&) {
      return false;  // or its commit was lost: then nothing is expected of it
    }
  }
  void send_next() {
    Sent sent{.number = next_++, .before = std::chrono::system_clock::now()};
    sent.said_listening = listener_.state() == ListenerState::listening;
    if (!send(std::to_string(sent.number))) return;
    sent.said_listening = sent.said_listening && listener_.state() == ListenerState::listening;
    sent.after = std::chrono::system_clock::now();
    all_.push_back(sent);
  }
  std::vector<Sent> const& all() const noexcept { return all_; }

 private:
  ConnectionPool& pool_;
  Listener const& listener_;
  int next_ = 0;
  std::vector<Sent> all_{};
};

bool told(std::vector<NotificationGap> const& gaps, Sent const& sent) {
  return std::any_of(gaps.begin(), gaps.end(),
                     [&](NotificationGap const& gap) { return sent.after >= gap.since && sent.before <= gap.until; });
}

int seconds_of_the_day() {
  char const* const given = std::getenv("LAKEBASE_LISTENER_SECONDS");
  return given == nullptr ? 6 : std::atoi(given);
}

TEST(ListenerDay, TellsEachNotificationOrItsGap) {
  Lakebase lakebase;
  auto const source = lakebase.source();
  std::map<int, int> received;
  std::vector<NotificationGap> gaps;
  int losses = 0;
  Listener listener{source, {.on_event = [&](ListenerEvent const& event) {
                      losses += event.state == ListenerState::connecting && !event.reason.empty() ? 1 : 0;
                    }}};
  listener.listen("day");

  std::stop_source over;
  std::atomic<bool> heard_the_end = false;
  std::jthread hearing{[&] {
    listener.run(
        [&](Notification const& notification) {
          if (notification.payload == "end") {
            heard_the_end = true;
          } else {
            ++received[std::stoi(notification.payload)];
          }
        },
        [&](NotificationGap const& gap) { gaps.push_back(gap); }, over.get_token());
  }};

  ConnectionPool pool{source};
  Sender sender{pool, listener};
  auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds_of_the_day()};
  int breaks = 0;
  {
    std::jthread const breaking{[&] {
      while (std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(1s);
        try {
          ++breaks % 2 == 0 ? lakebase.emulator.suspend(Lakebase::endpoint)
                            : lakebase.emulator.crash(Lakebase::endpoint);
        } catch (std::exception const& error) {
          ADD_FAILURE() << error.what();
        }
      }
    }};
    while (std::chrono::steady_clock::now() < end) {
      sender.send_next();
      std::this_thread::sleep_for(2ms);
    }
  }
  // The end may fall into the last gap, too.
  for (int i = 0; i < 2000 && !heard_the_end; ++i) {
    sender.send("end");
    std::this_thread::sleep_for(10ms);
  }
  over.request_stop();
  hearing.join();

  EXPECT_TRUE(heard_the_end);
  std::size_t missed = 0;
  std::size_t missed_while_it_said_listening = 0;
  std::size_t outside_of_gaps = 0;
  for (auto const& sent : sender.all()) {
    if (!told(gaps, sent)) ++outside_of_gaps;
    auto const found = received.find(sent.number);
    if (found != received.end()) {
      EXPECT_EQ(found->second, 1) << sent.number;
      continue;
    }
    ++missed;
    missed_while_it_said_listening += sent.said_listening ? 1 : 0;
    EXPECT_TRUE(told(gaps, sent)) << sent.number << " was neither received nor is it in a gap";
  }
  auto gap_time = 0ns;
  for (auto const& gap : gaps) gap_time += gap.until - gap.since;
  std::printf(
      "%d breaks, %d losses, %zu gaps of %.1f s in all; %zu sent, %zu of them outside of gaps; %zu missed, %zu "
      "while it said that it was listening\n",
      breaks, losses, gaps.size(), std::chrono::duration<double>{gap_time}.count(), sender.all().size(),
      outside_of_gaps, missed, missed_while_it_said_listening);
  EXPECT_GE(losses, breaks / 2);
  EXPECT_FALSE(gaps.empty());
  EXPECT_LE(gaps.size(), static_cast<std::size_t>(losses));
  EXPECT_GT(outside_of_gaps, 0U) << "all was one gap";
  EXPECT_GT(received.size(), sender.all().size() / 2);
}

}  // namespace
}  // namespace lakebase::tests
