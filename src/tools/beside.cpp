#include "tools/beside.hpp"

#include <filesystem>
#include <system_error>

namespace lakebase::tools {

std::string program_beside(std::string const& name) {
  std::error_code error;
  // Where the system has no such link, that of the PATH.
  auto const path = std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / name;
  return !error && std::filesystem::exists(path, error) ? path.string() : name;
}

}  // namespace lakebase::tools
