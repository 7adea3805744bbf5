#pragma once

#include <string>
#include <string_view>

namespace lakebase::emulator {

/// Quotes an SQL identifier.
std::string quote_identifier(std::string_view name);
/// Quotes an SQL string literal.
std::string quote_literal(std::string_view text);

}  // namespace lakebase::emulator
