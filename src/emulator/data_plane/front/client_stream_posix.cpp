#include "data_plane/front/client_stream_posix.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>

namespace lakebase::emulator {
namespace {

void wait_or_leave(int fd, Readiness readiness, Deadline deadline) {
  if (!wait_for(fd, readiness, deadline)) throw ClientGone{};
}

}  // namespace

char ClientStream::peek(Deadline deadline) const {
  for (;;) {
    char first = 0;
    ssize_t count = ::recv(fd(), &first, 1, MSG_PEEK);
    if (count == 1) return first;
    bool again = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (!again) throw ClientGone{};
    wait_or_leave(fd(), Readiness::readable, deadline);
  }
}

bool ClientStream::bytes_wait() const noexcept {
  char first = 0;
  return ::recv(fd(), &first, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void ClientStream::accept_tls(SSL_CTX* context, Deadline deadline) {
  tls_.reset(::SSL_new(context));
  if (!tls_ || ::SSL_set_fd(tls_.get(), fd()) != 1) throw ClientGone{};
  for (;;) {
    ::ERR_clear_error();
    int result = ::SSL_accept(tls_.get());
    if (result == 1) return;
    Progress progress = tls_progress(result);
    if (progress.ended) throw ClientGone{};
    wait_or_leave(fd(), progress.waits_for, deadline);
  }
}

bool ClientStream::chose_protocol() const noexcept {
  unsigned char const* name = nullptr;
  unsigned size = 0;
  if (tls_) ::SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return size > 0;
}

ClientStream::Progress ClientStream::tls_progress(int result) const {
  int reason = ::SSL_get_error(tls_.get(), result);
  Progress progress;
  progress.ended = reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE;
  progress.waits_for = reason == SSL_ERROR_WANT_WRITE ? Readiness::writable : Readiness::readable;
  // The error queue belongs to the thread; others must not find our errors in it.
  if (progress.ended) ::ERR_clear_error();
  return progress;
}

ClientStream::Progress ClientStream::try_read(char* buffer, std::size_t size) {
  Progress progress;
  if (tls_) {
    ::ERR_clear_error();
    int result = ::SSL_read_ex(tls_.get(), buffer, size, &progress.bytes);
    if (result != 1) return tls_progress(result);
    progress.more = ::SSL_has_pending(tls_.get()) == 1;
    return progress;
  }
  ssize_t count = ::recv(fd(), buffer, size, 0);
  if (count > 0) progress.bytes = static_cast<std::size_t>(count);
  progress.ended = count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
  return progress;
}

ClientStream::Progress ClientStream::try_write(char const* bytes, std::size_t size) {
  Progress progress;
  progress.waits_for = Readiness::writable;
  if (tls_) {
    ::ERR_clear_error();
    int result = ::SSL_write_ex(tls_.get(), bytes, size, &progress.bytes);
    return result == 1 ? progress : tls_progress(result);
  }
  ssize_t count = ::send(fd(), bytes, size, MSG_NOSIGNAL);
  if (count > 0) progress.bytes = static_cast<std::size_t>(count);
  progress.ended = count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
  return progress;
}

std::string ClientStream::read_exactly(std::size_t size, Deadline deadline) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    Progress progress = try_read(bytes.data() + have, size - have);
    if (progress.ended) throw ClientGone{};
    have += progress.bytes;
    if (progress.bytes == 0) wait_or_leave(fd(), progress.waits_for, deadline);
  }
  return bytes;
}

void ClientStream::write(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    Progress progress = try_write(bytes.data(), bytes.size());
    if (progress.ended) throw ClientGone{};
    bytes.remove_prefix(progress.bytes);
    if (progress.bytes == 0) wait_or_leave(fd(), progress.waits_for, deadline);
  }
}

/// Without it, the client could not tell the end from an attacker's truncation.
void ClientStream::close_tls(Deadline deadline) {
  if (!tls_ || ::SSL_is_init_finished(tls_.get()) != 1) return;
  for (;;) {
    ::ERR_clear_error();
    int const result = ::SSL_shutdown(tls_.get());
    if (result >= 0) return;
    Progress const progress = tls_progress(result);
    if (progress.ended || !wait_for(fd(), progress.waits_for, deadline)) return;
  }
}

void ClientStream::say_goodbye() noexcept {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  close_tls(deadline);
  ::shutdown(fd(), SHUT_WR);
  char unheard[4096];
  while (wait_for(fd(), Readiness::readable, deadline)) {
    ssize_t const count = ::recv(fd(), unheard, sizeof unheard, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return;
  }
}

}  // namespace lakebase::emulator
