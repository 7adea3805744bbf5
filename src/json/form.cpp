#include "json/form.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <lakebase/error.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr char const* changed_form =
    "The service responds in another form than this library knows: update the library.";

// `name, create_time, spec, ...`
std::string some_members(Shape const& shape) {
  constexpr std::size_t most_shown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(shape.members.size(), most_shown); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", shape.members[i]);
  }
  return shape.members.size() > most_shown ? text + ", ..." : text;
}

bool ends_with_segments(std::string_view path, std::string_view name) {
  return path.size() > name.size() && path.ends_with(name) && path[path.size() - name.size() - 1] == '/';
}

}  // namespace

bool names_operation(std::string_view name) noexcept {
  auto const last = name.rfind('/');
  if (last == std::string_view::npos || last + 1 == name.size()) return false;
  auto const above = name.substr(0, last);
  return above == "operations" || above.ends_with("/operations");
}

bool is_blank(std::string_view body) noexcept {
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_operation(JsonElement root, std::string_view path) {
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return false;
  std::string_view name;
  bool has_done = false;
  bool has_outcome = false;
  for (auto const [key, value] : object) {
    if (key == "name") {
      if (value.get(name) != simdjson::SUCCESS) name = {};
    } else if (key == "done") {
      has_done = true;
    } else if (key == "metadata" || key == "response" || key == "error") {
      has_outcome = true;
    }
  }
  return (has_done && has_outcome) || (names_operation(name) && !ends_with_segments(path, name));
}

bool has_member(JsonElement root, std::string_view name) {
  JsonElement member;
  return root.is_object() && root.at_key(name).get(member) == simdjson::SUCCESS && !member.is_null();
}

bool has_shape(JsonElement root, Shape const& shape) {
  bool has_known = false;
  bool has_other = false;
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return false;
  for (auto const [key, value] : object) {
    if (std::find(shape.members.begin(), shape.members.end(), key) != shape.members.end()) {
      if (!value.is_null()) return true;
      has_known = true;
    } else if (!value.is_null() && !key.starts_with('@')) {
      has_other = true;
    }
  }
  return shape.may_be_empty && (has_known || !has_other);
}

void accept_nothing(JsonElement root) {
  constexpr Shape nothing{.may_be_empty = true};
  if (root.is_null() || has_shape(root, nothing) || has_member(root, "name")) return;
  throw ParseError{"", {.message = "the response has content, an empty one was expected", .hint = changed_form}};
}

void throw_misshapen(JsonElement root, Shape const& shape, std::string_view or_else) {
  static_cast<void>(read_object(root, JsonPath{}));
  throw ParseError{"",
                   {.message = fmt::format("the response {}has none of the members that were expected ({})", or_else,
                                           shape.is_operation ? "those of an operation" : some_members(shape)),
                    .hint = changed_form}};
}

void accept_blank(Shape const& shape, ResponseTo const& call) {
  if (call.is_delete && shape.may_be_empty) return;
  throw ParseError{"",
                   {.message = fmt::format("the response is empty, an object was expected ({})", some_members(shape)),
                    .hint = changed_form}};
}

bool accept(JsonElement root, Shape const& shape, ResponseTo const& call) {
  if (is_operation(root, shape.is_operation ? std::string_view{} : call.path)) return shape.is_operation;
  if (root.is_null() && call.is_delete && shape.may_be_empty) return true;
  if (shape.is_operation || !has_shape(root, shape)) throw_misshapen(root, shape);
  return true;
}

void throw_misread_result(ParseError const& error, std::string const& operation_name) {
  auto facts = error.facts();
  facts.path = operation_name;
  throw ParseError{error.json_path(), std::move(facts)};
}

void throw_no_result(std::string const& operation_name) {
  throw OperationFailed{operation_name,
                        {.message = fmt::format("{} is done, but its response does not hold the resource that is due",
                                                operation_name.empty() ? "the operation" : operation_name),
                         .hint = "The change was probably made: read the resource before you repeat it."}};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
