// lakebase_man_page FILE: writes the page of the manual, `lakebase.1`, made when the program is built of what each
// command's --help is made of.

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <lakebase/version.hpp>

#include "cli/program.hpp"

namespace lakebase::cli {
namespace {

constexpr char const* program = "lakebase";

/// As roff prints it: its own signs, and hyphens that can be copied to a command line.
std::string escaped(std::string_view text) {
  std::string result;
  for (char const letter : text) {
    if (letter == '\\') {
      result += "\\e";
    } else if (letter == '-') {
      result += "\\-";
    } else if (letter == '\'') {
      result += "\\(aq";
    } else {
      result += letter;
    }
  }
  return result.starts_with('.') ? "\\&" + result : result;
}

std::string flag_text(Flag const& flag) {
  auto const letter = flag.letter == 0 ? "" : fmt::format("\\fB\\-{}\\fR, ", flag.letter);
  auto const value = flag.value.empty() ? "" : fmt::format(" \\fI{}\\fR", escaped(flag.value));
  return fmt::format(".TP\n{}\\fB\\-\\-{}\\fR{}\n{}\n", letter, escaped(flag.name), value, escaped(flag.help));
}

std::string flags_text(std::vector<Flag> const& flags) {
  std::string text;
  for (auto const& flag : flags) {
    if (!flag.hidden) text += flag_text(flag);
  }
  return text;
}

/// A command, or all commands of a group.
std::string commands_text(std::vector<std::string> const& words) {
  auto const usage = usage_at(program, words).value();
  std::string text;
  for (auto const& [word, summary] : usage.subcommands) {
    auto longer = words;
    longer.push_back(word);
    text += commands_text(longer);
  }
  if (!usage.subcommands.empty()) return text;
  text = fmt::format(".SS {}{}\n{}\n", escaped(usage.command),
                     usage.positionals.empty() ? "" : ' ' + escaped(usage.positionals), escaped(usage.summary));
  text += flags_text(usage.flags);
  return text + fmt::format(".PP\nExample:\n.PP\n.nf\n.RS\n{}\n.RE\n.fi\n", escaped(usage.example));
}

std::string page() {
  auto const usage = usage_at(program, {}).value();
  std::string text = fmt::format(".TH LAKEBASE 1 \"\" \"lakebase {}\" \"User Commands\"\n", LAKEBASE_VERSION);
  text += ".SH NAME\nlakebase \\- command line of Databricks Lakebase\n";
  text += ".SH SYNOPSIS\n.B lakebase\n.I COMMAND\n[\\fIARGUMENT\\fR ...] [\\fIFLAG\\fR ...]\n";
  text +=
      ".SH DESCRIPTION\nManages projects, branches and instances of Databricks Lakebase, and connects programs of "
      "PostgreSQL to them. It logs in as every program of the SDK does: by the environment\n"
      "(\\fBDATABRICKS_HOST\\fR, \\fBDATABRICKS_TOKEN\\fR, ...), or by a profile of \\fI~/.databrickscfg\\fR.\n";
  text += ".SH GLOBAL FLAGS\n" + flags_text(global_flags());
  text += ".SH COMMANDS\n" + commands_text({});
  text +=
      ".SH EXIT STATUS\n0, or 1 for each error, 130 after an interruption of a wait. \\fBlakebase psql\\fR and "
      "\\fBlakebase exec\\fR exit as the programs that they run.\n";
  text += ".SH SEE ALSO\n.BR psql (1),\n.BR pg_dump (1)\n";
  return text;
}

}  // namespace
}  // namespace lakebase::cli

int main(int count, char** arguments) {
  if (count != 2) return 2;
  std::ofstream file{arguments[1], std::ios::binary};
  file << lakebase::cli::page() << std::flush;
  return file ? 0 : 1;
}
