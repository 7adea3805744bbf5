#pragma once

#include <string_view>

#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {

/// Writes all bytes to a blocking descriptor, also if signals interrupt it. False, with errno: some may be written.
[[nodiscard]] bool write_all(int fd, std::string_view bytes) noexcept;

/// Reads one byte, also if signals interrupt it. False: the end, or an error.
[[nodiscard]] bool read_byte(int fd, unsigned char& byte) noexcept;

/// A pipe whose ends are closed on exec.
struct Pipe {
  /// @throws std::system_error
  Pipe();
  UniqueFd read_end;
  UniqueFd write_end;
};

}  // namespace lakebase::emulator
