#pragma once

#include <utility>
#include <vector>

#include "opentelemetry/common/attribute_value.h"
#include "opentelemetry/nostd/shared_ptr.h"
#include "opentelemetry/trace/span_metadata.h"
#include "opentelemetry/trace/span_startoptions.h"

namespace opentelemetry::trace {

/// Stands in for KeyValueIterable: what OpenTelemetry's templates make of any container of pairs.
using KeyValues = std::vector<std::pair<nostd::string_view, common::AttributeValue>>;

class Span {
 public:
  Span() = default;
  virtual ~Span() = default;
  Span(Span const&) = delete;
  Span& operator=(Span const&) = delete;

  virtual void SetAttribute(nostd::string_view key, common::AttributeValue const& value) noexcept = 0;
  virtual void AddEvent(nostd::string_view name, KeyValues const& attributes) noexcept = 0;
  virtual void SetStatus(StatusCode code, nostd::string_view description = "") noexcept = 0;
  virtual void End(EndSpanOptions const& options = {}) noexcept = 0;
};

/// Does nothing.
class DefaultSpan final : public Span {
 public:
  void SetAttribute(nostd::string_view, common::AttributeValue const&) noexcept override {}
  void AddEvent(nostd::string_view, KeyValues const&) noexcept override {}
  void SetStatus(StatusCode, nostd::string_view) noexcept override {}
  void End(EndSpanOptions const&) noexcept override {}
};

}  // namespace opentelemetry::trace
