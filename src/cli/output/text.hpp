#pragma once

#include <string>
#include <vector>

#include "cli/base/json.hpp"

namespace lakebase::cli {

/// A text without what a terminal would take for a command, which is shown as `?`.
std::string printable(std::string text);

/// An object as lines `status.current_state:  READY`, aligned.
std::string fields_text(Json const& object);

/// Objects as a table, one a line, with the columns that tell most about them.
std::string table_text(std::vector<Json> const& objects);

}  // namespace lakebase::cli
