#include "data_plane/history/wal_log_posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "common/computes.hpp"
#include "system/unique_fd_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

// PostgreSQL's files, in the machine's byte order.

constexpr std::uint64_t page_size = 8192;
constexpr std::uint64_t largest_segment = std::uint64_t{1} << 30;

struct PageHead {
  std::uint16_t magic;
  std::uint16_t flags;
  std::uint32_t timeline;
  std::uint64_t address;
  std::uint32_t rest_of_record;
};
constexpr std::uint64_t page_head_size = 24;
/// Of the first page of a segment.
constexpr std::uint64_t long_page_head_size = 40;
constexpr unsigned continues_record = 0x01;
constexpr unsigned has_long_head = 0x02;
/// The record that reaches into this page was never completed, because the server was killed.
constexpr unsigned record_was_given_up = 0x08;

struct RecordHead {
  std::uint32_t length;
  std::uint32_t transaction;
  std::uint64_t previous;
  std::uint8_t kind;
  std::uint8_t manager;
  std::uint16_t padding;
  std::uint32_t checksum;
};
static_assert(sizeof(RecordHead) == 24);
/// So much of a record is looked at: where the time of a commit stands.
constexpr std::size_t most_read_of_record = 64;

constexpr std::uint8_t log_manager = 0;
constexpr std::uint8_t switch_of_segment = 0x40;
constexpr std::uint8_t transaction_manager = 1;
constexpr std::uint8_t kind_of_transaction = 0x70;
constexpr std::uint8_t commit = 0x00;
constexpr std::uint8_t commit_of_prepared = 0x30;

constexpr std::uint8_t short_data = 255;
constexpr std::uint8_t long_data = 254;
constexpr std::uint8_t origin = 253;
constexpr std::uint8_t top_transaction = 252;

/// PostgreSQL's times begin in 2000.
constexpr std::chrono::sys_days first_day{std::chrono::year{2000} / 1 / 1};

constexpr std::uint64_t aligned(std::uint64_t lsn) {
  return (lsn + 7) / 8 * 8;
}

template <class Value>
std::optional<Value> value_at(std::string_view bytes, std::size_t at) {
  Value value{};
  if (at > bytes.size() || bytes.size() - at < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The time in a commit's data, behind what may stand in front of those.
std::optional<TimePoint> commit_time(std::string_view record) {
  for (std::size_t at = sizeof(RecordHead); at < record.size();) {
    switch (static_cast<std::uint8_t>(record[at])) {
      case origin:
        at += 3;
        break;
      case top_transaction:
        at += 5;
        break;
      case short_data:
      case long_data: {
        bool const is_short = static_cast<std::uint8_t>(record[at]) == short_data;
        auto const microseconds = value_at<std::int64_t>(record, at + (is_short ? 2 : 5));
        if (!microseconds) return std::nullopt;
        return TimePoint{first_day} + std::chrono::microseconds{*microseconds};
      }
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

bool is_commit(std::uint8_t manager, std::uint8_t kind) {
  auto const what = static_cast<std::uint8_t>(kind & kind_of_transaction);
  return manager == transaction_manager && (what == commit || what == commit_of_prepared);
}

UniqueFd open_regular(fs::path const& path) {
  UniqueFd file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  struct stat facts {};
  if (file && (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))) file = UniqueFd{};
  return file;
}

}  // namespace

std::uint64_t wal_segment_begin(std::string_view name, std::uint64_t segment_size) {
  auto const number = [&](std::size_t at) {
    std::uint64_t value = 0;
    std::from_chars(name.data() + at, name.data() + at + 8, value, 16);
    return value;
  };
  return (number(8) << 32U) + number(16) * segment_size;
}

WalLog::WalLog(std::vector<fs::path> folders, std::uint32_t timeline)
    : folders_(std::move(folders)), timelines_{{timeline, 0}} {
  std::vector<std::string> names;
  for (fs::directory_entry const& entry : fs::directory_iterator{folders_.front()}) {
    auto name = entry.path().filename().string();
    std::error_code error;
    auto const size = is_wal_segment(name) ? entry.file_size(error) : 0;
    if (error || size == 0) continue;
    segment_size_ = std::max<std::uint64_t>(segment_size_, size);
    names.push_back(std::move(name));
  }
  bool const usable = segment_size_ >= page_size && segment_size_ <= largest_segment && segment_size_ % page_size == 0;
  if (!usable) throw DataPlaneError("there is no write-ahead log in " + folders_.front().string());
  auto const [first, last] = std::minmax_element(names.begin(), names.end());
  begin_ = wal_segment_begin(*first, segment_size_);
  end_ = wal_segment_begin(*last, segment_size_) + segment_size_;
  read_timelines();
}

/// PostgreSQL tells in `<timeline>.history` where each timeline ended that this one came of, a line each.
void WalLog::read_timelines() {
  auto const first = timelines_.front().number;
  auto newest = first;
  for (fs::directory_entry const& entry : fs::directory_iterator{folders_.front()}) {
    std::string const name = entry.path().filename().string();
    std::uint32_t number = 0;
    bool const is_history = name.size() == 16 && name.ends_with(".history") && open_regular(entry.path());
    if (is_history && std::from_chars(name.data(), name.data() + 8, number, 16).ptr == name.data() + 8) {
      newest = std::max(newest, number);
    }
  }
  if (newest == first) return;
  std::vector<Timeline> found;
  std::uint64_t begin = 0;
  std::ifstream file{folders_.front() / fmt::format("{:08X}.history", newest)};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::uint32_t number = 0;
    std::string end;
    if (!(words >> number >> end)) continue;
    found.push_back({number, begin});
    begin = parse_lsn(end).value_or(begin);
  }
  found.push_back({newest, begin});
  auto const from = std::find_if(found.begin(), found.end(), [&](auto const& one) { return one.number == first; });
  if (from == found.end()) return;
  timelines_.assign(from, found.end());
  timelines_.front().begin = 0;
}

std::uint32_t WalLog::timeline_before(std::uint64_t lsn) const {
  auto const found =
      std::find_if(timelines_.rbegin(), timelines_.rend(), [&](auto const& one) { return one.begin < lsn; });
  return found == timelines_.rend() ? timelines_.front().number : found->number;
}

/// In the segment in which a timeline ends, the next one has all of it.
std::string WalLog::segment_name(std::uint64_t lsn) const {
  auto const end = (lsn / segment_size_ + 1) * segment_size_;
  return ControlFile{.redo = lsn, .timeline = timeline_before(end)}.redo_segment(segment_size_);
}

std::optional<fs::path> WalLog::segment_at(std::uint64_t lsn) const {
  for (auto const& folder : folders_) {
    auto path = folder / segment_name(lsn);
    if (open_regular(path)) return path;
  }
  return std::nullopt;
}

/// Reads a whole segment; what is missing of it is empty.
void WalLog::load(std::uint64_t segment) {
  if (loaded_ == segment) return;
  segment_.clear();
  loaded_ = segment;
  auto const path = segment_at(segment * segment_size_);
  if (!path) return;
  UniqueFd const file = open_regular(*path);
  segment_.resize(segment_size_);
  std::size_t have = 0;
  while (file && have < segment_.size()) {
    auto const count = ::pread(file.get(), segment_.data() + have, segment_.size() - have, static_cast<off_t>(have));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::generic_category(), path->string());
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  segment_.resize(have);
}

/// The page that holds a position, from its head on; empty: the log has no such page.
std::string_view WalLog::page(std::uint64_t lsn) {
  load(lsn / segment_size_);
  auto const begin = lsn / page_size * page_size;
  auto const offset = begin % segment_size_;
  if (segment_.size() < offset + page_size) return {};
  std::string_view const bytes = std::string_view{segment_}.substr(offset, page_size);
  auto const head = value_at<PageHead>(bytes, 0);
  return head && head->magic != 0 && head->address == begin ? bytes : std::string_view{};
}

/// The same position, or if a page begins there, that behind the head of the page. 0: there is no such page.
std::uint64_t WalLog::behind_header(std::uint64_t lsn) {
  if (lsn % page_size != 0) return lsn;
  auto const head = value_at<PageHead>(page(lsn), 0);
  if (!head) return 0;
  return lsn + ((head->flags & has_long_head) != 0 ? long_page_head_size : page_head_size);
}

std::optional<WalLog::Record> WalLog::next(Cursor& cursor) {
  Record record;
  record.begin = behind_header(cursor.at);
  if (record.begin == 0) return std::nullopt;
  std::string_view bytes = page(record.begin);
  // The length never crosses a page.
  auto const length = value_at<std::uint32_t>(bytes, record.begin % page_size).value_or(0);
  if (length < sizeof(RecordHead)) return std::nullopt;
  std::string beginning;
  std::uint64_t left = length;
  for (auto at = record.begin;;) {
    auto const here = bytes.substr(at % page_size, left);
    beginning += here.substr(0, most_read_of_record - std::min(beginning.size(), most_read_of_record));
    left -= here.size();
    at += here.size();
    record.end = at;
    if (left == 0) break;
    bytes = page(at);
    auto const head = value_at<PageHead>(bytes, 0);
    if (!head) return std::nullopt;
    if ((head->flags & record_was_given_up) != 0) {
      cursor.at = at;
      return next(cursor);
    }
    if ((head->flags & continues_record) == 0 || head->rest_of_record != left) return std::nullopt;
    at = behind_header(at);
  }
  auto const head = value_at<RecordHead>(beginning, 0);
  if (!head || (cursor.previous && head->previous != *cursor.previous)) return std::nullopt;
  record.kind = head->kind;
  record.manager = head->manager;
  if (is_commit(head->manager, head->kind)) record.committed = commit_time(beginning);
  cursor.previous = record.begin;
  cursor.at = aligned(record.end);
  bool const ends_segment = head->manager == log_manager && (head->kind & 0xF0U) == switch_of_segment;
  if (ends_segment) cursor.at = (record.end + segment_size_ - 1) / segment_size_ * segment_size_;
  return record;
}

template <class Stops>
WalLog::Place WalLog::walk(std::uint64_t from, Stops const& stops) {
  Cursor cursor{from, std::nullopt};
  Place place;
  place.lsn = from;
  while (auto const record = next(cursor)) {
    if (stops(*record)) {
      place.lsn = record->begin;
      place.found = true;
      return place;
    }
    if (record->committed) place.committed = std::max(place.committed.value_or(*record->committed), *record->committed);
    place.lsn = cursor.at;
  }
  return place;
}

WalLog::Place WalLog::find(std::uint64_t from, TimePoint time) {
  return walk(from, [&](Record const& record) { return record.committed && *record.committed > time; });
}

WalLog::Place WalLog::find(std::uint64_t from, std::uint64_t lsn) {
  return walk(from, [&](Record const& record) { return record.begin >= lsn; });
}

bool WalLog::goes_on_behind(std::uint64_t lsn) {
  for (auto begin = (lsn / segment_size_ + 1) * segment_size_; begin < end_; begin += segment_size_) {
    if (!page(begin).empty()) return true;
  }
  return false;
}

}  // namespace lakebase::emulator
