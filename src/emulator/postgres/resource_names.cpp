#include "postgres/resource_names.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/random.hpp"
#include "common/split_path.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {

constexpr std::size_t longest_id = 63;

KindWords const& words_of(Kind kind) {
  return words_of_kinds[static_cast<std::size_t>(kind)];
}

std::optional<Kind> leaf_kind(std::string_view collection) {
  for (std::size_t i = 0; i < std::size(words_of_kinds); ++i) {
    if (words_of_kinds[i].is_of_branch && words_of_kinds[i].collection == collection) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view collection_of(Kind kind) {
  return words_of(kind).collection;
}
std::string_view type_of(Kind kind) {
  return words_of(kind).type;
}
std::string_view field_of(Kind kind) {
  return words_of(kind).field;
}

std::string ResourceName::text() const {
  std::string name = "projects/" + project;
  if (kind == Kind::project) return name;
  name += "/branches/" + branch;
  if (kind == Kind::branch) return name;
  if (kind == Kind::compute_instance) name += "/endpoints/" + endpoint;
  return fmt::format("{}/{}/{}", name, collection_of(kind), leaf);
}

std::optional<ResourceName> parse_name(std::vector<std::string> const& segments) {
  auto const size = segments.size();
  if (size % 2 != 0 || size < 2 || size > 8 || segments[0] != "projects") return std::nullopt;
  if (std::any_of(segments.begin(), segments.end(), [](auto const& segment) { return segment.empty(); })) {
    return std::nullopt;
  }
  ResourceName name{.kind = Kind::project, .project = segments[1], .branch = {}, .leaf = {}, .endpoint = {}};
  if (size == 2) return name;
  if (segments[2] != "branches") return std::nullopt;
  name.kind = Kind::branch;
  name.branch = segments[3];
  if (size == 4) return name;
  auto const kind = leaf_kind(segments[4]);
  if (!kind) return std::nullopt;
  name.kind = *kind;
  name.leaf = segments[5];
  if (size == 6) return name;
  if (name.kind != Kind::endpoint || segments[6] != collection_of(Kind::compute_instance)) return std::nullopt;
  name.kind = Kind::compute_instance;
  name.endpoint = std::exchange(name.leaf, segments[7]);
  return name;
}

std::optional<ResourceName> parse_name(std::string_view name) {
  return parse_name(split_path(name));
}

ResourceName project_name(std::string const& project) {
  return {.kind = Kind::project, .project = project, .branch = {}, .leaf = {}, .endpoint = {}};
}

ResourceName branch_name(std::string const& project, std::string const& branch) {
  return {.kind = Kind::branch, .project = project, .branch = branch, .leaf = {}, .endpoint = {}};
}

ResourceName endpoint_name(std::string const& project, std::string const& branch, std::string const& endpoint) {
  return {.kind = Kind::endpoint, .project = project, .branch = branch, .leaf = endpoint, .endpoint = {}};
}

bool is_id(std::string_view id) {
  if (id.empty() || id.size() > longest_id || !is_lower(id.front()) || id.back() == '-') return false;
  return std::all_of(id.begin(), id.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

void check_id(Kind kind, std::string_view id) {
  if (id.empty()) throw required_field(fmt::format("{}_id", field_of(kind)));
  if (!is_id(id)) {
    throw invalid(fmt::format("Field {}_id must match pattern ^[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?$, got '{}'.",
                              field_of(kind), id));
  }
}

std::string make_id(std::string_view text, std::string_view fallback_prefix) {
  std::string id;
  for (char const c : to_lower(text.substr(0, longest_id))) id += is_lower(c) || is_digit(c) ? c : '-';
  while (!id.empty() && id.back() == '-') id.pop_back();
  if (!id.empty() && is_lower(id.front())) return id;
  return fmt::format("{}-{}", fallback_prefix, random_hex(8));
}

}  // namespace lakebase::emulator
