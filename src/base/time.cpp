#include <lakebase/time.hpp>

#include <charconv>
#include <limits>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {

namespace {

using namespace std::chrono;

constexpr std::int64_t longest_duration = 315'576'000'000;
constexpr int nano_digits = 9;

[[noreturn]] void refuse(std::string_view text, std::string_view wanted) {
  throw ParseError{"", {.message = fmt::format("\"{}\" is not {}", text.substr(0, 64), wanted)}};
}

// The number that stands in `count` digits; -1 if one of them is none. Lists hold hundreds of times.
constexpr int number(char const* digits, int count) {
  int value = 0;
  bool all_digits = true;
  for (int i = 0; i < count; ++i) {
    auto const digit = digits[i] - '0';
    all_digits = all_digits && digit >= 0 && digit <= 9;
    value = value * 10 + digit;
  }
  return all_digits ? value : -1;
}

// Reads decimal digits from the front of a text.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_any_of(char a, char b) { return take(a) || take(b); }

  // The next `count` characters; null if there are fewer.
  char const* characters(std::size_t count) {
    if (rest_.size() < count) return nullptr;
    auto const* const first = rest_.data();
    rest_.remove_prefix(count);
    return first;
  }

  // One digit or more.
  std::optional<std::int64_t> whole() {
    std::int64_t value = 0;
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return std::nullopt;
    auto const [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  // The digits of a fraction as nanoseconds; digits after the ninth are counted and dropped.
  std::optional<std::int32_t> nanos(int& digits) {
    std::int32_t value = 0;
    for (digits = 0; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      if (digits < nano_digits) value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    for (int i = digits; i < nano_digits; ++i) value *= 10;
    if (digits == 0) return std::nullopt;
    return value;
  }

 private:
  std::string_view rest_;
};

// A fraction with 0, 3, 6 or 9 digits, the point included.
std::string fraction(std::int32_t nanos) {
  if (nanos == 0) return {};
  if (nanos % 1'000'000 == 0) return fmt::format(".{:03}", nanos / 1'000'000);
  if (nanos % 1'000 == 0) return fmt::format(".{:06}", nanos / 1'000);
  return fmt::format(".{:09}", nanos);
}

// YYYY-MM-DD
std::optional<sys_days> take_date(Digits& digits) {
  auto const* const text = digits.characters(10);
  if (text == nullptr || text[4] != '-' || text[7] != '-') return std::nullopt;
  auto const y = number(text, 4);
  auto const m = number(text + 5, 2);
  auto const d = number(text + 8, 2);
  if (y < 1 || m < 1 || d < 1) return std::nullopt;
  auto const date = year{y} / static_cast<unsigned>(m) / static_cast<unsigned>(d);
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

// HH:MM:SS
std::optional<seconds> take_time_of_day(Digits& digits) {
  auto const* const text = digits.characters(8);
  if (text == nullptr || text[2] != ':' || text[5] != ':') return std::nullopt;
  auto const h = number(text, 2);
  auto const m = number(text + 3, 2);
  auto const s = number(text + 6, 2);
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60) return std::nullopt;
  return hours{h} + minutes{m} + seconds{s};
}

// Z, or +HH:MM
std::optional<seconds> take_offset(Digits& digits) {
  if (digits.take_any_of('Z', 'z')) return seconds{0};
  auto const west = digits.take('-');
  if (!west && !digits.take('+')) return std::nullopt;
  auto const* const text = digits.characters(5);
  if (text == nullptr || text[2] != ':') return std::nullopt;
  auto const h = number(text, 2);
  auto const m = number(text + 3, 2);
  if (h < 0 || h > 23 || m < 0 || m > 59) return std::nullopt;
  auto const offset = hours{h} + minutes{m};
  return west ? -offset : offset;
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Digits digits{text};
  auto const date = take_date(digits);
  if (!date || !digits.take_any_of('T', 't')) return std::nullopt;
  auto const time = take_time_of_day(digits);
  if (!time) return std::nullopt;
  std::int32_t nanos = 0;
  if (digits.take('.')) {
    int count = 0;
    auto const read = digits.nanos(count);
    if (!read) return std::nullopt;
    nanos = *read;
  }
  auto const offset = take_offset(digits);
  if (!offset || !digits.rest().empty()) return std::nullopt;
  auto const utc = *date + *time - *offset;
  // An offset can lead out of the years that the API can write.
  if (utc < sys_days{year{1} / January / 1} || utc >= sys_days{year{10'000} / January / 1}) return std::nullopt;
  return Timestamp::of(utc.time_since_epoch().count(), nanos);
}

}  // namespace

Duration Duration::parse(std::string_view text) {
  static constexpr std::string_view wanted = "a duration: decimal seconds with an s, such as \"3.5s\"";
  Digits digits{text};
  auto const negative = digits.take('-');
  auto const whole = digits.whole();
  std::int32_t nanos = 0;
  int count = 0;
  if (whole && digits.take('.')) {
    auto const read = digits.nanos(count);
    if (!read || count > nano_digits) refuse(text, wanted);
    nanos = *read;
  }
  if (!whole || !digits.take('s') || !digits.rest().empty()) refuse(text, wanted);
  if (*whole > longest_duration) refuse(text, "within ±315,576,000,000 s");
  return negative ? of(-*whole, -nanos) : of(*whole, nanos);
}

std::chrono::nanoseconds Duration::to_chrono() const {
  constexpr auto most = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  if (seconds_ > most || seconds_ < -most) throw std::overflow_error("Duration: beyond 292 years");
  return std::chrono::seconds{seconds_} + std::chrono::nanoseconds{nanos_};
}

std::string Duration::to_string() const {
  auto const negative = seconds_ < 0 || nanos_ < 0;
  // The magnitude as unsigned, since -2^63 has no positive counterpart.
  auto const whole = seconds_ < 0 ? 0 - static_cast<std::uint64_t>(seconds_) : static_cast<std::uint64_t>(seconds_);
  return fmt::format("{}{}{}s", negative ? "-" : "", whole, fraction(nanos_ < 0 ? -nanos_ : nanos_));
}

Timestamp Timestamp::parse(std::string_view text) {
  auto const time = parse_rfc3339(text);
  if (!time) refuse(text, "an RFC 3339 time such as \"2026-01-31T12:00:00Z\"");
  return *time;
}

std::chrono::sys_time<std::chrono::nanoseconds> Timestamp::to_chrono() const {
  return std::chrono::sys_time<std::chrono::nanoseconds>{Duration::of(seconds_, nanos_).to_chrono()};
}

std::string Timestamp::to_string() const {
  sys_seconds const time{std::chrono::seconds{seconds_}};
  auto const day = floor<days>(time);
  year_month_day const date{day};
  hh_mm_ss const clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), fraction(nanos_));
}

}  // namespace v0
}  // namespace lakebase
