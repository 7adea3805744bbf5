#include "data_plane_fixture.hpp"

#include <cstdlib>
#include <fstream>

namespace lakebase::emulator {
namespace {

using testing::HasSubstr;

TEST_F(DataPlaneTest, BranchesRunAMajorVersionThatWasFound) {
  EXPECT_EQ(plane().branch_version("main"), choose_version(plane().server_versions(), std::nullopt));
  EXPECT_THAT(logged(), HasSubstr("found PostgreSQL " + std::to_string(plane().server_versions().front()) + " in /"));
  auto const running = connect().value("SHOW server_version_num").substr(0, 2);
  EXPECT_EQ(running, std::to_string(plane().branch_version("main")));
  char const* meant = std::getenv("LAKEBASE_TEST_POSTGRES_MAJOR");
  EXPECT_EQ(running, meant == nullptr ? running : meant);
}

/// A branch `old` whose major version is not found any more.
class BranchVersionTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    place_branch(root_.path(), "old");
    std::ofstream{root_.path() / "branches" / "old" / "data" / "PG_VERSION"} << "99\n";
    DataPlaneTest::SetUp();
    old_ = plane().add_endpoint("old", "old", {.pg_settings = {{"work_mem", "8MB"}}});
  }
  static std::string refusal(std::function<void()> const& call) {
    try {
      call();
      return "none";
    } catch (DataPlaneError const& error) {
      return error.what();
    }
  }

  std::string old_;
};

TEST_F(BranchVersionTest, AServerThatWasNotFoundIsTheTroubleOfItsBranchAlone) {
  constexpr char const* reason = "the branch's data are of PostgreSQL 99, which was not found";
  EXPECT_EQ(plane().branch_version("old"), 99);
  EXPECT_THAT(PqConnection{conninfo(old_)}.error(), HasSubstr(reason));
  EXPECT_THAT(refusal([&] { plane().start("old"); }), HasSubstr(reason));
  EXPECT_THAT(refusal([&] {
                plane().update_endpoint("old", {.pg_settings = {{"work_mem", "9MB"}}});
              }),
              HasSubstr(reason));
  EXPECT_THAT(refusal([&] { plane().execute("old", "app", {"SELECT 1"}); }), HasSubstr(reason));
  EXPECT_EQ(connect().value("SELECT 1"), "1");
}

TEST_F(BranchVersionTest, ABranchRunsItsParentsMajorVersion) {
  plane().copy_branch("old", "child");
  EXPECT_EQ(plane().branch_version("child"), 99);
  plane().remove_branch("child");
  plane().remove_branch("old");
  EXPECT_FALSE(std::filesystem::exists(root_.path() / "branches" / "old"));
}

}  // namespace
}  // namespace lakebase::emulator
