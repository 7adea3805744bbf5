#include "postgres/resource_names.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

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

// The member that holds the last segment of the name.
template <class Name>
auto& id_in(Name& name) {
  if (name.kind == Kind::project) return name.project;
  return name.kind == Kind::branch ? name.branch : name.leaf;
}

std::optional<Kind> kind_below(std::optional<Kind> parent, std::string_view collection) {
  for (std::size_t i = 0; i < std::size(words_of_kinds); ++i) {
    if (words_of_kinds[i].parent == parent && words_of_kinds[i].collection == collection) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view type_of(Kind kind) {
  return words_of(kind).type;
}
std::string_view field_of(Kind kind) {
  return words_of(kind).field;
}

std::string const& ResourceName::id() const {
  return id_in(*this);
}

ResourceName ResourceName::parent() const {
  ResourceName above = *this;
  id_in(above).clear();
  above.kind = words_of(kind).parent.value();
  above.leaf = std::exchange(above.endpoint, {});
  return above;
}

std::string ResourceName::text() const {
  auto const parents = words_of(kind).parent ? parent().text() + '/' : std::string{};
  return fmt::format("{}{}/{}", parents, words_of(kind).collection, id());
}

std::optional<ResourceName> parse_name(std::vector<std::string> const& segments) {
  if (segments.size() % 2 != 0) return std::nullopt;
  std::optional<Kind> kind;
  ResourceName name;
  for (std::size_t i = 0; i < segments.size(); i += 2) {
    kind = kind_below(kind, segments[i]);
    auto const& id = segments[i + 1];
    if (!kind || id.empty()) return std::nullopt;
    name.kind = *kind;
    if (*kind == Kind::compute_instance) name.endpoint = name.leaf;
    id_in(name) = id;
  }
  return kind ? std::optional{name} : std::nullopt;
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
