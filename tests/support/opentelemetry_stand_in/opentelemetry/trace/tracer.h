#pragma once

#include "opentelemetry/trace/scope.h"
#include "opentelemetry/trace/span.h"
#include "opentelemetry/trace/span_startoptions.h"

namespace opentelemetry::trace {

class Tracer {
 public:
  virtual ~Tracer() = default;

  virtual nostd::shared_ptr<Span> StartSpan(nostd::string_view name, KeyValues const& attributes,
                                            StartSpanOptions const& options = {}) noexcept = 0;

  static nostd::shared_ptr<Span> GetCurrentSpan() noexcept {
    return current_spans().empty() ? std::make_shared<DefaultSpan>() : current_spans().back();
  }
};

/// Its spans do nothing.
class NoopTracer final : public Tracer {
 public:
  nostd::shared_ptr<Span> StartSpan(nostd::string_view, KeyValues const&, StartSpanOptions const&) noexcept override {
    return std::make_shared<DefaultSpan>();
  }
};

}  // namespace opentelemetry::trace
