#include "base/error_types.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using Thrower = void (*)(ErrorFacts&&);

template <class SomeError>
[[noreturn]] void throw_as(ErrorFacts&& facts) {
  throw SomeError{std::move(facts)};
}

template <class Key>
struct Row {
  Key key;
  Thrower thrower;
};

constexpr std::array by_code{
    Row<std::string_view>{"INVALID_STATE", throw_as<InvalidState>},
    Row<std::string_view>{"INVALID_PARAMETER_VALUE", throw_as<InvalidParameterValue>},
    Row<std::string_view>{"RESOURCE_DOES_NOT_EXIST", throw_as<ResourceDoesNotExist>},
    Row<std::string_view>{"ABORTED", throw_as<Aborted>},
    Row<std::string_view>{"ALREADY_EXISTS", throw_as<AlreadyExists>},
    Row<std::string_view>{"RESOURCE_ALREADY_EXISTS", throw_as<ResourceAlreadyExists>},
    Row<std::string_view>{"RESOURCE_EXHAUSTED", throw_as<ResourceExhausted>},
    Row<std::string_view>{"REQUEST_LIMIT_EXCEEDED", throw_as<RequestLimitExceeded>},
    Row<std::string_view>{"UNKNOWN", throw_as<Unknown>},
    Row<std::string_view>{"DATA_LOSS", throw_as<DataLoss>},
    Row<std::string_view>{"PRIVATE_LINK_VALIDATION_ERROR", throw_as<PrivateLinkValidationError>},
};

// Codes that a status tells as well. They matter if there is no status, as in the error of an operation.
constexpr std::array by_code_without_status{
    Row<std::string_view>{"BAD_REQUEST", throw_as<BadRequest>},
    Row<std::string_view>{"UNAUTHENTICATED", throw_as<Unauthenticated>},
    Row<std::string_view>{"PERMISSION_DENIED", throw_as<PermissionDenied>},
    Row<std::string_view>{"NOT_FOUND", throw_as<NotFound>},
    Row<std::string_view>{"RESOURCE_CONFLICT", throw_as<ResourceConflict>},
    Row<std::string_view>{"TOO_MANY_REQUESTS", throw_as<TooManyRequests>},
    Row<std::string_view>{"CANCELLED", throw_as<RequestCancelled>},
    Row<std::string_view>{"INTERNAL_ERROR", throw_as<InternalError>},
    Row<std::string_view>{"NOT_IMPLEMENTED", throw_as<NotImplemented>},
    Row<std::string_view>{"TEMPORARILY_UNAVAILABLE", throw_as<TemporarilyUnavailable>},
    Row<std::string_view>{"DEADLINE_EXCEEDED", throw_as<DeadlineExceeded>},
};

constexpr std::array by_status{
    Row<int>{400, throw_as<BadRequest>},       Row<int>{401, throw_as<Unauthenticated>},
    Row<int>{403, throw_as<PermissionDenied>}, Row<int>{404, throw_as<NotFound>},
    Row<int>{409, throw_as<ResourceConflict>}, Row<int>{429, throw_as<TooManyRequests>},
    Row<int>{499, throw_as<RequestCancelled>}, Row<int>{500, throw_as<InternalError>},
    Row<int>{501, throw_as<NotImplemented>},   Row<int>{503, throw_as<TemporarilyUnavailable>},
    Row<int>{504, throw_as<DeadlineExceeded>},
};

template <class Table, class Key>
Thrower find_thrower(Table const& table, Key const& key) noexcept {
  for (auto const& row : table) {
    if (row.key == key) return row.thrower;
  }
  return nullptr;
}

}  // namespace

bool is_code_of_a_type(std::string_view code) noexcept {
  return find_thrower(by_code, code) != nullptr || find_thrower(by_code_without_status, code) != nullptr;
}

void throw_api_error(ErrorFacts facts) {
  auto thrower = find_thrower(by_code, std::string_view{facts.error_code});
  if (thrower == nullptr && facts.http_status == 0) {
    thrower = find_thrower(by_code_without_status, std::string_view{facts.error_code});
  }
  if (thrower == nullptr) thrower = find_thrower(by_status, facts.http_status);
  if (thrower != nullptr) thrower(std::move(facts));
  throw ApiError{std::move(facts)};  // NOLINT(bugprone-use-after-move): throwers do not return
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
