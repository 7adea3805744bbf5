#pragma once

#include <string_view>

#include "common/computes.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator {

/// The error response for something that the data plane cannot do.
ServiceError service_error_of(DataPlaneError const& error);

/// Whether an SQLSTATE means that the user's request was wrong, and not that the server failed.
bool is_users_mistake(std::string_view sqlstate);

/// Whether a statement that failed with this SQLSTATE may have been carried out, because the session or the server
/// broke down.
bool is_in_doubt(std::string_view sqlstate);

}  // namespace lakebase::emulator
