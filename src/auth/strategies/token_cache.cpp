#include "auth/strategies/token_cache.hpp"

#include <algorithm>
#include <filesystem>

#include <lakebase/error.hpp>
#include <lakebase/time.hpp>

#include "auth/jwt.hpp"
#include "base/after.hpp"
#include "base/json_text.hpp"
#include "base/text/hex.hpp"
#include "base/text_file.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// As Python's json.dumps writes it: ASCII only, a blank after each colon and comma.
std::string python_string(std::string const& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

std::string LoginKey::file_name() const {
  std::string list;
  for (auto const& scope : scopes) list.append(list.empty() ? "" : ", ").append(python_string(scope));
  // Only in a login for a group, so that the files of other logins keep their names.
  auto const group = group_id.empty() ? std::string{} : ", \"group_id\": " + python_string(group_id);
  auto const text = "{\"client_id\": " + python_string(client_id) + group + ", \"host\": " + python_string(host) +
                    ", \"profile\": " + python_string(profile) + ", \"scopes\": [" + list + "]}";
  return hex(sha256(text)) + ".json";
}

TokenCache::TokenCache(std::string const& home, LoginKey const& key) {
  if (home.empty()) return;
  folder_ = home + "/.config/databricks-sdk-cpp/oauth";
  path_ = folder_ + '/' + key.file_name();
}

std::optional<Token> TokenCache::load() const {
  if (path_.empty()) return std::nullopt;
  auto const json = parse_json(read_text_file(path_).value_or(""));
  if (!json.is_object() || !json.contains("token")) return std::nullopt;
  auto const& stored = json["token"];
  Token token{.access_token = text_of(stored, "access_token"), .refresh_token = text_of(stored, "refresh_token")};
  if (token.access_token.empty()) return std::nullopt;
  if (auto type = text_of(stored, "token_type"); !type.empty()) token.token_type = std::move(type);
  try {
    token.expiry = time_from_epoch(static_cast<double>(Timestamp::parse(text_of(stored, "expiry")).seconds()));
  } catch (Error const&) {
    return std::nullopt;
  }
  return token;
}

void TokenCache::save(Token const& token) const {
  if (path_.empty() || !token.expiry) return;
  std::error_code error;
  auto const is_new = std::filesystem::create_directories(folder_, error);
  if (is_new) std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  Json const json{{"token",
                   {{"access_token", token.access_token},
                    {"token_type", token.token_type},
                    {"expiry", Timestamp{std::chrono::floor<std::chrono::seconds>(*token.expiry)}.to_string()},
                    {"refresh_token", token.refresh_token}}}};
  write_private_file(path_, dump(json));
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
