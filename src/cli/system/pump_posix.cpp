#include "cli/system/pump_posix.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace lakebase::cli {
namespace {

constexpr std::size_t piece_size = 262144;

/// False if the reader has gone.
bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    auto const count = ::write(to, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Waits until there is something to read, or its end; false if the reader of the other pipe goes meanwhile.
bool wait_for_input(int from, int to) {
  std::array<pollfd, 2> ends{pollfd{from, POLLIN, 0}, pollfd{to, 0, 0}};
  while (::poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) {
  }
  return ends[0].revents != 0 || ends[1].revents == 0;
}

/// Passes on all until `from` ends; false if the reader of `to` goes before that.
bool pass_on(int from, int to, std::function<void(std::span<char>)> const& look) {
  std::string piece(piece_size, '\0');
  while (true) {
    if (!wait_for_input(from, to)) return false;
    auto const count = ::read(from, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    auto const size = static_cast<std::size_t>(count);
    if (look) look({piece.data(), size});
    if (!write_all(to, {piece.data(), size})) return false;
  }
}

}  // namespace

Pumped run(Pump const& pump, std::stop_token const& stop) {
  Channel dumped;
  Channel read;
  Program to{pump.to, pump.to_variables, read.reading(), -1};
  read.close_reading();
  Program from{pump.from, pump.from_variables, -1, dumped.writing()};
  dumped.close_writing();
  std::stop_callback const ends_both{stop, [&] {
                                       from.end();
                                       to.end();
                                     }};
  Pumped result;
  bool const is_whole =
      write_all(read.writing(), pump.prologue) && pass_on(dumped.reading(), read.writing(), pump.look);
  if (!is_whole) {
    result.failed = Pumped::Failed::to;
    from.end();
  }
  dumped.close_reading();
  result.from = from.wait();
  if (is_whole && (result.from.status != 0 || stop.stop_requested())) {
    result.failed = Pumped::Failed::from;
    to.end();
  } else if (is_whole) {
    result.has_epilogue = true;
    if (!write_all(read.writing(), pump.epilogue)) result.failed = Pumped::Failed::to;
  }
  // Before the pipe is closed, `to` has ended or may end as it likes.
  if (result.failed == Pumped::Failed::from) result.to = to.wait();
  read.close_writing();
  if (result.failed != Pumped::Failed::from) result.to = to.wait();
  if (result.failed == Pumped::Failed::neither && result.to.status != 0) result.failed = Pumped::Failed::to;
  return result;
}

}  // namespace lakebase::cli
