#include "engine/engine.hpp"

#include <latch>
#include <system_error>

#include "emulator/control_plane/control_plane_fixture.hpp"
#include "emulator/engine/note_state.hpp"
#include "system/private_file_posix.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

using NoteEngine = Engine<NoteState>;

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() { engine.open(); }

  EngineOptions options(std::filesystem::path const& at) {
    return {.file = at,
            .is_temporary = true,
            .now = [this] { return now; },
            .log = [](std::string_view) {},
            .write_step =
                [this](std::string_view) {
                  if (disk_is_full) throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
                }};
  }
  static NotePlan plan_for(std::string const& id) {
    NotePlan plan;
    plan.target = "notes/" + id;
    plan.metadata = Json{{"kind", "Note"}};
    plan.locks = {{id, "note " + id}};
    return plan;
  }
  // Makes a note and its paper. `then` runs when there is a paper.
  NotePlan creation(NoteState& state, std::string const& id, std::function<void()> const& then = {}) {
    state.notes.push_back({.id = id, .creating = true});
    auto plan = plan_for(id);
    plan.run = [this, id, then] {
      papers.add(id);
      if (then) then();
    };
    plan.cleanups = {Papers::cleanup_of(id)};
    plan.commit = [id](NoteState& next) { next.notes.find(id)->creating = false; };
    plan.rollback = [id](NoteState& next) { next.notes.erase(id); };
    plan.response = [id](NoteState const&) { return Json{{"id", id}}; };
    return plan;
  }
  NotePlan removal(std::string const& id, std::function<void()> const& then = {}) {
    auto plan = plan_for(id);
    plan.run = [this, id, then] {
      papers.remove(id);
      if (then) then();
    };
    plan.removal = id;
    plan.commit = [id](NoteState& next) { next.notes.erase(id); };
    return plan;
  }
  Json create(std::string const& id, std::function<void()> const& then = {}) {
    return wait(engine.accept([&](NoteState& state) { return creation(state, id, then); }));
  }
  Json remove(std::string const& id, std::function<void()> const& then = {}) {
    return wait(engine.accept([&](NoteState&) { return removal(id, then); }));
  }
  Json wait(Json const& started) {
    EXPECT_EQ(started.at("done"), false);
    auto const name = started.at("name").get<std::string>();
    for (;;) {
      auto operation = engine.operation(name);
      if (operation.at("done") == true) return operation;
      std::this_thread::yield();
    }
  }
  static std::string message(Json const& operation) { return operation.at("error").at("message").get<std::string>(); }
  bool has_note(std::string const& id) const { return engine.state()->notes.find(id) != nullptr; }

  // What another process finds that starts with what is in the file at this moment.
  void expect_after_a_crash(std::function<void(NoteEngine&)> const& expectation) {
    auto const copy = folder.path() / "copy";
    write_private_file(copy, read_private_file(file));
    NoteEngine next{options(copy), papers};
    next.open();
    expectation(next);
  }

  ScratchFolder folder;
  std::filesystem::path const file = folder.path() / "notes";
  std::atomic<bool> disk_is_full = false;
  TimePoint now{24h};
  Papers papers;
  NoteEngine engine{options(file), papers};
};

TEST_F(EngineTest, AnOperationEndsWithItsResponse) {
  auto const done = create("a");
  EXPECT_EQ(done.at("response"), Json({{"id", "a"}}));
  EXPECT_TRUE(done.at("name").get<std::string>().starts_with("notes/a/operations/"));
  EXPECT_TRUE(has_note("a"));
  EXPECT_TRUE(papers.has("a"));
}

TEST_F(EngineTest, WhatIsDoneAtOnceIsDoneWhenTheCallReturns) {
  create("a");
  auto const start = [&] {
    return engine.accept([&](NoteState&) {
      auto plan = plan_for("a");
      plan.is_done_at_once = true;
      plan.commit = [](NoteState& next) { next.notes.find("a")->text = "changed"; };
      plan.response = [](NoteState const& state) { return Json{{"text", state.notes.find("a")->text}}; };
      return plan;
    });
  };
  auto const done = start();
  EXPECT_EQ(done.at("done"), true);
  EXPECT_EQ(done.at("response"), Json({{"text", "changed"}}));
  EXPECT_EQ(engine.operation(done.at("name")), done);
  expect_after_a_crash([&](NoteEngine& next) { EXPECT_EQ(next.operation(done.at("name")), done); });
  EXPECT_EQ(start().at("done"), true) << "it holds no lock any more";
  disk_is_full = true;
  EXPECT_THROW(start(), StateNotSaved);
}

TEST_F(EngineTest, WhatThePlanRefusesIsNotThere) {
  EXPECT_THROW(engine.accept([&](NoteState& state) {
    auto plan = creation(state, "a");
    throw invalid("no");
    return plan;
  }),
               ServiceError);
  EXPECT_FALSE(has_note("a"));
  EXPECT_TRUE(engine.state()->operations.empty());
}

TEST_F(EngineTest, WhatFailsIsUndoneOnBothSides) {
  auto const done = create("a", [] { throw std::runtime_error("no ink"); });
  EXPECT_EQ(message(done), "no ink");
  EXPECT_FALSE(has_note("a"));
  EXPECT_FALSE(papers.has("a"));
  EXPECT_THAT(engine.state()->cleanups, IsEmpty());
}

TEST_F(EngineTest, WhatCannotBeUndoneIsUndoneLater) {
  papers.jam(true);
  create("a", [] { throw std::runtime_error("no ink"); });
  EXPECT_FALSE(has_note("a"));
  EXPECT_THAT(engine.state()->cleanups, ElementsAre(Papers::cleanup_of("a")));
  EXPECT_EQ(message(create("a")).substr(0, 4), "What") << "what is left must not be met";
  EXPECT_TRUE(create("b").contains("response")) << "another key is not concerned";
  papers.jam(false);
  now += 10s;
  engine.catch_up();
  EXPECT_THAT(engine.state()->cleanups, IsEmpty());
  EXPECT_FALSE(papers.has("a"));
}

TEST_F(EngineTest, WhatIsRefusedAsAWholeIsNotUndone) {
  papers.add("a");
  auto const done = wait(engine.accept([&](NoteState& state) {
    auto plan = creation(state, "a");
    plan.run = [] { throw Papers::Refused("there is one"); };
    plan.is_one_statement = true;
    return plan;
  }));
  EXPECT_EQ(message(done), "there is one");
  EXPECT_TRUE(papers.has("a")) << "it was somebody else's";
}

TEST_F(EngineTest, WhatMeetsSomethingOfOthersIsNotUndone) {
  papers.add("a");
  wait(engine.accept([&](NoteState& state) {
    auto plan = creation(state, "a");
    plan.check = [] { throw invalid("there is one"); };
    return plan;
  }));
  EXPECT_TRUE(papers.has("a"));
  EXPECT_FALSE(has_note("a"));
}

TEST_F(EngineTest, ARemovalInDoubtThatHappenedIsDone) {
  create("a");
  EXPECT_TRUE(remove("a", [] { throw Papers::Lost("no connection"); }).contains("response"));
  EXPECT_FALSE(has_note("a"));
}

TEST_F(EngineTest, ARemovalInDoubtThatDidNotHappenFails) {
  create("a");
  auto const done = remove("a", [&] {
    papers.add("a");
    throw Papers::Lost("no connection");
  });
  EXPECT_EQ(message(done), "no connection");
  EXPECT_TRUE(has_note("a"));
}

TEST_F(EngineTest, ACommittedPlanIsDoneWhateverFailsOutside) {
  create("a");
  papers.jam(true);
  auto const done = wait(engine.accept([&](NoteState&) {
    auto plan = removal("a", [] { throw std::runtime_error("stuck"); });
    plan.commits_first = true;
    plan.removal = nullptr;
    plan.cleanups = {Papers::cleanup_of("a")};
    return plan;
  }));
  EXPECT_TRUE(done.contains("response"));
  EXPECT_FALSE(has_note("a"));
  EXPECT_THAT(engine.state()->cleanups, ElementsAre(Papers::cleanup_of("a")));
}

TEST_F(EngineTest, HoldsItsKeyWhileItRuns) {
  create("a", [&] {
    EXPECT_FALSE(engine.state()->locks.is_free("a"));
    EXPECT_TRUE(engine.state()->locks.is_free("b"));
  });
  EXPECT_TRUE(engine.state()->locks.is_free("a"));
}

TEST_F(EngineTest, RefusesWhatAnotherOperationHolds) {
  create("a", [&] {
    try {
      engine.accept([&](NoteState& state) {
        auto plan = creation(state, "b");
        plan.locks.push_back({"a", "note a"});
        return plan;
      });
      ADD_FAILURE() << "it was accepted";
    } catch (ServiceError const& error) {
      EXPECT_EQ(error.code(), "ABORTED");
      EXPECT_STREQ(error.what(), "Another operation is running on note a; try again when it is done.");
    }
    EXPECT_FALSE(has_note("b"));
    EXPECT_TRUE(engine.state()->locks.is_free("b")) << "all locks, or none";
  });
  EXPECT_TRUE(create("b").contains("response"));
}

TEST_F(EngineTest, ShowsTheMetadataOfThePlan) {
  EXPECT_EQ(create("a").at("metadata"), Json({{"kind", "Note"}}));
}

TEST_F(EngineTest, OperationsOnSeveralKeysRunAtOnce) {
  std::latch both{2};
  auto const a = engine.accept([&](NoteState& state) { return creation(state, "a", [&] { both.arrive_and_wait(); }); });
  auto const b = engine.accept([&](NoteState& state) { return creation(state, "b", [&] { both.arrive_and_wait(); }); });
  EXPECT_TRUE(wait(a).contains("response"));
  EXPECT_TRUE(wait(b).contains("response"));
}

TEST_F(EngineTest, ACrashDuringACreationLeavesNothing) {
  create("a", [&] {
    expect_after_a_crash([&](NoteEngine& next) {
      EXPECT_FALSE(papers.has("a"));
      EXPECT_TRUE(next.state()->notes.empty());
      auto const operation = operation_json(next.state()->operations.front(), true);
      EXPECT_EQ(message(operation), "The emulator was stopped while the operation was running.");
      EXPECT_TRUE(next.state()->locks.is_free("a"));
    });
  });
}

TEST_F(EngineTest, ACrashAfterARemovalIsARemoval) {
  create("a");
  remove("a", [&] {
    expect_after_a_crash([](NoteEngine& next) {
      EXPECT_TRUE(next.state()->notes.empty());
      for (auto const& operation : next.state()->operations) EXPECT_EQ(operation.error, Json{}) << operation.name;
    });
  });
}

TEST_F(EngineTest, ACrashBeforeARemovalLeavesIt) {
  create("a");
  remove("a", [&] {
    papers.add("a");
    expect_after_a_crash([](NoteEngine& next) { EXPECT_NE(next.state()->notes.find("a"), nullptr); });
    papers.remove("a");
  });
}

TEST_F(EngineTest, ACrashAfterACommitGoesOnWithIt) {
  create("a");
  wait(engine.accept([&](NoteState&) {
    auto plan = removal("a");
    plan.commits_first = true;
    plan.removal = nullptr;
    plan.cleanups = {Papers::cleanup_of("a")};
    plan.run = [&] {
      expect_after_a_crash([&](NoteEngine& next) {
        EXPECT_TRUE(next.state()->notes.empty());
        EXPECT_FALSE(papers.has("a"));
        for (auto const& operation : next.state()->operations) EXPECT_EQ(operation.error, Json{}) << operation.name;
      });
    };
    return plan;
  }));
}

TEST_F(EngineTest, AnOutcomeThatCannotBeSavedIsUndone) {
  auto const done = create("a", [&] { disk_is_full = true; });
  EXPECT_TRUE(done.contains("error"));
  EXPECT_FALSE(has_note("a"));
  EXPECT_FALSE(papers.has("a"));
  disk_is_full = false;
  engine.catch_up();
  expect_after_a_crash([](NoteEngine& next) { EXPECT_TRUE(next.state()->notes.empty()); });
}

TEST_F(EngineTest, ARemovalWaitsUntilItCanBeSaved) {
  create("a");
  auto const started = engine.accept([&](NoteState&) { return removal("a", [&] { disk_is_full = true; }); });
  while (!disk_is_full) std::this_thread::yield();
  EXPECT_EQ(engine.operation(started.at("name").get<std::string>()).at("done"), false);
  disk_is_full = false;
  EXPECT_TRUE(wait(started).contains("response"));
}

TEST_F(EngineTest, AcceptsNothingWhileItStops) {
  engine.stop();
  EXPECT_THROW(engine.accept([&](NoteState& state) { return creation(state, "a"); }), ServiceError);
  EXPECT_FALSE(has_note("a"));
}

// Two changes a creation and two a removal; what each adds to the file does not depend on what was before.
TEST_F(EngineTest, AChangeIsAsLongAfterManyAsAtFirst) {
  auto const growth = [&] {
    auto const before = std::filesystem::file_size(file);
    create("again");
    remove("again");
    return std::filesystem::file_size(file) - before;
  };
  create("first");
  auto const first = growth();
  for (int i = 0; i < 300; ++i) {
    create("note");
    remove("note");
  }
  EXPECT_LE(growth(), first + 10);
}

}  // namespace
}  // namespace lakebase::emulator::tests
