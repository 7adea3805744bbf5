#include "auth/strategies/run_program.hpp"

#include "base/ascii.hpp"
#include "base/redaction.hpp"

namespace lakebase::inline v0::detail {

std::string words_for_people(ProgramResult const& result) {
  constexpr std::size_t longest = 1024;
  std::string const words{trim(one_line(shorten(valid_utf8(result.errors), longest)))};
  return words.empty() ? "it gave no reason" : words;
}

}  // namespace lakebase::inline v0::detail
