#include "cli/parse/json_argument.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "cli/base/failure.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {

std::string json_argument(std::string const& argument, std::string& source) {
  if (argument.empty()) throw Failure{"--json: expected JSON, @FILE or - for standard input, got an empty string"};
  if (argument == "-") {
    source = "--json (standard input)";
    return read_input();
  }
  source = "--json";
  if (argument[0] != '@') return argument;
  auto const file = argument.substr(1);
  source = fmt::format("--json ({})", file);
  std::ifstream stream{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream.good() && !stream.eof()) throw Failure{fmt::format("--json: cannot read {}", file)};
  if (!stream.is_open()) throw Failure{fmt::format("--json: cannot read {}: no such file, or no permission", file)};
  return text;
}

}  // namespace lakebase::cli
