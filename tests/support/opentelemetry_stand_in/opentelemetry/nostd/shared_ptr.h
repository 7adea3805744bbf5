#pragma once

#include <memory>

namespace opentelemetry::nostd {

template <class T>
using shared_ptr = std::shared_ptr<T>;

}  // namespace opentelemetry::nostd
