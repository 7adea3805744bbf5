#pragma once

#include <string>

namespace lakebase::tools {

/// The path of a program that was installed with this one; its name alone, for the PATH, if there is none.
std::string program_beside(std::string const& name);

}  // namespace lakebase::tools
