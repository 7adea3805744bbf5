#include "postgres/resource_names.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/paths.hpp"
#include "engine/errors.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {
namespace {
constexpr std::size_t longest_id = 63;
}

bool is_usual_id(std::string_view id) {
  if (id.empty() || id.size() > longest_id || !is_lower(id.front()) || id.back() == '-') return false;
  return std::all_of(id.begin(), id.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

std::string const& ResourceName::id_of(Kind const& kind) const {
  static std::string const none;
  auto const found = std::find_if(parts.begin(), parts.end(), [&](Part const& part) { return part.kind == &kind; });
  return found == parts.end() ? none : found->id;
}

std::string const& ResourceName::project() const {
  return id_of(project_kind);
}
std::string const& ResourceName::branch() const {
  return id_of(branch_kind);
}

ResourceName ResourceName::parent() const {
  ResourceName above = *this;
  above.parts.pop_back();
  return above;
}

ResourceName ResourceName::child(Kind const& kind, std::string id) const {
  ResourceName below = *this;
  below.parts.push_back({&kind, std::move(id)});
  return below;
}

std::string ResourceName::text() const {
  if (parts.empty()) return {};
  std::string text;
  auto part = parts.begin();
  for (char const c : kind().names) {
    if (c != '*') {
      text += c;
      continue;
    }
    while (part->kind->is_singleton()) ++part;
    text += part++->id;
  }
  return text;
}

std::span<Kind const* const> all_kinds() {
  static constexpr auto kinds = Resources::kinds();
  return kinds;
}

std::optional<ResourceName> parse_name(std::span<std::string const> segments, std::span<Kind const* const> kinds) {
  ResourceName name;
  std::size_t named = 0;
  for (std::size_t size = 1; size <= segments.size(); ++size) {
    auto const found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](Kind const* kind) { return path_fits(kind->names, segments.first(size)); });
    if (found == kinds.end()) continue;
    name.parts.push_back({*found, (*found)->is_singleton() ? std::string{} : segments[size - 1]});
    named = size;
  }
  return name.parts.empty() || named != segments.size() ? std::nullopt : std::optional{name};
}

std::optional<ResourceName> parse_name(std::string_view name) {
  return parse_name(split_path(name));
}

ResourceName project_name(std::string const& project) {
  return {{{&project_kind, project}}};
}

ResourceName branch_name(std::string const& project, std::string const& branch) {
  return {{{&project_kind, project}, {&branch_kind, branch}}};
}

ResourceName endpoint_name(std::string const& project, std::string const& branch, std::string const& endpoint) {
  return {{{&project_kind, project}, {&branch_kind, branch}, {&endpoint_kind, endpoint}}};
}

void check_id(Kind const& kind, std::string_view id) {
  if (id.empty()) throw required_field(fmt::format("{}_id", kind.field));
  if (kind.ids.fits(id)) return;
  throw invalid(fmt::format("Field {}_id must match pattern {}, got '{}'.", kind.field, kind.ids.pattern, id));
}

std::string make_id(std::string_view text, std::string_view fallback_prefix, RandomBytes const& random) {
  std::string id;
  for (char const c : to_lower(text.substr(0, longest_id))) id += is_lower(c) || is_digit(c) ? c : '-';
  while (!id.empty() && id.back() == '-') id.pop_back();
  if (!id.empty() && is_lower(id.front())) return id;
  return fmt::format("{}-{}", fallback_prefix, random_hex(8, random));
}

}  // namespace lakebase::emulator
