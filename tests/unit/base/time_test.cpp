#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/time.hpp>

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ConvertsFromChrono) {
  EXPECT_EQ(Duration{168h}.seconds(), 604800);
  EXPECT_EQ(Duration{1500ms}, Duration::of(1, 500'000'000));
  EXPECT_EQ(Duration{-1500ms}, Duration::of(-1, -500'000'000));
  EXPECT_EQ(Duration{std::chrono::duration<double>(0.25)}, Duration::of(0, 250'000'000));
  EXPECT_EQ(Duration{std::chrono::years{10'000}}.seconds(), 315'569'520'000);
}

TEST(Duration, KeepsOneSign) {
  EXPECT_EQ(Duration::of(1, -1), Duration::of(0, 999'999'999));
  EXPECT_EQ(Duration::of(-1, 1), Duration::of(0, -999'999'999));
  EXPECT_EQ(Duration::of(0, 2'500'000'000), Duration::of(2, 500'000'000));
  EXPECT_LT(Duration::of(-1, -1), Duration::of(-1, 0));
}

// The forms that Python writes: 0, 3, 6 or 9 digits as needed.
TEST(Duration, WritesAndReadsTheSameText) {
  std::vector<std::pair<Duration, std::string>> const cases{
      {Duration::of(604800), "604800s"},
      {Duration{}, "0s"},
      {Duration::of(0, 500'000'000), "0.500s"},
      {Duration::of(3, 10'000), "3.000010s"},
      {Duration::of(1, 1), "1.000000001s"},
      {Duration::of(-1, -500'000'000), "-1.500s"},
      {Duration::of(0, -1), "-0.000000001s"},
      {Duration::of(315'576'000'000, 999'999'999), "315576000000.999999999s"},
      {Duration::of(-315'576'000'000), "-315576000000s"},
  };
  for (auto const& [duration, text] : cases) {
    EXPECT_EQ(duration.to_string(), text);
    EXPECT_EQ(Duration::parse(text), duration) << text;
  }
}

TEST(Duration, ReadsAnyNumberOfDigits) {
  EXPECT_EQ(Duration::parse("1.5s"), Duration{1500ms});
  EXPECT_EQ(Duration::parse("-1.5s"), Duration{-1500ms});
  EXPECT_EQ(Duration::parse("0.12s"), Duration{120ms});
}

TEST(Duration, RefusesOtherText) {
  for (auto const* text : {"", "s", "1", "3m", "1.s", ".5s", "1e3s", "+1s", " 1s", "1s ", "1,5s", "0.1234567891s",
                           "--1s", "315576000001s", "99999999999999999999s", "1.5"}) {
    EXPECT_THROW(static_cast<void>(Duration::parse(text)), ParseError) << text;
  }
}

TEST(Duration, ToChronoRefusesWhatDoesNotFit) {
  EXPECT_EQ(Duration{-90s}.to_chrono(), -90s);
  EXPECT_THROW(static_cast<void>(Duration::of(315'576'000'000).to_chrono()), std::overflow_error);
  EXPECT_THROW(static_cast<void>(Duration::of(std::numeric_limits<std::int64_t>::min()).to_chrono()),
               std::overflow_error);
}

TEST(Timestamp, WritesAndReadsTheSameText) {
  std::vector<std::pair<Timestamp, std::string>> const cases{
      {Timestamp::of(1'700'000'000), "2023-11-14T22:13:20Z"},
      {Timestamp::of(1'700'000'000, 500'000'000), "2023-11-14T22:13:20.500Z"},
      {Timestamp::of(1'700'000'000, 1'000), "2023-11-14T22:13:20.000001Z"},
      {Timestamp::of(1'700'000'000, 1), "2023-11-14T22:13:20.000000001Z"},
      {Timestamp{}, "1970-01-01T00:00:00Z"},
      {Timestamp::of(-1, 999'999'999), "1969-12-31T23:59:59.999999999Z"},
      {Timestamp::of(-62'135'596'800), "0001-01-01T00:00:00Z"},
      {Timestamp::of(253'402'300'799, 999'999'999), "9999-12-31T23:59:59.999999999Z"},
  };
  for (auto const& [time, text] : cases) {
    EXPECT_EQ(time.to_string(), text);
    EXPECT_EQ(Timestamp::parse(text), time) << text;
  }
}

TEST(Timestamp, ReadsOffsetsAndFractions) {
  auto const wanted = Timestamp::of(1'700'000'000);
  EXPECT_EQ(Timestamp::parse("2023-11-14T23:13:20+01:00"), wanted);
  EXPECT_EQ(Timestamp::parse("2023-11-14T16:43:20-05:30"), wanted);
  EXPECT_EQ(Timestamp::parse("2023-11-14t22:13:20z"), wanted);
  EXPECT_EQ(Timestamp::parse("2023-11-14T22:13:20.1Z"), Timestamp::of(1'700'000'000, 100'000'000));
  EXPECT_EQ(Timestamp::parse("2023-11-14T22:13:20.1234567899Z"), Timestamp::of(1'700'000'000, 123'456'789));
}

TEST(Timestamp, RefusesOtherText) {
  for (auto const* text :
       {"", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
        "2023-11-14T24:00:00Z", "2023-11-14T22:60:00Z", "0000-01-01T00:00:00Z", "2023-11-14T22:13:20.Z",
        "2023-11-14T22:13:20+1:00", "2023-11-14T22:13:20Zx", "-023-11-14T22:13:20Z", "2023-1-14T22:13:20Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"}) {
    EXPECT_THROW(static_cast<void>(Timestamp::parse(text)), ParseError) << text;
  }
}

TEST(Timestamp, ConvertsToAndFromTheSystemClock) {
  auto const now = std::chrono::system_clock::now();
  EXPECT_EQ(Timestamp{now}.to_chrono(), now);
  EXPECT_EQ(Timestamp{std::chrono::sys_time<std::chrono::milliseconds>{-1ms}}, Timestamp::of(-1, 999'000'000));
  EXPECT_THROW(static_cast<void>(Timestamp::parse("9999-12-31T00:00:00Z").to_chrono()), std::overflow_error);
}

}  // namespace
}  // namespace lakebase::tests
