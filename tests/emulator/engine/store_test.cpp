#include <algorithm>
#include <system_error>

#include "emulator/control_plane/control_plane_fixture.hpp"
#include "engine/store.hpp"
#include "postgres/cleanup.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

BranchRecord branch_record(std::string const& id) {
  BranchRecord record;
  record.id = id;
  record.uid = "br-" + id;
  record.endpoints.push_back([&] {
    EndpointRecord endpoint;
    endpoint.id = "primary";
    endpoint.uid = "ep-" + id;
    return endpoint;
  }());
  return record;
}

ProjectRecord project_record(std::string const& id) {
  ProjectRecord record;
  record.id = id;
  record.branches.push_back(branch_record("production"));
  return record;
}

OperationRecord operation_record(std::string const& name) {
  OperationRecord record;
  record.name = name;
  record.metadata = Json{{"@type", "Branch"}};
  return record;
}

using StateStore = Store<State>;

class StoreTest : public ::testing::Test {
 protected:
  StateStore store(WriteStep step = {}) {
    return StateStore{file, false, std::move(step), [this](std::string_view line) { lines.emplace_back(line); }};
  }
  // The state that another process would read, in words.
  std::string read() {
    return words(StateStore{file, false, {}, [](std::string_view) {}}.load());
  }
  static std::string words(State const& state) {
    std::string text = std::to_string(state.last_sequence);
    for (auto const& one : state.projects) {
      text += " " + one.id + "(" + one.display_name;
      for (auto const& other : one.branches) {
        text += " " + other.id + (other.is_protected ? "!" : "");
        for (auto const& role : other.roles) text += "." + role.id;
        for (auto const& setting : other.endpoints.front().compute.pg_settings) text += "/" + setting.first;
      }
      text += ")";
    }
    for (auto const& one : state.operations) text += " " + one.name + (one.done ? "." : "");
    for (auto const& one : state.cleanups) text += " -" + one.value("branch_uid", "");
    return text;
  }
  std::string text() const { return read_private_file(file); }

  ScratchFolder folder{std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path()};
  std::filesystem::path const file = folder.path() / "state.json";
  std::vector<std::string> lines;
};

// Changes of all sorts, each of which a store is given in turn.
std::vector<std::function<void(State&)>> const& history() {
  static std::vector<std::function<void(State&)>> const steps = {
      [](State& state) { state.projects.push_back(project_record("shop")); },
      [](State& state) { state.operations.push_back(operation_record("projects/shop/operations/1")); },
      [](State& state) { state.projects.find("shop")->branches.push_back(branch_record("dev")); },
      [](State& state) { state.projects.find("shop")->branches.find("dev")->is_protected = true; },
      [](State& state) {
        RoleRecord role;
        role.id = "app";
        state.projects.find("shop")->branches.find("dev")->roles.push_back(role);
        state.last_sequence = 7;
      },
      [](State& state) {
        state.projects.find("shop")->branches.find("dev")->endpoints.front().compute.pg_settings = {{"a", "1"},
                                                                                                    {"b", "2"}};
      },
      [](State& state) {
        state.projects.find("shop")->branches.find("dev")->endpoints.front().compute.pg_settings = {{"b", "2"}};
      },
      [](State& state) { state.operations.find("projects/shop/operations/1")->done = true; },
      [](State& state) {
        state.cleanups = {removal_of_branch("br-x"), removal_of_branch("br-y")};
      },
      [](State& state) { state.cleanups = {removal_of_branch("br-y")}; },
      [](State& state) { state.projects.find("shop")->branches.find("dev")->roles.erase("app"); },
      // The same key again, and another order.
      [](State& state) {
        state.projects.find("shop")->branches.erase("production");
        state.projects.find("shop")->branches.push_back(branch_record("production"));
      },
      [](State& state) { state.projects.find("shop")->display_name = "\xff Läden \"\\\n"; },
      [](State& state) { state.projects.push_back(project_record("other")); },
      [](State& state) { state.projects.erase("shop"); },
      [](State& state) { state.operations.erase("projects/shop/operations/1"); },
      [](State& state) { state.projects.erase("other"); }};
  return steps;
}

TEST_F(StoreTest, ReplaysEachChange) {
  auto writer = store();
  State state = writer.load();
  for (std::size_t i = 0; i < history().size(); ++i) {
    history()[i](state);
    writer.save(state);
    auto expected = words(state);
    if (auto const at = expected.find('\xff'); at != std::string::npos) expected.replace(at, 1, "\xef\xbf\xbd");
    EXPECT_EQ(read(), expected) << i;
  }
  auto const whole = text();
  EXPECT_GT(std::count(whole.begin(), whole.end(), '\n'), static_cast<std::ptrdiff_t>(history().size()));
}

TEST_F(StoreTest, SaysTheSameAfterASnapshotAtAnyChange) {
  for (std::size_t at = 0; at < history().size(); ++at) {
    std::filesystem::remove(file);
    State state;
    for (std::size_t i = 0; i <= at; ++i) {
      auto writer = store();
      state = writer.load();
      history()[i](state);
      writer.save(state);
      writer.close();
    }
    auto const shortened = text();
    EXPECT_EQ(std::count(shortened.begin(), shortened.end(), '\n'), 1) << at;
    EXPECT_TRUE(Json::accept(shortened)) << at;
  }
}

TEST_F(StoreTest, WritesWhatChangedAndNothingElse) {
  auto writer = store();
  State state = writer.load();
  state.projects.push_back(project_record("shop"));
  for (int i = 0; i < 200; ++i) state.projects.find("shop")->branches.push_back(branch_record("b" + std::to_string(i)));
  writer.save(state);
  auto const before = text();
  state.projects.find("shop")->branches.find("b7")->is_protected = true;
  writer.save(state);
  EXPECT_EQ(text().substr(before.size() + 17),
            R"([{"at":["projects","shop","branches","b7"],"set":{"is_protected":true}}])"
            "\n");
  auto const after = text();
  writer.save(state);
  EXPECT_EQ(text(), after) << "nothing has changed";
  State looked = state;
  EXPECT_NE(looked.projects.find("shop")->branches.find("b7"), nullptr);
  writer.save(looked);
  EXPECT_EQ(text(), after) << "nothing was changed, only looked at in a way that could";
}

TEST_F(StoreTest, CutsATornTailAtEachByteAndSaysSo) {
  auto writer = store();
  State state = writer.load();
  history()[0](state);
  writer.save(state);
  auto const before = words(state);
  auto const size = text().size();
  history()[2](state);
  writer.save(state);
  auto const whole = text();
  auto const after = words(state);
  for (auto cut = size; cut <= whole.size(); ++cut) {
    write_private_file(file, whole.substr(0, cut));
    lines.clear();
    auto reader = store();
    EXPECT_EQ(words(reader.load()), cut == whole.size() ? after : before) << cut;
    if (cut == size || cut == whole.size()) {
      EXPECT_THAT(lines, IsEmpty());
    } else {
      EXPECT_THAT(lines, ElementsAre(HasSubstr("cut off " + std::to_string(cut - size) + " bytes"))) << cut;
    }
    EXPECT_EQ(text().size(), cut == whole.size() ? cut : size);
  }
}

TEST_F(StoreTest, WhatIsNotSavedIsSavedWithTheNextChange) {
  bool fails = false;
  auto writer = store([&](std::string_view) {
    if (fails) throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
  });
  State state = writer.load();
  history()[0](state);
  writer.save(state);
  auto const saved = words(state);
  fails = true;
  history()[2](state);
  EXPECT_THROW(writer.save(state), StateNotSaved);
  EXPECT_EQ(read(), saved);
  fails = false;
  history()[3](state);
  writer.save(state);
  EXPECT_EQ(read(), words(state));
}

TEST_F(StoreTest, ReadsAFileOfAnEarlierEmulator) {
  Json const old = json(R"({"format": 1, "state": {"last_sequence": 3, "projects": [{"id": "shop",
      "branches": [{"id": "production", "endpoints": [{"id": "primary"}]}]}],
      "operations": [{"name": "o", "done": true}], "chores": [{"branch_uid": "br-1"}]}})");
  write_private_file(file, old.dump(1));
  auto writer = store();
  State state = writer.load();
  EXPECT_EQ(words(state), "3 shop( production) o. -br-1");
  state.last_sequence = 4;
  writer.save(state);
  EXPECT_EQ(read(), "4 shop( production) o. -br-1");
  EXPECT_TRUE(text().starts_with(R"({"format":2,)"));
}

TEST_F(StoreTest, RefusesAChangeThatFitsNothing) {
  for (auto const change :
       {R"([{"at":["projects","none","branches","b"],"set":{}}])", R"([{"at":["what","x"],"set":{}}])",
        R"([{"at":[],"set":{"last_sequence":"x"}}])", R"([{"at":["projects","p"]}])", "no JSON"}) {
    Journal journal{file, false, {}};
    static_cast<void>(journal.read());
    journal.replace(R"({"format":2,"state":{}})");
    journal.append(change);
    try {
      read();
      ADD_FAILURE() << change;
    } catch (std::runtime_error const& error) {
      EXPECT_THAT(error.what(), HasSubstr("state.json cannot be read"));
    }
  }
}

TEST_F(StoreTest, StaysWithinBoundsAfterAHundredThousandChanges) {
  auto writer = store();
  State state = writer.load();
  state.projects.push_back(project_record("shop"));
  writer.save(state);
  std::uintmax_t largest = 0;
  for (int i = 0; i < 100'000; ++i) {
    state.projects.find("shop")->display_name = "name " + std::to_string(i);
    writer.save(state);
    largest = std::max(largest, std::filesystem::file_size(file));
  }
  EXPECT_LT(largest, 300'000U);
  EXPECT_EQ(read(), words(state));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(StoreTest, ASnapshotThatIsDueAndFailsCostsNoChange) {
  bool fails = false;
  auto writer = store([&](std::string_view step) {
    if (fails && step == "rename") throw std::system_error(std::make_error_code(std::errc::no_space_on_device));
  });
  State state = writer.load();
  state.projects.push_back(project_record("shop"));
  writer.save(state);
  fails = true;
  for (int i = 0; i < 10; ++i) {
    state.projects.find("shop")->display_name = std::string(50'000, static_cast<char>('a' + i));
    writer.save(state);
    EXPECT_EQ(read(), words(state)) << i;
  }
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cannot be shortened")));
  fails = false;
  for (int i = 0; i < 10; ++i) {
    state.projects.find("shop")->display_name = std::string(50'000, static_cast<char>('A' + i));
    writer.save(state);
  }
  EXPECT_LT(text().size(), 400'000U);
}

// What a machine holds that stops at any step of a change or of a snapshot.
TEST_F(StoreTest, AStopAtAnyStepLeavesTheStateBeforeOrAfter) {
  auto const copy = folder.path() / "copy.json";
  std::string before;
  std::string after;
  int steps = 0;
  auto writer = store([&](std::string_view step) {
    if (after.empty()) return;
    ++steps;
    write_private_file(copy, text());
    auto const found = words(StateStore{copy, false, {}, [](std::string_view) {}}.load());
    EXPECT_TRUE(found == before || found == after) << step << ": " << found;
  });
  State state = writer.load();
  history()[0](state);
  writer.save(state);
  before = words(state);
  for (int i = 0; i < 10; ++i) {
    state.projects.find("shop")->display_name = std::string(50'000, static_cast<char>('a' + i));
    after = words(state);
    writer.save(state);
    before = after;
  }
  writer.close();
  EXPECT_GT(steps, 10 * 4 + 5) << "snapshots are among them";
}

class OperationLifeTest : public ControlPlaneTest {
 protected:
  std::string change() {
    auto const started =
        call("PATCH", "projects/shop?update_mask=spec.display_name", json(R"({"spec": {"display_name": "Shop"}})"));
    EXPECT_TRUE(wait(started).contains("response"));
    return started.body.value("name", "");
  }
};

TEST_F(OperationLifeTest, ADayAndNoLonger) {
  make_project();
  auto const deleted = call("DELETE", "projects/shop?purge=true");
  wait(deleted);
  make_project();
  auto const old = deleted.body.at("name").get<std::string>();
  advance(24h - 1s);
  change();
  EXPECT_EQ(get(old).body.at("done"), true);
  advance(1s);
  change();
  expect_error(get(old), 404, "NOT_FOUND", "operation not found");
  restart();
  expect_error(get(old), 404, "NOT_FOUND", "operation not found");
}

TEST_F(OperationLifeTest, TheLastFiveThousand) {
  make_project();
  plane->stop();
  Json document = Json::parse(read_private_file(folder.path() / "state.json"));
  auto& operations = document.at("state").at("operations");
  ASSERT_EQ(operations.size(), 1);
  auto record = operations.at(0);
  for (int i = 1; i < 5000; ++i) {
    record["name"] = "projects/shop/operations/" + std::to_string(i);
    operations.push_back(record);
  }
  write_private_file(folder.path() / "state.json", document.dump());
  restart();
  auto const first = operations.at(0).at("name").get<std::string>();
  EXPECT_EQ(get(first).status, 200);
  change();
  expect_error(get(first), 404, "NOT_FOUND", "operation not found");
  EXPECT_EQ(get("projects/shop/operations/1").status, 200);
}

}  // namespace
}  // namespace lakebase::emulator::tests
