#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

// For the *_posix.cpp files.

namespace lakebase {
inline namespace v0 {
namespace detail {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int file) noexcept : file_(file) {}
  FileDescriptor(FileDescriptor&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~FileDescriptor() { close(); }

  int get() const noexcept { return file_; }
  void close() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

 private:
  int file_ = -1;
};

/// A pipe that child programs do not inherit.
struct Pipe {
  Pipe() noexcept {
    std::array<int, 2> files{-1, -1};
#if defined(__linux__)
    if (pipe2(files.data(), O_CLOEXEC) != 0) return;
#else
    if (pipe(files.data()) != 0) return;
    for (int const file : files) fcntl(file, F_SETFD, FD_CLOEXEC);
#endif
    read_end = FileDescriptor{files[0]};
    write_end = FileDescriptor{files[1]};
  }

  bool is_open() const noexcept {
    return read_end.get() >= 0;
  }
  /// Makes the read end readable, which wakes a poll.
  void ring() const noexcept {
    char const byte = 0;
    static_cast<void>(!::write(write_end.get(), &byte, 1));
  }

  FileDescriptor read_end;
  FileDescriptor write_end;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
