#include "environment.hpp"

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

std::string quoted(std::string const& text) {
  constexpr char const* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string result = "'";
  for (char const c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

Environment environment_of(testing::Emulator const& emulator) {
  return {{"DATABRICKS_HOST", emulator.host()},
          {"DATABRICKS_TOKEN", emulator.token()},
          {"PGSSLROOTCERT", emulator.ca_certificate().string()},
          {"PGPORT", std::to_string(emulator.postgres_port())}};
}

std::string export_lines(Environment const& environment) {
  std::string lines;
  for (auto const& [name, value] : environment) lines += fmt::format("export {}={}\n", name, quoted(value));
  return lines;
}

}  // namespace lakebase::emulator
