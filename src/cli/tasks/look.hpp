#pragma once

namespace lakebase::cli {

/// Whether lines and ticks beyond ASCII may be drawn: the locale's characters are UTF-8, and the terminal is no dumb
/// one.
bool draws_beyond_ascii();

/// Whether colours may be used: standard output is a terminal that knows them, and NO_COLOR is not set.
bool draws_in_colour();

}  // namespace lakebase::cli
