#include <lakebase/pager.hpp>

#include <fmt/format.h>

#include <lakebase/error.hpp>

namespace lakebase::inline v0::detail {

void throw_repeated_page_token(std::string const& token) {
  throw ParseError{"next_page_token",
                   {.message = fmt::format("the list would never end: the service sent the page token \"{}\" twice",
                                           token.substr(0, 64)),
                    .hint = "Read the list again; report it to Databricks support if it happens again."}};
}

}  // namespace lakebase::inline v0::detail
