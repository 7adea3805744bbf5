// Values in PostgreSQL's binary formats, without a server.

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/pq/field.hpp>
#include <lakebase/pq/types.hpp>

namespace lakebase::tests::binary_values {

enum class Mood { sad, happy };
[[maybe_unused]] constexpr auto enum_names(Mood) {
  return std::array<std::string_view, 2>{"sad", "happy"};
}

namespace {

using namespace lakebase::pq;
using namespace std::string_view_literals;
using ::testing::HasSubstr;

std::string of(std::initializer_list<std::string_view> parts) {
  std::string bytes;
  for (auto const part : parts) bytes += part;
  return bytes;
}

template <class T>
T read(unsigned oid, std::string_view bytes) {
  return pq::detail::read_binary<T>(oid, bytes);
}

template <class T>
std::string reason_of(unsigned oid, std::string_view bytes) {
  try {
    static_cast<void>(read<T>(oid, bytes));
  } catch (BadText const& error) {
    return error.reason();
  }
  return "read";
}

std::string text_of(unsigned oid, std::string_view bytes) {
  try {
    return pq::detail::text_of_binary(oid, bytes);
  } catch (BadText const& error) {
    return "bad: " + error.reason();
  }
}

constexpr auto int4_one = "\0\0\0\1"sv;
constexpr auto int4_two = "\0\0\0\2"sv;
constexpr auto four = "\0\0\0\4"sv;
constexpr auto null = "\xff\xff\xff\xff"sv;
constexpr auto int4 = "\0\0\0\x17"sv;
constexpr auto zero = "\0\0\0\0"sv;

TEST(BinaryValue, NumbersAreReadAsTheirType) {
  EXPECT_EQ(read<int>(23, null), -1);
  EXPECT_EQ(read<std::int64_t>(21, "\x80\0"sv), -32768);
  EXPECT_EQ(read<unsigned>(26, null), 4294967295U);
  EXPECT_EQ(read<double>(701, "\x3f\xb9\x99\x99\x99\x99\x99\x9a"sv), 0.1);
  EXPECT_EQ(read<long double>(701, "\x3f\xb9\x99\x99\x99\x99\x99\x9a"sv), 0.1L) << "as its text would be";
  EXPECT_EQ(read<double>(700, "\x3d\xcc\xcc\xcd"sv), 0.1) << "as its text, 0.1, would be";
  EXPECT_EQ(read<std::string>(23, four), "4");
  EXPECT_EQ(read<bool>(16, "\1"sv), true);
  EXPECT_THROW(read<std::uint8_t>(23, null), BadText);
  EXPECT_THROW(read<int>(23, "\0\0\0"sv), BadText);
  EXPECT_THROW(read<int>(23, "\0\0\0\0\0"sv), BadText);
  EXPECT_THROW(read<std::string_view>(23, four), BadText);
  EXPECT_EQ(read<std::string_view>(25, "text"), "text");
  EXPECT_EQ(read<std::string>(3802, "\1{}"), "{}");
  EXPECT_THROW(read<std::string>(3802, "\2{}"), BadText);
}

TEST(BinaryValue, NumericsAreTheirDigits) {
  auto const numeric = [](std::string_view count, std::string_view weight, std::string_view sign,
                          std::string_view scale, std::string_view digits) {
    return of({count, weight, sign, scale, digits});
  };
  EXPECT_EQ(text_of(1700, numeric("\0\1"sv, "\0\0"sv, "\0\0"sv, "\0\0"sv, "\0\x2a"sv)), "42");
  EXPECT_EQ(text_of(1700, numeric("\0\2"sv, "\0\0"sv, "\x40\0"sv, "\0\2"sv, "\0\1\x13\x88"sv)), "-1.50");
  EXPECT_EQ(text_of(1700, numeric("\0\1"sv, "\xff\xfe"sv, "\0\0"sv, "\0\x08"sv, "\0\1"sv)), "0.00000001");
  EXPECT_EQ(text_of(1700, numeric("\0\1"sv, "\xff\xff"sv, "\0\0"sv, "\0\2"sv, "\x01\xf4"sv)), "0.05");
  EXPECT_EQ(text_of(1700, numeric("\0\1"sv, "\0\2"sv, "\0\0"sv, "\0\1"sv, "\0\1"sv)), "100000000.0");
  EXPECT_EQ(text_of(1700, numeric("\0\0"sv, "\0\0"sv, "\0\0"sv, "\0\2"sv, "")), "0.00");
  EXPECT_EQ(text_of(1700, numeric("\0\0"sv, "\0\0"sv, "\xc0\0"sv, "\0\0"sv, "")), "NaN");
  EXPECT_EQ(text_of(1700, numeric("\0\0"sv, "\0\0"sv, "\xf0\0"sv, "\0\0"sv, "")), "-Infinity");
  EXPECT_THAT(text_of(1700, numeric("\0\2"sv, "\0\0"sv, "\0\0"sv, "\0\0"sv, "\0\1"sv)), HasSubstr("bad: "));
  EXPECT_THAT(text_of(1700, numeric("\0\1"sv, "\0\0"sv, "\0\0"sv, "\0\0"sv, "\x27\x10"sv)), HasSubstr("bad: "));
}

TEST(BinaryValue, TimesCountFrom2000) {
  constexpr auto second = "\0\0\0\0\0\x0f\x42\x40"sv;
  constexpr auto never = "\x7f\xff\xff\xff\xff\xff\xff\xff"sv;
  EXPECT_EQ(text_of(1184, second), "2000-01-01 00:00:01+00");
  EXPECT_EQ(text_of(1114, second), "2000-01-01 00:00:01");
  EXPECT_EQ(text_of(1083, second), "00:00:01");
  EXPECT_EQ(text_of(1082, null), "1999-12-31");
  EXPECT_EQ(text_of(1184, never), "infinity");
  EXPECT_EQ(text_of(1082, "\x80\0\0\0"sv), "-infinity");
  EXPECT_EQ(text_of(1186, of({second, null, int4_two})), "+2 mons -1 days +00:00:01");
  EXPECT_EQ(read<std::chrono::sys_seconds>(1184, second), std::chrono::sys_seconds{std::chrono::seconds{946'684'801}});
  EXPECT_THROW(read<std::chrono::sys_seconds>(1184, never), BadText);
  EXPECT_THROW(read<std::chrono::sys_seconds>(1114, second), BadText) << "it has no time zone";
  EXPECT_EQ(read<OrInfinity<std::chrono::sys_seconds>>(1184, never).infinity, Infinity::after);
  EXPECT_THAT(text_of(1184, "\x7f\xff\xff\xff\xff\xff\xff\xfe"sv), HasSubstr("bad: it is out of range"));
}

TEST(BinaryValue, ArraysRangesAndRowsAreReadAsTheirText) {
  auto const numbers = of({int4_one, zero, int4, int4_two, zero, four, int4_one, null});
  EXPECT_EQ(text_of(1007, numbers), "[0:1]={1,NULL}");
  EXPECT_EQ(read<std::vector<std::optional<int>>>(1007, numbers), (std::vector<std::optional<int>>{1, std::nullopt}));
  EXPECT_THROW(read<std::vector<int>>(1007, numbers), BadText);
  auto const square =
      of({int4_two, zero, int4, int4_one, int4_one, int4_two, int4_one, four, int4_one, four, int4_two});
  EXPECT_EQ(text_of(1007, square), "{{1,2}}");
  EXPECT_EQ(read<std::vector<std::vector<int>>>(1007, square), (std::vector<std::vector<int>>{{1, 2}}));
  EXPECT_EQ(text_of(1007, of({zero, zero, int4})), "{}");
  EXPECT_EQ(text_of(3904, of({"\2"sv, four, int4_one, four, int4_two})), "[1,2)");
  EXPECT_EQ(text_of(3904, "\1"sv), "empty");
  EXPECT_EQ(text_of(3904, of({"\x0c"sv, four, int4_two})), "(,2]");
  EXPECT_EQ(text_of(2249, of({int4_two, int4, four, int4_one, "\0\0\0\x19"sv, null})), "(1,)");
  EXPECT_EQ((read<std::tuple<int, std::optional<std::string>>>(
                2249, of({int4_two, int4, four, int4_one, "\0\0\0\x19"sv, null}))),
            (std::tuple<int, std::optional<std::string>>{1, std::nullopt}));
}

TEST(BinaryValue, TypesOfTheUserAreReadByTheirForm) {
  constexpr unsigned mood = 16'384, moods = 16'385, row = 16'386;
  constexpr auto mood_type = "\0\0\x40\0"sv;
  constexpr auto three = "\0\0\0\3"sv;
  EXPECT_EQ(read<Mood>(mood, "sad"), Mood::sad);
  EXPECT_THROW(read<Mood>(mood, "glad"), BadText);
  EXPECT_THROW(read<Mood>(23, int4_one), BadText) << "a number is no name";
  EXPECT_EQ(read<Mood>(25, "happy"), Mood::happy);
  auto const array = of({int4_one, zero, mood_type, int4_one, int4_one, three, "sad"});
  EXPECT_EQ(read<std::vector<Mood>>(moods, array), std::vector{Mood::sad});
  auto const parts = of({int4_two, int4, four, int4_one, mood_type, three, "sad"});
  using Row = std::tuple<int, Mood>;
  EXPECT_EQ(read<Row>(row, parts), (Row{1, Mood::sad}));
  EXPECT_EQ((read<std::tuple<int, std::optional<Mood>>>(row, of({int4_two, int4, four, int4_one, mood_type, null}))),
            (std::tuple<int, std::optional<Mood>>{1, std::nullopt}));
  EXPECT_EQ(reason_of<std::tuple<int>>(row, parts), "it has more parts than that");
  EXPECT_EQ((reason_of<std::tuple<int, Mood, int>>(row, parts)), "it has fewer parts than that");
  EXPECT_EQ(reason_of<Row>(row, parts + 'x'), "it has more bytes than its type");
  EXPECT_EQ(reason_of<Row>(row, of({int4_two, int4, null, mood_type, three, "sad"})),
            "it has a NULL inside: read std::optional there");
  EXPECT_EQ(reason_of<Row>(row, of({int4_two, int4, four, int4_one, mood_type, "\xff\xff\xff\xfe"sv})),
            "its bytes are cut short");
  EXPECT_EQ(reason_of<std::vector<Mood>>(moods, array + 'x'), "it has more bytes than its type");
  EXPECT_EQ(reason_of<std::vector<std::vector<Mood>>>(moods, array), "it has fewer dimensions than that");
  EXPECT_EQ(reason_of<std::vector<int>>(1007, of({int4_one, zero, int4, int4_two, int4_one, four, int4_one, null})),
            "at value 2, it has a NULL inside: read a vector of std::optional");
  auto const square = of({int4_two, zero, int4, int4_one, int4_one, int4_one, int4_one, four, int4_one});
  EXPECT_EQ(reason_of<std::vector<int>>(1007, square), "it has more dimensions than that");
  EXPECT_EQ(reason_of<std::vector<std::vector<int>>>(
                1007, of({int4_two, zero, int4, int4_one, int4_one, "\x7f\xff\xff\xff"sv, int4_one})),
            "its bytes are cut short");
}

TEST(BinaryValue, LiesAboutSizesAreRefused) {
  EXPECT_THAT(text_of(1007, of({int4_one, zero, int4, "\x7f\xff\xff\xff"sv, int4_one})), HasSubstr("bad: "));
  EXPECT_THAT(text_of(1007, of({"\0\0\0\7"sv, zero, int4})), HasSubstr("bad: "));
  EXPECT_THAT(text_of(1007, of({int4_one, zero, int4, int4_one, int4_one, "\xff\xff\xff\xfe"sv})), HasSubstr("bad: "));
  EXPECT_THAT(text_of(1007, of({int4_one, zero, int4, int4_one, int4_one, four, "\0"sv})), HasSubstr("bad: "));
  EXPECT_THAT(text_of(1007, of({int4_one, zero, int4, int4_one, int4_one, four, int4_one, "x"})), HasSubstr("bad: "));
  EXPECT_THROW(read<std::vector<int>>(1007, of({int4_one, zero, int4, "\x7f\xff\xff\xff"sv, int4_one})), BadText);
  EXPECT_THAT(text_of(2249, "\x7f\xff\xff\xff"sv), HasSubstr("bad: "));
  EXPECT_THAT(text_of(99999, "x"), HasSubstr("bad: the binary format of its type is not known"));
  std::string nested;
  for (int i = 0; i < 1000; ++i) {
    auto const size = nested.size();
    std::string length{static_cast<char>(size >> 24U), static_cast<char>(size >> 16U), static_cast<char>(size >> 8U),
                       static_cast<char>(size)};
    nested = of({int4_one, "\0\0\x08\xc9"sv, length, nested});
  }
  EXPECT_THAT(text_of(2249, nested), HasSubstr("nested too deep"));
}

}  // namespace
}  // namespace lakebase::tests::binary_values
