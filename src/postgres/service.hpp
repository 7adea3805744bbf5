#pragma once

#include <string>

#include <lakebase/error.hpp>

#include "call/service.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The request for the state of the operation of that name.
/// @throws InvalidArgument if the name makes no request
Request poll_of_postgres(std::string_view operation_name);

/// What to do about an error of Lakebase, in one sentence, for the well-known traps; empty for others. `facts` holds
/// status, code, message and path.
std::string advice_of_postgres(ErrorFacts const& facts);

/// How `w.postgres` describes itself to the machinery below it.
inline constexpr Service postgres_service{.operations = {.poll = poll_of_postgres, .client = "w.postgres"},
                                          .advise = advice_of_postgres,
                                          .root = "/api/2.0/postgres/"};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
