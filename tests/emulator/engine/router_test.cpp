#include "engine/router.hpp"

#include <gtest/gtest.h>

#include "common/paths.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator::tests {
namespace {

class RouterTest : public ::testing::Test {
 protected:
  void add(std::string const& method, std::string const& pattern) {
    router.add(method, pattern, [=](Call const& call) {
      return Json{{"line", method + " " + pattern}, {"asked", call.query.text("a")}};
    });
  }
  // The line that answers, or `none`.
  std::string line(std::string const& method, std::string const& path) const {
    auto const* const handler = router.find(method, split_path(path));
    if (handler == nullptr) return "none";
    return (*handler)({{}, split_path(path), Query{{{"a", "1"}}}, {}}).body.at("line").get<std::string>();
  }

  Router router;
};

TEST_F(RouterTest, FindsTheLineOfMethodAndPath) {
  add("GET", "things");
  add("POST", "things");
  add("GET", "things/*");
  add("GET", "things/*/parts/*");
  EXPECT_EQ(line("GET", "things"), "GET things");
  EXPECT_EQ(line("POST", "things"), "POST things");
  EXPECT_EQ(line("GET", "things/a"), "GET things/*");
  EXPECT_EQ(line("GET", "things/a/parts/b"), "GET things/*/parts/*");
}

TEST_F(RouterTest, HasNoneForOthers) {
  add("GET", "things/*");
  for (auto const path : {"", "thing/a", "things", "things/", "things/a/b", "/things/a", "things/a/"}) {
    EXPECT_EQ(line("GET", path), "none") << path;
  }
  EXPECT_EQ(line("PATCH", "things/a"), "none");
  EXPECT_EQ(line("get", "things/a"), "none");
}

TEST_F(RouterTest, TwoStarsStandForAnyNumberOfSegments) {
  add("GET", "things/**/parts/*");
  add("GET", "others/**");
  EXPECT_EQ(line("GET", "things/parts/b"), "GET things/**/parts/*");
  EXPECT_EQ(line("GET", "things/a/parts/b/parts/c"), "GET things/**/parts/*");
  EXPECT_EQ(line("GET", "things/a/parts"), "none");
  EXPECT_EQ(line("GET", "things/a/parts/"), "none");
  for (auto const path : {"others", "others/", "others/a/b"}) EXPECT_EQ(line("GET", path), "GET others/**") << path;
}

TEST_F(RouterTest, AnswersHeadAsGet) {
  add("GET", "things");
  add("POST", "others");
  EXPECT_EQ(line("HEAD", "things"), "GET things");
  EXPECT_EQ(line("HEAD", "others"), "none");
}

TEST_F(RouterTest, RefusesWhatIsNotOfferedByAnyMethod) {
  add("GET", "things/*");
  router.add_unoffered("things/**", "changes of things");
  EXPECT_EQ(line("GET", "things/a"), "GET things/*") << "the lines in front of it count";
  for (auto const& [method, path] : {std::pair{"PATCH", "things/a"}, std::pair{"GET", "things/a/b"}}) {
    try {
      line(method, path);
      ADD_FAILURE() << method << " " << path;
    } catch (ServiceError const& error) {
      EXPECT_EQ(error.status(), 501);
      EXPECT_STREQ(error.what(), "The Lakebase emulator does not offer changes of things.");
    }
  }
}

TEST_F(RouterTest, AnAnswerThatIsNullIsAnAnswer) {
  router.add("GET", "null", [](Call const&) { return Json{}; });
  auto const* const handler = router.find("GET", split_path("null"));
  ASSERT_NE(handler, nullptr);
  EXPECT_TRUE((*handler)({}).body.is_null());
}

TEST_F(RouterTest, TheFirstLineThatFitsAnswers) {
  add("GET", "things/special");
  add("GET", "things/*");
  EXPECT_EQ(line("GET", "things/special"), "GET things/special");
  EXPECT_EQ(line("GET", "things/other"), "GET things/*");
}

TEST_F(RouterTest, HandsTheCallOn) {
  add("GET", "things");
  auto const* const handler = router.find("GET", split_path("things"));
  ASSERT_NE(handler, nullptr);
  EXPECT_EQ((*handler)({{}, {"things"}, Query{{{"a", "1"}}}, {}}).body.at("asked"), "1");
}

}  // namespace
}  // namespace lakebase::emulator::tests
