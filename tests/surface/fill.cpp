#include "surface/fill.hpp"

#include <array>
#include <limits>

namespace lakebase::tests {

namespace {

template <class T, std::size_t Size>
T const& pick(std::array<T, Size> const& values, int variant) {
  return values[static_cast<std::size_t>(variant) % Size];
}

}  // namespace

std::string Fill::text() const {
  using namespace std::string_literals;
  static std::array<std::string, 9> const values{
      "plain",
      "",
      "quotes \" ' ` and \\ and / and \\u0041",
      "controls \x01\x1f\x7f\b\f\n\r\t\0 end"s,
      "emoji 😀 and é and 中文 and \xe2\x80\xa8",
      std::string(1'000, 'x'),
      "{\"a\":[1]}",
      "null",
      " blanks ",
  };
  return pick(values, variant_);
}

void Fill::operator()(std::int64_t& value) const {
  using Limits = std::numeric_limits<std::int64_t>;
  static constexpr std::array<std::int64_t, 7> values{
      17, 0, Limits::max(), Limits::min(), -1, (std::int64_t{1} << 53) + 1, 8'796'093'022'208};
  value = pick(values, variant_);
}

void Fill::operator()(double& value) const {
  using Limits = std::numeric_limits<double>;
  static constexpr std::array<double, 9> values{0.5,   0.0,           1e300, -0.1, Limits::denorm_min(),
                                                112.0, Limits::max(), 1e21,  0.1};
  value = pick(values, variant_);
}

void Fill::operator()(Duration& value) const {
  constexpr std::int64_t ten_thousand_years = 315'576'000'000;
  static constexpr std::array<Duration, 8> values{
      Duration::of(604'800), Duration{},          Duration::of(ten_thousand_years), Duration::of(-ten_thousand_years),
      Duration::of(0, 1),    Duration::of(0, -1), Duration::of(3, 999'999'999),     Duration::of(1, 500'000'000)};
  value = pick(values, variant_);
}

void Fill::operator()(Timestamp& value) const {
  static constexpr std::array<Timestamp, 7> values{Timestamp::of(1'700'000'000),
                                                   Timestamp{},
                                                   Timestamp::of(253'402'300'799, 999'999'999),  // end of the year 9999
                                                   Timestamp::of(-62'135'596'800),               // start of the year 1
                                                   Timestamp::of(-1, 1),
                                                   Timestamp::of(1, 1'000),
                                                   Timestamp::of(1, 20'000'000)};
  value = pick(values, variant_);
}

void Fill::operator()(JsonText& value) const {
  static std::array<std::string, 5> const values{R"({"@type":"type.googleapis.com/x","n":9223372036854775807})", "{}",
                                                 R"([1,-0.5,"ü",true,null,{"":""}])", "null", R"("text")"};
  value.text = pick(values, variant_);
  // A member that is null counts as unset, so this one cannot come back.
  if (value.text == "null") value.text = "{\"a\":null}";
}

}  // namespace lakebase::tests
