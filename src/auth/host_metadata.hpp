#pragma once

#include "auth/auth_context.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What the host says about itself. Requested once, for five seconds at most; it is no error if the host does not
/// respond.
HostMetadata find_host_metadata(AuthContext const& context, CredentialsLimits const& limits);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
