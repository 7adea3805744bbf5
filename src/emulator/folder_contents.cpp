#include "folder_contents.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "system/private_file_posix.hpp"

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

/// The first secret: a folder that has it is an emulator's.
constexpr char const* mark = "signing.key";
/// What may be in an emulator's folder that was never completed; and what a file system has in its root.
constexpr std::array<std::string_view, 11> our_names = {"lock",       environment_file, ports_file, log_file,
                                                        clock_file,   seed_file,        mark,       "token",
                                                        "state.json", "lost+found",     "postgres"};

std::string without_suffix(std::string name) {
  if (name.ends_with(".new")) name.resize(name.size() - 4);
  return name;
}

}  // namespace

void require_no_strangers(fs::path const& folder) {
  if (!require_folder_or_nothing(folder)) return;
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder / mark, error))) return;
  fs::directory_iterator entry{folder, error};
  for (fs::directory_iterator const end; !error && entry != end; entry.increment(error)) {
    std::string const name = entry->path().filename().string();
    if (std::find(our_names.begin(), our_names.end(), without_suffix(name)) != our_names.end()) continue;
    throw std::runtime_error(
        fmt::format("{} holds other files ('{}' is one) and no emulator's data: choose a folder that is empty, or not "
                    "there yet",
                    folder.string(), name));
  }
  if (error) throw_closed(folder, error.value());
}

}  // namespace lakebase::emulator
