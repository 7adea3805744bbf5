#include "auth/strategies/run_program.hpp"

#include "base/ascii.hpp"
#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

std::string words_for_people(ProgramResult const& result) {
  constexpr std::size_t longest = 1024;
  std::string const words{trim(one_line(shorten(valid_utf8(result.errors), longest)))};
  return words.empty() ? "it gave no reason" : words;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
