#include "mcp/protocol/dispatch/features.hpp"

namespace lakebase::mcp {

Json text_content(std::string const& text) {
  return {{"type", "text"}, {"text", text}};
}

bool matches_template(std::string_view uri_template, std::string_view uri) {
  for (;;) {
    auto const open = uri_template.find('{');
    if (open == std::string_view::npos) return uri_template == uri;
    if (uri.substr(0, open) != uri_template.substr(0, open)) return false;
    uri.remove_prefix(open);
    auto const close = uri_template.find('}', open);
    if (close == std::string_view::npos) return false;
    uri_template.remove_prefix(close + 1);
    auto const end = std::min(uri.find('/'), uri.size());
    if (end == 0) return false;
    uri.remove_prefix(end);
  }
}

}  // namespace lakebase::mcp
