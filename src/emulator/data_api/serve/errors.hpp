#pragma once

#include "common/computes.hpp"
#include "data_api/grammar/api_error.hpp"

namespace lakebase::emulator::data_api {

/// What the Data API tells of an error of PostgreSQL. @param anonymous nobody has said who they are
ApiError error_of(DataPlaneError const& error, bool anonymous);
/// The same of one that came when the role was taken.
ApiError error_of_role(DataPlaneError const& error, std::string const& role, bool anonymous);
/// Whether the session is of no use any more.
bool has_ended(DataPlaneError const& error);

}  // namespace lakebase::emulator::data_api
