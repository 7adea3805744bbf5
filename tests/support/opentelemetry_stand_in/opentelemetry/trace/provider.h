#pragma once

#include "opentelemetry/nostd/shared_ptr.h"
#include "opentelemetry/trace/tracer.h"

namespace opentelemetry::trace {

class TracerProvider {
 public:
  virtual ~TracerProvider() = default;
  virtual nostd::shared_ptr<Tracer> GetTracer(nostd::string_view name) noexcept {
    static_cast<void>(name);
    return std::make_shared<NoopTracer>();
  }
};

class Provider {
 public:
  static nostd::shared_ptr<TracerProvider> GetTracerProvider() noexcept { return std::make_shared<TracerProvider>(); }
};

}  // namespace opentelemetry::trace
