#pragma once

#include <string_view>

#include <lakebase/call_request.hpp>

#include "call/request.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The request of `WorkspaceClient::call`.
/// @throws InvalidArgument where verb, path or body are none that a call may have
Request raw_request(std::string_view verb, std::string_view path, CallRequest const& call);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
