#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "data_plane/history/wal_log_posix.hpp"
#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A number from the environment, for the long form of a test.
int wanted(char const* variable, int usual) {
  char const* const text = std::getenv(variable);
  return text == nullptr ? usual : std::atoi(text);
}

/// Without what links lead to: the extensions of the machine's PostgreSQL.
std::int64_t size_of(fs::path const& folder) {
  std::int64_t size = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    std::error_code vanished;
    if (!entry->is_symlink(vanished) && entry->is_regular_file(vanished))
      size += static_cast<std::int64_t>(entry->file_size(vanished));
  }
  return size;
}

/// One of a series of commits to a branch.
struct Commit {
  std::string branch;
  int number = 0;
  std::string lsn;  ///< Behind it.
  TimePoint time;   ///< After it, and before the next one.
};

class PointInTimeTest : public DataPlaneTest {
 protected:
  void SetUp() override {
    plane_ = std::make_unique<DataPlane>(options());
    plane().create_branch("root", {"CREATE DATABASE app"});
  }
  DataPlaneOptions options() {
    auto all = DataPlaneTest::options();
    all.retention = [this](std::string const&) { return retention_; };
    return all;
  }
  void restart() {
    plane_.reset();
    plane_ = std::make_unique<DataPlane>(options());
  }

  void run(std::string const& branch, std::string const& sql) { plane().execute(branch, "app", {sql}); }
  std::string value(std::string const& branch, std::string const& sql) {
    return plane().execute(branch, "app", {sql}).at(0).at(0);
  }
  std::string lsn(std::string const& branch) { return value(branch, "SELECT pg_current_wal_lsn()"); }
  std::string numbers(std::string const& branch) {
    return value(branch, "SELECT string_agg(n::text, ' ' ORDER BY n) FROM t");
  }
  std::string failure_of(std::function<void()> const& work) {
    try {
      work();
      return "none";
    } catch (DataPlaneError const& error) {
      return error.sqlstate() + " " + error.what();
    }
  }
  std::set<std::string> images() const {
    std::set<std::string> ids;
    for (auto const& entry : fs::directory_iterator{root_.path() / "images"}) ids.insert(entry.path().filename());
    return ids;
  }
  fs::path folder(std::string const& branch) const { return root_.path() / "branches" / branch; }
  /// Kills the server as a crash does.
  void kill(std::string const& branch) {
    plane().add_endpoint("of-" + branch, branch, {});
    plane().crash("of-" + branch);
    plane().remove_endpoint("of-" + branch);
  }
  void suspend(std::string const& branch) {
    plane().add_endpoint("of-" + branch, branch, {});
    plane().suspend("of-" + branch);
    plane().remove_endpoint("of-" + branch);
  }

  Duration retention_ = 48h;
};

TEST_F(PointInTimeTest, ABranchHoldsWhatWasThereAtAPosition) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  auto const first = lsn("root");
  run("root", "INSERT INTO t VALUES (2)");
  auto const second = lsn("root");
  run("root", "DROP TABLE t");
  auto const copied = plane().copy_branch("root", "a", Lsn{first});
  EXPECT_EQ(copied.lsn, first);
  ASSERT_TRUE(copied.time);
  EXPECT_LE(*copied.time, system_time());
  plane().copy_branch("root", "b", Lsn{second});
  EXPECT_FALSE(fs::exists(folder("a") / "data")) << "it has not run";
  EXPECT_EQ(numbers("a"), "1");
  EXPECT_EQ(numbers("b"), "1 2");
  EXPECT_EQ(value("root", "SELECT to_regclass('t') IS NULL"), "t");
  run("b", "INSERT INTO t VALUES (3)");
  EXPECT_EQ(numbers("b"), "1 2 3");
}

TEST_F(PointInTimeTest, ABranchHoldsWhatHadCommittedAtATime) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  auto const first = system_time();
  run("root", "INSERT INTO t VALUES (2)");
  auto const second = system_time();
  plane().copy_branch("root", "now", second);
  run("root", "DELETE FROM t");
  plane().copy_branch("root", "then", first);
  EXPECT_EQ(numbers("now"), "1 2");
  EXPECT_EQ(numbers("then"), "1");
}

TEST_F(PointInTimeTest, AMomentThatWasJumpedOverIsThatOfTheJump) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  auto const before = time_->now();
  time_->advance(24h);
  run("root", "INSERT INTO t VALUES (2)");
  auto const after = time_->now();
  run("root", "INSERT INTO t VALUES (3)");
  plane().copy_branch("root", "a", before + 12h);
  auto const copied = plane().copy_branch("root", "b", after);
  EXPECT_EQ(numbers("a"), "1");
  EXPECT_EQ(numbers("b"), "1 2");
  auto const by_position = plane().copy_branch("root", "c", Lsn{copied.lsn});
  EXPECT_EQ(numbers("c"), "1 2");
  ASSERT_TRUE(by_position.time);
  EXPECT_GE(*by_position.time, before + 24h);
  EXPECT_LE(*by_position.time, after);
}

TEST_F(PointInTimeTest, RefusesAPositionThatTheBranchNeverHad) {
  EXPECT_THAT(failure_of([&] { plane().copy_branch("root", "a", Lsn{"0/1"}); }), HasSubstr("22023 "));
  auto const before = plane().copy_branch("root", "unchanged").lsn;
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("root", "child");
  run("child", "INSERT INTO t VALUES (2)");
  run("root", "INSERT INTO t SELECT generate_series(1, 100000)");
  auto const head = lsn("root");
  auto const refused = "22023 the source branch has no LSN ";
  EXPECT_THAT(failure_of([&] { plane().copy_branch("child", "a", Lsn{head}); }), HasSubstr(refused + head));
  EXPECT_THAT(failure_of([&] { plane().copy_branch("child", "a", Lsn{before}); }), HasSubstr(refused + before));
  EXPECT_THAT(failure_of([&] { plane().copy_branch("root", "a", Lsn{"FF/0"}); }), HasSubstr(refused));
  EXPECT_THAT(failure_of([&] { plane().copy_branch("root", "a", Lsn{"0/0"}); }), HasSubstr(refused));
  EXPECT_THAT(failure_of([&] { plane().copy_branch("root", "a", Lsn{"12"}); }),
              HasSubstr("22023 \"12\" is no position"));
  EXPECT_FALSE(fs::exists(folder("a")));
  plane().copy_branch("root", "a", Lsn{head});
  EXPECT_EQ(value("a", "SELECT count(*) FROM t"), "100001");
}

TEST_F(PointInTimeTest, NeedsNoRunningSource) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  auto const first = lsn("root");
  run("root", "INSERT INTO t VALUES (2)");
  auto const second = system_time();
  run("root", "INSERT INTO t VALUES (3)");
  auto const last = lsn("root");
  auto const check = [&](std::string const& when) {
    plane().copy_branch("root", "a-" + when, Lsn{first});
    plane().copy_branch("root", "b-" + when, second);
    plane().copy_branch("root", "c-" + when, Lsn{last});
    plane().copy_branch("root", "d-" + when, system_time());
    EXPECT_EQ(numbers("a-" + when), "1") << when;
    EXPECT_EQ(numbers("b-" + when), "1 2") << when;
    EXPECT_EQ(numbers("c-" + when), "1 2 3") << when;
    EXPECT_EQ(numbers("d-" + when), "1 2 3") << when;
  };
  suspend("root");
  check("suspended");
  restart();
  check("restarted");
  run("root", "SELECT 1");
  kill("root");
  check("killed");
  run("root", "SELECT 1");
  check("running");
}

TEST_F(PointInTimeTest, IsRefusedWithoutTheLogOfThatTime) {
  run("root", "CREATE TABLE t AS SELECT generate_series(1, 200000) AS n");
  auto const first = system_time();
  run("root", "INSERT INTO t SELECT generate_series(1, 200000)");
  suspend("root");
  plane_.reset();
  std::set<fs::path> segments;
  for (auto const& entry : fs::directory_iterator{folder("root") / "data" / "pg_wal"}) {
    if (is_wal_segment(entry.path().filename().string())) segments.insert(entry.path());
  }
  ASSERT_GT(segments.size(), 4);
  fs::remove(*std::next(segments.begin()));
  plane_ = std::make_unique<DataPlane>(options());
  EXPECT_THAT(failure_of([&] { plane().copy_branch("root", "a", first); }), HasSubstr("has a gap at "));
  EXPECT_FALSE(fs::exists(folder("a")));
}

/// While it lives, no file of this process and of those that it starts can become larger, as if the disk was full.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t size) {
    ::getrlimit(RLIMIT_FSIZE, &usual_);
    rlimit const small{size, usual_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  SmallFiles(SmallFiles const&) = delete;
  SmallFiles& operator=(SmallFiles const&) = delete;
  ~SmallFiles() { ::setrlimit(RLIMIT_FSIZE, &usual_); }

 private:
  rlimit usual_{};
};

TEST_F(PointInTimeTest, LeavesNothingIfTheDiskIsFullInTheMiddleOfTheRecovery) {
  auto const present = [&] {
    std::set<fs::path> all;
    for (auto const* const folder : {"branches", "images", "s"}) {
      std::error_code none;
      for (auto const& entry : fs::directory_iterator{root_.path() / folder, none}) all.insert(entry.path());
    }
    return all;
  };
  run("root", "CREATE TABLE t AS SELECT generate_series(1, 500000) AS n");
  auto const then = lsn("root");
  run("root", "DELETE FROM t");
  auto const before = present();
  {
    SmallFiles const limit{rlim_t{8} << 20};
    EXPECT_THAT(failure_of([&] { plane().copy_branch("root", "a", Lsn{then}); }),
                testing::AllOf(HasSubstr("cannot copy the branch root: "), HasSubstr("File too large")));
  }
  EXPECT_EQ(present(), before);
  plane().copy_branch("root", "a", Lsn{then});
  EXPECT_EQ(value("a", "SELECT count(*) FROM t"), "500000");
  EXPECT_EQ(value("root", "SELECT count(*) FROM t"), "0");
}

TEST_F(PointInTimeTest, LookingAfterItIsNobodysActivity) {
  plane().add_endpoint("of-root", "root", {});
  run("root", "SELECT 1");
  auto const before = plane().status("of-root").last_active;
  time_->advance(1h);
  plane().look_after_history();
  EXPECT_EQ(plane().status("of-root").last_active, before);
}

TEST_F(PointInTimeTest, OutlivesItsSource) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  auto const first = lsn("root");
  run("root", "INSERT INTO t VALUES (2)");
  plane().copy_branch("root", "a", Lsn{first});
  plane().remove_branch("root");
  EXPECT_EQ(numbers("a"), "1");
  auto const held = images();
  plane().remove_branch("a");
  EXPECT_LT(images().size(), held.size()) << "its data are given back at once";
}

/// The i-th commit of a branch, of many kinds.
std::vector<std::string> work_of(int i) {
  auto const n = std::to_string(i);
  std::vector<std::string> statements = {"BEGIN", "INSERT INTO t VALUES (" + n + ", nextval('s'))"};
  if (i % 7 == 0) statements.push_back("CREATE TABLE t" + n + " AS SELECT " + n + " AS n");
  if (i % 14 == 0) statements.push_back("DROP TABLE t" + std::to_string(i - 7));
  if (i % 5 == 0)
    statements.push_back("SELECT lo_from_bytea(" + std::to_string(100000 + i) + ", repeat('x', 3000)::bytea)");
  if (i % 11 == 0) statements.push_back("UPDATE t SET v = v WHERE n % 3 = 0");
  statements.emplace_back("COMMIT");
  return statements;
}

class PrefixTest : public PointInTimeTest {
 protected:
  void commit(std::string const& branch, int count) {
    for (int i = 0; i < count; ++i) {
      ++last_[branch];
      auto statements = work_of(last_[branch]);
      statements.emplace_back("SELECT pg_current_wal_lsn()");
      auto const rows = plane().execute(branch, "app", statements);
      commits_.push_back({branch, last_[branch], rows.at(0).at(0), system_time()});
    }
  }
  /// How far a sequence of a recovered branch may be from its last committed number. PostgreSQL logs a number together
  /// with the 32 that follow it, and recovery takes all of them for used: if the last committed number is the logged
  /// one, the next one is 33 later. Crashes and copies in a row do not add up: each number that is taken after one of
  /// them is logged anew, and commits. Only the part of a transaction in front of a time, which had not committed by
  /// then, has one more.
  static constexpr int by_position = 33;
  static constexpr int by_time = 34;
  /// What a branch holds after so many commits, by the same statements in words.
  void expect_prefix(std::string const& branch, int count, int most_skipped) {
    SCOPED_TRACE(branch + " holds " + std::to_string(count));
    EXPECT_EQ(value(branch, "SELECT count(*) || ' ' || coalesce(max(n), 0) || ' ' || coalesce(sum(n), 0) FROM t"),
              std::to_string(count) + " " + std::to_string(count) + " " + std::to_string(count * (count + 1) / 2));
    auto const skipped = std::stoi(value(branch, "SELECT nextval('s') - max(v) FROM t"));
    EXPECT_GE(skipped, 1);
    EXPECT_LE(skipped, most_skipped);
    int tables = 0;
    for (int i = 7; i <= count; i += 7) tables += i % 14 == 0 ? 0 : 1;
    EXPECT_EQ(value(branch, "SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'"), std::to_string(tables));
    EXPECT_EQ(value(branch,
                    "SELECT count(*) || ' ' || coalesce(sum(length(lo_get(oid))), 0) FROM "
                    "pg_largeobject_metadata"),
              std::to_string(count / 5) + " " + std::to_string(count / 5 * 3000));
  }
  void check(int branches, std::string const& round) {
    for (int i = 0; i < branches; ++i) {
      auto const& one = commits_[chance_() % commits_.size()];
      auto const& other = commits_[chance_() % commits_.size()];
      auto const of_position = round + "-lsn-" + std::to_string(i);
      auto const of_time = round + "-time-" + std::to_string(i);
      plane().copy_branch(one.branch, of_position, Lsn{one.lsn});
      plane().copy_branch(other.branch, of_time, other.time);
      expect_prefix(of_position, one.number, by_position);
      expect_prefix(of_time, other.number, by_time);
      plane().remove_branch(of_position);
      plane().remove_branch(of_time);
    }
  }

  std::vector<Commit> commits_;
  std::map<std::string, int> last_;
  std::mt19937 chance_{17};
};

TEST_F(PrefixTest, EachBranchHoldsExactlyThatOfItsMoment) {
  int const commits = wanted("LAKEBASE_TEST_COMMITS", 200);
  int const branches = wanted("LAKEBASE_TEST_MOMENTS", 2);
  run("root", "CREATE TABLE t (n int, v bigint)");
  run("root", "CREATE SEQUENCE s");
  std::string branch = "root";
  for (int depth = 0; depth < 3; ++depth) {
    commit(branch, commits / 3);
    if (depth == 2) break;
    // The next branch is one of a moment itself.
    auto const& moment = commits_[commits_.size() - 10];
    auto const next = "depth-" + std::to_string(depth + 1);
    depth == 0 ? plane().copy_branch(branch, next, Lsn{moment.lsn}) : plane().copy_branch(branch, next, moment.time);
    last_[next] = moment.number;
    expect_prefix(next, moment.number, depth == 0 ? by_position : by_time);
    branch = next;
  }
  check(branches, "running");
  for (std::string const killed : {"root", "depth-1", "depth-2"}) {
    run(killed, "SELECT 1");
    kill(killed);
  }
  check(branches, "killed");
  for (std::string const suspended : {"root", "depth-1", "depth-2"}) suspend(suspended);
  check(branches, "suspended");
}

class HistoryDiskTest : public PointInTimeTest {
 protected:
  void SetUp() override {
    retention_ = 24h;
    PointInTimeTest::SetUp();
    run("root", "CREATE TABLE t (n int, filling text)");
    run("root", "ALTER TABLE t ALTER filling SET STORAGE EXTERNAL");
  }
  /// So many commits of 10 MB.
  void write(int count) {
    for (int i = 0; i < count; ++i) {
      plane().execute("root", "app",
                      {"BEGIN", "TRUNCATE t",
                       "INSERT INTO t SELECT 1, repeat('x', 1000000) FROM generate_series(1, 10)", "COMMIT"});
      if (i % 5 == 0) plane().look_after_history();
    }
  }
};

TEST_F(HistoryDiskTest, IsGivenBackAfterTheWindow) {
  int const commits = wanted("LAKEBASE_TEST_BIG_COMMITS", 30);
  write(commits);
  auto const full = size_of(root_.path());
  EXPECT_GT(full, commits * 10'000'000);
  EXPECT_GT(plane().history_size("root"), commits * 8'000'000);
  time_->advance(48h);
  plane().look_after_history();
  EXPECT_LT(size_of(root_.path()), full / 2) << "while it runs";
  EXPECT_LT(size_of(folder("root") / "data" / "pg_wal"), 150'000'000);
  plane().copy_branch("root", "now", time_->now() - 23h);
  EXPECT_EQ(value("now", "SELECT count(*) FROM t"), "10");
}

TEST_F(HistoryDiskTest, IsGivenBackByABranchThatSleeps) {
  write(30);
  suspend("root");
  time_->advance(48h);
  plane().look_after_history();
  EXPECT_LT(size_of(folder("root") / "data" / "pg_wal"), 20'000'000);
  EXPECT_EQ(value("root", "SELECT count(*) FROM t"), "10");
  plane().copy_branch("root", "now", time_->now());
  EXPECT_EQ(value("now", "SELECT count(*) FROM t"), "10");
}

class ReplacedDataTest : public PointInTimeTest {};

TEST_F(ReplacedDataTest, AreThoseOfTheSource) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("root", "child");
  auto const host = plane().add_endpoint("of-child", "child", {});
  run("child", "INSERT INTO t VALUES (2)");
  auto const before = lsn("child");
  run("root", "INSERT INTO t VALUES (3)");
  plane().replace_data("child", "root");
  EXPECT_EQ(numbers("child"), "1 3");
  run("child", "INSERT INTO t VALUES (4)");
  EXPECT_EQ(numbers("root"), "1 3");
  EXPECT_EQ(plane().status("of-child").state, ComputeState::active);
  auto const after = lsn("child");
  run("child", "DELETE FROM t");
  plane().copy_branch("child", "a", Lsn{after});
  EXPECT_EQ(numbers("a"), "1 3 4");
  restart();
  EXPECT_EQ(value("child", "SELECT count(*) FROM t"), "0");
  EXPECT_EQ(numbers("root"), "1 3");
}

TEST_F(ReplacedDataTest, StayIfTheSourceHasNoSuchMoment) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("root", "child");
  run("child", "INSERT INTO t VALUES (2)");
  EXPECT_THAT(failure_of([&] { plane().replace_data("child", "root", Lsn{"FF/0"}); }), HasSubstr("has no LSN"));
  EXPECT_EQ(numbers("child"), "1 2");
}

TEST_F(ReplacedDataTest, AreTheOldOrTheNewOnesIfTheLastLifeEndedMeanwhile) {
  run("root", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("root", "child");
  plane().copy_branch("root", "other");
  run("child", "INSERT INTO t VALUES (2)");
  plane_.reset();
  // Before the old data went.
  fs::copy_file(folder("other") / "image", folder("child") / "next-image");
  give_to(RunAs::choose(), folder("child"));
  plane_ = std::make_unique<DataPlane>(options());
  EXPECT_EQ(numbers("child"), "1 2");
  EXPECT_FALSE(fs::exists(folder("child") / "next-image"));
  plane_.reset();
  // After it.
  fs::copy_file(folder("other") / "image", folder("child") / "next-image");
  give_to(RunAs::choose(), folder("child"));
  fs::rename(folder("child") / "data", folder(".unfinished-a"));
  plane_ = std::make_unique<DataPlane>(options());
  EXPECT_EQ(numbers("child"), "1");
}

TEST(LsnTest, IsReadAsPostgresWritesIt) {
  EXPECT_EQ(parse_lsn("1/A"), 0x10000000AU);
  EXPECT_EQ(parse_lsn("0/1a2b3c8"), 0x1A2B3C8U);
  EXPECT_EQ(lsn_text(0x10000000AU), "1/A");
  for (char const* wrong : {"", "/", "0", "0/", "/0", "0/x", "0/100000000", "-1/0", "0/1 ", " 0/1"}) {
    EXPECT_FALSE(parse_lsn(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace lakebase::emulator
