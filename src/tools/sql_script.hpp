#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lakebase::tools {

/// The statements of a script, without those that are empty: split at semicolons that stand in no text, name, comment
/// or dollar quote. A function body that is written as BEGIN ATOMIC … END is not known: it would be split.
std::vector<std::string> statements_of(std::string_view script);

}  // namespace lakebase::tools
