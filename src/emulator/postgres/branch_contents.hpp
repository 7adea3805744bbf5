#pragma once

#include <set>
#include <string>

#include "common/computes.hpp"
#include "postgres/branch.hpp"
#include "postgres/branch_source.hpp"

namespace lakebase::emulator {

// Roles and databases of a branch whose data are those of another moment.

/// The names of the roles that PostgreSQL has.
std::set<std::string> roles_in(Computes& computes, std::string const& branch_uid);
/// Forgets the roles and databases that were created after the moment of the data.
void forget_absent(Computes& computes, BranchRecord& branch);
/// After the data were replaced: the branch has the databases of the source, and its roles beside its own. Its own can
/// log in as before, and are created if the data do not have them.
void put_roles_back(Computes& computes, BranchSource const& source, BranchRecord& branch);

}  // namespace lakebase::emulator
