#include "database/service.hpp"

#include <utility>

#include <lakebase/database/instance.hpp>

#include "database/instance_state.hpp"
#include "database/names.hpp"
#include "json/response.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

using database::DatabaseInstance;
using database::DatabaseInstanceState;

namespace {

// None if the body is a long-running operation, which a later version of the service may respond with.
std::optional<OperationStatus> status_of_instance(std::string_view body, std::string_view path) {
  DatabaseInstance instance;
  if (!decode_response(body, {.path = path}, instance)) return std::nullopt;
  auto name = instance.name.value_or("");
  OperationStatus status;
  if (auto const why = why_never(instance, DatabaseInstanceState::available); !why.empty()) {
    status = failed_operation(name, "", name + ' ' + why);
  }
  status.name = std::move(name);
  status.done = status.done || instance.state == DatabaseInstanceState::available;
  status.metadata = {std::string{body}};
  status.response = {std::string{body}};
  return status;
}

}  // namespace

Request poll_of_database(std::string_view operation_name) {
  return Request::get("/api/2.0/database/{}", operation_name);
}

Request poll_of_instance(std::string_view name) {
  if (names_operation(name)) return poll_of_database(name);
  return Request::get("/api/2.0/database/instances/{}", instance_segment(name));
}

OperationStatus read_instance_start(std::string_view body, std::string_view path, ExpectedResult const* result) {
  if (auto status = status_of_instance(body, path)) return *std::move(status);
  return read_operation_start(body, path, result);
}

OperationStatus read_instance_state(std::string_view body, bool has_result) {
  if (auto status = status_of_instance(body, {})) return *std::move(status);
  return read_operation_state(body, has_result);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
