#include <lakebase/pq/type_interval.hpp>

#include <limits>

#include "base/ascii.hpp"
#include "pq/types/calendar.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

constexpr std::int64_t per_second = 1'000'000;
constexpr std::int64_t per_day = 86'400 * per_second;

[[noreturn]] void out_of_range() {
  bad_text("it is out of range");
}

std::int64_t times(std::int64_t value, std::int64_t factor) {
  if (value > INT64_MAX / factor || value < INT64_MIN / factor) out_of_range();
  return value * factor;
}

std::int64_t plus(std::int64_t left, std::int64_t right) {
  if (right > 0 ? left > INT64_MAX - right : left < INT64_MIN - right) out_of_range();
  return left + right;
}

void add(std::int32_t& part, std::int64_t value) {
  auto const sum = plus(part, value);
  if (sum > INT32_MAX || sum < INT32_MIN) out_of_range();
  part = static_cast<std::int32_t>(sum);
}

// Reads numbers with a sign off the front of a text.
class IntervalReader {
 public:
  explicit IntervalReader(std::string_view text) noexcept : rest_(text) {}

  std::string_view rest() const noexcept { return rest_; }
  bool done() const noexcept { return rest_.empty(); }
  bool take(char wanted) noexcept {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Negative as told by `sign()`.
  void take_sign() noexcept {
    sign_ = take('-') ? -1 : 1;
    if (sign_ > 0) take('+');
  }
  std::int64_t sign() const noexcept { return sign_; }
  // Digits with the sign that was taken, so that the least number fits.
  std::int64_t number() {
    if (rest_.empty() || !lakebase::detail::is_digit(rest_.front())) bad_text();
    std::int64_t value = 0;
    for (; !rest_.empty() && lakebase::detail::is_digit(rest_.front()); rest_.remove_prefix(1)) {
      value = plus(times(value, 10), sign_ * (rest_.front() - '0'));
    }
    return value;
  }
  // Microseconds with the sign that was taken; 0 without a point.
  std::int64_t fraction() {
    if (!take('.')) return 0;
    std::int64_t value = 0;
    int digits = 0;
    for (; digits < 6 && !rest_.empty() && lakebase::detail::is_digit(rest_.front());
         ++digits, rest_.remove_prefix(1)) {
      value = value * 10 + sign_ * (rest_.front() - '0');
    }
    if (digits == 0) bad_text();
    for (; digits < 6; ++digits) value *= 10;
    return value;
  }
  std::string_view word() noexcept {
    std::size_t length = 0;
    while (length < rest_.size() && lakebase::detail::is_alpha(rest_[length])) ++length;
    auto const word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }

 private:
  std::string_view rest_;
  std::int64_t sign_ = 1;
};

[[noreturn]] void other_style() {
  bad_text("it is in a style that is not read: SET IntervalStyle = postgres");
}

// `1 year 2 mons -3 days +04:05:06.7`
Interval read_words(std::string_view text) {
  IntervalReader reader{text};
  Interval value;
  std::int64_t time = 0;
  for (;;) {
    reader.take_sign();
    auto const number = reader.number();
    if (reader.take(':')) {
      auto const minutes = reader.number();
      if (!reader.take(':')) bad_text();
      auto const seconds = reader.number();
      if (minutes > 59 || minutes < -59 || seconds > 59 || seconds < -59) bad_text();
      time = plus(times(plus(times(number, 3600), minutes * 60 + seconds), per_second), reader.fraction());
      if (!reader.done()) other_style();
      break;
    }
    if (!reader.take(' ')) other_style();
    auto const unit = reader.word();
    if (unit == "year" || unit == "years") {
      add(value.months, times(number, 12));
    } else if (unit == "mon" || unit == "mons") {
      add(value.months, number);
    } else if (unit == "day" || unit == "days") {
      add(value.days, number);
    } else {
      other_style();
    }
    if (reader.done()) break;
    if (!reader.take(' ')) bad_text();
  }
  value.time = std::chrono::microseconds{time};
  return value;
}

// `P1Y2M-3DT4H5M6.7S`
Interval read_iso(std::string_view text) {
  IntervalReader reader{text.substr(1)};
  Interval value;
  std::int64_t time = 0;
  bool in_time = false;
  if (reader.done()) bad_text();
  while (!reader.done()) {
    if (!in_time && reader.take('T')) in_time = true;
    reader.take_sign();
    auto const number = reader.number();
    auto const fraction = reader.fraction();
    if (reader.take('S') && in_time) {
      time = plus(time, plus(times(number, per_second), fraction));
      continue;
    }
    if (fraction != 0) bad_text();
    if (!in_time && reader.take('Y')) {
      add(value.months, times(number, 12));
    } else if (!in_time && reader.take('M')) {
      add(value.months, number);
    } else if (!in_time && reader.take('W')) {
      add(value.days, times(number, 7));
    } else if (!in_time && reader.take('D')) {
      add(value.days, number);
    } else if (in_time && reader.take('H')) {
      time = plus(time, times(number, 3600 * per_second));
    } else if (in_time && reader.take('M')) {
      time = plus(time, times(number, 60 * per_second));
    } else {
      bad_text();
    }
  }
  value.time = std::chrono::microseconds{time};
  return value;
}

void append_signed(std::int64_t value, std::string& text) {
  if (value >= 0) text += '+';
  append_number(value, text);
}

}  // namespace

Interval read_interval(std::string_view text) {
  if (read_infinity(text) != Infinity::none) bad_text("it is infinite: read OrInfinity of that");
  if (text.empty()) bad_text();
  if (text.front() == '@') other_style();
  return text.front() == 'P' ? read_iso(text) : read_words(text);
}

std::int64_t read_span(std::string_view text) {
  auto const value = read_interval(text);
  if (value.months != 0) bad_text("it has months, whose length is not known: read Interval");
  return plus(times(value.days, per_day), value.time.count());
}

void write_span(std::int64_t seconds, std::int32_t nanoseconds, std::string& text) {
  // The sign is that of the whole.
  bool const negative = seconds < 0 || nanoseconds < 0;
  if (seconds < 0 && nanoseconds > 0) {
    ++seconds;
    nanoseconds -= 1'000'000'000;
  }
  constexpr std::int64_t farthest = INT64_MAX / per_second;
  if (seconds > farthest || seconds < -farthest) bad_value("a span that PostgreSQL does not reach");
  text += negative ? '-' : '+';
  append_clock(negative ? -seconds : seconds, negative ? -nanoseconds : nanoseconds, text);
}

void write_interval(Interval const& value, std::string& text) {
  append_signed(value.months, text);
  text += " mons ";
  append_signed(value.days, text);
  text += " days ";
  auto const microseconds = value.time.count();
  // One more than the greatest cannot be negated.
  auto const seconds = microseconds / per_second;
  auto const rest = microseconds % per_second;
  text += microseconds < 0 ? '-' : '+';
  append_clock(seconds < 0 ? -seconds : seconds, static_cast<std::int32_t>((rest < 0 ? -rest : rest) * 1000), text);
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
