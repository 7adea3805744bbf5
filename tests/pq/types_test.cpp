// What each C++ type is written as and read from, without a server.

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/postgres/endpoint.hpp>
#include <lakebase/pq/param.hpp>
#include <lakebase/pq/result.hpp>
#include <lakebase/pq/types.hpp>

namespace lakebase::tests::types {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using namespace std::string_view_literals;
using ::testing::HasSubstr;

struct Money {
  std::int64_t cents = 0;
  friend bool operator==(Money const&, Money const&) = default;
};

enum class Mood { sad, happy };
[[maybe_unused]] constexpr auto enum_names(Mood) {
  return std::array<std::string_view, 2>{"sad", "very happy"};
}
[[maybe_unused]] constexpr std::string_view enum_sql(Mood) {
  return "mood";
}

struct Unknown {};

}  // namespace lakebase::tests::types

template <>
struct lakebase::pq::TypeText<lakebase::tests::types::Money> {
  static constexpr std::string_view name = "Money";
  static constexpr std::string_view sql = "numeric";
  static tests::types::Money read(std::string_view text) {
    auto const point = text.find('.');
    if (point == std::string_view::npos || text.size() != point + 3) bad_text("it has no cents");
    return {TypeText<std::int64_t>::read(std::string{text.substr(0, point)} + std::string{text.substr(point + 1)})};
  }
  static void write(tests::types::Money const& value, std::string& text) {
    if (value.cents < 0) bad_value("a debt");
    text += std::to_string(value.cents / 100) + '.' + std::to_string(value.cents % 100 + 100).substr(1);
  }
};

namespace lakebase::tests::types {
namespace {

template <class T>
T read(std::string_view text) {
  return Field{text, false}.as<T>();
}

template <class T>
std::string written(T const& value) {
  std::string text = "before ";
  TypeText<T>::write(value, text);
  EXPECT_TRUE(text.starts_with("before "));
  return text.substr(7);
}

// Why a text is not read; what() names the type.
template <class T>
std::string refusal(std::string_view text) {
  try {
    static_cast<void>(read<T>(text));
  } catch (ParseError const& error) {
    EXPECT_THAT(error.what(), HasSubstr(std::string{TypeText<T>::name}));
    return error.what();
  }
  return "read";
}

template <class T>
void round_trip(T const& value) {
  auto const text = written(value);
  EXPECT_EQ(read<T>(text), value) << text;
}

static_assert(Readable<std::vector<std::optional<int>>> && Writable<std::vector<std::optional<int>>>);
static_assert(!Readable<std::vector<std::string_view>> && Writable<std::vector<std::string_view>>);
static_assert(!Readable<std::vector<Unknown>> && !Writable<std::vector<Unknown>>);
static_assert(!Readable<std::vector<std::optional<std::vector<int>>>>);
static_assert(!Readable<std::variant<int, std::string>> && !Readable<char> && !Readable<Unknown>);
static_assert(TypeText<std::vector<std::vector<int>>>::sql == "int4[]");
static_assert(TypeText<std::vector<std::optional<int>>>::name == "std::vector<std::optional<int>>");
static_assert(TypeText<std::uint8_t>::sql == "int2" && TypeText<std::uint16_t>::sql == "int4");
static_assert(TypeText<std::uint32_t>::sql == "int8" && TypeText<std::uint64_t>::sql == "numeric");
static_assert(TypeText<Mood>::sql == "mood" && TypeText<Enum<postgres::EndpointType>>::sql == "text");

TEST(TypeText, OfNumbersIsExact) {
  round_trip(std::numeric_limits<std::int64_t>::min());
  round_trip(std::numeric_limits<std::uint64_t>::max());
  round_trip(std::int8_t{-128});
  round_trip(0.1F);
  round_trip(std::numeric_limits<double>::denorm_min());
  round_trip(std::numeric_limits<double>::max());
  round_trip(std::numeric_limits<long double>::epsilon());
  round_trip(-0.0);
  EXPECT_TRUE(std::signbit(read<double>("-0")));
  for (double const value : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    round_trip(value);
  }
  EXPECT_EQ(written(std::nan("")), "NaN");
  EXPECT_EQ(written(-std::nan("")), "NaN") << "PostgreSQL knows no other";
  EXPECT_TRUE(std::isnan(read<double>("NaN")));
  EXPECT_EQ(read<double>("-Infinity"), -std::numeric_limits<double>::infinity());
}

TEST(TypeText, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(refusal<int>("2147483648"), HasSubstr("cannot be read as int: it is out of range"));
  EXPECT_THAT(refusal<std::int64_t>("NaN"), HasSubstr("cannot be read as long"));
  EXPECT_THAT(refusal<unsigned>("-1"), HasSubstr("unsigned: it is out of range"));
  EXPECT_THAT(refusal<int>("-1.50"), HasSubstr("int: it is no whole number"));
  for (auto const text : {"", "-", "x", "1x", "1.x", ".", "--1"}) {
    EXPECT_TRUE(refusal<unsigned>(text).ends_with("cannot be read as unsigned")) << text;
  }
  EXPECT_THAT(refusal<double>("1e999"), HasSubstr("out of range"));
  for (auto const text : {"", " 1", "1 ", "1.5", "+1", "0x10"}) EXPECT_NE(refusal<int>(text), "read") << text;
  EXPECT_NE(refusal<bool>("yes"), "read");
}

TEST(TypeText, IsTheOnePlaceToTeachAType) {
  EXPECT_EQ(read<Money>("12.34"), Money{1234});
  EXPECT_EQ(read<std::vector<Money>>("{1.00,2.50}"), (std::vector{Money{100}, Money{250}}));
  EXPECT_EQ(written(std::vector<std::optional<Money>>{Money{5}, std::nullopt}), "{0.05,NULL}");
  EXPECT_EQ(read<Range<Money>>("[1.00,2.00)"), (Range<Money>{.lower = Money{100}, .upper = Money{200}}));
  EXPECT_EQ(Param{Money{1234}}.text(), "12.34");
  EXPECT_EQ(Param{Money{-1}}.refusal(), "a debt");
  EXPECT_THAT(refusal<Money>("12"), HasSubstr("Money: it has no cents"));
  EXPECT_THAT(refusal<std::vector<Money>>("{1.00,2}"), HasSubstr("at value 2, it has no cents"));
}

TEST(TypeText, OfArraysQuotesWhatNeedsIt) {
  std::vector<std::string> const values{"a", "", "null", "NULL", "a b", "{", "},", "\"", "\\", "ä\n", "a,b"};
  EXPECT_EQ(written(values), R"({a,"","null","NULL","a b","{","},","\"","\\","ä)"
                             "\n"
                             R"(","a,b"})");
  round_trip(values);
  round_trip(std::vector<std::optional<std::string>>{"NULL", std::nullopt, ""});
  round_trip(std::vector<bool>{true, false});
  round_trip(std::vector<std::vector<int>>{{1, 2}, {3, 4}, {5, 6}});
  round_trip(std::vector<std::vector<std::vector<std::optional<int>>>>{{{1}, {std::nullopt}}, {{3}, {4}}});
  round_trip(std::vector<std::vector<std::byte>>{{}, {std::byte{0}, std::byte{255}}});
  round_trip(std::vector<int>{});
  EXPECT_EQ(written(std::vector<std::vector<int>>{{}, {}}), "{}");
  EXPECT_EQ((read<std::vector<std::vector<int>>>("{}")), (std::vector<std::vector<int>>{}));
  EXPECT_EQ(read<std::vector<int>>("[0:1]={1,2}"), (std::vector{1, 2}));
  EXPECT_EQ((read<std::vector<std::vector<int>>>("[-1:0][2:3]={{1,2},{3,4}}")),
            (std::vector<std::vector<int>>{{1, 2}, {3, 4}}));
  EXPECT_EQ(written(Array{std::array{1, 2}}), "{1,2}");
  EXPECT_EQ((Param{Array{{1, 2, 3}}}.text()), "{1,2,3}");
  EXPECT_EQ(written(std::vector<char const*>{"x", nullptr}), "{x,NULL}");
}

TEST(TypeText, OfArraysRefusesWhatIsNone) {
  using Flat = std::vector<int>;
  using Deep = std::vector<std::vector<int>>;
  for (auto const text :
       {"",       "{",        "}", "{1",    "{1,",    "{1,}",      "{,1}",  "{1}x", "{1}}", "{\"1}",
        "{\"1\\", "{1\"2\"}", "1", "[0:1]", "[0:1]=", "[0:x]={1}", "{1 2}", "{{1}", "{}{",  "{1}{2}"}) {
    EXPECT_NE(refusal<Flat>(text), "read") << text;
    EXPECT_NE(refusal<Deep>(text), "read") << text;
  }
  EXPECT_THAT(refusal<Flat>("{1,NULL}"), HasSubstr("at value 2, it has a NULL inside"));
  EXPECT_THAT(refusal<Flat>("{{1}}"), HasSubstr("more dimensions"));
  EXPECT_THAT(refusal<Deep>("{1}"), HasSubstr("fewer dimensions"));
  EXPECT_THAT(refusal<Deep>("{{1},{2,3}}"), HasSubstr("ragged"));
  EXPECT_THAT(Param{(Deep{{1}, {2, 3}})}.refusal(), HasSubstr("ragged"));
  using Deeper = std::vector<Deep>;
  EXPECT_THAT(Param{(Deeper{{{1}}, {{2, 3}}})}.refusal(), HasSubstr("ragged")) << "in another row of rows";
  EXPECT_THAT(Param{(Deeper{{{}}, {{1}}})}.refusal(), HasSubstr("ragged"));
  EXPECT_EQ(Param{(Deeper{{{1, 2}}, {{3, 4}}})}.text(), "{{{1,2}},{{3,4}}}");
  EXPECT_EQ(Param{(Deep{{1}, {2, 3}})}.text(), "");
}

TEST(TypeText, OfBytesReadsBothForms) {
  std::vector<std::byte> const bytes{std::byte{0}, std::byte{'\\'}, std::byte{'a'}, std::byte{0xff}};
  EXPECT_EQ(written(bytes), "\\x005c61ff");
  EXPECT_EQ(read<std::vector<std::byte>>("\\x005C61fF"), bytes);
  EXPECT_EQ(read<std::vector<std::byte>>("\\000\\\\a\\377"), bytes);
  EXPECT_EQ(read<std::vector<std::byte>>("\\x"), std::vector<std::byte>{});
  for (auto const text : {"\\x0", "\\xzz", "\\", "\\40", "\\400", "\\8"}) {
    EXPECT_NE(refusal<std::vector<std::byte>>(text), "read") << text;
  }
  Param const param{std::span<std::byte const>{bytes}};
  EXPECT_TRUE(param.is_binary());
  EXPECT_EQ(param.oid(), 17U);
  EXPECT_EQ(param.text(), "\0\\a\xff"sv);
  EXPECT_EQ(written(Bytes{"\x01"}), "\\x01");
}

TEST(TypeText, OfUuids) {
  auto const text = "9b2f6a0e-3c41-4d7a-8e55-0f1c2d3e4b5a";
  EXPECT_EQ(Uuid::parse(text).to_string(), text);
  EXPECT_EQ(Uuid::parse("9B2F6A0E-3C41-4D7A-8E55-0F1C2D3E4B5A"), read<Uuid>(text));
  EXPECT_EQ(written(Uuid{}), "00000000-0000-0000-0000-000000000000");
  for (auto const wrong : {"", "9b2f6a0e3c414d7a8e550f1c2d3e4b5a", "9b2f6a0e-3c41-4d7a-8e55-0f1c2d3e4b5g",
                           "9b2f6a0e-3c41-4d7a-8e550-f1c2d3e4b5a"}) {
    EXPECT_NE(refusal<Uuid>(wrong), "read") << wrong;
  }
}

TEST(TypeText, OfNumericsKeepsEachDigit) {
  for (auto const text : {"0", "-0.00", "12345678901234567890123456789.000000001", "1e10", "NaN", "-Infinity", ".5"}) {
    EXPECT_EQ(read<Numeric>(text).text(), text);
  }
  for (auto const text : {"", "-", ".", "1e", "e5", "1,5", "nan", "1 "}) {
    EXPECT_NE(refusal<Numeric>(text), "read") << text;
    EXPECT_THROW(Numeric{text}, InvalidArgument);
  }
}

TEST(TypeText, OfTimesTellsInfinityZonesAndUnits) {
  using Micros = std::chrono::sys_time<std::chrono::microseconds>;
  using Nanos = std::chrono::sys_time<std::chrono::nanoseconds>;
  using Local = std::chrono::local_time<std::chrono::microseconds>;
  auto const time = Micros{1'700'000'000'123'456us};
  EXPECT_EQ(written(time), "2023-11-14 22:13:20.123456+00");
  for (auto const text : {"2023-11-14 22:13:20.123456+00", "2023-11-15 03:43:20.123456+05:30",
                          "2023-11-14 18:58:20.123456-03:15", "2023-11-14 22:32:52.123456+00:19:32"}) {
    EXPECT_EQ(read<Micros>(text), time) << text;
  }
  EXPECT_EQ(read<Timestamp>("2023-11-14 22:13:20.5+00"), Timestamp::of(1'700'000'000, 500'000'000));
  EXPECT_EQ(read<Micros>("0001-01-01 00:00:00+00 BC") - read<Micros>("0001-01-01 00:00:00+00"), -24h * 366);
  round_trip(Micros{-210'866'803'200'000'000us});  // 4714-11-24 BC
  round_trip(Micros{9'223'371'999'999'999'999us});
  EXPECT_THAT(refusal<Micros>("294276-12-31 23:59:59.999999+00"), HasSubstr("its year does not fit"));
  EXPECT_THAT(refusal<Micros>("9999999-12-31 23:59:59+00 BC"), HasSubstr("its year does not fit"));
  round_trip(Local{-1us});
  EXPECT_EQ(written(Local{-1us}), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(written(Nanos{1ns}), "1970-01-01 00:00:00.000000001+00") << "PostgreSQL rounds";
  EXPECT_EQ(read<std::chrono::sys_seconds>("1970-01-01 00:00:01+00"), std::chrono::sys_seconds{1s});

  EXPECT_THAT(refusal<std::chrono::sys_seconds>("1970-01-01 00:00:01.5+00"), HasSubstr("finer"));
  EXPECT_THAT(refusal<Micros>("infinity"), HasSubstr("it is infinite: read OrInfinity"));
  EXPECT_THAT(refusal<Timestamp>("-infinity"), HasSubstr("infinite"));
  EXPECT_THAT(refusal<Timestamp>("0044-03-15 00:00:00+00 BC"), HasSubstr("BC"));
  EXPECT_THAT(refusal<Timestamp>("10000-01-01 00:00:00+00"), HasSubstr("9999"));
  EXPECT_THAT(refusal<Nanos>("2263-01-01 00:00:00+00"), HasSubstr("out of the type's range"));
  EXPECT_THAT(refusal<Micros>("2023-11-14 22:13:20"), HasSubstr("no time zone"));
  EXPECT_THAT(refusal<Local>("2023-11-14 22:13:20+00"), HasSubstr("has a time zone"));
  for (auto const text : {"", "2023", "2023-02-29 00:00:00+00", "2023-00-01 00:00:00+00", "2023-01-01 24:00:01+00",
                          "2023-01-01 00:60:00+00", "2023-01-01 00:00:00.+00", "2023-01-01 00:00:00.1234567+00",
                          "2023-01-01 00:00:00+0", "2023-01-01 00:00:00+00 AD", "14/11/2023 00:00:00+00"}) {
    EXPECT_NE(refusal<Micros>(text), "read") << text;
  }
  EXPECT_THAT((Param{std::chrono::sys_time<std::chrono::hours>{std::chrono::hours::max()}}.refusal()),
              HasSubstr("PostgreSQL does not reach"));
  EXPECT_THAT((Param{std::chrono::sys_seconds{9'224'318'016'000s}}.refusal()), HasSubstr("year"));

  using Ever = OrInfinity<Micros>;
  EXPECT_EQ(read<Ever>("infinity").infinity, Infinity::after);
  EXPECT_EQ(read<Ever>("-infinity").infinity, Infinity::before);
  EXPECT_EQ(read<Ever>("1970-01-01 00:00:00+00"), Ever{});
  EXPECT_EQ(written(Ever{.infinity = Infinity::before}), "-infinity");
}

TEST(TypeText, OfDates) {
  using namespace std::chrono;
  EXPECT_EQ(written(2024y / 2 / 29), "2024-02-29");
  EXPECT_EQ(written(year{-43} / 3 / 15), "0044-03-15 BC");
  EXPECT_EQ(read<year_month_day>("0044-03-15 BC"), year{-43} / 3 / 15);
  EXPECT_EQ(read<year_month_day>("0001-02-29 BC"), year{0} / 2 / 29);
  EXPECT_EQ(written(year{0} / 1 / 1), "0001-01-01 BC");
  EXPECT_EQ(read<year_month_day>("32767-12-31"), year{32767} / 12 / 31);
  EXPECT_THAT(refusal<year_month_day>("32768-01-01"), HasSubstr("its year does not fit"));
  EXPECT_THAT(refusal<year_month_day>("infinity"), HasSubstr("infinite"));
  EXPECT_EQ(read<sys_days>("1970-01-02"), sys_days{days{1}});
  EXPECT_EQ(read<local_days>("1969-12-31"), local_days{days{-1}});
  round_trip(read<sys_days>("5874897-12-31"));
  EXPECT_EQ(Param{2023y / 2 / 29}.refusal(), "a date that no calendar has");
  EXPECT_NE(refusal<year_month_day>("2023-02-29"), "read");
  EXPECT_THAT(refusal<year_month_day>("2023-02-28 00:00:00"), HasSubstr("more than a date"));
  for (std::int64_t day = -800'000; day < 800'000; day += 997) round_trip(sys_days{days{day}});
}

TEST(TypeText, OfTimesOfDay) {
  EXPECT_EQ(written(TimeOfDay{.since_midnight = 4h + 5min + 6s + 7us}), "04:05:06.000007");
  round_trip(TimeOfDay{.since_midnight = 24h});
  EXPECT_EQ(read<TimeOfDay>("23:59:59.9"), (TimeOfDay{.since_midnight = 24h - 100ms}));
  EXPECT_THAT(refusal<TimeOfDay>("04:05:06+01"), HasSubstr("time zone"));
  EXPECT_NE(refusal<TimeOfDay>("24:00:00.000001"), "read");
  EXPECT_THAT(Param{TimeOfDay{.since_midnight = -1us}}.refusal(), HasSubstr("outside of a day"));
}

TEST(TypeText, OfIntervals) {
  Interval const all{.months = 14, .days = -3, .time = 4h + 5min + 6s + 789us};
  EXPECT_EQ(read<Interval>("1 year 2 mons -3 days +04:05:06.000789"), all);
  EXPECT_EQ(read<Interval>("P1Y2M-3DT4H5M6.000789S"), all);
  EXPECT_EQ(written(all), "+14 mons -3 days +04:05:06.000789");
  round_trip(all);
  round_trip(Interval{.months = INT32_MIN, .days = INT32_MAX, .time = std::chrono::microseconds::min()});
  round_trip(Interval{.months = INT32_MAX, .days = INT32_MIN, .time = std::chrono::microseconds::max()});
  EXPECT_EQ(read<Interval>("00:00:00"), Interval{});
  EXPECT_EQ(read<Interval>("-00:00:00.5").time, -500ms);
  EXPECT_EQ(read<Interval>("PT-0.5S").time, -500ms);
  EXPECT_THAT(refusal<Interval>("infinity"), HasSubstr("infinite"));
  EXPECT_THAT(refusal<Interval>("@ 1 day ago"), HasSubstr("SET IntervalStyle = postgres"));
  EXPECT_THAT(refusal<Interval>("+1-2 -3 +4:05:06"), HasSubstr("SET IntervalStyle = postgres"));
  for (auto const text : {"", "P", "PT", "P1", "1", "1 day ", "1 fortnight", "01:02", "01:60:00", "P1S", "PT1Y",
                          "PT1.5H", "99999999999 days", "9999999999999999999:00:00", "-"}) {
    EXPECT_NE(refusal<Interval>(text), "read") << text;
  }
}

TEST(TypeText, OfDurationsIsExactOrAnError) {
  EXPECT_EQ(read<std::chrono::seconds>("1 day 00:00:01"), 24h + 1s);
  EXPECT_EQ(read<std::chrono::hours>("-25:00:00"), -25h);
  EXPECT_EQ(read<Duration>("-00:00:01.5"), Duration{-1500ms});
  EXPECT_THAT(refusal<std::chrono::seconds>("1 mon"), HasSubstr("months"));
  EXPECT_THAT(refusal<std::chrono::hours>("00:30:00"), HasSubstr("finer"));
  EXPECT_THAT(refusal<std::chrono::nanoseconds>("106752 days"), HasSubstr("range"));
  EXPECT_THAT(refusal<std::chrono::microseconds>("2147483647 days"), HasSubstr("range"));
  EXPECT_EQ(written(168h), "+168:00:00");
  EXPECT_EQ(written(-1ns), "-00:00:00.000000001");
  EXPECT_EQ(written(-1500ms), "-00:00:01.500000");
  EXPECT_EQ(written(Duration{-1500ms}), "-00:00:01.500000");
  round_trip(std::chrono::microseconds{-1});
  EXPECT_THAT(Param{std::chrono::hours::max()}.refusal(), HasSubstr("does not reach"));
}

TEST(TypeText, OfJson) {
  EXPECT_EQ(read<JsonText>(R"({"a": 1})"), (JsonText{R"({"a": 1})"}));
  EXPECT_EQ(Param{JsonText{"1"}}.text(), "1");
  EXPECT_THAT(Param{JsonText{}}.refusal(), HasSubstr("JsonText"));
  postgres::EndpointSpec const spec{.autoscaling_limit_max_cu = 2.5};
  EXPECT_EQ(written(Json{spec}), to_json(spec));
  EXPECT_EQ(read<Json<postgres::EndpointSpec>>(to_json(spec)).value, spec);
  EXPECT_NE(refusal<Json<postgres::EndpointSpec>>("{"), "read");
}

TEST(TypeText, OfEnumsIsTheirName) {
  EXPECT_EQ(read<Mood>("very happy"), Mood::happy);
  EXPECT_EQ(written(std::vector{Mood::sad, Mood::happy}), R"({sad,"very happy"})");
  EXPECT_THAT(refusal<Mood>("grumpy"), HasSubstr("no enumerator of that name"));
  EXPECT_THAT(Param{static_cast<Mood>(7)}.refusal(), HasSubstr("no name"));
  auto const kept = read<Enum<postgres::EndpointType>>("NEW_TYPE");
  EXPECT_EQ(kept.wire(), "NEW_TYPE");
}

TEST(TypeText, OfRanges) {
  using Ints = Range<int>;
  EXPECT_EQ(read<Ints>("[1,5)"), (Ints{.lower = 1, .upper = 5}));
  EXPECT_EQ(read<Ints>("(,5]"), (Ints{.upper = 5, .upper_inclusive = true}));
  EXPECT_EQ(read<Ints>("empty"), (Ints{.empty = true}));
  EXPECT_EQ(read<Ints>("(,)"), Ints{});
  EXPECT_EQ(written(Ints{.lower = 1, .upper_inclusive = true}), "[1,)");
  EXPECT_EQ(written(Ints{.empty = true}), "empty");
  using Times = Range<std::chrono::sys_seconds>;
  auto const text = R"(["1970-01-01 00:00:00+00","1970-01-01 00:00:01+00"])";
  EXPECT_EQ(
      read<Times>(text),
      (Times{.lower = std::chrono::sys_seconds{0s}, .upper = std::chrono::sys_seconds{1s}, .upper_inclusive = true}));
  EXPECT_EQ(written(read<Times>(text)), text);
  round_trip(std::vector{read<Times>(text), Times{.empty = true}});
  for (auto const wrong : {"", "[", "[1", "[1,", "[1,2", "1,2)", "[1,2)x", "[1,2,3)", "[\"1,2)", "[x,2)"}) {
    EXPECT_NE(refusal<Ints>(wrong), "read") << wrong;
  }
}

TEST(TypeText, OfRowsIsATuple) {
  using Row = std::tuple<int, std::optional<std::string>, std::vector<int>>;
  EXPECT_EQ((read<Row>(R"((1,"a ""b"" \\","{1,2}"))")), (Row{1, "a \"b\" \\", {1, 2}}));
  EXPECT_EQ(std::get<1>(read<Row>("(1,,{})")), std::nullopt);
  EXPECT_EQ(std::get<1>(read<Row>("(1,\"\",{})")), "");
  round_trip(Row{-1, "(,)\"\\", {3}});
  round_trip(Row{-1, "", {}});
  round_trip(std::vector<Row>{Row{1, std::nullopt, {}}, Row{2, "x y", {4, 5}}});
  EXPECT_THAT(refusal<Row>("(,a,{})"), HasSubstr("NULL inside"));
  EXPECT_THAT(refusal<Row>("(1,a)"), HasSubstr("fewer parts"));
  EXPECT_THAT(refusal<Row>("(1,a,{},4)"), HasSubstr("more parts"));
  EXPECT_EQ((read<std::tuple<std::optional<int>>>("()")), (std::tuple<std::optional<int>>{}));
  for (auto const wrong : {"", "(", "(1", "(1,", "(1,\"", "1,a,{}", "(1,a,{})x"}) {
    EXPECT_NE(refusal<Row>(wrong), "read") << wrong;
  }
}

}  // namespace
}  // namespace lakebase::tests::types
