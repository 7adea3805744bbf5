// Reads what psycopg wrote, and writes what psycopg is to read, with what each value is in words of neither library:
// see values.py, which runs this.

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/types.hpp>

#include "pq/support/chance.hpp"

namespace lakebase::tests::interop_values {

using namespace lakebase::pq;
using namespace std::chrono;
using Instant = sys_time<microseconds>;
using WallClock = local_time<microseconds>;

enum class Mood { sad, very_happy };
[[maybe_unused]] constexpr auto enum_names(Mood) {
  return std::array<std::string_view, 2>{"sad", "very \"happy\", {now}"};
}
[[maybe_unused]] constexpr std::string_view enum_sql(Mood) {
  return "mood";
}
using Pair = std::tuple<std::int64_t, std::optional<std::string>, std::vector<std::optional<Mood>>>;

/// A value and what it is.
template <class T>
struct Told {
  int place = 0;
  std::optional<T> value{};
  std::string said{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("place", &Told::place);
    field("value", &Told::value);
    field("said", &Told::said);
  }
};

namespace {

template <class T>
std::string hex(T const& bytes) {
  std::string digits;
  for (auto const byte : bytes) {
    auto const number = static_cast<unsigned char>(byte);
    digits += "0123456789abcdef"[number / 16];
    digits += "0123456789abcdef"[number % 16];
  }
  return digits;
}
template <class Bits>
std::string hex_of_bits(Bits bits) {
  std::string bytes;
  for (std::size_t i = sizeof bits; i > 0; --i) bytes += static_cast<char>(bits >> (8 * (i - 1)));
  return hex(bytes);
}

std::string say(bool value) {
  return value ? "t" : "f";
}
template <std::integral T>
std::string say(T value) {
  return std::to_string(value);
}
std::string say(float value) {
  return value != value ? "NaN" : hex_of_bits(std::bit_cast<std::uint32_t>(value));
}
std::string say(double value) {
  return value != value ? "NaN" : hex_of_bits(std::bit_cast<std::uint64_t>(value));
}
std::string say(Numeric const& value) {
  return value.text();
}
std::string say(std::string const& value) {
  return hex(value);
}
std::string say(std::vector<std::byte> const& value) {
  return hex(value);
}
std::string say(Uuid const& value) {
  return hex(value.bytes);
}
std::string say(JsonText const& value) {
  return hex(value.text);
}
std::string say(Mood value) {
  return hex(enum_names(value)[static_cast<std::size_t>(value)]);
}
std::string say(sys_days value) {
  return std::to_string(value.time_since_epoch().count());
}
std::string say(Instant value) {
  return std::to_string(value.time_since_epoch().count());
}
std::string say(WallClock value) {
  return std::to_string(value.time_since_epoch().count());
}
std::string say(TimeOfDay value) {
  return std::to_string(value.since_midnight.count());
}
std::string say(Interval const& value) {
  if (value.months != 0) throw std::runtime_error("psycopg writes no months");
  return std::to_string((value.time + days{value.days}).count());
}
// Of types that are made of others.
template <class T>
std::string say(Range<T> const& value);
template <class T>
std::string say(std::vector<T> const& values);
std::string say(Pair const& value);

template <class T>
std::string say(std::optional<T> const& value) {
  return value ? say(*value) : "NULL";
}
template <class T>
std::string say(Range<T> const& value) {
  if (value.empty) return "empty";
  auto const end = [](std::optional<T> const& bound) { return bound ? say(*bound) : std::string{}; };
  return (value.lower && value.lower_inclusive ? "[" : "(") + end(value.lower) + ',' + end(value.upper) +
         (value.upper && value.upper_inclusive ? "]" : ")");
}
template <class T>
std::string say(std::vector<T> const& values) {
  std::string all;
  for (auto const& value : values) all += ',' + say(value);
  return '[' + all.substr(all.empty() ? 0 : 1) + ']';
}
std::string say(Pair const& value) {
  return '(' + say(std::get<0>(value)) + ',' + say(std::get<1>(value)) + ',' + say(std::get<2>(value)) + ')';
}

class Exchange {
 public:
  Exchange(Connection connection, std::size_t number, std::uint64_t seed)
      : chance(seed), connection_(std::move(connection)), number_(number) {}

  template <class T, class Make>
  void both_ways(std::string const& kind, std::string const& type, Make&& make) {
    for (bool const binary : {false, true}) read<T>(kind, binary);
    write<T>(kind, type, make);
  }

  template <class T, class Make>
  std::vector<std::optional<T>> some(Make&& make) {
    std::vector<std::optional<T>> made(chance.bits() % 5);
    for (auto& value : made) {
      if (!chance.one_in(4)) value = make();
    }
    return made;
  }

  round_trip::Chance chance;

 private:
  template <class T>
  void read(std::string const& kind, bool binary) {
    auto const rows = connection_.query<Told<T>>("TABLE psycopg_" + kind, {}, {.binary_results = binary});
    if (static_cast<std::size_t>(rows.size()) != number_) throw std::runtime_error(kind + " was not written");
    for (auto const& [place, value, said] : rows) {
      if (say(value) == said) continue;
      throw std::runtime_error(kind + (binary ? " in binary: " : " as text: ") + say(value) + " instead of " + said);
    }
  }

  // A third each by parameter, COPY and INSERT of arrays.
  template <class T, class Make>
  void write(std::string const& kind, std::string const& type, Make&& make) {
    auto const table = "lakebase_" + kind;
    std::vector<Told<T>> copied, inserted;
    for (std::size_t i = 0; i < number_; ++i) {
      Told<T> row{.place = static_cast<int>(i)};
      if (!chance.one_in(50)) row.value = make();
      row.said = say(row.value);
      if (i % 3 == 0) {
        connection_.exec("INSERT INTO " + table + " VALUES ($1, $2::" + type + ", $3)", Params::of(row));
      } else {
        (i % 3 == 1 ? copied : inserted).push_back(std::move(row));
      }
    }
    connection_.copy_in(table, copied);
    if constexpr (TypeText<T>::sql == "record") {
      connection_.copy_in(table, inserted);
    } else {
      connection_.insert_rows(table, inserted);
    }
  }

  Connection connection_;
  std::size_t number_;
};

void exchange_numbers(Exchange& both) {
  auto& chance = both.chance;
  auto const numeric = [&] {
    if (chance.one_in(50)) return Numeric{"NaN"};
    auto digits = std::to_string(chance.bits() >> chance.bits() % 64) + std::to_string(chance.bits());
    if (digits.front() == '0') digits.front() = '1';
    if (auto const point = chance.bits() % digits.size(); point > 0) digits.insert(point, ".");
    return Numeric{(chance.one_in(2) ? "-" : "") + digits};
  };
  both.both_ways<bool>("bool", "bool", [&] { return chance.one_in(2); });
  both.both_ways<std::int16_t>("int2", "int2", [&] { return chance.integer<std::int16_t>(); });
  both.both_ways<int>("int4", "int4", [&] { return chance.integer<int>(); });
  both.both_ways<std::int64_t>("int8", "int8", [&] { return chance.integer<std::int64_t>(); });
  both.both_ways<Numeric>("numeric", "numeric", numeric);
  both.both_ways<float>("float4", "float4",
                        [&] { return std::bit_cast<float>(static_cast<std::uint32_t>(chance.bits())); });
  auto const number = [&] { return std::bit_cast<double>(chance.bits()); };
  both.both_ways<double>("float8", "float8", number);
  both.both_ways<std::vector<std::optional<int>>>(
      "int4s", "int4[]", [&] { return both.some<int>([&] { return chance.integer<int>(); }); });
  both.both_ways<std::vector<std::optional<Numeric>>>("numerics", "numeric[]",
                                                      [&] { return both.some<Numeric>(numeric); });
  both.both_ways<std::vector<std::vector<double>>>("matrix", "float8[]", [&] {
    return std::vector<std::vector<double>>(chance.bits() % 4, {number(), number()});
  });
}

void exchange_text_and_bytes(Exchange& both) {
  auto& chance = both.chance;
  auto const text = [&] { return chance.text(); };
  both.both_ways<std::string>("text", "text", text);
  both.both_ways<std::vector<std::byte>>("bytea", "bytea", [&] {
    std::vector<std::byte> bytes(chance.bits() % 20);
    for (auto& byte : bytes) byte = static_cast<std::byte>(chance.bits());
    return bytes;
  });
  both.both_ways<Uuid>("uuid", "uuid", [&] {
    Uuid uuid;
    for (auto& byte : uuid.bytes) byte = static_cast<std::byte>(chance.bits());
    return uuid;
  });
  auto const json = [&] { return JsonText{"[" + std::to_string(chance.bits()) + ", {\"ä\": \"{\\\\,\\\"\"}]"}; };
  both.both_ways<JsonText>("json", "json", json);
  both.both_ways<JsonText>("jsonb", "jsonb", json);
  both.both_ways<std::vector<std::optional<std::string>>>("texts", "text[]",
                                                          [&] { return both.some<std::string>(text); });
  auto const mood = [&] { return chance.one_in(2) ? Mood::sad : Mood::very_happy; };
  both.both_ways<Mood>("mood", "mood", mood);
  both.both_ways<std::vector<std::optional<Mood>>>("moods", "mood[]", [&] { return both.some<Mood>(mood); });
  both.both_ways<Pair>("pair", "pair", [&] {
    return Pair{chance.integer<std::int64_t>(), chance.one_in(3) ? std::nullopt : std::optional{text()},
                both.some<Mood>(mood)};
  });
}

// Python's years are 1 to 9999.
void exchange_times(Exchange& both) {
  auto& chance = both.chance;
  auto const time = [&] {
    return microseconds{chance.integer<std::int64_t>(-62'135'596'800'000'000, 253'402'300'799'999'999)};
  };
  auto const instant = [&] { return Instant{time()}; };
  both.both_ways<Instant>("timestamptz", "timestamptz", instant);
  both.both_ways<WallClock>("timestamp", "timestamp", [&] { return WallClock{time()}; });
  both.both_ways<sys_days>("date", "date", [&] { return floor<days>(instant()); });
  both.both_ways<TimeOfDay>("time", "time", [&] {
    return TimeOfDay{.since_midnight = microseconds{chance.integer<std::int64_t>(0, 86'399'999'999)}};
  });
  both.both_ways<Interval>("interval", "interval", [&] {
    return Interval{.days = chance.integer<int>(-1'000'000, 1'000'000),
                    .time = microseconds{chance.integer<std::int64_t>(-1LL << 55, 1LL << 55)}};
  });
  both.both_ways<std::vector<std::optional<Instant>>>("moments", "timestamptz[]",
                                                      [&] { return both.some<Instant>(instant); });
}

void exchange_ranges(Exchange& both) {
  auto& chance = both.chance;
  auto const span = [&]<class T>(T lower, T upper, bool all_bounds = false) {
    Range<T> made{.lower = lower, .upper = upper};
    if (chance.one_in(20)) return Range<T>{.empty = true};
    if (all_bounds) made.lower_inclusive = chance.one_in(2);
    if (all_bounds) made.upper_inclusive = chance.one_in(2);
    if (chance.one_in(5)) made.lower.reset();
    if (chance.one_in(5)) made.upper.reset();
    return made;
  };
  auto const below = [&] { return chance.integer<std::int64_t>(-1LL << 50, -1); };
  auto const above = [&] { return chance.integer<std::int64_t>(1, 1LL << 50); };
  auto const int8range = [&] { return span(below(), above()); };
  both.both_ways<Range<int>>("int4range", "int4range", [&] { return span(-7, static_cast<int>(above() % 1000)); });
  both.both_ways<Range<std::int64_t>>("int8range", "int8range", int8range);
  both.both_ways<Range<Numeric>>("numrange", "numrange", [&] {
    return span(Numeric{std::to_string(below())}, Numeric{std::to_string(above())}, true);
  });
  both.both_ways<Range<sys_days>>("daterange", "daterange", [&] {
    return span(sys_days{days{below() % 100'000 - 1}}, sys_days{days{above() % 100'000}});
  });
  both.both_ways<Range<WallClock>>("tsrange", "tsrange", [&] {
    return span(WallClock{microseconds{below()}}, WallClock{microseconds{above()}}, true);
  });
  both.both_ways<Range<Instant>>("tstzrange", "tstzrange", [&] {
    return span(Instant{microseconds{below()}}, Instant{microseconds{above()}}, true);
  });
  both.both_ways<std::vector<std::optional<Range<std::int64_t>>>>(
      "int8ranges", "int8range[]", [&] { return both.some<Range<std::int64_t>>(int8range); });
}

std::string variable(char const* name) {
  auto const* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string{name} + " is not set");
  return value;
}

Connection connect_by_variables() {
  ConnectionSource source;
  source.parameters.host = variable("PGHOST");
  source.parameters.port = static_cast<std::uint16_t>(std::stoi(variable("PGPORT")));
  source.parameters.user = variable("PGUSER");
  source.parameters.dbname = variable("PGDATABASE");
  source.parameters.sslrootcert = variable("PGSSLROOTCERT");
  source.credentials = make_password_credentials(variable("PGPASSWORD"));
  return connect(source);
}

}  // namespace
}  // namespace lakebase::tests::interop_values

int main(int argc, char** argv) try {
  using namespace lakebase::tests::interop_values;
  if (argc != 3) throw std::runtime_error("values NUMBER SEED");
  Exchange both{connect_by_variables(), std::stoul(argv[1]), std::stoull(argv[2])};
  exchange_numbers(both);
  exchange_text_and_bytes(both);
  exchange_times(both);
  exchange_ranges(both);
  return 0;
} catch (std::exception const& error) {
  std::cerr << "values: " << error.what() << '\n';
  return 1;
}
