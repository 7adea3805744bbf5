#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/error.hpp>
#include <lakebase/events.hpp>
#include <lakebase/testing/fake_clock.hpp>

#include "base/events/watch.hpp"
#include "support/event_recorder.hpp"

namespace lakebase::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Event query_event() {
  return {.kind = EventKind::query, .database = "shop", .operation = "SELECT", .query_text = "SELECT $1", .rows = 3};
}

class Lines {
 public:
  LogSink sink() {
    return [this](LogRecord const& record) {
      lines.emplace_back(record.message);
      levels.push_back(record.level);
    };
  }
  std::vector<std::string> lines{};
  std::vector<LogLevel> levels{};
};

TEST(TextObserver, WritesALineForEachEventThatHasEnded) {
  Lines lines;
  auto const observer = make_text_observer({.log = lines.sink()});
  auto event = query_event();
  event.query_text = {};
  static_cast<void>(observer->began(event));
  event.duration = 1042us;
  observer->ended(event, {});
  event.error_type = event.sqlstate = "23505";
  observer->ended(event, {});
  std::string const line =
      "query 1.042 ms db.system.name=postgresql db.namespace=shop db.operation.name=SELECT "
      "db.response.returned_rows=3";
  EXPECT_THAT(lines.lines,
              ElementsAre(line,
                          "query 1.042 ms db.system.name=postgresql db.namespace=shop db.operation.name=SELECT "
                          "db.response.status_code=23505 db.response.returned_rows=3 error.type=23505"));
  EXPECT_THAT(lines.levels, ElementsAre(LogLevel::info, LogLevel::warning));
}

TEST(TextObserver, QuotesValuesAndKeepsToOneLine) {
  Lines lines;
  auto const observer = make_text_observer({.log = lines.sink(), .query_text = true});
  EXPECT_TRUE(observer->wants_query_text());
  auto event = query_event();
  event.query_text = "SELECT \"a\"\n FROM t WHERE b = $1";
  observer->ended(event, {});
  EXPECT_THAT(lines.lines.front(), HasSubstr(R"(db.query.text="SELECT \"a\"  FROM t WHERE b = $1" )"));
}

TEST(TextObserver, LeavesOutWhatIsFastButNotWhatFailed) {
  Lines lines;
  auto const observer = make_text_observer({.log = lines.sink(), .least_duration = 1ms});
  auto event = query_event();
  event.duration = 999us;
  observer->ended(event, {});
  EXPECT_THAT(lines.lines, IsEmpty());
  event.error_type = "timeout";
  observer->ended(event, {});
  EXPECT_THAT(lines.lines, ElementsAre(HasSubstr("error.type=timeout")));
}

TEST(JoinedObservers, GiveTheQueryTextToThoseThatWantIt) {
  auto const curious = std::make_shared<EventRecorder>(true);
  auto const plain = std::make_shared<EventRecorder>();
  auto const joined = join_observers({plain, curious});
  EXPECT_TRUE(joined->wants_query_text());
  auto context = joined->began(query_event());
  joined->ended(query_event(), std::move(context));
  EXPECT_TRUE(curious->all().front().has("db.query.text=SELECT $1"));
  EXPECT_THAT(plain->facts(), ::testing::Not(HasSubstr("db.query.text")));
  EXPECT_EQ(plain->open(), 0);
}

// Writes down the order in which observers are told.
class Ordered final : public EventObserver {
 public:
  Ordered(std::string name, std::vector<std::string>& log) : name_(std::move(name)), log_(log) {}
  Context began(Event const&) override {
    log_.push_back(name_ + " began");
    return {};
  }
  void ended(Event const&, Context) override { log_.push_back(name_ + " ended"); }

 private:
  std::string name_;
  std::vector<std::string>& log_;
};

TEST(JoinedObservers, EndInReverseOrder) {
  std::vector<std::string> log;
  auto const joined = join_observers({std::make_shared<Ordered>("a", log), std::make_shared<Ordered>("b", log)});
  auto context = joined->began({});
  joined->ended({}, std::move(context));
  joined->ended({.kind = EventKind::close}, {});
  EXPECT_THAT(log, ElementsAre("a began", "b began", "b ended", "a ended", "b ended", "a ended"));
}

TEST(Watch, TellsTheDurationByTheClockAndTheNameOfTheError) {
  EventRecorder recorder;
  testing::FakeClock clock;
  auto const describe = [] { return Event{.kind = EventKind::mint}; };
  auto const fail_with = [&](auto const& error) {
    using Thrown = std::decay_t<decltype(error)>;
    EXPECT_THROW(detail::watch(&recorder, &clock, describe,
                               [&] {
                                 clock.advance(2s);
                                 throw Thrown{error};
                               }),
                 Thrown);
    EXPECT_EQ(recorder.all().back().duration, 2s);
    return recorder.all().back().error;
  };
  EXPECT_EQ(fail_with(std::runtime_error{"any words"}), "std::runtime_error");
  EXPECT_EQ(fail_with(ConfigError{"planned"}), "lakebase::ConfigError");
  EXPECT_EQ(fail_with(TransportError{TransportError::Kind::timeout, false, {}}), "timeout");
  EXPECT_EQ(fail_with(NotFound{ErrorFacts{.http_status = 404, .error_code = "NOT_FOUND"}}), "404");
  EXPECT_EQ(fail_with(Error{ErrorFacts{.error_code = "23505"}}), "23505");
  EXPECT_EQ(fail_with(1), "_OTHER");
}

}  // namespace
}  // namespace lakebase::tests
