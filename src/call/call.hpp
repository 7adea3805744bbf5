#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/json.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/pager.hpp>

#include "call/api_client.hpp"
#include "call/request.hpp"
#include "call/service.hpp"
#include "json/response.hpp"

// How a method of a service client turns a request into its result: at once, by a long-running operation, or page by
// page. Every typed call goes through here. Which of these it is depends on the form of the response as well as on the
// method.

namespace lakebase {
inline namespace v0 {
namespace detail {

using ApiClientPointer = std::shared_ptr<ApiClient const>;

struct OperationOutcome {
  std::string operation_name{};
  JsonText response{};
};

/// Waits, within the budget of the call, for the operation in the response to a call that should not start one.
/// @throws ParseError if the call was a read; and what `Operation::wait` throws
OperationOutcome await_operation(ApiClientPointer const& api, Request const& request, CallResponse const& response,
                                 bool has_result);

/// Sends, and reads the response as `Result`.
template <class Result>
Result fetch(ApiClientPointer const& api, Request const& request) {
  return api->send(request, [&](CallResponse const& response) {
    Result result{};
    ResponseTo const call{.path = request.path(), .is_delete = request.method() == "DELETE"};
    if (!decode_response(response.http.body, call, result)) {
      auto const outcome = await_operation(api, request, response, true);
      result = decode_result<Result>(outcome.response.text, outcome.operation_name);
    }
    return result;
  });
}

/// Sends a request without a result.
void perform(ApiClientPointer const& api, Request const& request);

/// Sends a request that starts an operation with that result; null: without one. `protocol` says how it is polled.
OperationHandle start_operation(ApiClientPointer const& api, Request const& request, OperationProtocol const& protocol,
                                ExpectedResult const* result);
/// The operation of that name, to be polled as `protocol` says; does not poll.
/// @throws InvalidArgument if the name cannot be polled
OperationHandle resume_operation(ApiClientPointer const& api, std::string_view name, OperationProtocol const& protocol,
                                 bool has_result);

/// Sends a request that starts an operation. It is polled as `protocol` says, or by the protocol of the service.
template <class SomeOperation>
SomeOperation start(ApiClientPointer const& api, Request const& request, OperationProtocol const& protocol) {
  using Result = typename SomeOperation::Result;
  if constexpr (std::is_void_v<Result>) {
    return SomeOperation{start_operation(api, request, protocol, nullptr)};
  } else {
    ExpectedResult const result{shape_of<Result>,
                                [](std::string_view json) { static_cast<void>(decode_result<Result>(json, {})); }};
    return SomeOperation{start_operation(api, request, protocol, &result)};
  }
}
template <class SomeOperation>
SomeOperation start(ApiClientPointer const& api, Request const& request) {
  return start<SomeOperation>(api, request, api->service().operations);
}

/// A list whose pages are `Response`s with the items in `items`.
template <class Response, class T>
Pager<T> list(ApiClientPointer api, Request request, std::optional<std::string> const& first_token,
              std::vector<T> Response::*items) {
  return Pager<T>{[api = std::move(api), request = std::move(request), items](std::string const& token) {
                    auto page_request = request;
                    if (!token.empty()) page_request = Request{request}.query("page_token", std::string_view{token});
                    auto response = fetch<Response>(api, page_request);
                    return Page<T>{std::move(response.*items), response.next_page_token.value_or("")};
                  },
                  first_token.value_or("")};
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
