#include "cli/system/git.hpp"

#include <fstream>
#include <string_view>
#include <system_error>

namespace lakebase::cli {
namespace {

std::string first_line(std::filesystem::path const& file) {
  std::ifstream stream{file};
  std::string line;
  std::getline(stream, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

/// What follows a word in a line; none if it does not begin with it.
std::optional<std::string> after(std::string_view word, std::string const& line) {
  return line.starts_with(word) ? std::optional{line.substr(word.size())} : std::nullopt;
}

}  // namespace

std::optional<std::string> git_ref(std::filesystem::path folder) {
  std::error_code error;
  folder = std::filesystem::absolute(folder, error).lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();
  for (; !error && !folder.empty(); folder = folder.parent_path()) {
    auto git = folder / ".git";
    if (std::filesystem::is_regular_file(git, error)) {  // of a further work tree
      auto const elsewhere = after("gitdir: ", first_line(git));
      if (elsewhere) git = folder / *elsewhere;
    }
    if (std::filesystem::exists(git / "HEAD", error)) return after("ref: ", first_line(git / "HEAD"));
    if (folder == folder.root_path()) break;
  }
  return std::nullopt;
}

}  // namespace lakebase::cli
