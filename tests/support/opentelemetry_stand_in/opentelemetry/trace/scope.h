#pragma once

#include <algorithm>
#include <vector>

#include "opentelemetry/trace/span.h"

namespace opentelemetry::trace {

/// The current spans of this thread, innermost last.
inline std::vector<nostd::shared_ptr<Span>>& current_spans() {
  thread_local std::vector<nostd::shared_ptr<Span>> spans;
  return spans;
}

class Scope final {
 public:
  Scope(nostd::shared_ptr<Span>& span) noexcept : span_(span) { current_spans().push_back(span); }
  ~Scope() {
    auto& spans = current_spans();
    // As OpenTelemetry: whatever is above it goes, too.
    if (auto const at = std::find(spans.begin(), spans.end(), span_); at != spans.end()) spans.erase(at, spans.end());
  }
  Scope(Scope const&) = delete;
  Scope& operator=(Scope const&) = delete;

 private:
  nostd::shared_ptr<Span> span_;
};

}  // namespace opentelemetry::trace
