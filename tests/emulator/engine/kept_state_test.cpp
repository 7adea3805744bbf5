#include "engine/kept_state.hpp"

#include <system_error>

#include "emulator/control_plane/control_plane_fixture.hpp"
#include "emulator/engine/note_state.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class KeptStateTest : public ::testing::Test {
 protected:
  KeptStateTest() { kept.replace(kept.load()); }

  static void add(NoteState& state, std::string id) { state.notes.push_back({.id = std::move(id)}); }
  static std::vector<std::string> ids(NoteState const& state) {
    std::vector<std::string> ids;
    for (auto const& note : state.notes) ids.push_back(note.id);
    return ids;
  }
  std::vector<std::string> ids() const { return ids(*kept.get()); }
  std::vector<std::string> ids_in_file() const {
    return ids(KeptNotes{file, false, {}, [](std::string_view) {}}.load());
  }

  ScratchFolder folder;
  std::filesystem::path const file = folder.path() / "notes";
  bool disk_is_full = false;
  std::vector<std::string> lines;
  KeptNotes kept{file, false,
                 [this](std::string_view) {
                   if (disk_is_full) throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
                 },
                 [this](std::string_view line) { lines.emplace_back(line); }};
};

TEST_F(KeptStateTest, AChangeIsInMemoryAndInTheFile) {
  kept.change([](NoteState& state) { add(state, "a"); });
  EXPECT_THAT(ids(), ElementsAre("a"));
  EXPECT_THAT(ids_in_file(), ElementsAre("a"));
}

TEST_F(KeptStateTest, WhatWasReadStaysAsItIs) {
  kept.change([](NoteState& state) { add(state, "a"); });
  auto const before = kept.get();
  kept.change([](NoteState& state) {
    state.notes.find("a")->text = "changed";
    add(state, "b");
  });
  EXPECT_THAT(ids(*before), ElementsAre("a"));
  EXPECT_EQ(before->notes.front().text, "");
}

TEST_F(KeptStateTest, AChangeThatThrowsChangesNothing) {
  EXPECT_THROW(kept.change([](NoteState& state) {
    add(state, "a");
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_THAT(ids(), IsEmpty());
  EXPECT_THAT(ids_in_file(), IsEmpty());
}

TEST_F(KeptStateTest, AChangeThatCannotBeSavedChangesNothing) {
  disk_is_full = true;
  EXPECT_THROW(kept.change([](NoteState& state) { add(state, "a"); }), StateNotSaved);
  EXPECT_THAT(ids(), IsEmpty());
}

TEST_F(KeptStateTest, WhatIsSettledIsSavedAsSoonAsItCanBe) {
  disk_is_full = true;
  kept.settle([](NoteState& state) { add(state, "a"); });
  EXPECT_THAT(ids(), ElementsAre("a"));
  kept.catch_up();
  disk_is_full = false;
  EXPECT_THAT(ids_in_file(), IsEmpty());
  kept.catch_up();
  EXPECT_THAT(ids_in_file(), ElementsAre("a"));
}

TEST_F(KeptStateTest, SaysOnceThatItCannotSaveAndOnceThatItCan) {
  disk_is_full = true;
  for (int i = 0; i < 3; ++i) kept.settle([&](NoteState& state) { add(state, std::to_string(i)); });
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cannot save its state")));
  disk_is_full = false;
  for (int i = 3; i < 6; ++i) kept.settle([&](NoteState& state) { add(state, std::to_string(i)); });
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cannot save its state"), "The state can be saved again."));
}

}  // namespace
}  // namespace lakebase::emulator::tests
