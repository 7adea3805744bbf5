#pragma once

#include <string>
#include <vector>

namespace lakebase::cli {

/// `completion bash|zsh|fish`: prints a script for the shell, which asks `complete`.
int run_completion(std::string const& program, std::vector<std::string> const& arguments);

/// The word that those scripts call this program with.
inline constexpr char const* complete_word = "__complete";

/// `__complete WORD...`: prints what the last of the words may be continued to, one a line, with a tab and what it is
/// if there is something to say.
int run_complete(std::string const& program, std::vector<std::string> const& words);

}  // namespace lakebase::cli
