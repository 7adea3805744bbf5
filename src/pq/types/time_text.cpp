#include <lakebase/pq/type_time.hpp>

#include "base/ascii.hpp"
#include "pq/types/calendar.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

constexpr std::int64_t seconds_of_day = 86'400;

// Reads the parts of a date or time off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}

  bool take(char wanted) noexcept {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) bad_text();
  }
  // At least two digits, at most so many.
  std::int64_t number(std::size_t most) {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < most && !rest_.empty() && lakebase::detail::is_digit(rest_.front()); ++digits) {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (digits < 2) bad_text();
    return value;
  }
  std::int64_t bounded(std::int64_t most) {
    auto const value = number(2);
    if (value > most) bad_text();
    return value;
  }
  // Microseconds after a point; 0 without one.
  std::int64_t fraction() {
    if (!take('.')) return 0;
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < 6 && !rest_.empty() && lakebase::detail::is_digit(rest_.front()); ++digits) {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (digits == 0) bad_text();
    for (; digits < 6; ++digits) value *= 10;
    return value;
  }
  bool take_words(std::string_view words) noexcept {
    if (!rest_.starts_with(words)) return false;
    rest_.remove_prefix(words.size());
    return true;
  }
  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

struct Parts {
  std::int64_t days = 0;
  std::int64_t microseconds = 0;         // of the day
  std::optional<std::int64_t> offset{};  // seconds east of UTC
};

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

Date take_date(Reader& reader) {
  auto const year = reader.number(7);
  reader.expect('-');
  auto const month = reader.bounded(12);
  reader.expect('-');
  auto const day = reader.bounded(31);
  return {year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
}

std::int64_t days_of(Date date, bool before_christ) {
  if (before_christ) date.year = 1 - date.year;
  if (date.month == 0 || date.day == 0 || date.day > last_day(date.year, date.month)) bad_text("it is no date");
  return days_from_date(date.year, date.month, date.day);
}

std::int64_t take_time(Reader& reader) {
  auto const hours = reader.bounded(24);
  reader.expect(':');
  auto const minutes = reader.bounded(59);
  reader.expect(':');
  auto const seconds = reader.bounded(59);
  auto const all = ((hours * 60 + minutes) * 60 + seconds) * 1'000'000 + reader.fraction();
  if (all > seconds_of_day * 1'000'000) bad_text("it is later than 24:00:00");
  return all;
}

std::optional<std::int64_t> take_offset(Reader& reader) {
  bool const west = !reader.rest().empty() && reader.rest().front() == '-';
  if (reader.take('Z')) return 0;
  if (!reader.take(west ? '-' : '+')) return std::nullopt;
  std::int64_t offset = reader.bounded(99) * 3600;
  if (reader.take(':')) offset += reader.bounded(59) * 60;
  if (reader.take(':')) offset += reader.bounded(59);
  return west ? -offset : offset;
}

// Before the text is taken apart, as both mean that C++ cannot hold it, and not that it is wrong.
void refuse_infinity(std::string_view text) {
  if (read_infinity(text) != Infinity::none) bad_text("it is infinite: read OrInfinity of that");
}

Parts read_parts(std::string_view text) {
  refuse_infinity(text);
  Reader reader{text};
  auto const date = take_date(reader);
  if (!reader.take(' ') && !reader.take('T')) bad_text("it has no time of day");
  Parts parts;
  parts.microseconds = take_time(reader);
  parts.offset = take_offset(reader);
  parts.days = days_of(date, reader.take_words(" BC"));
  if (!reader.rest().empty()) bad_text();
  return parts;
}

// The last 30 years of PostgreSQL's are more than 64 bits of microseconds since 1970.
std::int64_t microseconds_of(Parts const& parts) {
  constexpr std::int64_t most = INT64_MAX / (seconds_of_day * 1'000'000) - 1;
  if (parts.days > most || parts.days < -most) bad_text("its year does not fit");
  return parts.days * seconds_of_day * 1'000'000 + parts.microseconds;
}

void append_padded(std::int64_t value, std::size_t width, std::string& text) {
  auto const begin = text.size();
  append_number(value, text);
  if (auto const length = text.size() - begin; length < width) text.insert(begin, width - length, '0');
}

void append_date(std::int64_t days, std::string& text) {
  auto const date = date_of_days(days);
  append_padded(date.year > 0 ? date.year : 1 - date.year, 4, text);
  text += '-';
  append_padded(date.month, 2, text);
  text += '-';
  append_padded(date.day, 2, text);
}

bool before_christ(std::int64_t days) {
  return date_of_days(days).year <= 0;
}

// The days before and after which PostgreSQL has no times, and the day after which it has no date.
constexpr std::int64_t first_day = days_from_date(-4713, 11, 24);
constexpr std::int64_t last_day_of_times = days_from_date(294'276, 12, 31);
constexpr std::int64_t last_day_of_dates = days_from_date(5'874'897, 12, 31);

void append_date_and_time(std::int64_t seconds, std::int32_t nanoseconds, std::string_view offset, std::string& text) {
  auto const days = seconds / seconds_of_day - (seconds % seconds_of_day < 0 ? 1 : 0);
  if (days < first_day || days > last_day_of_times) bad_value("a year that PostgreSQL does not reach");
  append_date(days, text);
  text += ' ';
  append_clock(seconds - days * seconds_of_day, nanoseconds, text);
  text += offset;
  if (before_christ(days)) text += " BC";
}

}  // namespace

void append_clock(std::int64_t seconds, std::int32_t nanoseconds, std::string& text) {
  append_padded(seconds / 3600, 2, text);
  text += ':';
  append_padded(seconds / 60 % 60, 2, text);
  text += ':';
  append_padded(seconds % 60, 2, text);
  if (nanoseconds == 0) return;
  text += '.';
  bool const fine = nanoseconds % 1000 != 0;
  append_padded(fine ? nanoseconds : nanoseconds / 1000, fine ? 9 : 6, text);
}

std::int64_t read_instant(std::string_view text) {
  auto const parts = read_parts(text);
  if (!parts.offset) bad_text("it has no time zone: read std::chrono::local_time");
  return microseconds_of(parts) - *parts.offset * 1'000'000;
}

std::int64_t read_wall_clock(std::string_view text) {
  auto const parts = read_parts(text);
  if (parts.offset) bad_text("it has a time zone: read std::chrono::sys_time or Timestamp");
  return microseconds_of(parts);
}

std::int64_t read_time_of_day(std::string_view text) {
  Reader reader{text};
  auto const time = take_time(reader);
  if (!reader.rest().empty()) bad_text(take_offset(reader) ? "it has a time zone, but no date" : "");
  return time;
}

std::int64_t read_date(std::string_view text) {
  refuse_infinity(text);
  Reader reader{text};
  auto const date = take_date(reader);
  auto const days = days_of(date, reader.take_words(" BC"));
  if (!reader.rest().empty()) bad_text("it is more than a date");
  return days;
}

Infinity read_infinity(std::string_view text) noexcept {
  if (text == "infinity") return Infinity::after;
  return text == "-infinity" ? Infinity::before : Infinity::none;
}

Timestamp read_timestamp(std::string_view text) {
  auto const microseconds = read_instant(text);
  auto const rest = microseconds % 1'000'000;
  auto const seconds = microseconds / 1'000'000 - (rest < 0 ? 1 : 0);
  constexpr std::int64_t begin = days_from_date(1, 1, 1) * seconds_of_day;
  constexpr std::int64_t end = days_from_date(10'000, 1, 1) * seconds_of_day;
  if (seconds < begin) bad_text("it is BC, before the first Timestamp");
  if (seconds >= end) bad_text("its year does not fit, the last of a Timestamp is 9999");
  return Timestamp::of(seconds, static_cast<std::int32_t>((rest < 0 ? rest + 1'000'000 : rest) * 1000));
}

std::chrono::year_month_day day_of(std::int64_t days) {
  auto const date = date_of_days(days);
  if (date.year < static_cast<int>(std::chrono::year::min()) ||
      date.year > static_cast<int>(std::chrono::year::max())) {
    bad_text("its year does not fit");
  }
  return std::chrono::year{static_cast<int>(date.year)} / static_cast<int>(date.month) / static_cast<int>(date.day);
}

void write_instant(std::int64_t seconds, std::int32_t nanoseconds, std::string& text) {
  append_date_and_time(seconds, nanoseconds, "+00", text);
}

void write_wall_clock(std::int64_t seconds, std::int32_t nanoseconds, std::string& text) {
  append_date_and_time(seconds, nanoseconds, "", text);
}

void write_time_of_day(std::int64_t microseconds, std::string& text) {
  if (microseconds < 0 || microseconds > seconds_of_day * 1'000'000) bad_value("a TimeOfDay outside of a day");
  append_clock(microseconds / 1'000'000, static_cast<std::int32_t>(microseconds % 1'000'000 * 1000), text);
}

void write_date(std::int64_t days, std::string& text) {
  if (days < first_day || days > last_day_of_dates) bad_value("a year that PostgreSQL does not reach");
  append_date(days, text);
  if (before_christ(days)) text += " BC";
}

void write_infinity(Infinity infinity, std::string& text) {
  text += infinity == Infinity::before ? "-infinity" : "infinity";
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
