#include "base/poll_posix.hpp"

#include <array>
#include <chrono>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using detail::Pipe;
using detail::Poller;
using detail::PollOutcome;
using SteadyClock = std::chrono::steady_clock;

using Files = std::array<pollfd, 2>;

Files reading(int file) {
  return {pollfd{}, pollfd{file, POLLIN, 0}};
}

TEST(Poller, TellsWhichFileIsReady) {
  Pipe const silent;
  Pipe const loud;
  loud.ring();
  std::array<pollfd, 3> files{pollfd{}, pollfd{silent.read_end.get(), POLLIN, 0},
                              pollfd{loud.read_end.get(), POLLIN, 0}};
  Poller poller;
  EXPECT_EQ(poller.wait(files, {}, {}), PollOutcome::ready);
  EXPECT_EQ(files[1].revents, 0);
  EXPECT_NE(files[2].revents, 0);
}

TEST(Poller, TakesTheEndOfAPipeForReady) {
  Pipe pipe;
  pipe.write_end.close();
  auto files = reading(pipe.read_end.get());
  EXPECT_EQ(Poller{}.wait(files, {}, {}), PollOutcome::ready);
}

TEST(Poller, EndsAtTheDeadline) {
  Pipe const pipe;
  auto files = reading(pipe.read_end.get());
  auto const deadline = SteadyClock::now() + 2ms;
  EXPECT_EQ(Poller{}.wait(files, deadline, {}), PollOutcome::timeout);
  EXPECT_GE(SteadyClock::now(), deadline);
}

TEST(Poller, LooksAtStopAndDeadlineBeforeABusyFile) {
  Pipe const pipe;
  pipe.ring();
  auto files = reading(pipe.read_end.get());
  Poller poller;
  EXPECT_EQ(poller.wait(files, SteadyClock::now(), {}), PollOutcome::timeout);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(poller.wait(files, SteadyClock::now(), stop.get_token()), PollOutcome::stopped);
}

TEST(Poller, IsWokenByAStopRequest) {
  Pipe const pipe;
  auto files = reading(pipe.read_end.get());
  std::stop_source stop;
  std::jthread const stopper{[&] { stop.request_stop(); }};
  EXPECT_EQ(Poller{}.wait(files, {}, stop.get_token()), PollOutcome::stopped);
}

TEST(Poller, ForgetsTheStopRequestOfAnEarlierWait) {
  Pipe const pipe;
  auto files = reading(pipe.read_end.get());
  Poller poller;
  for (int i = 0; i < 3; ++i) {
    std::stop_source stop;
    std::jthread const stopper{[&] { stop.request_stop(); }};
    EXPECT_EQ(poller.wait(files, {}, stop.get_token()), PollOutcome::stopped);
  }
  std::stop_source idle;
  EXPECT_EQ(poller.wait(files, SteadyClock::now() + 2ms, idle.get_token()), PollOutcome::timeout);
}

TEST(Poller, HasNothingToWaitForIfAllIsClosed) {
  auto files = reading(-1);
  Poller poller;
  EXPECT_EQ(poller.wait(files, {}, {}), PollOutcome::ready);
  EXPECT_EQ(poller.wait(files, SteadyClock::now(), {}), PollOutcome::timeout);
}

TEST(Poller, PassesOverAClosedFileBesideAnOpenOne) {
  Pipe const pipe;
  pipe.ring();
  std::array<pollfd, 3> files{pollfd{}, pollfd{-1, POLLIN, 0}, pollfd{pipe.read_end.get(), POLLIN, 0}};
  EXPECT_EQ(Poller{}.wait(files, {}, {}), PollOutcome::ready);
  EXPECT_EQ(files[1].revents, 0);
}

TEST(HasInput, IsWhatCanBeReadAtOnce) {
  Pipe const pipe;
  EXPECT_FALSE(detail::has_input(pipe.read_end.get()));
  pipe.ring();
  EXPECT_TRUE(detail::has_input(pipe.read_end.get()));
}

TEST(FileDescriptor, IsClosedOnceByWhoOwnsItLast) {
  Pipe pipe;
  {
    detail::FileDescriptor const moved{std::move(pipe.write_end)};
    EXPECT_FALSE(detail::has_input(pipe.read_end.get()));
  }
  EXPECT_LT(pipe.write_end.get(), 0);
  EXPECT_TRUE(detail::has_input(pipe.read_end.get()));  // the end of the stream
}

}  // namespace
}  // namespace lakebase::tests
