#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/error.hpp>
#include <lakebase/transport.hpp>

// Keeps secrets out of everything that people read: errors, logs, debug strings.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// What stands in the place of a secret.
inline constexpr std::string_view hidden = "***";

/// Whether a member or parameter of this name is a credential: `access_token`, `client_secret`, `password`.
bool is_credential_key(std::string_view key);
/// Whether logs hide the value of a JSON member or query parameter of this name: credentials, and the members in which
/// the platform carries secrets of users (`value`, `string_value`).
bool is_secret_key(std::string_view key);
/// Whether the value of this header field is a secret.
bool is_secret_header(std::string_view name);

/// Replaces what looks like a secret: bearer tokens, JWTs, personal access tokens, private keys, user info in URLs,
/// and the values of secret keys in `key=value`, `key: value` and JSON.
std::string scrub(std::string_view text);

/// Replaces control characters by spaces, so that a server cannot forge lines of a log or move a terminal's cursor.
std::string one_line(std::string_view text);

/// As much of the text as fits into `limit` bytes, cut between characters, followed by how much is missing.
std::string shorten(std::string_view text, std::size_t limit);
/// The text with bytes that are not UTF-8 replaced.
std::string valid_utf8(std::string_view text);

/// Exact values that must not be shown: those of the configuration.
class Secrets {
 public:
  void add(std::string_view value);
  std::string hide(std::string text) const;
  /// Hides them in every text of an error.
  void hide_in(ErrorFacts& facts) const;

 private:
  std::vector<std::string> values_;
};

/// The query of a target with the values of secret keys replaced.
std::string target_for_log(std::string_view target);
/// A body as the debug log shows it: JSON with secrets replaced, strings cut, long arrays cut; other text cut.
std::string body_for_log(std::string_view body, std::size_t truncate_bytes);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
