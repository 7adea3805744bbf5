#include "engine/journal.hpp"

#include <algorithm>
#include <system_error>

#include "emulator/control_plane/control_plane_fixture.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JournalTest : public ::testing::Test {
 protected:
  using Changes = std::vector<std::string>;

  std::string text() const { return read_private_file(file); }
  void put(std::string const& text) { write_private_file(file, text); }
  Journal opened(WriteStep step = {}) const {
    Journal journal{file, false, std::move(step)};
    static_cast<void>(journal.read());
    return journal;
  }
  Journal::Contents contents() const { return Journal{file, false, {}}.read(); }
  static WriteStep fails_at(std::string wanted) {
    return [wanted](std::string_view step) {
      if (step == wanted) throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
    };
  }

  ScratchFolder folder;
  std::filesystem::path const file = folder.path() / "journal";
};

TEST_F(JournalTest, HasNothingBeforeTheFirstSnapshot) {
  Journal journal = opened();
  EXPECT_THAT(contents().snapshot, IsEmpty());
  EXPECT_TRUE(journal.needs_snapshot());
  EXPECT_THROW(journal.append("x"), std::logic_error);
}

TEST_F(JournalTest, DoesNotTakeAnEmptyFileForNone) {
  put("");
  try {
    opened();
    FAIL() << "what it held is lost";
  } catch (std::runtime_error const& error) {
    EXPECT_EQ(error.what(),
              file.string() + " is empty; put a copy of it in its place, or remove it to begin without anything");
  }
}

TEST_F(JournalTest, ReadsWhatWasWritten) {
  Journal journal = opened();
  journal.replace(R"({"a":1})");
  EXPECT_FALSE(journal.has_changes());
  journal.append("one");
  journal.append("zwei, größer");
  journal.append("");
  EXPECT_TRUE(journal.has_changes());
  EXPECT_EQ(contents().snapshot, R"({"a":1})");
  EXPECT_THAT(contents().changes, ElementsAre("one", "zwei, größer", ""));
  journal.replace(R"({"a":2})");
  EXPECT_EQ(text(), "{\"a\":2}\n");
}

TEST_F(JournalTest, GoesOnWhereAnEarlierOneEnded) {
  opened().replace("{}");
  opened().append("one");
  Journal journal = opened();
  EXPECT_FALSE(journal.needs_snapshot());
  journal.append("two");
  EXPECT_THAT(contents().changes, ElementsAre("one", "two"));
}

TEST_F(JournalTest, CutsATornTailAtEachByte) {
  Journal journal = opened();
  journal.replace(R"({"a":1})");
  std::vector<std::size_t> ends{text().size()};
  for (auto const change : {"first", "second", "the third"}) {
    journal.append(change);
    ends.push_back(text().size());
  }
  auto const whole = text();
  Changes const all = {"first", "second", "the third"};
  for (std::size_t size = ends.front(); size <= whole.size(); ++size) {
    put(whole.substr(0, size));
    auto const count = std::upper_bound(ends.begin(), ends.end(), size) - ends.begin() - 1;
    auto const found = contents();
    EXPECT_EQ(found.changes, Changes(all.begin(), all.begin() + count)) << size;
    EXPECT_EQ(found.torn, size - ends[static_cast<std::size_t>(count)]) << size;
    opened().append("next");
    EXPECT_EQ(contents().changes.back(), "next") << size;
    EXPECT_EQ(contents().changes.size(), static_cast<std::size_t>(count) + 1) << size;
  }
}

TEST_F(JournalTest, CutsATailOfOtherBytes) {
  opened().replace("{}");
  opened().append("one");
  for (std::string const& tail : {std::string(100, '\0'), std::string("0123456789abcdef two\n"), std::string("\n\n")}) {
    auto const before = text();
    put(before + tail);
    EXPECT_EQ(contents().torn, tail.size());
    EXPECT_EQ(text(), before);
  }
}

TEST_F(JournalTest, RefusesDamageThatIsNoTornTail) {
  opened().replace("{}");
  opened().append("one");
  auto const second = text().size();
  opened().append("two");
  opened().append("three");
  auto damaged = text();
  damaged[second + 18] = 'T';
  put(damaged);
  try {
    static_cast<void>(contents());
    ADD_FAILURE() << "it was read";
  } catch (std::runtime_error const& error) {
    EXPECT_THAT(error.what(), HasSubstr("the change at byte " + std::to_string(second) + " is damaged"));
  }
  EXPECT_EQ(text(), damaged);
}

TEST_F(JournalTest, TakesADocumentOfManyLinesForASnapshot) {
  put("{\n \"a\": 1\n}");
  EXPECT_EQ(contents().snapshot, "{\n \"a\": 1\n}");
  EXPECT_TRUE(opened().needs_snapshot());
}

TEST_F(JournalTest, AChangeThatFailsIsNotThere) {
  opened().replace("{}");
  opened().append("one");
  for (auto const step : {"open", "write", "write on", "sync"}) {
    auto const before = text();
    Journal journal = opened(fails_at(step));
    EXPECT_THROW(journal.append("two"), std::system_error) << step;
    EXPECT_EQ(text(), before) << step;
    // A disk that did not sync is not trusted with the rest of the file either.
    EXPECT_EQ(journal.needs_snapshot(), std::string_view{step} == "sync");
  }
}

TEST_F(JournalTest, GoesOnAfterAChangeThatFailed) {
  bool fails = false;
  Journal journal = opened([&](std::string_view step) {
    if (fails && step == "write on") throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
  });
  journal.replace("{}");
  fails = true;
  EXPECT_THROW(journal.append("one"), std::system_error);
  fails = false;
  journal.append("two");
  EXPECT_THAT(contents().changes, ElementsAre("two"));
}

TEST_F(JournalTest, ASnapshotThatFailsLeavesTheOneOrTheOther) {
  for (auto const step : {"open", "write", "sync", "rename", "sync folder"}) {
    put("{\"old\":1}\n");
    opened().append("one");
    auto const before = text();
    bool fails = true;
    Journal journal = opened([&](std::string_view name) {
      if (fails && name == step) throw std::system_error(std::make_error_code(std::errc::io_error));
    });
    EXPECT_THROW(journal.replace("{\"new\":1}"), std::system_error) << step;
    EXPECT_EQ(text(), std::string_view{step} == "sync folder" ? "{\"new\":1}\n" : before) << step;
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".new")) << step;
    fails = false;
    if (journal.needs_snapshot()) journal.replace("{\"new\":1}");
    journal.append("two");
    EXPECT_EQ(contents().changes.back(), "two") << step;
  }
}

TEST_F(JournalTest, AStopAtAnyStepOfASnapshotLeavesTheOneOrTheOther) {
  auto const copy = folder.path() / "copy";
  Journal journal = opened([&](std::string_view step) {
    if (!std::filesystem::exists(file)) return;
    write_private_file(copy, read_private_file(file));
    auto const found = Journal{copy, false, {}}.read();
    bool const is_new = found.snapshot == "{\"new\":1}" && found.changes.empty();
    bool const is_old = found.snapshot == "{\"old\":1}" && found.changes == Changes{"one"};
    EXPECT_TRUE(is_new || is_old) << step;
  });
  put("{\"old\":1}\n");
  opened().append("one");
  journal.replace("{\"new\":1}");
}

TEST_F(JournalTest, OneThatNobodyReadsIsNotSynced) {
  std::vector<std::string> steps;
  Journal journal{file, true, [&](std::string_view step) { steps.emplace_back(step); }};
  static_cast<void>(journal.read());
  journal.replace("{}");
  journal.append("one");
  EXPECT_THAT(steps, ElementsAre("open", "write", "write on"));
}

TEST_F(JournalTest, SaysWhenItIsLong) {
  Journal journal = opened();
  journal.replace("\"" + std::string(1'000'000, 'x') + "\"");
  std::string const change(100'000, 'y');
  for (int i = 0; i < 9; ++i) journal.append(change);
  EXPECT_FALSE(journal.is_long());
  journal.append(change);
  EXPECT_TRUE(journal.is_long());
  journal.replace("{}");
  EXPECT_FALSE(journal.is_long()) << "small ones get room, too";
  journal.append(change);
  EXPECT_FALSE(journal.is_long());
}

TEST_F(JournalTest, IsItsOwnersAlone) {
  opened().replace("{}");
  opened().append("one");
  auto const mode = std::filesystem::status(file).permissions() & std::filesystem::perms::all;
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(JournalTest, NoticesThatSomebodyElseCutTheFile) {
  Journal journal = opened();
  journal.replace("{}");
  put("");
  EXPECT_THROW(journal.append("one"), std::runtime_error);
  EXPECT_TRUE(journal.needs_snapshot());
}

}  // namespace
}  // namespace lakebase::emulator::tests
