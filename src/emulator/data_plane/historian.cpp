#include "data_plane/historian.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace lakebase::emulator {
namespace {

/// As long as a server may be writing, and else.
constexpr Duration often = std::chrono::seconds{5};
constexpr Duration rarely = std::chrono::minutes{1};

}  // namespace

Historian::Historian(Timekeeper& time, Branches branches, Retention retention, Log log)
    : time_(time),
      branches_(std::move(branches)),
      retention_(std::move(retention)),
      log_(std::move(log)),
      next_(time.now() + often),
      entry_(time.add({.next = [this] { return next(); }, .run = [this] { look(); }, .looks_outside = true})) {}

TimePoint Historian::horizon(std::string const& uid) const {
  return time_.machine_time(time_.now() - retention_(uid));
}

std::optional<TimePoint> Historian::next() {
  std::lock_guard lock{mutex_};
  return next_;
}

void Historian::look() {
  auto pause = rarely;
  for (auto const& branch : branches_()) {
    try {
      branch->look_after_history(horizon(branch->uid()));
    } catch (std::exception const& error) {
      // E.g. it has just been suspended; the next look is soon.
      log_(fmt::format("branch {}: its history could not be looked after: {}", branch->uid(), error.what()));
    }
    if (branch->primary()->running()) pause = often;
  }
  std::lock_guard lock{mutex_};
  next_ = time_.now() + pause;
}

}  // namespace lakebase::emulator
