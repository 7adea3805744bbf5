#include <gmock/gmock.h>

#include "pq/listener/gap_watch.hpp"

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using pq::detail::GapWatch;

constexpr GapWatch::Date noon{std::chrono::hours{500'000}};

TEST(GapWatch, TellsNothingOfTheFirstSession) {
  GapWatch watch;
  watch.begin(noon);
  EXPECT_FALSE(watch.take());
}

TEST(GapWatch, BeginsAGapWithTheSessionIfNothingWasHeard) {
  GapWatch watch;
  watch.begin(noon);
  watch.quiet(noon + 1h);
  watch.lose("why");
  EXPECT_FALSE(watch.take());  // it has not ended yet
  watch.begin(noon + 2h);
  auto const gap = watch.take();
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->since, noon);
  EXPECT_EQ(gap->until, noon + 2h);
  EXPECT_EQ(gap->reason, "why");
  EXPECT_FALSE(watch.take());
}

TEST(GapWatch, BeginsAGapBeforeTheWaitForTheLastNotification) {
  GapWatch watch;
  watch.begin(noon);
  watch.quiet(noon + 1h);
  watch.heard();
  watch.heard();           // came with the first: proves no more
  watch.quiet(noon + 2h);  // as long as nothing comes, the path may be cut already
  watch.lose("");
  watch.begin(noon + 3h);
  EXPECT_EQ(watch.take()->since, noon + 1h - GapWatch::delivery);
}

TEST(GapWatch, BeginsNoGapBeforeTheSession) {
  GapWatch watch;
  watch.begin(noon);
  watch.quiet(noon + 1ms);
  watch.heard();
  watch.lose("");
  watch.begin(noon + 1s);
  EXPECT_EQ(watch.take()->since, noon);
}

TEST(GapWatch, JoinsGapsThatWereNotTold) {
  GapWatch watch;
  watch.begin(noon);
  watch.lose("first");
  watch.begin(noon + 1h);
  watch.lose("second");
  watch.lose("third");
  EXPECT_FALSE(watch.take());
  watch.begin(noon + 2h);
  auto const gap = watch.take();
  EXPECT_EQ(gap->since, noon);
  EXPECT_EQ(gap->until, noon + 2h);
  EXPECT_EQ(gap->reason, "first");
}

TEST(GapWatch, BeginsTheNextGapWhereTheLastOneEnded) {
  GapWatch watch;
  watch.begin(noon);
  watch.lose("");
  watch.begin(noon + 1h);
  static_cast<void>(watch.take());
  watch.lose("");
  watch.begin(noon + 2h);
  EXPECT_EQ(watch.take()->since, noon + 1h);
}

TEST(GapWatch, ForgetsAGapThatConcernsNobody) {
  GapWatch watch;
  watch.begin(noon);
  watch.lose("");
  watch.forget();
  watch.begin(noon + 1h);
  EXPECT_FALSE(watch.take());
}

}  // namespace
}  // namespace lakebase::tests
