#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

using Deadline = std::chrono::steady_clock::time_point;

/// The moment that comes this much later than now.
inline Deadline deadline_after(std::chrono::nanoseconds time) {
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<Deadline::duration>(time);
}

/// What `wait_for` waits for.
enum class Readiness { readable, writable };

/// Waits until the socket is ready. False if the deadline has passed.
bool wait_for(int fd, Readiness readiness, Deadline deadline);

/// Whether bytes, or the end of the stream, are there now.
bool is_readable(int fd);

/// Longest path of a Unix socket.
constexpr std::size_t longest_socket_path = 99;

/// Connects to a server of the account that owns the socket's folder. @throws std::system_error if none listens
UniqueFd connect_unix(std::filesystem::path const& socket);

/// Listens on an IPv4 address. @throws std::system_error
UniqueFd listen_on(std::string const& address, std::uint16_t port);

/// The port that a socket listens on. @throws std::system_error
std::uint16_t port_of(int listener);

/// Accepts the next client without blocking; an empty descriptor if there is none.
UniqueFd accept_client(int listener);

/// Sends all bytes on a blocking socket without raising SIGPIPE. @throws std::system_error
void send_all(int fd, std::string_view bytes);

/// Receives up to `size` bytes on a blocking socket; 0 at the end of the stream. @throws std::system_error
std::size_t receive_some(int fd, char* buffer, std::size_t size);

void set_blocking(int fd, bool blocking);

/// Ends receiving, which wakes every thread that waits for bytes.
void stop_receiving(int fd) noexcept;

/// Ends both directions, which wakes every thread that waits on the socket.
void shut_down(int fd) noexcept;

}  // namespace lakebase::emulator
