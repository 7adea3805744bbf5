#include "json/operation.hpp"

#include <optional>
#include <string>
#include <utility>

#include "json/codec.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

struct OperationJson {
  std::optional<std::string> name{};
  std::optional<bool> done{};
  JsonText metadata{};
  JsonText response{};
  std::optional<JsonText> error{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("name", &OperationJson::name);
    field("done", &OperationJson::done);
    field("metadata", &OperationJson::metadata);
    field("response", &OperationJson::response);
    field("error", &OperationJson::error);
  }
};

struct ErrorJson {
  std::optional<std::string> error_code{};
  std::optional<std::string> message{};

  template <class Field>
  static constexpr void describe(Field&& field) {
    field("error_code", &ErrorJson::error_code);
    field("message", &ErrorJson::message);
  }
};

OperationStatus read_members(JsonElement root) {
  OperationJson json;
  read(root, JsonPath{}, json);
  return OperationStatus{.name = json.name.value_or(""),
                         .done = json.done.value_or(false),
                         .metadata = std::move(json.metadata),
                         .response = std::move(json.response),
                         .error = std::move(json.error)};
}

}  // namespace

OperationStatus read_operation(std::string_view body) {
  JsonDocument const document{body};
  return read_members(document.root());
}

OperationStatus failed_operation(std::string_view name, std::string_view code, std::string_view message) {
  ErrorJson const error{.error_code = std::string{code}, .message = std::string{message}};
  return {.name = std::string{name}, .done = true, .error = JsonText{encode(error)}};
}

OperationStatus read_operation_start(std::string_view body, std::string_view path, ExpectedResult const* result) {
  if (result == nullptr && is_blank(body)) return {.done = true};
  if (is_blank(body)) accept_blank(result->shape, {.path = path});
  JsonDocument const document{body};
  auto const root = document.root();
  if (is_operation(root, path) || has_member(root, "done")) return read_members(root);
  if (result == nullptr) {
    accept_nothing(root);
    return {.done = true};
  }
  if (!has_shape(root, result->shape)) throw_misshapen(root, result->shape, "is an operation without a name, or ");
  result->check(body);
  return {.done = true, .response = {std::string{body}}};
}

OperationStatus read_operation_state(std::string_view body, bool has_result) {
  JsonDocument const document{body};
  auto const root = document.root();
  if (is_operation(root, {}) || has_member(root, "done")) return read_members(root);
  if (has_result && has_member(root, "name")) return {.done = true, .response = {std::string{body}}};
  throw_misshapen(root, {.is_operation = true});
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
