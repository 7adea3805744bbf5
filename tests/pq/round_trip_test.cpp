// Random values of each type on their way to PostgreSQL and back: as parameter, array, COPY and row, in text and in
// binary. LAKEBASE_ROUND_TRIPS says how many of each; scripts/long round-trips takes 100,000.

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/types.hpp>

#include "support/local_postgres.hpp"

namespace lakebase::tests::round_trip {
namespace {

using namespace lakebase::pq;
using std::chrono::microseconds;

std::size_t number_of_values() {
  auto const* const wanted = std::getenv("LAKEBASE_ROUND_TRIPS");
  return wanted == nullptr ? 2'000 : static_cast<std::size_t>(std::atoll(wanted));
}

class Chance {
 public:
  // Small and large numbers alike, and the ends of the type.
  template <std::integral T>
  T integer(T least = std::numeric_limits<T>::min(), T most = std::numeric_limits<T>::max()) {
    if (one_in(20)) return one_in(2) ? least : most;
    auto const any =
        std::uniform_int_distribution<long long>{static_cast<long long>(least), static_cast<long long>(most)}(engine_);
    auto const shift = std::uniform_int_distribution<int>{0, static_cast<int>(8 * sizeof(T)) - 1}(engine_);
    auto const small = static_cast<T>(any >> shift);
    return small < least || small > most ? static_cast<T>(any) : small;
  }
  bool one_in(int count) { return std::uniform_int_distribution<int>{1, count}(engine_) == 1; }
  std::uint64_t bits() { return engine_(); }

  std::string text() {
    static constexpr std::array<char const*, 20> pieces = {"a",
                                                           "B",
                                                           " ",
                                                           "\"",
                                                           "'",
                                                           "\\",
                                                           "\n",
                                                           "\t",
                                                           "\r",
                                                           "{",
                                                           "}",
                                                           ",",
                                                           "NULL",
                                                           "null",
                                                           "ä",
                                                           "語",
                                                           "\xf0\x9f\x98\x80",
                                                           "(",
                                                           ")",
                                                           "\x01"};
    std::string text;
    for (auto count = integer<int>(0, 12); count > 0; --count) text += pieces[bits() % pieces.size()];
    return text;
  }

 private:
  std::mt19937_64 engine_{std::random_device{}()};
};

template <class T>
bool same(T const& left, T const& right) {
  if constexpr (std::floating_point<T>) {
    return (left != left && right != right) || (left == right && std::signbit(left) == std::signbit(right));
  } else {
    return left == right;
  }
}

template <class T>
std::string show(T const& value) {
  std::string text;
  TypeText<T>::write(value, text);
  return text;
}

class PgRoundTrip : public ::testing::Test {
 protected:
  template <class T, class Make>
  void round_trip(std::string const& type, Make&& make) {
    std::vector<T> values;
    for (std::size_t i = 0; i < number_of_values(); ++i) values.push_back(make());
    for (bool const binary : {false, true}) {
      SCOPED_TRACE(type + (binary ? " in binary" : " as text"));
      options_.binary_results = binary;
      as_parameters(type, values);
      as_array(type, values);
      by_copy(type, values);
      if (HasFailure()) return;
    }
  }

  Chance chance{};

 private:
  template <class T>
  void as_parameters(std::string const& type, std::vector<T> const& values) {
    connection_.prepare("echo " + type, "SELECT $1::" + type);
    for (auto const& value : values) {
      auto const back = connection_.exec_prepared("echo " + type, {value}, options_).template value<T>();
      ASSERT_TRUE(same(back, value)) << show(value) << " as parameter became " << show(back);
    }
  }

  template <class T>
  void as_array(std::string const& type, std::vector<T> const& values) {
    std::vector<std::optional<T>> with_null(values.begin(), values.end());
    with_null.emplace_back();
    auto const back =
        connection_.query_value<std::vector<std::optional<T>>>("SELECT $1::" + type + "[]", {with_null}, options_);
    ASSERT_EQ(back.size(), with_null.size());
    EXPECT_EQ(back.back(), std::nullopt);
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_TRUE(back[i] && same(*back[i], values[i])) << show(values[i]) << " in an array";
    }
  }

  template <class T>
  void by_copy(std::string const& type, std::vector<T> const& values) {
    connection_.exec("CREATE TEMP TABLE copied (place int, value " + type + ")");
    auto copy = connection_.copy_in("COPY copied FROM STDIN");
    for (std::size_t i = 0; i < values.size(); ++i) copy.row(i, values[i]);
    copy.row(values.size(), nullptr);
    EXPECT_EQ(copy.finish(), values.size() + 1);
    for (auto const& [place, back] : connection_.query<std::size_t, std::optional<T>>(
             "SELECT place, value FROM copied ORDER BY place", {}, options_)) {
      ASSERT_EQ(back.has_value(), place < values.size());
      ASSERT_TRUE(!back || same(*back, values[place])) << show(values[place]) << " by COPY became " << show(*back);
    }
    connection_.exec("DROP TABLE copied");
  }

  Connection connection_ = connect(LocalPostgres::instance().source());
  StatementOptions options_{};
};

TEST_F(PgRoundTrip, Numbers) {
  round_trip<bool>("bool", [&] { return chance.one_in(2); });
  round_trip<std::int16_t>("int2", [&] { return chance.integer<std::int16_t>(); });
  round_trip<int>("int4", [&] { return chance.integer<int>(); });
  round_trip<std::int64_t>("int8", [&] { return chance.integer<std::int64_t>(); });
  round_trip<std::uint64_t>("numeric", [&] { return chance.bits(); });
  round_trip<float>("float4", [&] { return std::bit_cast<float>(static_cast<std::uint32_t>(chance.bits())); });
  round_trip<double>("float8", [&] { return std::bit_cast<double>(chance.bits()); });
  round_trip<Numeric>("numeric", [&] {
    if (chance.one_in(50)) return Numeric{chance.one_in(2) ? "NaN" : "-Infinity"};
    auto digits = std::to_string(chance.bits()) + std::to_string(chance.bits());
    if (digits.front() == '0') digits.front() = '1';
    auto const point = chance.bits() % (digits.size() + 8);
    if (point < digits.size() && point > 0) digits.insert(point, ".");
    if (point >= digits.size()) digits.insert(0, "0." + std::string(point - digits.size(), '0'));
    return Numeric{(chance.one_in(2) ? "-" : "") + digits};
  });
}

TEST_F(PgRoundTrip, TextAndBytes) {
  round_trip<std::string>("text", [&] { return chance.text(); });
  round_trip<std::vector<std::byte>>("bytea", [&] {
    std::vector<std::byte> bytes(chance.bits() % 20);
    for (auto& byte : bytes) byte = static_cast<std::byte>(chance.bits());
    return bytes;
  });
  round_trip<Uuid>("uuid", [&] {
    Uuid uuid;
    for (auto& byte : uuid.bytes) byte = static_cast<std::byte>(chance.bits());
    return uuid;
  });
  round_trip<JsonText>("json", [&] { return JsonText{"[" + std::to_string(chance.bits()) + ", \"{\\\\,\\u00e4\"]"}; });
}

TEST_F(PgRoundTrip, Times) {
  using namespace std::chrono;
  using Time = sys_time<microseconds>;
  constexpr std::int64_t first = -210'866'803'200'000'000;
  constexpr std::int64_t last = 9'223'371'331'199'999'999;
  auto const time = [&] { return microseconds{chance.integer<std::int64_t>(first, last)}; };
  round_trip<Time>("timestamptz", [&] { return Time{time()}; });
  round_trip<local_time<microseconds>>("timestamp", [&] { return local_time<microseconds>{time()}; });
  round_trip<Timestamp>("timestamptz", [&] {
    return Timestamp::of(chance.integer<std::int64_t>(-62'135'596'800, 253'402'300'799),
                         chance.integer<std::int32_t>(0, 999'999) * 1000);
  });
  auto const day = [&] { return sys_days{days{chance.integer<std::int32_t>(-2'440'588, 2'145'031'948)}}; };
  round_trip<sys_days>("date", day);
  round_trip<year_month_day>(
      "date", [&] { return year_month_day{sys_days{days{chance.integer<int>(-2'440'588, 11'000'000)}}}; });
  round_trip<OrInfinity<Time>>("timestamptz", [&] {
    if (!chance.one_in(3)) return OrInfinity<Time>{.value = Time{time()}};
    return OrInfinity<Time>{.infinity = chance.one_in(2) ? Infinity::before : Infinity::after};
  });
  round_trip<OrInfinity<sys_days>>("date", [&] {
    if (!chance.one_in(3)) return OrInfinity<sys_days>{.value = day()};
    return OrInfinity<sys_days>{.infinity = chance.one_in(2) ? Infinity::before : Infinity::after};
  });
  round_trip<TimeOfDay>("time", [&] {
    return TimeOfDay{.since_midnight = microseconds{chance.integer<std::int64_t>(0, 86'400'000'000)}};
  });
  // PostgreSQL 15 does not read the least number of microseconds.
  constexpr std::int64_t longest = INT64_MAX;
  round_trip<Interval>("interval", [&] {
    return Interval{.months = chance.integer<std::int32_t>(),
                    .days = chance.integer<std::int32_t>(),
                    .time = microseconds{chance.integer<std::int64_t>(-longest, longest)}};
  });
  round_trip<microseconds>("interval", [&] { return microseconds{chance.integer<std::int64_t>(-longest, longest)}; });
}

TEST_F(PgRoundTrip, Ranges) {
  using Time = std::chrono::sys_time<microseconds>;
  auto const range = [&]<class Make>(Make&& make) {
    using T = std::invoke_result_t<Make>;
    Range<T> made;
    if (chance.one_in(20)) {
      made.empty = true;
      return made;
    }
    auto one = make();
    auto other = make();
    if (other < one) std::swap(one, other);
    if (!chance.one_in(5)) made.lower = one;
    if (!chance.one_in(5)) made.upper = other;
    if (one == other) made.upper = std::nullopt;
    return made;
  };
  round_trip<Range<int>>("int4range",
                         [&] { return range([&] { return chance.integer<int>(-1'000'000, 1'000'000); }); });
  round_trip<Range<std::int64_t>>("int8range", [&] { return range([&] { return chance.integer<std::int64_t>(); }); });
  round_trip<Range<Time>>("tstzrange", [&] {
    auto result = range([&] { return Time{microseconds{chance.integer<std::int64_t>(0, INT64_MAX / 4)}}; });
    result.lower_inclusive = chance.one_in(2);
    result.upper_inclusive = chance.one_in(2);
    return result;
  });
  round_trip<Range<std::chrono::sys_days>>("daterange", [&] {
    return range([&] { return std::chrono::sys_days{std::chrono::days{chance.integer<int>(-100'000, 100'000)}}; });
  });
}

}  // namespace
}  // namespace lakebase::tests::round_trip
