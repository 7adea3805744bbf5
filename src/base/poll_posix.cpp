#include "base/poll_posix.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include "base/after.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using SteadyClock = std::chrono::steady_clock;
using PollDeadline = std::optional<SteadyClock::time_point>;

// Rounded up, so that no time is left when poll returns; -1 for ever.
int milliseconds_until(PollDeadline const& deadline) {
  if (!deadline) return -1;
  auto const left = std::chrono::ceil<std::chrono::milliseconds>(time_left(SteadyClock::now(), *deadline)).count();
  return static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
}

bool is_over(PollDeadline const& deadline) {
  return deadline && SteadyClock::now() >= *deadline;
}

}  // namespace

bool Poller::open() noexcept {
  if (bell_) return true;
  Pipe bell;
  if (!bell.is_open()) return false;
  for (int const end : {bell.read_end.get(), bell.write_end.get()}) ::fcntl(end, F_SETFL, O_NONBLOCK);
  bell_ = std::move(bell);
  return true;
}

void Poller::silence() const noexcept {
  std::array<char, 16> rest{};
  while (::read(bell_->read_end.get(), rest.data(), rest.size()) > 0) {
  }
}

PollOutcome Poller::wait(std::span<pollfd> files, PollDeadline deadline, std::stop_token const& stop) {
  if (stop.stop_requested()) return PollOutcome::stopped;
  if (is_over(deadline)) return PollOutcome::timeout;
  auto const others = files.subspan(1);
  if (std::all_of(others.begin(), others.end(), [](pollfd const& file) { return file.fd < 0; })) {
    return PollOutcome::ready;
  }
  bool const stoppable = stop.stop_possible();
  if (stoppable && !open()) throw std::system_error(errno, std::generic_category(), "pipe");
  auto& bell = files.front();
  bell = {stoppable ? bell_->read_end.get() : -1, POLLIN, 0};
  auto const polled = stoppable ? files : others;
  std::stop_callback const on_stop{stop, [this] { bell_->ring(); }};
  for (;;) {
    int const count = ::poll(polled.data(), static_cast<nfds_t>(polled.size()), milliseconds_until(deadline));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return PollOutcome::ready;  // the next read reports the error
    bool const rang = count > 0 && bell.revents != 0;
    if (stop.stop_requested()) {
      silence();
      return PollOutcome::stopped;
    }
    if (count > (rang ? 1 : 0)) return PollOutcome::ready;
    if (rang) silence();  // a ring left over from an earlier wait
    if (is_over(deadline)) return PollOutcome::timeout;
  }
}

bool has_input(int file) noexcept {
  pollfd one{file, POLLIN, 0};
  return ::poll(&one, 1, 0) != 0;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
