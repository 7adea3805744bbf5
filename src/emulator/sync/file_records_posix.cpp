#include "sync/file_records_posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "sync/sync_error.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t bytes_at_once = std::size_t{1} << 20;
constexpr std::size_t longest_record = std::size_t{64} << 20;

}  // namespace

OpenedFile::OpenedFile(std::filesystem::path const& path)
    : name_(path.string()), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (!fd_) throw SyncError(fmt::format("{} cannot be opened: {}", name_, std::strerror(errno)));
  struct stat facts {};
  if (::fstat(fd_.get(), &facts) != 0) throw SyncError(fmt::format("{}: {}", name_, std::strerror(errno)));
  if (!S_ISREG(facts.st_mode)) throw SyncError(fmt::format("{} is no file", name_));
  size_ = static_cast<std::uint64_t>(facts.st_size);
  identity_ = fmt::format("{}:{}", facts.st_dev, facts.st_ino);
  mark_ = fmt::format("{}:{}:{}.{:09}", identity_, size_, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

std::string OpenedFile::read(std::uint64_t offset, std::size_t size) const {
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, offset < size_ ? size_ - offset : 0));
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    auto const count = ::pread(fd_.get(), bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SyncError(fmt::format("{} cannot be read: {}", name_, std::strerror(errno)));
    // It has been cut since it was opened.
    if (count == 0) throw SyncError(fmt::format("{} became shorter while it was read", name_));
    have += static_cast<std::size_t>(count);
  }
  return bytes;
}

// False: there is no more.
bool FileRecords::fill() {
  if (buffer_.size() - begin_ > longest_record) {
    throw SyncError(fmt::format("line {}: the record has more than {} MiB{}", next_line_, longest_record >> 20,
                                has_quotes_ ? "; is a quote not closed?" : ""));
  }
  auto const more = file_.read(read_to_, bytes_at_once);
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_ += more;
  read_to_ += more.size();
  return !more.empty();
}

// In the buffer, which is filled as far as that takes; its end if no newline ends the last record.
std::size_t FileRecords::end_of_record() {
  bool is_quoted = false;
  for (std::size_t seen = 0;;) {
    auto const newline = buffer_.find('\n', begin_ + seen);
    auto const end = std::min(newline, buffer_.size());
    if (has_quotes_) {
      auto const first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_ + seen);
      auto const quotes = std::count(first, buffer_.begin() + static_cast<std::ptrdiff_t>(end), '"');
      is_quoted = is_quoted != (quotes % 2 == 1);
    }
    seen = end - begin_;
    if (newline != std::string::npos && !is_quoted) return end;
    if (newline != std::string::npos) {
      ++seen;
      ++next_line_;
    } else if (!fill()) {
      if (is_quoted) throw SyncError(fmt::format("line {}: the quote is not closed", line_));
      return buffer_.size();
    }
  }
}

bool FileRecords::next(std::string_view& record) {
  line_ = next_line_;
  if (begin_ == buffer_.size() && !fill()) return false;
  auto const end = end_of_record();
  record = std::string_view{buffer_}.substr(begin_, end - begin_);
  complete_ = end < buffer_.size();
  auto const taken = end - begin_ + (complete_ ? 1 : 0);
  begin_ += taken;
  offset_ += taken;
  if (complete_) ++next_line_;
  if (record.ends_with('\r')) record.remove_suffix(1);
  return true;
}

}  // namespace lakebase::emulator
