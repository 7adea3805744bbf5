#pragma once

#include "opentelemetry/trace/span_metadata.h"

namespace opentelemetry::trace {

struct StartSpanOptions {
  SpanKind kind = SpanKind::kInternal;
};

struct EndSpanOptions {};

}  // namespace opentelemetry::trace
