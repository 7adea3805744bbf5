#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>

#include "common/sql_quoting.hpp"
#include "data_plane_fixture.hpp"

namespace lakebase::emulator {
namespace {

class BranchCopyTest : public DataPlaneTest {
 protected:
  std::string value(std::string const& branch, std::string const& sql) {
    return plane().execute(branch, "app", {sql}).at(0).at(0);
  }
  void run(std::string const& branch, std::string const& sql) { plane().execute(branch, "app", {sql}); }

  bool files_exist(std::string const& branch) const {
    return std::filesystem::exists(root_.path() / "branches" / branch);
  }
};

TEST_F(BranchCopyTest, OfASleepingParent) {
  run("main", "CREATE TABLE t AS SELECT generate_series(1, 5000) AS n");
  plane().suspend("primary");
  plane().copy_branch("main", "child");
  EXPECT_EQ(plane().status("primary").state, ComputeState::idle);
  EXPECT_EQ(value("child", "SELECT sum(n) FROM t"), "12502500");
}

TEST_F(BranchCopyTest, IsIndependentOfItsParent) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("main", "child");
  run("child", "INSERT INTO t VALUES (2)");
  run("main", "INSERT INTO t VALUES (3), (4)");
  EXPECT_EQ(value("child", "SELECT string_agg(n::text, ' ' ORDER BY n) FROM t"), "1 2");
  EXPECT_EQ(value("main", "SELECT string_agg(n::text, ' ' ORDER BY n) FROM t"), "1 3 4");
  plane().remove_branch("main");
  EXPECT_FALSE(files_exist("main"));
  EXPECT_EQ(value("child", "SELECT count(*) FROM t"), "2");
}

TEST_F(BranchCopyTest, OfAParentThatWasKilled) {
  run("main", "CREATE TABLE t AS SELECT generate_series(1, 100) AS n");
  plane().crash("primary");
  plane().copy_branch("main", "child");
  EXPECT_EQ(value("child", "SELECT count(*) FROM t"), "100");
}

TEST_F(BranchCopyTest, OfACopyOfACopy) {
  run("main", "CREATE TABLE t AS SELECT 1 AS n");
  plane().copy_branch("main", "child");
  // The child has never run: it still has to recover from the copy that made it.
  plane().copy_branch("child", "grandchild");
  EXPECT_EQ(value("grandchild", "SELECT n FROM t"), "1");
}

/// A copy's log, which ends too soon until it is restored: the copy's first recovery stops there.
class ShortenedLog {
 public:
  explicit ShortenedLog(std::filesystem::path const& data) {
    std::string const label = read(data / "backup_label");
    std::string_view const title = "CHECKPOINT LOCATION: 0/";
    auto const position = std::stoull(label.substr(label.find(title) + title.size()), nullptr, 16);
    std::string const first = label.substr(label.find("(file ") + 6, 24);
    for (auto const& entry : std::filesystem::directory_iterator{data / "pg_wal"}) {
      if (!entry.is_regular_file()) continue;
      std::string const bytes = read(entry.path());
      kept_.emplace(entry.path().filename(), bytes);
      std::size_t end = 0;
      if (entry.path().filename() == first) {
        end = position % bytes.size();
        std::uint32_t length_of_checkpoint = 0;
        std::memcpy(&length_of_checkpoint, bytes.data() + end, sizeof length_of_checkpoint);
        end += (length_of_checkpoint + 7) / 8 * 8;
      }
      overwrite(entry.path(), bytes.substr(0, end) + std::string(bytes.size() - end, '\0'));
    }
  }
  ShortenedLog(ShortenedLog const&) = delete;
  ShortenedLog& operator=(ShortenedLog const&) = delete;
  void restore(std::filesystem::path const& data) const {
    for (auto const& [name, bytes] : kept_) overwrite(data / "pg_wal" / name, bytes);
  }

 private:
  static std::string read(std::filesystem::path const& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  // In place, so that the file keeps its owner.
  static void overwrite(std::filesystem::path const& path, std::string const& bytes) {
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  std::map<std::filesystem::path, std::string> kept_;
};

TEST_F(BranchCopyTest, WhoseFirstRecoveryWasInterruptedIsRecoveredFromItsBeginning) {
  run("main", "CREATE TABLE t AS SELECT generate_series(1, 100) AS n");
  plane().copy_branch("main", "child");
  ShortenedLog const shortened{std::filesystem::directory_iterator{root_.path() / "images"} -> path() / "data"};
  EXPECT_THROW(value("child", "SELECT 1"), DataPlaneError);
  shortened.restore(root_.path() / "branches" / "child" / "data");
  EXPECT_EQ(value("child", "SELECT count(*) FROM t"), "100");
}

TEST_F(BranchCopyTest, OfThePastOfDataWithoutAHistoryIsRefused) {
  EXPECT_THROW(plane().copy_branch("main", "child", Lsn{"0/1"}), DataPlaneError);
  EXPECT_THROW(plane().copy_branch("main", "child", TimePoint{}), DataPlaneError);
  EXPECT_FALSE(files_exist("child"));
}

TEST_F(BranchCopyTest, TellsTheMomentThatWasCopied) {
  auto const written = [&] { return value("main", "SELECT pg_current_wal_insert_lsn()"); };
  auto const is_between = [&](std::string const& lsn, std::string const& before, std::string const& after) {
    return value("main", "SELECT " + quote_literal(lsn) + "::pg_lsn BETWEEN " + quote_literal(before) +
                             "::pg_lsn AND " + quote_literal(after) + "::pg_lsn");
  };
  auto before = written();
  auto moment = plane().copy_branch("main", "of-running").lsn;
  EXPECT_EQ(is_between(moment, before, written()), "t") << moment;
  before = written();
  plane().suspend("primary");
  moment = plane().copy_branch("main", "of-resting").lsn;
  EXPECT_EQ(is_between(moment, before, written()), "t") << moment;
}

TEST_F(BranchCopyTest, OfManyThatAreToStartSoonOnlyTheLastDo) {
  plane_.reset();
  time_ = std::make_shared<Timekeeper>([now = system_time()] { return now; });
  start_data_plane();
  for (std::string const child : {"a", "b", "c", "d"}) {
    plane().copy_branch("main", child);
    plane().add_endpoint("of-" + child, child, {});
    plane().start_soon("of-" + child);
    EXPECT_EQ(plane().status("of-" + child).state, ComputeState::init);
  }
  time_->advance(1s);
  for (std::string const started : {"of-c", "of-d"}) {
    EXPECT_TRUE(eventually([&] { return plane().status(started).state == ComputeState::active; })) << started;
  }
  for (std::string const dropped : {"of-a", "of-b"}) {
    EXPECT_EQ(plane().status(dropped).state, ComputeState::idle) << dropped;
    EXPECT_FALSE(plane().status(dropped).started) << dropped;
  }
}

TEST_F(BranchCopyTest, StartsSoonWhereNobodyWaits) {
  plane().suspend("primary");
  plane().start_soon("primary");
  while (plane().status("primary").state != ComputeState::active) std::this_thread::yield();
  plane().start_soon("primary");  // It runs.
  EXPECT_EQ(value("main", "SELECT 1"), "1");
  // Whoever removes it does not wait for a start to end well.
  plane().copy_branch("main", "child");
  plane().add_endpoint("of-child", "child", {});
  plane().start_soon("of-child");
  plane().remove_branch("child");
  EXPECT_FALSE(files_exist("child"));
}

/// Moves money between accounts for as long as it lives: whoever sees all of a transfer or none sees the same total.
class Transfers {
 public:
  Transfers(std::string conninfo, int seed)
      : thread_([this, conninfo = std::move(conninfo), seed] {
          PqConnection session{conninfo};
          for (int round = seed; !done_; ++round) {
            std::string const from = std::to_string(round * 7 % 1000);
            std::string const to = std::to_string(round * 13 % 1000);
            auto answer =
                session.run("BEGIN; UPDATE account SET money = money - 5 WHERE id = " + from +
                            "; UPDATE account SET money = money + 5 WHERE id = " + to +
                            "; INSERT INTO ledger VALUES (" + from + ", " + to + ", repeat('x', 500)); COMMIT");
            if (answer.sqlstate == "40P01") continue;
            if (!answer.error.empty()) failure_ = answer.error;
            ++count_;
          }
        }) {}
  Transfers(Transfers const&) = delete;
  Transfers& operator=(Transfers const&) = delete;
  ~Transfers() { stop(); }
  void stop() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
  }
  int count() const { return count_; }
  /// Only after `stop`.
  std::string const& failure() const { return failure_; }

 private:
  std::atomic<bool> done_{false};
  std::atomic<int> count_{0};
  std::string failure_;
  std::thread thread_;
};

TEST_F(BranchCopyTest, UnderWritesIsAMomentOfTheParent) {
  ASSERT_EQ(connect()
                .run("CREATE TABLE account (id int PRIMARY KEY, money int);"
                     "INSERT INTO account SELECT n, 100 FROM generate_series(0, 999) AS n;"
                     "CREATE TABLE ledger (a int, b int, note text);"
                     "CREATE INDEX ON ledger (a)")
                .error,
            "");
  Transfers first{conninfo(host_), 1};
  Transfers second{conninfo(host_), 500};
  for (int round = 0; round < 3; ++round) {
    int const before = first.count();
    ASSERT_TRUE(eventually([&] { return first.count() > before + 50; }));
    run("main", "CREATE TABLE before_copy_" + std::to_string(round) + " ()");
    std::string const child = "child-" + std::to_string(round);
    plane().copy_branch("main", child);
    EXPECT_EQ(value(child, "SELECT sum(money) FROM account"), "100000");
    EXPECT_EQ(value(child, "SELECT count(*) >= " + std::to_string(before) + " FROM ledger"), "t");
    EXPECT_EQ(value(child, "SELECT to_regclass('before_copy_" + std::to_string(round) + "') IS NOT NULL"), "t");
    EXPECT_EQ(value(child, "SELECT count(*) = (SELECT count(*) FROM ledger WHERE a >= 0) FROM ledger"), "t");
  }
  first.stop();
  second.stop();
  EXPECT_EQ(first.failure() + second.failure(), "");
  EXPECT_EQ(value("main", "SELECT sum(money) FROM account"), "100000");
}

TEST_F(BranchCopyTest, SeveralAtOnceWhileTheParentIsSuspendedAndWoken) {
  run("main", "CREATE TABLE t AS SELECT generate_series(1, 1000) AS n");
  std::vector<std::thread> copiers;
  for (int copy = 0; copy < 3; ++copy) {
    copiers.emplace_back([this, copy] { plane().copy_branch("main", "child-" + std::to_string(copy)); });
  }
  for (int round = 0; round < 3; ++round) {
    plane().suspend("primary");
    EXPECT_TRUE(connect().ok());
  }
  for (auto& copier : copiers) copier.join();
  for (int copy = 0; copy < 3; ++copy)
    EXPECT_EQ(value("child-" + std::to_string(copy), "SELECT count(*) FROM t"), "1000");
}

TEST_F(BranchCopyTest, RefusesWhatIsThereAndWhatIsNot) {
  plane().copy_branch("main", "child");
  EXPECT_THROW(plane().copy_branch("main", "child"), DataPlaneError);
  EXPECT_THROW(plane().create_branch("child"), DataPlaneError);
  EXPECT_THROW(plane().copy_branch("missing", "other"), DataPlaneError);
  EXPECT_THROW(plane().copy_branch("main", "../other"), DataPlaneError);
  plane().remove_branch("child");
  EXPECT_FALSE(files_exist("child"));
  plane().copy_branch("main", "child");
}

TEST_F(BranchCopyTest, RemovingWhatIsNotThereIsDoneAtOnce) {
  EXPECT_NO_THROW(plane().remove_branch("never-made"));
  plane().copy_branch("main", "copy");
  plane().remove_branch("copy");
  EXPECT_NO_THROW(plane().remove_branch("copy"));
}

TEST_F(BranchCopyTest, RootBranchesHaveTheStandardRoleAndNoUser) {
  plane().create_branch("root");
  EXPECT_EQ(plane().execute("root", "postgres",
                            {"SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls "
                             "FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' ORDER BY 1"}),
            (std::vector<std::vector<std::string>>{{"cloud_admin", "t", "t", "t", "t"},
                                                   {"databricks_superuser", "f", "f", "f", "f"}}));
  auto const facts = plane().execute("root", "postgres",
                                     {"SELECT pg_encoding_to_char(encoding), datcollate, "
                                      "current_setting('data_checksums') FROM pg_database "
                                      "WHERE datname = 'postgres'"});
  EXPECT_EQ(facts.at(0).at(0), "UTF8");
  EXPECT_EQ(facts.at(0).at(1), "C.UTF-8");
}

}  // namespace
}  // namespace lakebase::emulator
