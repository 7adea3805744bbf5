#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {

// Cleanups of the data plane, as documents that the engine keeps; see `Recovery`.

/// Removes the data of a branch.
Json removal_of_branch(std::string const& branch_uid);
/// Removes the data of a read-only endpoint, unless its branch is gone.
Json removal_of_endpoint(std::string const& branch_uid, std::string const& endpoint_uid);
/// Closes the fronts of the endpoints of a branch that is soft-deleted, or whose project is; leaves them if it is not
/// any more.
std::vector<Json> take_down_of_deleted(BranchRecord const& branch);
/// Runs statements one by one in a database of a branch, unless that is gone.
Json statements_in_branch(std::string const& branch_uid, std::vector<std::string> statements,
                          std::string database = "postgres");

/// Carries cleanups out. @return those that failed, to be attempted again
std::vector<Json> clean_up(std::vector<Json> const& cleanups, State const& state, Computes& computes,
                           std::function<void(std::string_view)> const& log);
/// Whether a cleanup is about a branch of the project.
bool is_about(Json const& cleanup, std::string const& project_uid, State const& state);

/// Joins statements into one query, of which PostgreSQL carries out all or none.
std::string as_one(std::vector<std::string> const& statements);

}  // namespace lakebase::emulator
