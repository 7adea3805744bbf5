#pragma once

#include "auth/auth_context.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What the host says about itself. Asked once, for five seconds at most; a host that does not answer is no error.
HostMetadata find_host_metadata(AuthContext const& context, CredentialsLimits const& limits);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
