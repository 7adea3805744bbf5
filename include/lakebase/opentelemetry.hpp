#pragma once

// Events as spans of OpenTelemetry C++:
//
//   config.events = std::make_shared<lakebase::OpenTelemetryObserver>(
//       opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("my-program"));
//
// Not included by <lakebase/lakebase.hpp>, which does not know OpenTelemetry. Needs its API only, which is header-only:
// a program that sets no provider gets spans that do nothing. The library's own tests compile this against stand-ins
// for those headers, with the same names and signatures, and not against OpenTelemetry itself.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <opentelemetry/common/attribute_value.h>
#include <opentelemetry/nostd/shared_ptr.h>
#include <opentelemetry/nostd/string_view.h>
#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/scope.h>
#include <opentelemetry/trace/span.h>
#include <opentelemetry/trace/span_metadata.h>
#include <opentelemetry/trace/span_startoptions.h>
#include <opentelemetry/trace/tracer.h>

#include <lakebase/events.hpp>

namespace lakebase {
inline namespace v0 {

/// What spans tell, besides what they always do.
struct OpenTelemetryOptions {
  /// Whether they have `db.query.text`, for statements with parameters; see `Event::query_text`.
  bool query_text = false;
};

/// Makes a span of each event, named and described by OpenTelemetry's semantic conventions for HTTP and database
/// clients. A span is the thread's current one while its work runs, so that spans nest, also below the program's own.
/// Attempts, logins, statements and COPYs are client spans, all others internal ones; connections that come back to a
/// pool or are closed by it are events of the current span. A failure is the span's `error.type` and status.
///
/// Thread safety: safe to use from several threads at once, as a tracer is.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: shares ownership of its tracer.
class OpenTelemetryObserver final : public EventObserver {
 public:
  /// Spans of this tracer.
  explicit OpenTelemetryObserver(opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> tracer,
                                 OpenTelemetryOptions const& options = {})
      : tracer_(std::move(tracer)), options_(options) {}
  /// Spans of the tracer `lakebase` of the program's provider, as it is set now.
  OpenTelemetryObserver()
      : OpenTelemetryObserver(opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("lakebase")) {}

  /// Starts a span.
  Context began(Event const& event) override {
    opentelemetry::trace::StartSpanOptions options;
    options.kind =
        is_client(event.kind) ? opentelemetry::trace::SpanKind::kClient : opentelemetry::trace::SpanKind::kInternal;
    auto const name = name_of(event);
    auto open = std::make_shared<Open>();
    open->span = tracer_->StartSpan(as_view(name), as_attributes(event), options);
    if (event.nests) open->scope.emplace(open->span);
    return open;
  }

  /// Ends it.
  void ended(Event const& event, Context context) override {
    auto* const open = static_cast<Open*>(context.get());
    if (open == nullptr) {
      auto const name = name_of(event);
      opentelemetry::trace::Tracer::GetCurrentSpan()->AddEvent(as_view(name), as_attributes(event));
      return;
    }
    open->scope.reset();
    for (auto const& [name, value] : as_attributes(event)) open->span->SetAttribute(name, value);
    if (!event.error_type.empty()) open->span->SetStatus(opentelemetry::trace::StatusCode::kError);
    open->span->End();
  }

  /// As the options say.
  [[nodiscard]] bool wants_query_text() const noexcept override { return options_.query_text; }

 private:
  using Attributes = std::vector<std::pair<opentelemetry::nostd::string_view, opentelemetry::common::AttributeValue>>;

  struct Open {
    opentelemetry::nostd::shared_ptr<opentelemetry::trace::Span> span{};
    std::optional<opentelemetry::trace::Scope> scope{};
  };

  static opentelemetry::nostd::string_view as_view(std::string_view text) noexcept {
    return {text.data(), text.size()};
  }

  static bool is_client(EventKind kind) noexcept {
    return kind == EventKind::attempt || kind == EventKind::login || kind == EventKind::query ||
           kind == EventKind::copy;
  }

  // `GET /api/2.0/postgres/projects/{id}`, `SELECT shop`, or the kind's own name: never a path, an id or a statement.
  static std::string name_of(Event const& event) {
    bool const is_statement = event.kind == EventKind::query || event.kind == EventKind::copy;
    std::string name;
    if (event.kind != EventKind::attempt && !is_statement) name.append("lakebase.").append(to_string(event.kind));
    for (auto const part : {event.method, event.url_template, event.operation}) append(name, part);
    if (is_statement) append(name, event.database);
    return name.empty() ? "postgresql" : name;
  }

  static void append(std::string& name, std::string_view part) {
    if (part.empty()) return;
    if (!name.empty()) name += ' ';
    name += part;
  }

  static Attributes as_attributes(Event const& event) {
    Attributes attributes;
    for (auto const& [name, text, number] : attributes_of(event)) {
      if (number) {
        attributes.emplace_back(as_view(name), *number);
      } else {
        attributes.emplace_back(as_view(name), as_view(text));
      }
    }
    return attributes;
  }

  opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> tracer_;
  OpenTelemetryOptions options_;
};

}  // namespace v0
}  // namespace lakebase
