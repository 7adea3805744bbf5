#include "call/request.hpp"

#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

namespace lakebase::detail {
namespace {

TEST(Request, EncodesEachSegmentOfAName) {
  EXPECT_EQ(Request::get("/api/{}", "projects/a b/branches/ü%").path(), "/api/projects/a%20b/branches/%C3%BC%25");
  EXPECT_EQ(Request::post("/api/{}/undelete", "projects/p").path(), "/api/projects/p/undelete");
}

TEST(Request, RefusesNamesThatWouldReachAnotherResource) {
  for (std::string_view const name : {"", "/", "a//b", "/a", "a/", ".", "..", "a/../b", "a/./b", "a\nb", "a\x7f"}) {
    EXPECT_THROW(Request::get("/api/{}", name), InvalidArgument) << name;
  }
  EXPECT_THROW(Request::get("/api/{}", std::string_view{"a\0b", 3}), InvalidArgument);
}

TEST(Request, FillsEachHoleByTheRuleOfItsArgument) {
  EXPECT_EQ(Request::get("/sql/{}/rows/{}/{}", "projects/p/branches/b", Segment{"a/b c"}, "d/e").path(),
            "/sql/projects/p/branches/b/rows/a%2Fb%20c/d/e");
  EXPECT_EQ(Request::patch("/instances/{}", Segment{"{}"}).path(), "/instances/%7B%7D");
  EXPECT_EQ(Request::get("/x").path(), "/x");
  static_assert(holes_in("/x") == 0 && holes_in("/{}/{}") == 2);
  static_assert(std::is_constructible_v<PathArgument, Segment> && std::is_constructible_v<PathArgument, std::string>);
}

TEST(Request, RefusesSegmentsThatWouldReachAnotherResource) {
  for (std::string_view const segment : {"", ".", "..", "a\nb", "a\x7f"}) {
    EXPECT_THROW(Request::get("/api/{}", Segment{segment}), InvalidArgument) << segment;
  }
  EXPECT_EQ(Request::get("/api/{}", Segment{"../a"}).path(), "/api/..%2Fa");
  try {
    Request::get("/api/{}/{}", "projects/p", Segment{".."});
    FAIL();
  } catch (InvalidArgument const& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("the path segment \"..\" has a segment of dots"));
  }
}

TEST(Request, WritesQueriesInOrderAndLeavesOutWhatIsUnset) {
  auto const request = Request::get("/x")
                           .query("a", std::string_view{"1 & 2"})
                           .query("none", std::optional<std::string>{})
                           .query("empty", std::optional<std::string>{""})
                           .query("no", std::optional<bool>{false})
                           .query("count", std::optional<std::int64_t>{-5})
                           .query("update_mask", FieldMask{"spec.ttl", "spec.no_expiry"})
                           .query("no_mask", FieldMask{});
  EXPECT_EQ(request.target(), "/x?a=1%20%26%202&empty=&no=false&count=-5&update_mask=spec.ttl%2Cspec.no_expiry");
}

TEST(Request, ReadsAreSafeAndWritesAreNotUnlessSaid) {
  EXPECT_EQ(Request::get("/x").idempotency(), Idempotency::safe);
  EXPECT_EQ(Request::post("/x").idempotency(), Idempotency::unsafe);
  EXPECT_EQ(Request::del("/x").idempotency(), Idempotency::unsafe);
  EXPECT_EQ(Request::patch("/x").idempotency(Idempotency::safe).idempotency(), Idempotency::safe);
  EXPECT_FALSE(Request::del("/x").has_body());
  EXPECT_EQ(Request::post("/x").empty_body().body(), "{}");
}

}  // namespace
}  // namespace lakebase::detail
