#include "engine/paging.hpp"

#include <charconv>

#include <fmt/format.h>

#include "common/digest.hpp"
#include "common/encoding.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {
constexpr std::int64_t usual_size = 50;
}

Page::Page(Query const& query, TokenMint const& mint, std::string list, std::int64_t most)
    : mint_(mint), list_(std::move(list)) {
  auto const wanted = query.integer("page_size").value_or(0);
  if (wanted < 0) throw invalid(fmt::format("Field 'page_size' must not be negative, got {}.", wanted));
  size_ = static_cast<std::size_t>(wanted == 0 ? usual_size : std::min(wanted, most));
  if (auto const token = query.text("page_token"); !token.empty()) after_ = parse(token);
}

std::string Page::token_for(std::int64_t after) const {
  return base64url(fmt::format("{}:{}", after, mint_.seal(fmt::format("{}:{}", after, list_))));
}

std::int64_t Page::parse(std::string const& token) const {
  std::int64_t after = 0;
  if (auto const text = base64url_decoded(token)) {
    std::from_chars(text->data(), text->data() + text->size(), after);
  }
  if (!equal_secrets(token_for(after), token)) throw invalid("Field 'page_token' is not a token of this list.");
  return after;
}

Json Page::response(std::string const& collection, Json items) const {
  Json json = Json::object();
  if (!items.empty()) json[collection] = std::move(items);
  if (next_after_ != 0) json["next_page_token"] = token_for(next_after_);
  return json;
}

}  // namespace lakebase::emulator
