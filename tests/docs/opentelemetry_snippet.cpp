// What docs/observability.md shows of OpenTelemetry, against the stand-ins for its headers.

#include <memory>

#include <lakebase/opentelemetry.hpp>
#include <lakebase/workspace_client.hpp>

void observe_by_open_telemetry() {
  // [opentelemetry]
  auto const tracer = opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("my-program");
  lakebase::WorkspaceClient const w{{.events = std::make_shared<lakebase::OpenTelemetryObserver>(tracer)}};
  // [opentelemetry end]
  static_cast<void>(w);
}
