#pragma once

#include <string_view>

#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// A URL taken apart, not validated: `scheme://[user_info@]host[:port]path[?query][#fragment]`. All members are views
/// into the text; parts that it does not have are empty.
struct Url {
  std::string_view scheme{};
  /// Everything after `://`.
  std::string_view rest{};
  /// `[user_info@]host[:port]`
  std::string_view authority{};
  std::string_view user_info{};
  /// `[::1]` with its brackets.
  std::string_view host{};
  /// Digits, or whatever stands in their place.
  std::string_view port{};
  /// Whether there is a colon before the port.
  bool has_port = false;
  /// From the slash on.
  std::string_view path{};
  /// Without its question mark.
  std::string_view query{};
};

/// Takes apart a URL, or what people write for one: without a scheme it begins with the authority.
LAKEBASE_EXPORT Url split_url(std::string_view text) noexcept;

/// Whether the text names a scheme: `https://…`.
bool has_scheme(std::string_view text) noexcept;

/// `scheme://authority`, which tells connections apart.
std::string_view origin_of(std::string_view url) noexcept;

/// The path of a URL, with its query.
std::string_view target_of(std::string_view url) noexcept;

/// The URL up to its query, which may be a secret.
std::string_view without_query(std::string_view url) noexcept;

/// Whether a host name means this machine: `localhost`, `*.localhost`, 127.0.0.0/8, `[::1]`.
LAKEBASE_EXPORT bool is_loopback(std::string_view host) noexcept;

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
