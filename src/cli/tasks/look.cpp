#include "cli/tasks/look.hpp"

#include <string>

#include "cli/base/words.hpp"
#include "cli/system/environment.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {
namespace {

bool is_dumb() {
  return variable("TERM") == "dumb";
}

}  // namespace

bool draws_beyond_ascii() {
  for (auto const* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    auto const value = variable(name);
    if (!value) continue;
    auto const locale = upper(*value);
    return !is_dumb() && (locale.find("UTF-8") != std::string::npos || locale.find("UTF8") != std::string::npos);
  }
  return false;
}

bool draws_in_colour() {
  return is_terminal(Stream::out) && !is_dumb() && variable("TERM") && !variable("NO_COLOR");
}

}  // namespace lakebase::cli
