#pragma once

#include <string>
#include <string_view>

namespace lakebase::mcp {

/// Whether `Host` names this machine: another name is that of a web site that has pointed itself here (DNS rebinding).
[[nodiscard]] bool is_local_host(std::string_view host);
/// Whether a page of this `Origin` may call: one that this machine serves.
[[nodiscard]] bool is_local_origin(std::string_view origin);
/// Whether `Authorization` shows the token. Takes the same time for any wrong one.
[[nodiscard]] bool shows_token(std::string_view authorization, std::string const& token);
/// Whether `Accept` lists a media type, or a range that it is in.
[[nodiscard]] bool accepts(std::string_view accept, std::string_view type);
/// Whether `Content-Type` is JSON.
[[nodiscard]] bool is_json_type(std::string_view content_type);

}  // namespace lakebase::mcp
