#pragma once

#include <cstddef>
#include <string>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Uniform in [0, 1), from a sequence of each thread's and each process's own: for pauses and the like, never for a
/// secret.
LAKEBASE_EXPORT double random_fraction();

/// Random bytes from OpenSSL, for secrets and ids. Safe to call from any thread.
/// @throws Error if the system has no randomness to give
LAKEBASE_EXPORT std::string random_bytes(std::size_t count);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
