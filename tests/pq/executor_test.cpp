// Many logins, statements and requests to cancel at once on one thread: none of them blocks.

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <poll.h>

#include <gtest/gtest.h>

#include "pq/session/statement_step.hpp"
#include "support/by_hand.hpp"

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using pq::detail::DialStep;
using pq::detail::Session;
using pq::detail::StatementStep;
using pq::detail::StatementWait;
using pq::detail::Wait;
using pq::detail::Woken;
using Time = std::chrono::steady_clock;

// All that another library's executor has to do.
class Executor {
 public:
  // Calls `done` once the step is done.
  template <class Step>
  void begin(std::shared_ptr<Step> step, std::function<void(Step&)> done) {
    Task task{[step](Woken woken) { return step->next(woken); }, [step, done] { done(*step); }};
    go_on(std::move(task), {});
  }

  void run() {
    while (!tasks_.empty()) {
      std::vector<pollfd> sockets;
      auto soonest = Time::now() + 10s;
      for (auto const& task : tasks_) {
        auto const& wait = *task.wait;
        sockets.push_back({wait.socket, static_cast<short>((wait.read ? POLLIN : 0) | (wait.write ? POLLOUT : 0)), 0});
        soonest = std::min(soonest, wait.until.value_or(soonest));
      }
      auto const left = std::chrono::ceil<std::chrono::milliseconds>(soonest - Time::now()).count();
      ::poll(sockets.data(), sockets.size(), static_cast<int>(std::max<long>(left, 0)));
      auto tasks = std::exchange(tasks_, {});
      for (std::size_t i = 0; i < tasks.size(); ++i) {
        bool const late = tasks[i].wait->until && Time::now() >= *tasks[i].wait->until;
        bool const ready = sockets[i].fd < 0 || sockets[i].revents != 0;
        if (!late && !ready) {
          tasks_.push_back(std::move(tasks[i]));
        } else {
          go_on(std::move(tasks[i]), {.by = late ? timeout.by : tests::ready.by});
        }
      }
    }
  }

 private:
  struct Task {
    std::function<std::optional<Wait>(Woken)> next;
    std::function<void()> done;
    std::optional<Wait> wait{};
  };

  void go_on(Task task, Woken woken) {
    task.wait = task.next(woken);
    if (!task.wait) return task.done();
    tasks_.push_back(std::move(task));
  }

  std::vector<Task> tasks_{};
};

// Answers nobody before all are there.
class Meeting {
 public:
  explicit Meeting(int expected) : missing_(expected) {}
  bool join() {
    std::unique_lock lock{mutex_};
    if (--missing_ == 0) all_there_.notify_all();
    return all_there_.wait_for(lock, 20s, [&] { return missing_ <= 0; });
  }

 private:
  std::mutex mutex_{};
  std::condition_variable all_there_{};
  int missing_;
};

// A statement of a session, with what it needs to run.
struct Statement {
  Statement(Session& session, std::string const& sql, std::optional<pq::detail::Moment> until)
      : bounds(session, until), reading(bounds) {
    send(session, sql);
  }
  std::optional<Wait> next(Woken woken) { return reading.next(woken); }

  StatementWait bounds;
  StatementStep reading;
};

TEST(Executor, DrivesManyStepsAtOnceOnOneThread) {
  constexpr int sessions = 20;
  constexpr int cancelled = 5;
  Meeting meeting{sessions};
  FakeServer const* at = nullptr;
  auto const answer = [&](std::string const& sql) -> std::optional<std::string> {
    if (!meeting.join()) return std::nullopt;
    return sql == "SLEEP" ? end_when_cancelled(*at, 'I', cancelled) : command_complete("SELECT 1", 'I');
  };
  FakeServer const server{{{.on_query = answer}}};
  at = &server;

  Executor executor;
  std::vector<std::unique_ptr<Session>> open;
  int succeeded = 0;
  int failed = 0;
  auto const ended = [&](Statement& statement) {
    auto const ending = statement.reading.take();
    succeeded += ending.last != nullptr;
    failed += ending.first_error != nullptr && statement.bounds.interrupted() == StatementWait::Interrupted::by_timeout;
  };
  auto const run_statement = [&](DialStep& dialling) {
    open.push_back(std::move(dialling.take().session));
    ASSERT_TRUE(open.back());
    bool const sleeps = open.size() <= cancelled;
    auto const until = sleeps ? std::optional{Time::now() + 300ms} : std::nullopt;
    executor.begin<Statement>(std::make_shared<Statement>(*open.back(), sleeps ? "SLEEP" : "SELECT 1", until), ended);
  };
  for (int i = 0; i < sessions; ++i)
    executor.begin<DialStep>(std::make_shared<DialStep>(dial_to(server)), run_statement);
  executor.run();

  EXPECT_EQ(open.size(), sessions);
  EXPECT_EQ(succeeded, sessions - cancelled);
  EXPECT_EQ(failed, cancelled);
  EXPECT_EQ(server.cancels(), cancelled);
  for (auto const& session : open) EXPECT_FALSE(session->broken());
}

}  // namespace
}  // namespace lakebase::tests
