#include "common/sql_quoting.hpp"

namespace lakebase::emulator {

std::string quote_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (char letter : name) quoted.append(letter == '"' ? 2 : 1, letter);
  return quoted + '"';
}

std::string quote_literal(std::string_view text) {
  // The E form means the same whatever standard_conforming_strings is.
  std::string quoted = text.find('\\') == std::string_view::npos ? "'" : " E'";
  for (char letter : text) quoted.append(letter == '\'' || letter == '\\' ? 2 : 1, letter);
  return quoted + '\'';
}

}  // namespace lakebase::emulator
