#include "engine/journal.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/digest.hpp"
#include "common/encoding.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t checksum_digits = 16;
/// Up to this size a longer file costs less than a snapshot.
constexpr std::uintmax_t least_changes = std::uintmax_t{256} * 1024;

std::string checksum(std::string_view text) {
  return hex(sha256(text).substr(0, checksum_digits / 2));
}

std::string line_of(std::string_view change) {
  return fmt::format("{} {}\n", checksum(change), change);
}

// The change at the beginning of a text; none if there is no whole one.
std::optional<std::string_view> first_change(std::string_view text) {
  auto const end = text.find('\n');
  if (end == std::string_view::npos || end <= checksum_digits || text[checksum_digits] != ' ') return std::nullopt;
  auto const change = text.substr(checksum_digits + 1, end - checksum_digits - 1);
  if (checksum(change) != text.substr(0, checksum_digits)) return std::nullopt;
  return change;
}

// Whether a whole change follows one that is not.
bool has_change_behind(std::string_view text) {
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    text.remove_prefix(end + 1);
    if (first_change(text)) return true;
  }
  return false;
}

void step_or_nothing(WriteStep const& step, std::string_view name) {
  if (step) step(name);
}

}  // namespace

Journal::Contents Journal::read() {
  std::string const text = read_private_file(file_);
  // Nobody writes such a file: what it held is lost, and must not be taken for a fresh start.
  if (text.empty() && std::filesystem::exists(file_)) {
    throw std::runtime_error(fmt::format(
        "{} is empty; put a copy of it in its place, or remove it to begin without anything", file_.string()));
  }
  Contents contents;
  needs_snapshot_ = true;
  auto const end = text.find('\n');
  if (end == std::string::npos ||
      !nlohmann::json::accept(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end))) {
    contents.snapshot = text;
    return contents;
  }
  contents.snapshot = text.substr(0, end);
  auto rest = std::string_view{text}.substr(end + 1);
  while (auto const change = first_change(rest)) {
    contents.changes.emplace_back(*change);
    rest.remove_prefix(change->size() + checksum_digits + 2);
  }
  set_snapshot_size(end + 1);
  size_ = text.size() - rest.size();
  if (has_change_behind(rest)) {
    throw std::runtime_error(
        fmt::format("{} cannot be read: the change at byte {} is damaged, and others follow", file_.string(), size_));
  }
  contents.torn = rest.size();
  if (contents.torn != 0) cut_private_file(file_, size_);
  needs_snapshot_ = false;
  return contents;
}

void Journal::set_snapshot_size(std::uintmax_t size) {
  size_ = snapshot_size_ = size;
  next_snapshot_ = size + std::max(size, least_changes);
}

void Journal::append(std::string_view change) {
  if (needs_snapshot_) throw std::logic_error("a change without a snapshot");
  std::string const line = line_of(change);
  step_or_nothing(step_, "open");
  // In doubt until the line is known to be on the disk, or not to be in the file.
  needs_snapshot_ = true;
  PrivateFileEnd end{file_, size_};
  try {
    step_or_nothing(step_, "write");
    end.write(std::string_view{line}.substr(0, line.size() / 2));
    // Tests see half a line here.
    step_or_nothing(step_, "write on");
    end.write(std::string_view{line}.substr(line.size() / 2));
  } catch (...) {
    needs_snapshot_ = !end.cut();
    throw;
  }
  if (!is_temporary_) sync(end);
  needs_snapshot_ = false;
  size_ += line.size();
}

// After a sync that failed nobody knows what the disk holds: the next change goes into a new file.
void Journal::sync(PrivateFileEnd& end) const {
  try {
    step_or_nothing(step_, "sync");
    end.sync();
  } catch (...) {
    end.cut();
    throw;
  }
}

void Journal::replace(std::string_view snapshot) {
  if (snapshot.find('\n') != std::string_view::npos) throw std::logic_error("a snapshot of several lines");
  std::string const line = fmt::format("{}\n", snapshot);
  try {
    is_temporary_ ? write_private_file(file_, line) : replace_durably(file_, line, step_);
  } catch (...) {
    std::error_code error;
    // If only the folder could not be synced, the new file is in place already.
    if (std::filesystem::file_size(file_, error) != size_ || error) needs_snapshot_ = true;
    next_snapshot_ = size_ + std::max(snapshot_size_, least_changes);
    throw;
  }
  needs_snapshot_ = false;
  set_snapshot_size(line.size());
}

}  // namespace lakebase::emulator
