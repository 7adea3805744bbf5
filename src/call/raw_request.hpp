#pragma once

#include <string_view>

#include <lakebase/call_request.hpp>

#include "call/request.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The request of `WorkspaceClient::call`.
/// @throws InvalidArgument if verb, path or body are not valid for a call
Request raw_request(std::string_view verb, std::string_view path, CallRequest const& call);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
