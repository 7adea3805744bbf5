#pragma once

#include <string_view>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Whether a code alone, without a status, tells the type of the error.
bool is_code_of_a_type(std::string_view code) noexcept;

/// Throws the type of the error: by `error_code`, else by status.
[[noreturn]] void throw_api_error(ErrorFacts facts);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
