#include "common/time.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

using namespace std::chrono;

std::string fraction_text(std::int64_t nanos) {
  if (nanos == 0) return {};
  if (nanos % 1'000'000 == 0) return fmt::format(".{:03}", nanos / 1'000'000);
  if (nanos % 1'000 == 0) return fmt::format(".{:06}", nanos / 1'000);
  return fmt::format(".{:09}", nanos);
}

// Takes pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (char const digit : rest_.substr(0, count)) {
      if (digit < '0' || digit > '9') return std::nullopt;
      value = value * 10 + (digit - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool literal(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  bool one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // The digits behind a decimal point as nanoseconds; 0 without a point.
  std::optional<std::int64_t> fraction() {
    if (!literal(".")) return 0;
    std::int64_t nanos = 0;
    int count = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1), ++count) {
      if (count < 9) nanos = nanos * 10 + (rest_.front() - '0');
    }
    if (count == 0) return std::nullopt;
    for (; count < 9; ++count) nanos *= 10;
    return nanos;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<minutes> parse_zone(Scanner& scan) {
  if (scan.one_of("Zz")) return minutes{0};
  bool const west = scan.literal("-");
  if (!west && !scan.literal("+")) return std::nullopt;
  auto const hour = scan.digits(2);
  if (!hour || *hour > 23 || !scan.literal(":")) return std::nullopt;
  auto const minute = scan.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  minutes const offset = hours{*hour} + minutes{*minute};
  return west ? -offset : offset;
}

std::optional<sys_days> parse_date(Scanner& scan) {
  auto const y = scan.digits(4);
  if (!y || *y < 1678 || *y > 2261 || !scan.literal("-")) return std::nullopt;
  auto const m = scan.digits(2);
  if (!m || !scan.literal("-")) return std::nullopt;
  auto const d = scan.digits(2);
  if (!d) return std::nullopt;
  year_month_day const date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

}  // namespace

TimePoint system_time() {
  return std::chrono::system_clock::now();
}

std::string to_text(TimePoint time) {
  auto const whole = floor<seconds>(time);
  auto const date_at = floor<days>(whole);
  year_month_day const date{date_at};
  hh_mm_ss const clock{whole - date_at};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), fraction_text((time - whole).count()));
}

std::string to_text(Duration duration) {
  auto const nanos = duration.count();
  auto const magnitude = nanos < 0 ? -nanos : nanos;
  return fmt::format("{}{}{}s", nanos < 0 ? "-" : "", magnitude / 1'000'000'000,
                     fraction_text(magnitude % 1'000'000'000));
}

std::optional<TimePoint> parse_time(std::string_view text) {
  Scanner scan{text};
  auto const date = parse_date(scan);
  if (!date || !scan.one_of("Tt ")) return std::nullopt;
  auto const hour = scan.digits(2);
  if (!hour || *hour > 23 || !scan.literal(":")) return std::nullopt;
  auto const minute = scan.digits(2);
  if (!minute || *minute > 59 || !scan.literal(":")) return std::nullopt;
  auto const second = scan.digits(2);
  if (!second || *second > 59) return std::nullopt;
  auto const nanos = scan.fraction();
  if (!nanos) return std::nullopt;
  auto const zone = parse_zone(scan);
  if (!zone || !scan.at_end()) return std::nullopt;
  return TimePoint{*date} + hours{*hour} + minutes{*minute} + seconds{*second} + nanoseconds{*nanos} - *zone;
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (!text.ends_with('s')) return std::nullopt;
  text.remove_suffix(1);
  bool const negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t whole = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  constexpr std::int64_t limit = 9'000'000'000;  // within the range of nanoseconds
  if (error != std::errc{} || whole < 0 || whole > limit) return std::nullopt;
  Scanner scan{text.substr(static_cast<std::size_t>(end - text.data()))};
  auto const nanos = scan.fraction();
  if (!nanos || !scan.at_end()) return std::nullopt;
  auto const value = seconds{whole} + nanoseconds{*nanos};
  return negative ? -value : value;
}

std::optional<Duration> parse_span(std::string_view text) {
  constexpr std::array<std::pair<char, seconds>, 4> units = {
      {{'w', weeks{1}}, {'d', days{1}}, {'h', hours{1}}, {'m', minutes{1}}}};
  constexpr std::int64_t limit = 9'000'000'000;  // within the range of nanoseconds
  if (text.empty()) return std::nullopt;
  seconds sum{0};
  for (auto const& [unit, length] : units) {
    auto const end = text.find(unit);
    if (end == text.npos) continue;
    std::int64_t count = 0;
    auto const [parsed, error] = std::from_chars(text.data(), text.data() + end, count);
    if (error != std::errc{} || parsed != text.data() + end || count < 0) return std::nullopt;
    if (count > (limit - sum.count()) / length.count()) return std::nullopt;
    sum += count * length;
    text.remove_prefix(end + 1);
  }
  if (text.empty()) return sum;
  auto const rest = parse_duration(text);
  if (!rest || text.front() == '-' || *rest > seconds{limit} - sum) return std::nullopt;
  return sum + *rest;
}

TimePoint rounded(TimePoint time) {
  return floor<microseconds>(time);
}

}  // namespace lakebase::emulator
