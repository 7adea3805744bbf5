// Random values of each type on their way to PostgreSQL and back: as parameter, array, COPY and row, in text and in
// binary. LAKEBASE_ROUND_TRIPS says how many of each; scripts/long round-trips takes 100,000.

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/round_trip.hpp"

namespace lakebase::tests::round_trip {

using namespace lakebase::pq;
using std::chrono::microseconds;

enum class Mood { sad, very_happy };
[[maybe_unused]] constexpr auto enum_names(Mood) {
  return std::array<std::string_view, 2>{"sad", "very \"happy\", {now}"};
}
[[maybe_unused]] constexpr std::string_view enum_sql(Mood) {
  return "mood";
}
enum class Weather { sun, rain, unrecognized };
[[maybe_unused]] constexpr auto enum_names(Weather) {
  return std::array<std::string_view, 2>{"sun", "rain"};
}
[[maybe_unused]] constexpr std::string_view enum_sql(Weather) {
  return "weather";
}

namespace {

TEST_F(PgRoundTrip, Numbers) {
  round_trip<bool>("bool", [&] { return chance.one_in(2); });
  round_trip<signed char>("int2", [&] { return chance.integer<signed char>(); });
  round_trip<std::uint8_t>("int2", [&] { return chance.integer<std::uint8_t>(); });
  round_trip<std::int16_t>("int2", [&] { return chance.integer<std::int16_t>(); });
  round_trip<std::uint16_t>("int4", [&] { return chance.integer<std::uint16_t>(); });
  round_trip<int>("int4", [&] { return chance.integer<int>(); });
  round_trip<std::int64_t>("int8", [&] { return chance.integer<std::int64_t>(); });
  round_trip<std::uint32_t>("int8", [&] { return chance.integer<std::uint32_t>(); });
  round_trip<std::uint64_t>("numeric", [&] { return chance.bits(); });
  round_trip<float>("float4", [&] { return std::bit_cast<float>(static_cast<std::uint32_t>(chance.bits())); });
  round_trip<double>("float8", [&] { return std::bit_cast<double>(chance.bits()); });
  round_trip<long double>("numeric", [&] {
    auto const digits = static_cast<long double>(static_cast<std::int64_t>(chance.bits()));
    return digits == 0 ? digits : std::ldexp(digits, chance.integer<int>(-120, 120));
  });
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
  // As PostgreSQL writes them: it keeps no other form of jsonb.
  auto const json = [&] { return JsonText{"[" + std::to_string(chance.bits()) + ", {\"ä\": \"{\\\\,\\\"\"}]"}; };
  round_trip<JsonText>("json", json);
  round_trip<JsonText>("jsonb", json);
}

TEST_F(PgRoundTrip, Times) {
  using namespace std::chrono;
  using Time = sys_time<microseconds>;
  constexpr std::int64_t first = -210'866'803'200'000'000;
  constexpr std::int64_t last = 9'223'371'331'199'999'999;
  auto const time = [&] { return microseconds{chance.integer<std::int64_t>(first, last)}; };
  round_trip<Time>("timestamptz", [&] { return Time{time()}; });
  round_trip<local_time<microseconds>>("timestamp", [&] { return local_time<microseconds>{time()}; });
  round_trip<sys_seconds>("timestamptz", [&] { return floor<seconds>(Time{time()}); });
  round_trip<sys_time<nanoseconds>>("timestamptz", [&] {
    return sys_time<nanoseconds>{microseconds{chance.integer<std::int64_t>(INT64_MIN / 1000, INT64_MAX / 1000)}};
  });
  round_trip<Timestamp>("timestamptz", [&] {
    return Timestamp::of(chance.integer<std::int64_t>(-62'135'596'800, 253'402'300'799),
                         chance.integer<std::int32_t>(0, 999'999) * 1000);
  });
  auto const day = [&] { return sys_days{days{chance.integer<std::int32_t>(-2'440'588, 2'145'031'948)}}; };
  round_trip<sys_days>("date", day);
  round_trip<local_days>("date", [&] { return local_days{day().time_since_epoch()}; });
  round_trip<year_month_day>(
      "date", [&] { return year_month_day{sys_days{days{chance.integer<int>(-2'440'588, 11'000'000)}}}; });
  round_trip<TimeOfDay>("time", [&] {
    return TimeOfDay{.since_midnight = microseconds{chance.integer<std::int64_t>(0, 86'400'000'000)}};
  });
}

TEST_F(PgRoundTrip, Infinity) {
  using namespace std::chrono;
  auto const or_infinity = [&]<class T>(std::string const& type, T const& finite) {
    round_trip<OrInfinity<T>>(type, [&] {
      OrInfinity<T> made{.value = finite};
      made.value += days{chance.integer<int>(-1'000'000, 1'000'000)};
      if (chance.one_in(2)) made.infinity = chance.one_in(2) ? Infinity::before : Infinity::after;
      return made;
    });
  };
  or_infinity("timestamptz", sys_time<microseconds>{microseconds{1}});
  or_infinity("timestamp", local_time<microseconds>{microseconds{1}});
  or_infinity("date", sys_days{});
  if (connection.query_value<int>("SHOW server_version_num") < 170'000) return;
  or_infinity("interval", microseconds{1});
}

TEST_F(PgRoundTrip, Intervals) {
  using namespace std::chrono;
  // PostgreSQL 15 does not read the least number of microseconds.
  constexpr std::int64_t longest = INT64_MAX;
  auto const time = [&] { return microseconds{chance.integer<std::int64_t>(-longest, longest)}; };
  round_trip<Interval>("interval", [&] {
    Interval made{.months = chance.integer<std::int32_t>(), .days = chance.integer<std::int32_t>(), .time = time()};
    // All at their end are infinity from PostgreSQL 17.
    if (made.days == made.months) made.days = 0;
    return made;
  });
  round_trip<microseconds>("interval", time);
  round_trip<seconds>("interval", [&] { return floor<seconds>(time() / 2); });
  round_trip<hours>("interval", [&] { return floor<hours>(time() / 2); });
  round_trip<Duration>(
      "interval", [&] { return Duration{microseconds{chance.integer<std::int64_t>(-1000000000000, 1000000000000)}}; });
}

TEST_F(PgRoundTrip, Enums) {
  connection.exec("CREATE TYPE pg_temp.mood AS ENUM ('sad', 'very \"happy\", {now}')");
  connection.exec("CREATE TYPE pg_temp.weather AS ENUM ('sun', 'rain', 'snow')");
  connection.exec("SET search_path TO pg_temp, public");
  round_trip<Mood>("mood", [&] { return chance.one_in(2) ? Mood::sad : Mood::very_happy; });
  round_trip<Enum<Weather>>("weather", [&] {
    return Enum<Weather>::from_wire(std::array{"sun", "rain", "snow"}[chance.bits() % 3]);
  });
}

TEST_F(PgRoundTrip, ArraysInColumns) {
  using Time = std::chrono::sys_time<microseconds>;
  round_trip<std::vector<int>>("int4[]", [&] {
    std::vector<int> made(chance.bits() % 5);
    for (auto& number : made) number = chance.integer<int>();
    return made;
  });
  round_trip<std::vector<std::optional<std::string>>>("text[]", [&] {
    std::vector<std::optional<std::string>> made(chance.bits() % 5);
    for (auto& text : made) {
      if (!chance.one_in(4)) text = chance.text();
    }
    return made;
  });
  round_trip<std::vector<std::vector<double>>>("float8[]", [&] {
    auto const width = 1 + chance.bits() % 3;
    std::vector<std::vector<double>> made(chance.bits() % 4);
    for (auto& row : made) {
      for (std::size_t i = 0; i < width; ++i) row.push_back(std::bit_cast<double>(chance.bits()));
    }
    return made;
  });
  round_trip<std::vector<Range<Time>>>("tstzrange[]", [&] {
    auto const lower = Time{microseconds{chance.integer<std::int64_t>(0, INT64_MAX / 4)}};
    return std::vector<Range<Time>>{{.lower = lower, .upper_inclusive = true}, {.empty = true}, {.upper = lower}};
  });
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
  round_trip<Range<std::uint64_t>>("numrange", [&] { return range([&] { return chance.bits(); }); });
  round_trip<Range<std::chrono::local_time<microseconds>>>("tsrange", [&] {
    return range([&] {
      return std::chrono::local_time<microseconds>{microseconds{chance.integer<std::int64_t>(0, INT64_MAX / 4)}};
    });
  });
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
