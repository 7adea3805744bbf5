#include "pq/steps/cancel_request_posix.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

#if defined(MSG_NOSIGNAL)
constexpr int no_signal = MSG_NOSIGNAL;
#else
constexpr int no_signal = 0;
#endif

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

std::string text_of_message(CancelRequest const& request) {
  return {request.message.begin(), request.message.end()};
}

}  // namespace

std::optional<Wait> CancelRequestStep::next(Woken woken) {
  if (woken.by == Readiness::ready && go_on()) return wait();
  tls_.reset();
  socket_.close();
  return std::nullopt;
}

// Waits until it can send as long as anything is unsent, and only then until it can read.
Wait CancelRequestStep::wait() const {
  bool const to_send = stage_ == Stage::connecting || !unsent_.empty();
  return {.socket = socket_.get(), .read = !to_send, .write = to_send, .until = until_};
}

bool CancelRequestStep::go_on() {
  if (stage_ == Stage::opening) return open();
  if (stage_ == Stage::connecting) return connected() && begin_to_talk() && send();
  if (unsent_.empty() && !receive()) return false;
  return send();
}

bool CancelRequestStep::open() {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(request_.address.c_str(), request_.port.c_str(), &wanted, &found) != 0) return false;
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const owner{found, &::freeaddrinfo};
  socket_ = lakebase::detail::FileDescriptor{::socket(found->ai_family, found->ai_socktype, found->ai_protocol)};
  if (socket_.get() < 0) return false;
  ::fcntl(socket_.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
#if defined(SO_NOSIGPIPE)
  int const on = 1;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  stage_ = Stage::connecting;
  return ::connect(socket_.get(), found->ai_addr, found->ai_addrlen) == 0 || errno == EINPROGRESS;
}

bool CancelRequestStep::connected() const {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool CancelRequestStep::begin_to_talk() {
  if (!request_.with_tls) {
    stage_ = Stage::requested;
    unsent_ = text_of_message(request_);
    return true;
  }
  constexpr std::string_view ask_for_tls{"\0\0\0\x08\x04\xd2\x16\x2f", 8};
  stage_ = Stage::asking_for_tls;
  unsent_ = ask_for_tls;
  return tls_.emplace().prepare(request_);
}

bool CancelRequestStep::send() {
  while (!unsent_.empty()) {
    auto const sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), no_signal);
    if (sent < 0) return would_block();
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  if (stage_ == Stage::requested) outcome_ = CancelOutcome::no_response;
  return true;
}

bool CancelRequestStep::receive() {
  std::array<char, 4096> bytes{};
  // Only the one byte of consent to TLS: everything after it belongs to the TLS session.
  auto const room = stage_ == Stage::asking_for_tls ? 1 : bytes.size();
  auto const count = ::recv(socket_.get(), bytes.data(), room, 0);
  if (count > 0) return take({bytes.data(), static_cast<std::size_t>(count)});
  if (count < 0) return would_block();
  if (stage_ == Stage::requested) outcome_ = CancelOutcome::taken;
  return false;
}

bool CancelRequestStep::take(std::string_view bytes) {
  if (stage_ == Stage::asking_for_tls) {
    if (bytes != "S") return false;
    stage_ = Stage::shaking_hands;
    return shake_hands();
  }
  if (!tls_) return true;  // only the end is still to come
  if (!tls_->feed(bytes)) return false;
  if (stage_ == Stage::shaking_hands) return shake_hands();
  auto const rest = tls_->skip();
  if (rest == CancelTls::State::done) outcome_ = CancelOutcome::taken;
  unsent_ += tls_->take_outgoing();
  return rest == CancelTls::State::needs_more;
}

bool CancelRequestStep::shake_hands() {
  auto const state = tls_->connect();
  if (state == CancelTls::State::done) {
    if (!tls_->write(text_of_message(request_))) return false;
    stage_ = Stage::requested;
  }
  unsent_ += tls_->take_outgoing();
  // Before the end, sends the alert that says what was wrong, as far as there is room for it.
  if (state == CancelTls::State::failed) static_cast<void>(send());
  return state != CancelTls::State::failed;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
