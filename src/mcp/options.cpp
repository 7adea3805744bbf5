#include "mcp/options.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <lakebase/version.hpp>

#include "base/text/url.hpp"
#include "tools/environment.hpp"

namespace lakebase::mcp {
namespace {

constexpr std::size_t longest_token_file = 4096;
constexpr char const* variable_of_token = "LAKEBASE_MCP_TOKEN";

[[noreturn]] void refuse(std::string const& message) {
  throw Printed{fmt::format("lakebase-mcp: {}\n", message), 1};
}

void read_address(std::string const& text, Options& options) {
  auto const colon = text.rfind(':');
  auto const port = colon == std::string::npos ? std::string{} : text.substr(colon + 1);
  auto address = text.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  auto const [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (error != std::errc{} || end != port.data() + port.size() || address.empty()) {
    refuse(fmt::format("--http: '{}' is no address with a port, such as 127.0.0.1:8080", text));
  }
  if (!detail::is_loopback(address)) {
    refuse(fmt::format("--http: {} is no loopback address; a server for other machines belongs behind a proxy with TLS",
                       address));
  }
  options.address = address;
  options.serves_http = true;
}

std::string token_from(std::string const& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) refuse(fmt::format("--token-file: {} cannot be read", path));
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty() || text.size() > longest_token_file) {
    refuse(fmt::format("--token-file: {} must hold a token, and nothing else", path));
  }
  return text;
}

void choose_token(Options& options, std::string const& file, bool none) {
  auto const variable = tools::variable(variable_of_token);
  if (none && !file.empty()) refuse("--no-token and --token-file exclude each other");
  if (!file.empty()) {
    options.token = token_from(file);
  } else if (!none && variable) {
    options.token = *variable;
  }
  if (options.serves_http && options.token.empty() && !none) {
    refuse(fmt::format(
        "--http needs a token that clients show: --token-file FILE, or {}; or --no-token, if every program of "
        "this machine may call",
        variable_of_token));
  }
}

}  // namespace

Options parse_options(std::vector<std::string> arguments) {
  Options options;
  std::string http;
  std::string token_file;
  bool no_token = false;
  CLI::App app{"The tools for Lakebase, for agents: an MCP server over standard input and output, or over HTTP.",
               "lakebase-mcp"};
  app.set_version_flag("--version", std::string{"lakebase-mcp "} + LAKEBASE_VERSION);
  app.set_help_flag("-h,--help", "Print this help");
  app.add_option("-p,--profile", options.tools.profile, "Profile of ~/.databrickscfg");
  app.add_option("--http", http, "Serve Streamable HTTP at a loopback address; port 0 means any")
      ->type_name("ADDR:PORT");
  app.add_option("--token-file", token_file,
                 "File with the bearer token that HTTP clients show (or LAKEBASE_MCP_TOKEN)")
      ->type_name("FILE");
  app.add_flag("--no-token", no_token, "Let every program of this machine call over HTTP");
  app.add_flag("--read-only", options.tools.is_read_only, "Offer no tool that changes something");
  app.add_flag("--allow-writes", options.tools.allows_writes, "Let query_lakebase run statements that write");
  app.add_flag("--confirm-deletes", options.tools.confirms_deletes, "Ask the user before something is deleted");
  app.add_option("--project", options.tools.project, "Id of the only project that may be touched")->type_name("ID");
  app.add_option("--tools", options.tools.tools, "Offer these tools only")->delimiter(',')->type_name("NAME,...");
  app.add_option("--calls-per-minute", options.tools.calls_per_minute, "At most this many calls of tools; 0: no limit");
  app.add_flag("--emulator", options.starts_emulator, "Serve an emulator that is started for it: a playground");
  app.footer("Example: lakebase-mcp --profile DEV --read-only");
  options.without_emulator = arguments;
  // With a value, too: what starts the emulator must not be told to start one again.
  std::erase_if(options.without_emulator,
                [](std::string const& word) { return word == "--emulator" || word.starts_with("--emulator="); });
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (CLI::CallForHelp const&) {
    throw Printed{app.help(), 0};
  } catch (CLI::CallForVersion const&) {
    throw Printed{app.version() + "\n", 0};
  } catch (CLI::ParseError const& error) {
    refuse(fmt::format("{}; --help tells what there is", error.what()));
  }
  if (options.tools.project.starts_with("projects/")) options.tools.project.erase(0, 9);
  // An empty variable in a host's settings must not lift what it was to confine.
  if (app.count("--project") > 0 && options.tools.project.empty()) refuse("--project names no project");
  if (options.tools.project.find('/') != std::string::npos) {
    refuse(fmt::format("--project: '{}' is not the id of a project", options.tools.project));
  }
  if (app.count("--tools") > 0 && options.tools.tools.empty()) refuse("--tools names no tool");
  if (options.tools.calls_per_minute < 0) refuse("--calls-per-minute must be a number, and 0 or more");
  if (!http.empty()) read_address(http, options);
  choose_token(options, token_file, no_token);
  if (options.tools.is_read_only && options.tools.allows_writes) {
    refuse("--read-only and --allow-writes exclude each other");
  }
  return options;
}

}  // namespace lakebase::mcp
