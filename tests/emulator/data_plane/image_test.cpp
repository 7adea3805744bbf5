#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "data_plane/folders/account_work_posix.hpp"
#include "data_plane/folders/image_store.hpp"
#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ImageTest : public DataPlaneTest {
 protected:
  std::string value(std::string const& branch, std::string const& sql, std::string const& database = "app") {
    return plane().execute(branch, database, {sql}).at(0).at(0);
  }
  void run(std::string const& branch, std::string const& sql) { plane().execute(branch, "app", {sql}); }
  std::string rows(std::string const& branch) {
    return value(branch, "SELECT string_agg(n::text, ' ' ORDER BY n) FROM t");
  }
  fs::path branch(std::string const& uid) const { return root_.path() / "branches" / uid; }
  bool has_data(std::string const& uid) const { return fs::exists(branch(uid) / "data"); }
  std::set<std::string> images() const {
    std::set<std::string> ids;
    for (auto const& entry : fs::directory_iterator{root_.path() / "images"}) ids.insert(entry.path().filename());
    return ids;
  }
  std::size_t unfinished() const {
    std::size_t count = 0;
    for (auto const& entry : fs::directory_iterator{root_.path() / "branches"}) {
      count += entry.path().filename().string().starts_with('.') ? 1 : 0;
    }
    return count;
  }
  void restart() {
    plane_.reset();
    start_data_plane();
  }
  void forget_log() {
    std::lock_guard lock{log_mutex_};
    log_.clear();
  }
  static std::string failure_of(std::function<void()> const& work) {
    try {
      work();
      return "none";
    } catch (DataPlaneError const& error) {
      return error.sqlstate() + " " + error.what();
    }
  }
};

TEST_F(ImageTest, BranchesThatNeverRanShareOneAndHoldTheirMoment) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  auto const moment = plane().copy_branch("main", "child");
  run("main", "INSERT INTO t VALUES (2)");
  EXPECT_EQ(plane().copy_branch("child", "grandchild"), moment);
  for (std::string const uid : {"child", "grandchild"}) {
    EXPECT_FALSE(has_data(uid));
    EXPECT_EQ(plane().branch_version(uid), plane().branch_version("main"));
    EXPECT_GT(plane().logical_size(uid).value_or(0), 1'000'000);
  }
  EXPECT_EQ(images().size(), 1);
  EXPECT_EQ(rows("child"), "1");
  run("child", "INSERT INTO t VALUES (3)");
  EXPECT_TRUE(has_data("child"));
  EXPECT_EQ(rows("grandchild"), "1");
  EXPECT_EQ(rows("main"), "1 2");
  EXPECT_EQ(rows("child"), "1 3");
  EXPECT_EQ(images().size(), 1) << "what both were is their past";
  plane().remove_branch("child");
  EXPECT_EQ(images().size(), 1);
  plane().remove_branch("grandchild");
  EXPECT_TRUE(images().empty());
  EXPECT_EQ(unfinished(), 0);
}

TEST_F(ImageTest, BranchesOfAnUnchangedSourceThatRunsShareOne) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("main", "a");
  plane().copy_branch("main", "b");
  EXPECT_EQ(images().size(), 1);
  run("main", "INSERT INTO t VALUES (2)");
  plane().copy_branch("main", "c");
  EXPECT_EQ(images().size(), 2);
  EXPECT_EQ(rows("b"), "1");
  EXPECT_EQ(rows("c"), "1 2");
}

TEST_F(ImageTest, HasSoManyBytesBeyondAFormerOne) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("main", "a");
  plane().copy_branch("main", "b");
  EXPECT_EQ(plane().size_beyond("b", "a"), 0);
  run("main", "INSERT INTO t SELECT generate_series(1, 100000)");
  auto const table = std::stoll(value("main", "SELECT pg_table_size('t')"));
  plane().copy_branch("main", "c");
  auto const beyond = plane().size_beyond("c", "a").value_or(0);
  EXPECT_GE(beyond, table - 8192) << "the page of the first row is there, too, if nothing was added to it";
  EXPECT_LT(beyond, table + 1'000'000) << "catalogs";
  EXPECT_LT(beyond, plane().logical_size("c").value_or(0));
  EXPECT_LT(plane().size_beyond("a", "c").value_or(-1), 1'000'000) << "what is gone takes nothing";
  run("c", "SELECT 1");
  EXPECT_FALSE(plane().size_beyond("c", "a")) << "it runs";
  EXPECT_FALSE(plane().size_beyond("none", "a"));
}

TEST_F(ImageTest, BranchesOfAnUnchangedSourceThatSleepsShareOne) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  plane().suspend("primary");
  auto const moment = plane().copy_branch("main", "a");
  EXPECT_EQ(plane().copy_branch("main", "b"), moment);
  EXPECT_EQ(images().size(), 1);
  EXPECT_EQ(plane().status("primary").state, ComputeState::idle);
  run("main", "INSERT INTO t VALUES (2)");
  plane().suspend("primary");
  plane().copy_branch("main", "c");
  EXPECT_EQ(images().size(), 2);
  EXPECT_EQ(rows("b"), "1");
  EXPECT_EQ(rows("c"), "1 2");
}

TEST_F(ImageTest, GoesWithItsLastBranchAndOutlivesItsSource) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  for (std::string const child : {"a", "b", "c"}) plane().copy_branch("main", child);
  plane().remove_branch("main");
  plane().remove_branch("a");
  EXPECT_EQ(images().size(), 1);
  EXPECT_EQ(rows("b"), "1");
  plane().remove_branch("b");
  EXPECT_EQ(images().size(), 1);
  plane().remove_branch("c");
  EXPECT_TRUE(images().empty());
}

TEST_F(ImageTest, ASourceDoesNotKeepWhatNobodyElseNeeds) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("main", "a");
  plane().remove_branch("a");
  EXPECT_TRUE(images().empty());
  plane().copy_branch("main", "b");
  EXPECT_EQ(rows("b"), "1");
  plane().remove_branch("b");
  EXPECT_TRUE(images().empty());
  plane().copy_branch("main", "c");
  EXPECT_EQ(rows("c"), "1");
}

TEST_F(ImageTest, OfABranchIsThereInTheNextLife) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  for (std::string const child : {"a", "b"}) plane().copy_branch("main", child);
  auto const before = images();
  restart();
  EXPECT_EQ(images(), before);
  plane().copy_branch("a", "c");
  EXPECT_EQ(images(), before);
  for (std::string const child : {"a", "b", "c"}) EXPECT_EQ(rows(child), "1");
  EXPECT_EQ(images(), before) << "their past";
  restart();
  EXPECT_EQ(images(), before);
  for (std::string const child : {"a", "b", "c"}) plane().remove_branch(child);
  EXPECT_TRUE(images().empty());
}

TEST_F(ImageTest, IsGivenToABranchAgainIfTheLastLifeEndedMeanwhile) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  for (std::string const child : {"a", "b"}) plane().copy_branch("main", child);
  plane_.reset();
  // While it was copied.
  fs::path const half = branch(".unfinished-a");
  fs::create_directories(half / "data" / "base");
  std::ofstream{half / "data" / "PG_VERSION"} << "1";
  give_to(RunAs::choose(), half);
  start_data_plane();
  EXPECT_FALSE(fs::exists(half));
  EXPECT_EQ(rows("a"), "1");
  EXPECT_EQ(images().size(), 1);
  EXPECT_EQ(rows("b"), "1");
  plane_.reset();
  // When it had been copied.
  std::ofstream{branch("b") / "image"} << *images().begin() << "\n";
  give_to(RunAs::choose(), branch("b"));
  start_data_plane();
  EXPECT_EQ(rows("b"), "1");
  EXPECT_FALSE(fs::exists(branch("b") / "image"));
  EXPECT_EQ(images().size(), 1);
}

TEST_F(ImageTest, WithoutABranchIsRemovedByTheNextLife) {
  plane().copy_branch("main", "a");
  plane_.reset();
  fs::remove_all(branch("a"));
  EXPECT_EQ(images().size(), 1);
  start_data_plane();
  EXPECT_TRUE(images().empty());
}

TEST_F(ImageTest, ThatIsGoneIsTheTroubleOfItsBranchAlone) {
  plane().copy_branch("main", "a");
  plane_.reset();
  fs::remove_all(root_.path() / "images");
  start_data_plane();
  EXPECT_THAT(failure_of([&] { run("a", "SELECT 1"); }), HasSubstr("the data of the branch a are gone"));
  EXPECT_EQ(value("main", "SELECT 1"), "1");
  EXPECT_NO_THROW(plane().remove_branch("a"));
  EXPECT_FALSE(fs::exists(branch("a")));
}

TEST_F(ImageTest, IsSharedByBranchesThatStartAndGoAtOnce) {
  run("main", "CREATE TABLE t AS SELECT generate_series(1, 100) AS n");
  std::vector<std::string> const children = {"a", "b", "c", "d"};
  for (auto const& child : children) plane().copy_branch("main", child);
  std::vector<std::thread> users;
  for (auto const& child : children) {
    users.emplace_back([&, child] {
      if (child == "d") return plane().remove_branch(child);
      plane().copy_branch(child, "of-" + child);
      EXPECT_EQ(value(child, "SELECT count(*) FROM t"), "100");
      EXPECT_EQ(value("of-" + child, "SELECT count(*) FROM t"), "100");
    });
  }
  for (auto& user : users) user.join();
  EXPECT_EQ(images().size(), 1);
  for (std::string const child : {"a", "b", "c"}) {
    plane().remove_branch(child);
    plane().remove_branch("of-" + child);
  }
  EXPECT_TRUE(images().empty());
}

class TemplateTest : public ImageTest {
 protected:
  static std::vector<std::string> statements(std::string const& role = "owner") {
    return {"CREATE ROLE " + role + " LOGIN", "CREATE DATABASE shop OWNER " + role};
  }
  /// Whether a server ran for it.
  bool ran_for(std::string const& uid, std::vector<std::string> const& wanted) {
    forget_log();
    plane().create_branch(uid, wanted);
    return logged().find("started in") != std::string::npos;
  }
};

TEST_F(TemplateTest, IsTakenByTheNextBranchOfTheSameStatementsWithoutAServer) {
  EXPECT_TRUE(ran_for("first", statements()));
  EXPECT_EQ(unfinished(), 0);
  EXPECT_FALSE(ran_for("second", statements()));
  EXPECT_TRUE(ran_for("third", statements("other")));
  restart();
  EXPECT_FALSE(ran_for("fourth", statements()));
  for (std::string const uid : {"first", "second", "fourth"}) {
    EXPECT_FALSE(has_data(uid));
    EXPECT_EQ(value(uid, "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolcanlogin", "shop"), "owner");
  }
  EXPECT_EQ(value("third", "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolcanlogin", "shop"), "other");
  plane().execute("first", "shop", {"CREATE TABLE t ()"});
  EXPECT_EQ(value("second", "SELECT to_regclass('t') IS NULL", "shop"), "t");
  EXPECT_FALSE(ran_for("fifth", statements()));
  EXPECT_EQ(value("fifth", "SELECT to_regclass('t') IS NULL", "shop"), "t");
}

TEST_F(TemplateTest, OfAnotherInstallationOrOfOtherStatementsIsNotTaken) {
  EXPECT_TRUE(ran_for("first", statements()));
  plane_.reset();
  for (auto const& id : images()) {
    fs::path const facts = root_.path() / "images" / id / "facts";
    std::string lsn;
    std::ifstream{facts} >> lsn;
    std::ofstream{facts} << lsn << "\nkey-of-another-installation\n";
  }
  start_data_plane();
  EXPECT_TRUE(ran_for("second", statements()));
}

TEST_F(TemplateTest, IsNotMadeOfAPasswordWhichGoesWithItsBranch) {
  auto const with_password = std::vector<std::string>{"CREATE ROLE owner LOGIN PASSWORD 'secret'"};
  EXPECT_TRUE(ran_for("first", with_password));
  EXPECT_TRUE(plane().has_password("first", "owner", "secret"));
  plane().remove_branch("first");
  EXPECT_EQ(images().size(), 1) << "as initdb made it";
  EXPECT_TRUE(ran_for("second", with_password));
}

TEST_F(TemplateTest, WhoseStatementsFailLeavesNothing) {
  auto wrong = statements();
  wrong.push_back("CREATE DATABASE shop");
  EXPECT_THAT(failure_of([&] { plane().create_branch("first", wrong); }), HasSubstr("42P04"));
  EXPECT_FALSE(fs::exists(branch("first")));
  EXPECT_EQ(unfinished(), 0);
  EXPECT_EQ(images().size(), 1) << "as initdb made it";
  EXPECT_FALSE(fs::exists(root_.path() / "logs" / "first"));
  for (auto const& entry : fs::directory_iterator{root_.path() / "logs"}) EXPECT_EQ(entry.path().filename(), "main");
  EXPECT_TRUE(ran_for("first", statements()));
}

/// Images of one small file each.
class ImageStoreTest : public testing::Test {
 protected:
  ImageStoreTest() {
    folder_.open([](std::string const&) {});
    store_.open();
  }
  ImageStore::Hold make(std::string const& text) {
    return store_.make([&](fs::path const& data) {
      work_as(run_as_, [&] {
        fs::create_directory(data);
        std::ofstream{data / "PG_VERSION"} << text;
      });
      return "0/" + text;
    });
  }
  std::string text_of(fs::path const& data) {
    std::string text;
    std::ifstream{data / "PG_VERSION"} >> text;
    return text;
  }
  std::ptrdiff_t count() { return std::distance(fs::directory_iterator{folder_.images()}, fs::directory_iterator{}); }

  TemporaryFolder root_;
  RunAs const run_as_ = RunAs::choose();
  RootFolder folder_{root_.path(), run_as_};
  std::string log_;
  ImageStore store_{folder_, run_as_, [this](std::string const& line) { log_ += line; }};
};

TEST_F(ImageStoreTest, KeepsTheTemplatesThatWereUsedLast) {
  for (int number = 1; number <= 8; ++number) {
    auto const text = std::to_string(number);
    store_.keep_as_template(make(text), "key-" + text);
  }
  store_.make_branch("b", *store_.find_template("key-2"));
  EXPECT_EQ(store_.find_template("key-1")->lsn(), "0/1");
  for (int number = 9; number <= 15; ++number) {
    store_.keep_as_template(make(std::to_string(number)), "key-" + std::to_string(number));
  }
  EXPECT_TRUE(store_.find_template("key-1"));
  EXPECT_FALSE(store_.find_template("key-2"));
  EXPECT_FALSE(store_.find_template("key-8"));
  EXPECT_TRUE(store_.find_template("key-9"));
  EXPECT_EQ(text_of(store_.of("b")->data()), "2") << "no template any more, but the branch needs it";
  EXPECT_EQ(count(), 9);
  store_.materialise("b", TimePoint{1s});
  EXPECT_EQ(text_of(folder_.branch("b") / "data"), "2");
  EXPECT_EQ(count(), 9) << "as the base of its history";
  EXPECT_EQ(store_.bases("b"), (std::vector<HistoryBase>{{store_.bases("b").at(0).image, 2, TimePoint{1s}}}));
  store_.forget("b");
  EXPECT_EQ(count(), 8);
}

TEST_F(ImageStoreTest, DoesNotTakeFromOneWhoReads) {
  store_.make_branch("b", make("1"));
  {
    auto const reading = store_.of("b");
    store_.materialise("b", {});
    store_.set_bases("b", {});
    EXPECT_EQ(text_of(reading->data()), "1");
  }
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(store_.of("b"));
  EXPECT_EQ(text_of(folder_.branch("b") / "data"), "1");
}

TEST_F(ImageStoreTest, ThatABranchRemembersIsThereInTheNextLife) {
  store_.make_branch("b", make("1"));
  store_.materialise("b", TimePoint{1s});
  {
    auto const later = make("2");
    auto bases = store_.bases("b");
    bases.push_back({later.id(), 2, TimePoint{2s}});
    store_.set_bases("b", bases);
  }
  ImageStore next{folder_, run_as_, [this](std::string const& line) { log_ += line; }};
  next.open();
  EXPECT_EQ(next.bases("b"), store_.bases("b"));
  EXPECT_EQ(count(), 2);
  next.set_bases("b", {next.bases("b").at(1)});
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(log_, "");
}

TEST_F(ImageStoreTest, RemovesNothingWhereAReferenceCannotBeRead) {
  store_.make_branch("b", make("1"));
  fs::remove(folder_.branch("b") / "image");
  fs::create_directory(folder_.branch("b") / "image");
  ImageStore next{folder_, run_as_, [this](std::string const& line) { log_ += line; }};
  next.open();
  EXPECT_EQ(count(), 1);
  EXPECT_THAT(log_, HasSubstr("branch b: "));
}

}  // namespace
}  // namespace lakebase::emulator
