#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/base/json.hpp"

namespace lakebase::cli {

/// A text in one line, without what a terminal would take for a command, which is shown as `?`.
std::string printable(std::string text);

/// The same in the lines that it has.
std::string printable_lines(std::string text);

/// What fits into so many columns of a line, with `...` in the middle of what does not.
std::string fitted(std::string const& text, std::size_t columns);

/// An object as lines `status.current_state:  READY`, aligned.
std::string fields_text(Json const& object);

/// Objects as a table, one a line, with the columns that tell most about them.
std::string table_text(std::vector<Json> const& objects);

}  // namespace lakebase::cli
