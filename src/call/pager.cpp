#include <lakebase/pager.hpp>

#include <set>

#include <fmt/format.h>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

struct SeenPageTokens::Set {
  std::set<std::string> tokens;
};

void SeenPageTokens::add(std::string const& token) {
  if (!set_) set_ = std::make_shared<Set>();
  if (set_->tokens.insert(token).second) return;
  throw ParseError{"next_page_token",
                   {.message = fmt::format("the list would never end: the service sent the page token \"{}\" twice",
                                           token.substr(0, 64)),
                    .hint = "Read the list again; report it to Databricks support if it happens again."}};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
