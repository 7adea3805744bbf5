#include "data_plane/front/relay_posix.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <system_error>

#include "data_plane/front/vigil.hpp"

namespace lakebase::emulator {
namespace {

/// Bytes that were read and not yet written. Filled only when it is empty, because OpenSSL requires that a write is
/// repeated unchanged.
class Buffer {
 public:
  static constexpr std::size_t capacity = std::size_t{32} * 1024;

  bool empty() const noexcept { return begin_ == end_; }
  char* space() noexcept { return bytes_.get(); }
  void filled(std::size_t count) noexcept {
    begin_ = 0;
    end_ = count;
  }
  char const* data() const noexcept { return bytes_.get() + begin_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  void consumed(std::size_t count) noexcept { begin_ += count; }
  void clear() noexcept { begin_ = end_ = 0; }

 private:
  // Not zeroed, so that the memory of idle sessions is never touched.
  std::unique_ptr<char[]> bytes_{new char[capacity]};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Relay {
 public:
  Relay(ClientStream& client, int backend, std::function<void()> const& on_traffic)
      : client_(client), backend_(backend), on_traffic_(on_traffic) {}

  void run() {
    for (;;) {
      bool moved = client_to_backend();
      moved = backend_to_client() || moved;
      if (client_gone_ || (client_ended_ && up_.empty())) return;
      if (backend_ended_ && down_.empty()) return;
      if (!moved) wait();
    }
  }

 private:
  bool client_to_backend();
  bool backend_to_client();
  bool read_client();
  bool read_backend();
  using Ends = std::array<pollfd, 2>;
  bool watch(Ends& ends);
  void wait();

  static inline std::atomic<Vigil const*> last_served{nullptr};

  ClientStream& client_;
  int backend_;
  std::function<void()> const& on_traffic_;
  Vigil vigil_{last_served};
  Buffer up_;
  Buffer down_;
  // What the last poll reported, until a call finds otherwise.
  bool client_ready_ = true;
  bool backend_ready_ = true;
  Readiness client_read_waits_ = Readiness::readable;
  Readiness client_write_waits_ = Readiness::writable;
  bool client_ended_ = false;
  bool client_gone_ = false;
  bool backend_ended_ = false;
  bool backend_deaf_ = false;
};

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool Relay::read_client() {
  if (client_ended_ || !client_ready_) return false;
  auto progress = client_.try_read(up_.space(), Buffer::capacity);
  client_ended_ = progress.ended;
  client_ready_ = progress.more;
  client_read_waits_ = progress.waits_for;
  up_.filled(progress.bytes);
  if (progress.bytes > 0) on_traffic_();
  return progress.bytes > 0;
}

bool Relay::client_to_backend() {
  bool moved = up_.empty() && read_client();
  if (backend_deaf_) up_.clear();
  if (up_.empty()) return moved;
  ssize_t sent = ::send(backend_, up_.data(), up_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) up_.consumed(static_cast<std::size_t>(sent));
  // A backend that no longer reads may have sent the reason: that is still to be read.
  if (sent < 0 && !would_block()) backend_deaf_ = true;
  return moved || sent > 0 || backend_deaf_;
}

bool Relay::read_backend() {
  if (backend_ended_ || !backend_ready_) return false;
  ssize_t count = ::recv(backend_, down_.space(), Buffer::capacity, MSG_DONTWAIT);
  if (count == 0 || (count < 0 && !would_block())) backend_ended_ = true;
  backend_ready_ = count == static_cast<ssize_t>(Buffer::capacity);
  if (count <= 0) return false;
  down_.filled(static_cast<std::size_t>(count));
  on_traffic_();
  return true;
}

bool Relay::backend_to_client() {
  bool moved = down_.empty() && read_backend();
  while (!down_.empty()) {
    auto progress = client_.try_write(down_.data(), down_.size());
    if (progress.ended) client_gone_ = true;
    client_write_waits_ = progress.waits_for;
    down_.consumed(progress.bytes);
    moved = moved || progress.bytes > 0;
    if (progress.bytes == 0) break;
  }
  return moved;
}

/// @return whether one of them is ready
bool Relay::watch(Ends& ends) {
  auto const length = vigil_.begin();
  if (length == Vigil::Length::zero()) return false;
  auto const end = std::chrono::steady_clock::now() + length;
  do {
    if (::poll(ends.data(), ends.size(), 0) > 0) return true;
  } while (std::chrono::steady_clock::now() < end);
  vigil_.was_in_vain();
  return false;
}

void Relay::wait() {
  auto bit = [](Readiness readiness) {
    return static_cast<short>(readiness == Readiness::readable ? POLLIN : POLLOUT);
  };
  short from_client = 0;
  short from_backend = 0;
  if (up_.empty() && !client_ended_) from_client = static_cast<short>(from_client | bit(client_read_waits_));
  if (!up_.empty()) from_backend = static_cast<short>(from_backend | POLLOUT);
  if (down_.empty() && !backend_ended_) from_backend = static_cast<short>(from_backend | POLLIN);
  if (!down_.empty()) from_client = static_cast<short>(from_client | bit(client_write_waits_));
  // An end without an interest is left out: if its peer has hung up, every poll would return at once.
  Ends ends = {
      {{from_client != 0 ? client_.fd() : -1, from_client, 0}, {from_backend != 0 ? backend_ : -1, from_backend, 0}}};
  if (!watch(ends) && ::poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "poll");
  }
  if (ends[0].revents != 0) client_ready_ = true;
  if (ends[1].revents != 0) backend_ready_ = true;
}

}  // namespace

void relay(ClientStream& client, UniqueFd const& backend, std::string const& first,
           std::function<void()> const& on_traffic) {
  client.write(first, std::chrono::steady_clock::now() + std::chrono::seconds{30});
  Relay{client, backend.get(), on_traffic}.run();
}

}  // namespace lakebase::emulator
