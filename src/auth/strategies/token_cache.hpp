#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/token_source.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What identifies a login.
struct LoginKey {
  std::string host{};
  std::string client_id{};
  std::string profile{};
  std::vector<std::string> scopes{};
  /// Empty: no group.
  std::string group_id{};

  /// `{hash}.json`, the same as the Python SDK's.
  std::string file_name() const;
};

/// Keeps a login between runs of a program: `{home}/.config/databricks-sdk-cpp/oauth/{hash}.json`, readable by its
/// owner only. A file that cannot be read counts as missing; what cannot be written is not kept.
class TokenCache {
 public:
  TokenCache(std::string const& home, LoginKey const& key);

  std::optional<Token> load() const;
  void save(Token const& token) const;

 private:
  std::string folder_;
  std::string path_;  // empty if there is no home
};

/// Replaces a file as a whole, readable by its owner only. @return whether it worked
bool write_private_file(std::string const& path, std::string const& text);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
