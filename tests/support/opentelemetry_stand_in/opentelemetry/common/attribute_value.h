#pragma once

#include <cstdint>
#include <variant>

#include "opentelemetry/nostd/string_view.h"

namespace opentelemetry::common {

using AttributeValue =
    std::variant<bool, std::int32_t, std::int64_t, std::uint32_t, double, char const*, nostd::string_view>;

}  // namespace opentelemetry::common
