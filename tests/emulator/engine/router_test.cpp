#include "engine/router.hpp"

#include <gtest/gtest.h>

#include "common/paths.hpp"

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
    auto const answer = router.route(method, {{}, split_path(path), Query{{{"a", "1"}}}, {}});
    return answer ? answer->at("line").get<std::string>() : "none";
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

TEST_F(RouterTest, AnAnswerThatIsNullIsAnAnswer) {
  router.add("GET", "null", [](Call const&) { return Json{}; });
  auto const answer = router.route("GET", {{}, {"null"}, {}, {}});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->is_null());
}

TEST_F(RouterTest, TheFirstLineThatFitsAnswers) {
  add("GET", "things/special");
  add("GET", "things/*");
  EXPECT_EQ(line("GET", "things/special"), "GET things/special");
  EXPECT_EQ(line("GET", "things/other"), "GET things/*");
}

TEST_F(RouterTest, HandsTheCallOn) {
  add("GET", "things");
  EXPECT_EQ(router.route("GET", {{}, {"things"}, Query{{{"a", "1"}}}, {}})->at("asked"), "1");
}

}  // namespace
}  // namespace lakebase::emulator::tests
