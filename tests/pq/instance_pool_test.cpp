// An application's pool on a database instance of the emulator, while that is stopped and started and its tokens
// expire.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/database/convenience.hpp>
#include <lakebase/lakebase.hpp>
#include <lakebase/pq/pq.hpp>
#include <lakebase/testing/emulator.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "support/free_port.hpp"

namespace lakebase::tests {
namespace {

using namespace lakebase::pq;
using namespace std::chrono_literals;
using database::DatabaseInstanceState;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

/// Threads that write numbers by a pool for as long as it lives. After a failure each waits for the next `resume`.
class Application {
 public:
  explicit Application(ConnectionPool& pool) {
    for (int thread = 0; thread < 4; ++thread) {
      threads_.emplace_back([this, &pool, thread](std::stop_token const& stop) { write(pool, thread, stop); });
    }
  }
  ~Application() { end(); }
  Application(Application const&) = delete;
  Application& operator=(Application const&) = delete;

  /// Waits until so many more rows are written.
  void await_rows(int more) {
    int const until = written_ + more;
    for (int seen = written_; seen < until; seen = written_) written_.wait(seen);
  }
  /// Waits until each thread has failed once.
  void await_failures() {
    for (std::size_t seen = failed_; seen < threads_.size(); seen = failed_) failed_.wait(seen);
  }
  void resume() {
    failed_ = 0;
    ++round_;
    round_.notify_all();
  }
  /// Does something while no thread is at work.
  template <class Act>
  void between(Act const& act) {
    std::lock_guard const turn{turn_};
    std::lock_guard const nobody_works{work_};
    act();
  }
  void end() {
    for (auto& thread : threads_) thread.request_stop();
    resume();
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  // To be read once it has ended.
  std::set<int> written{};
  std::set<int> in_doubt{};
  std::vector<std::string> failures{};

 private:
  void write(ConnectionPool& pool, int number, std::stop_token const& stop) {
    while (!stop.stop_requested()) {
      int const round = round_;
      std::unique_lock turn{turn_};
      std::shared_lock work{work_};
      turn.unlock();
      try {
        pool.run([&](Transaction& t) { t.exec("INSERT INTO numbers VALUES ($1)", {number}); });
        note([&] { written.insert(number); });
        ++written_;
        written_.notify_all();
        number += 4;
      } catch (CommitUnknown const&) {
        note([&] { in_doubt.insert(number); });
        number += 4;
      } catch (Error const& error) {  // it was not written: once more
        note([&] { failures.emplace_back(error.what()); });
        if (!is_stopped(error)) continue;
        work.unlock();
        ++failed_;
        failed_.notify_all();
        round_.wait(round);
      }
    }
  }
  static bool is_stopped(Error const& error) {
    return std::string_view{error.what()}.find("is stopped") != std::string_view::npos;
  }
  template <class Note>
  void note(Note const& note) {
    std::lock_guard const lock{mutex_};
    note();
  }

  std::mutex mutex_{};
  std::mutex turn_{};
  std::shared_mutex work_{};
  std::atomic<int> written_{0}, round_{0};
  std::atomic<std::size_t> failed_{0};
  std::vector<std::jthread> threads_{};
};

class PoolOnAnInstance : public ::testing::Test {
 protected:
  PoolOnAnInstance() { w.database.create_database_instance({.name = "app"}).wait(); }

  /// Both times: the emulator's, and that of whoever keeps the tokens. Who asked in between would send an old token.
  void let_tokens_expire(Application& application) {
    application.between([this] {
      emulator.advance(61min);
      clock->advance(61min);
    });
  }
  void stop_and_start(Application& application) {
    database::stop_instance(w.database, "app");
    database::wait_until(w.database, "app", DatabaseInstanceState::stopped);
    application.await_failures();
    database::start_instance(w.database, "app");
    database::wait_until(w.database, "app", DatabaseInstanceState::available);
    application.resume();
  }

  testing::Emulator emulator{{.postgres_port = free_port()}};
  WorkspaceClient w{emulator.config()};
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
};

TEST_F(PoolOnAnInstance, LosesNoRowAndMintsOncePerExpiry) {
  auto source = source_for(w, "app");
  auto const credentials = make_instance_credentials(w.database, {"app"}, {.clock = clock});
  source.credentials = credentials;
  ConnectionPool pool{source, {.max_size = 4}};
  pool.run([](Transaction& t) { t.exec("CREATE TABLE numbers (n int)"); });  // not unique, to find what is there twice
  Application application{pool};
  application.await_rows(50);

  stop_and_start(application);
  application.await_rows(50);
  EXPECT_EQ(credentials->statistics().mints, 1U);

  // Sessions outlive their tokens; those that come after a suspend, or that a busy pool adds before, share a new one.
  for (unsigned const expiries : {1U, 2U}) {
    let_tokens_expire(application);
    application.await_rows(50);
    emulator.suspend("app");
    application.await_rows(50);
    EXPECT_EQ(credentials->statistics().mints, expiries + 1);
  }
  let_tokens_expire(application);
  stop_and_start(application);
  application.await_rows(50);
  application.end();
  EXPECT_EQ(credentials->statistics().mints, 4U);
  EXPECT_EQ(credentials->statistics().invalidated, 0U);

  std::vector<int> there;
  for (auto const& [n] : pool.acquire()->query<int>("SELECT n FROM numbers ORDER BY n")) there.push_back(n);
  std::set<int> expected = application.written;
  for (int const n : application.in_doubt) {
    if (std::binary_search(there.begin(), there.end(), n)) expected.insert(n);
  }
  EXPECT_THAT(there, ElementsAreArray(expected));
  EXPECT_THAT(application.failures, Each(HasSubstr("is stopped")));
}

TEST_F(PoolOnAnInstance, ReplacesATokenThatTheServerRefusesOnce) {
  auto source = source_for(w, "app");
  auto const credentials = make_instance_credentials(w.database, {"app"}, {.clock = clock});
  source.credentials = credentials;
  ConnectionPool pool{source};
  pool.acquire().give_back();
  emulator.advance(61min);  // of which the application's clock does not know
  emulator.suspend("app");
  EXPECT_EQ(pool.acquire()->query_value<int>("SELECT 1"), 1);
  EXPECT_EQ(credentials->statistics().mints, 2U);
  EXPECT_EQ(credentials->statistics().invalidated, 1U);
}

TEST_F(PoolOnAnInstance, ARouterReadsFromItsSecondaries) {
  w.database.update_database_instance("app", {.enable_readable_secondaries = true, .node_count = 2},
                                      "node_count,enable_readable_secondaries");
  auto const several = database::wait_until(w.database, "app", DatabaseInstanceState::available);
  ASSERT_EQ(several.effective_node_count, 2);
  auto router = make_router(w, "app");
  ASSERT_NE(router.reader(), nullptr);
  router.run(Intent::read_write, [](Transaction& t) { t.exec("CREATE TABLE routed (n int)"); });
  auto const is_standby = [&](Intent intent) {
    return router.run(intent, [](Transaction& t) { return t.exec("SELECT pg_is_in_recovery()").value<bool>(); });
  };
  EXPECT_FALSE(is_standby(Intent::read_write));
  EXPECT_TRUE(is_standby(Intent::read_only));

  w.database.failover_database_instance("app");
  auto const after = database::wait_until(w.database, "app", DatabaseInstanceState::available);
  EXPECT_EQ(after.read_write_dns, several.read_write_dns);
  EXPECT_EQ(after.read_only_dns, several.read_only_dns);
  EXPECT_FALSE(is_standby(Intent::read_write));
  emulator.failover("app");
  EXPECT_EQ(router.run(Intent::read_write,
                       [](Transaction& t) { return t.exec("SELECT count(*)::int FROM routed").value<int>(); }),
            0);
  EXPECT_TRUE(is_standby(Intent::read_only));
  EXPECT_EQ(router.fallbacks(), 0U);
}

TEST_F(PoolOnAnInstance, SaysAtOnceThatItIsStopped) {
  ConnectionPool pool{source_for(w, "app")};
  pool.acquire().give_back();
  database::stop_instance(w.database, "app");
  database::wait_until(w.database, "app", DatabaseInstanceState::stopped);
  try {
    pool.acquire().give_back();
    ADD_FAILURE() << "connected";
  } catch (ConnectionError const& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'app' is stopped"), HasSubstr("start_instance")));
    EXPECT_FALSE(error.retryable());
    EXPECT_EQ(error.attempts(), 1);
  }
  try {
    static_cast<void>(source_for(w, "app"));
    ADD_FAILURE() << "found";
  } catch (ConfigError const& error) {
    EXPECT_THAT(error.what(), HasSubstr("the instance app is stopped"));
  }
}

}  // namespace
}  // namespace lakebase::tests
