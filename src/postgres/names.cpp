#include <lakebase/postgres/names.hpp>

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "postgres/name_form.hpp"

namespace lakebase {
inline namespace v0 {
namespace postgres {

namespace {

bool can_be_id(std::string_view id) {
  return !id.empty() && id != "." && id != ".." && id.find('/') == std::string_view::npos &&
         std::none_of(id.begin(), id.end(), detail::is_control);
}

// On one line and shortened: control characters could fake lines of a log, and any text may be passed by mistake.
std::string shown(std::string_view text) {
  std::string result{text.substr(0, 128)};
  std::replace_if(result.begin(), result.end(), detail::is_control, '?');
  return result;
}

std::string_view take_segment(std::string_view& rest) {
  auto const end = std::min(rest.find('/'), rest.size());
  auto const segment = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return segment;
}

bool has_form(std::string_view name, std::initializer_list<std::string_view> collections) {
  if (name.empty() || name.back() == '/') return false;
  for (auto const collection : collections) {
    if (take_segment(name) != collection || !can_be_id(take_segment(name))) return false;
  }
  return name.empty();
}

std::string form(std::initializer_list<std::string_view> collections) {
  std::string result;
  for (auto const collection : collections) result += fmt::format("{}{}/…", result.empty() ? "" : "/", collection);
  return result;
}

}  // namespace

std::string form_of(std::string_view name) {
  std::string result;
  bool const ends_in_slash = name.ends_with('/');
  for (bool is_collection = true; !name.empty(); is_collection = !is_collection) {
    auto const segment = take_segment(name);
    if (!result.empty()) result += '/';
    result += is_collection ? segment : "*";
  }
  return ends_in_slash ? result + '/' : result;
}

std::ostream& operator<<(std::ostream& out, ResourceName const& name) {
  return out << name.text_;
}

ResourceName::ResourceName(std::string_view parent, std::string_view collection, std::string_view id)
    : text_(fmt::format("{}{}{}/{}", parent, parent.empty() ? "" : "/", collection, id)) {
  if (can_be_id(id)) return;
  throw InvalidArgument{{.message = fmt::format("\"{}\" cannot be an id in {}", shown(id), collection),
                         .hint = "An id is one segment of a name: not empty, without slashes."}};
}

ResourceName::ResourceName(std::string_view name, std::initializer_list<std::string_view> collections) : text_(name) {
  if (has_form(name, collections)) return;
  throw InvalidArgument{{.message = fmt::format("\"{}\" is not a name of the form {}", shown(name), form(collections)),
                         .hint = "Pass the full resource name, as the API's `name` members have it."}};
}

std::string_view ResourceName::ancestor(std::size_t number) const noexcept {
  std::string_view const text = text_;
  std::size_t end = 0;
  for (std::size_t slash = 0; slash < 2 * (number + 1); ++slash) end = text.find('/', end + (slash == 0 ? 0 : 1));
  return text.substr(0, end);
}

std::string_view ResourceName::id(std::size_t number) const noexcept {
  auto const name = ancestor(number);
  return name.substr(name.rfind('/') + 1);
}

ProjectName ProjectName::parse(std::string_view name) {
  return {name, {"projects"}};
}

BranchName BranchName::parse(std::string_view name) {
  return {name, {"projects", "branches"}};
}

EndpointName EndpointName::parse(std::string_view name) {
  return {name, {"projects", "branches", "endpoints"}};
}

ComputeInstanceName ComputeInstanceName::parse(std::string_view name) {
  return {name, {"projects", "branches", "endpoints", "compute-instances"}};
}

DatabaseName DatabaseName::parse(std::string_view name) {
  return {name, {"projects", "branches", "databases"}};
}

CdfConfigName CdfConfigName::parse(std::string_view name) {
  return {name, {"projects", "branches", "databases", "cdf-configs"}};
}

RoleName RoleName::parse(std::string_view name) {
  return {name, {"projects", "branches", "roles"}};
}

SnapshotName SnapshotName::parse(std::string_view name) {
  return {name, {"projects", "snapshots"}};
}

CatalogName CatalogName::parse(std::string_view name) {
  return {name, {"catalogs"}};
}

SyncedTableName SyncedTableName::parse(std::string_view name) {
  return {name, {"synced_tables"}};
}

std::string BranchName::snapshot_schedule() const {
  return to_string() + "/snapshot-schedule";
}

std::string DatabaseName::data_api() const {
  return to_string() + "/data-api";
}

}  // namespace postgres
}  // namespace v0
}  // namespace lakebase
