#include "cli/output/progress.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "cli/base/duration.hpp"
#include "cli/output/text.hpp"
#include "cli/system/environment.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {
namespace {

constexpr std::chrono::milliseconds before_the_first{200};
constexpr std::chrono::milliseconds between{100};
constexpr std::array wheel = {'|', '/', '-', '\\'};
constexpr std::string_view erase_line = "\r\033[K";

bool is_shown() {
  return is_terminal(Stream::error) && variable("TERM").value_or("dumb") != "dumb";
}

}  // namespace

Progress::Progress(std::string what) : Progress([what = std::move(what)] { return what; }) {}

Progress::Progress(std::function<std::string()> what) : what_(std::move(what)) {
  if (is_shown()) drawing_ = std::thread{[this] { draw(); }};
}

Progress::~Progress() {
  if (!drawing_.joinable()) return;
  {
    std::lock_guard const lock{mutex_};
    is_over_ = true;
  }
  ended_.notify_all();
  drawing_.join();
}

void Progress::draw() {
  auto const start = std::chrono::steady_clock::now();
  bool is_drawn = false;
  std::unique_lock lock{mutex_};
  auto pause = before_the_first;
  for (std::size_t turn = 0; !ended_.wait_for(lock, pause, [this] { return is_over_; }); ++turn) {
    auto const elapsed = fmt::format(" ({})", elapsed_text(std::chrono::steady_clock::now() - start));
    // A line that is full would go on in the next one, and stay.
    auto const room = columns(Stream::error);
    auto const taken = 3 + elapsed.size();
    auto const what = fitted(printable(what_()), room - std::min(room, taken));
    write(Stream::error, fmt::format("{}{} {}{}", erase_line, wheel[turn % wheel.size()], what, elapsed));
    is_drawn = true;
    pause = between;
  }
  if (is_drawn) write(Stream::error, erase_line);
}

}  // namespace lakebase::cli
