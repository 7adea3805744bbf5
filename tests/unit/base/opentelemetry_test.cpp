// The adapter for OpenTelemetry, against stand-ins for its headers.

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <lakebase/opentelemetry.hpp>

namespace lakebase::tests {
namespace {

namespace trace = opentelemetry::trace;
namespace nostd = opentelemetry::nostd;
using opentelemetry::common::AttributeValue;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string as_text(nostd::string_view text) {
  return {text.data(), text.size()};
}

std::string as_text(AttributeValue const& value) {
  if (auto const* const number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (auto const* const text = std::get_if<nostd::string_view>(&value)) return as_text(*text);
  return "?";
}

struct RecordedSpan {
  std::string name{};
  trace::SpanKind kind{};
  std::string parent{};
  std::map<std::string, std::string> attributes{};
  std::vector<std::string> events{};
  trace::StatusCode status = trace::StatusCode::kUnset;
  bool ended = false;
};

class RecordingSpan final : public trace::Span {
 public:
  explicit RecordingSpan(RecordedSpan& record) : record_(record) {}
  void SetAttribute(nostd::string_view key, AttributeValue const& value) noexcept override {
    record_.attributes[as_text(key)] = as_text(value);
  }
  void AddEvent(nostd::string_view name, trace::KeyValues const& attributes) noexcept override {
    record_.events.push_back(as_text(name) + '/' + std::to_string(attributes.size()));
  }
  void SetStatus(trace::StatusCode code, nostd::string_view) noexcept override { record_.status = code; }
  void End(trace::EndSpanOptions const&) noexcept override { record_.ended = true; }

  RecordedSpan& record_;
};

class RecordingTracer final : public trace::Tracer {
 public:
  nostd::shared_ptr<trace::Span> StartSpan(nostd::string_view name, trace::KeyValues const& attributes,
                                           trace::StartSpanOptions const& options) noexcept override {
    auto& record = *spans.emplace_back(std::make_unique<RecordedSpan>());
    record.name = as_text(name);
    record.kind = options.kind;
    auto const parent = std::dynamic_pointer_cast<RecordingSpan>(GetCurrentSpan());
    if (parent) record.parent = parent->record_.name;
    auto span = std::make_shared<RecordingSpan>(record);
    for (auto const& [key, value] : attributes) span->SetAttribute(key, value);
    return span;
  }
  std::vector<std::unique_ptr<RecordedSpan>> spans{};
};

class OpenTelemetry : public ::testing::Test {
 protected:
  RecordedSpan const& span(std::size_t i) const { return *tracer->spans.at(i); }
  std::shared_ptr<RecordingTracer> tracer = std::make_shared<RecordingTracer>();
  OpenTelemetryObserver observer{tracer};
};

Event attempt(int status) {
  return {.kind = EventKind::attempt,
          .method = "GET",
          .path = "/api/2.0/postgres/projects/p",
          .url_template = "/api/2.0/postgres/projects/{id}",
          .http_status = status,
          .attempts = 2,
          .server_address = "example.com",
          .server_port = 443};
}

TEST_F(OpenTelemetry, MakesAClientSpanOfAnAttemptByTheConventions) {
  auto context = observer.began(attempt(0));
  EXPECT_FALSE(span(0).ended);
  EXPECT_THAT(span(0).attributes, Contains(Pair("http.request.method", "GET")));
  EXPECT_THAT(span(0).attributes, Not(Contains(Pair("http.response.status_code", ::testing::_))));
  auto ended = attempt(503);
  ended.error_type = "503";
  observer.ended(ended, std::move(context));
  EXPECT_EQ(span(0).name, "GET /api/2.0/postgres/projects/{id}");
  EXPECT_EQ(span(0).kind, trace::SpanKind::kClient);
  EXPECT_EQ(span(0).status, trace::StatusCode::kError);
  EXPECT_TRUE(span(0).ended);
  EXPECT_THAT(
      span(0).attributes,
      ElementsAre(Pair("error.type", "503"), Pair("http.request.method", "GET"), Pair("http.request.resend_count", "1"),
                  Pair("http.response.status_code", "503"), Pair("server.address", "example.com"),
                  Pair("server.port", "443"), Pair("url.path", "/api/2.0/postgres/projects/p"),
                  Pair("url.template", "/api/2.0/postgres/projects/{id}")));
}

TEST_F(OpenTelemetry, NestsSpansAndMakesThemCurrent) {
  auto const call = Event{.kind = EventKind::call, .method = "GET"};
  auto outer = observer.began(call);
  auto inner = observer.began(attempt(0));
  EXPECT_EQ(trace::current_spans().size(), 2U);
  observer.ended(attempt(200), std::move(inner));
  observer.ended(call, std::move(outer));
  EXPECT_THAT(trace::current_spans(), IsEmpty());
  EXPECT_EQ(span(0).name, "lakebase.call GET");
  EXPECT_EQ(span(0).kind, trace::SpanKind::kInternal);
  EXPECT_EQ(span(1).parent, "lakebase.call GET");
  EXPECT_EQ(span(0).status, trace::StatusCode::kUnset);
}

TEST_F(OpenTelemetry, NeverMakesAStreamCurrent) {
  Event const stream{.kind = EventKind::query, .database = "shop", .operation = "SELECT", .nests = false};
  auto context = observer.began(stream);
  EXPECT_THAT(trace::current_spans(), IsEmpty());
  observer.ended(stream, std::move(context));
  EXPECT_EQ(span(0).name, "SELECT shop");
  EXPECT_EQ(span(0).kind, trace::SpanKind::kClient);
}

TEST_F(OpenTelemetry, AddsWhatTakesNoTimeToTheCurrentSpan) {
  observer.ended({.kind = EventKind::close, .reason = "idle_timeout"}, {});  // no span is current
  auto context = observer.began({.kind = EventKind::acquire});
  observer.ended({.kind = EventKind::close, .reason = "idle_timeout"}, {});
  observer.ended({.kind = EventKind::acquire}, std::move(context));
  EXPECT_EQ(span(0).name, "lakebase.acquire");
  EXPECT_THAT(span(0).events, ElementsAre("lakebase.close/2"));
}

TEST_F(OpenTelemetry, HasTheTextOfQueriesOnlyIfAsked) {
  EXPECT_FALSE(observer.wants_query_text());
  EXPECT_TRUE((OpenTelemetryObserver{tracer, {.query_text = true}}.wants_query_text()));
  OpenTelemetryObserver quiet;  // of the program's provider, which does nothing here
  auto context = quiet.began(attempt(0));
  quiet.ended(attempt(200), std::move(context));
}

}  // namespace
}  // namespace lakebase::tests
