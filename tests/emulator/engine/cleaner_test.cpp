#include "engine/cleaner.hpp"

#include <future>

#include "emulator/control_plane/control_plane_fixture.hpp"
#include "emulator/engine/note_state.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class CleanerTest : public ::testing::Test {
 protected:
  void leave(std::string const& paper) {
    papers.add(paper);
    kept.settle([&](NoteState& state) { state.cleanups.push_back(Papers::cleanup_of(paper)); });
  }
  std::vector<Json> left() const { return kept.get()->cleanups; }

  ScratchFolder folder;
  KeptNotes kept{folder.path() / "notes", true, {}, [](std::string_view) {}};
  Papers papers;
  TimePoint now{24h};
  Cleaner<NoteState> cleaner{kept, papers, [this] { return now; }};
};

TEST_F(CleanerTest, TakesOutOfTheStateWhatItCouldCarryOut) {
  leave("a");
  leave("b");
  cleaner.run();
  EXPECT_FALSE(papers.has("a"));
  EXPECT_FALSE(papers.has("b"));
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(CleanerTest, LeavesWhatFailed) {
  leave("a");
  papers.jam(true);
  cleaner.run();
  EXPECT_TRUE(papers.has("a"));
  EXPECT_THAT(left(), ElementsAre(Papers::cleanup_of("a")));
}

TEST_F(CleanerTest, ForAKeyDoesWhatConcernsItAlone) {
  leave("a");
  leave("b");
  cleaner.run_for({{"b", "b"}});
  EXPECT_TRUE(papers.has("a"));
  EXPECT_FALSE(papers.has("b"));
  EXPECT_THAT(left(), ElementsAre(Papers::cleanup_of("a")));
}

TEST_F(CleanerTest, ForAKeyRefusesIfSomethingIsLeft) {
  leave("a");
  papers.jam(true);
  EXPECT_THROW(cleaner.run_for({{"a", "a"}}), ServiceError);
  EXPECT_NO_THROW(cleaner.run_for({{"b", "b"}}));
}

TEST_F(CleanerTest, OneThatTakesLongKeepsOnlyThoseWaitingWhoNeedIt) {
  leave("a");
  leave("b");
  papers.hold("a");
  auto running = std::async(std::launch::async, [&] { cleaner.run(); });
  papers.wait_until_held();
  cleaner.run_for({{"b", "b"}});
  EXPECT_FALSE(papers.has("b"));
  leave("c");
  cleaner.run_if_due();
  EXPECT_FALSE(papers.has("c"));
  cleaner.run_for({{"nothing", "nothing"}});

  auto needing = std::async(std::launch::async, [&] { cleaner.run_for({{"a", "a"}}); });
  EXPECT_EQ(needing.wait_for(20ms), std::future_status::timeout);
  papers.release();
  running.get();
  needing.get();
  EXPECT_FALSE(papers.has("a"));
  EXPECT_EQ(papers.attempts(), 3) << "each is carried out once";
}

TEST_F(CleanerTest, WaitsTenSecondsBetweenAttempts) {
  papers.jam(true);
  leave("a");
  cleaner.run_if_due();
  papers.jam(false);
  now += 9s;
  cleaner.run_if_due();
  EXPECT_TRUE(papers.has("a"));
  now += 1s;
  cleaner.run_if_due();
  EXPECT_FALSE(papers.has("a"));
}

}  // namespace
}  // namespace lakebase::emulator::tests
