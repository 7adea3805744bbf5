#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `lakebase copy SOURCE TARGET [-- PG_DUMP_ARGS]`: what pg_dump reads from the one, psql writes to the other, in one
/// transaction.
int run_copy(std::string const& program, std::vector<std::string> const& arguments);

}  // namespace lakebase::cli
