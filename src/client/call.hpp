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

#include "client/api_client.hpp"
#include "client/request.hpp"
#include "json/response.hpp"

// How a method of a service client turns a request into its result: at once, over time, or page by page. Every typed
// call goes through here, and each is told from the others by the form of the response as well as by what was expected.

namespace lakebase::inline v0::detail {

using ApiClientPointer = std::shared_ptr<ApiClient const>;

struct OperationOutcome {
  std::string operation_name{};
  JsonText response{};
};

/// Waits, within the budget of the call, for the operation in the response to a call that should have none.
/// @throws ParseError where the call was a read; and what `Operation::wait` throws
OperationOutcome await_operation(ApiClientPointer const& api, Request const& request, Answer const& answer,
                                 bool has_result);

/// Sends, and reads the response as `Result`.
template <class Result>
Result fetch(ApiClientPointer const& api, Request const& request) {
  return api->send(request, [&](Answer const& answer) {
    Result result{};
    ResponseTo const call{.path = request.path(), .is_delete = request.method() == "DELETE"};
    if (!decode_response(answer.body, call, result)) {
      auto const outcome = await_operation(api, request, answer, true);
      result = decode_result<Result>(outcome.response.text, outcome.operation_name);
    }
    return result;
  });
}

/// Sends a request whose response says nothing.
void perform(ApiClientPointer const& api, Request const& request);

/// What an operation leads to, and a service that does all at once responds with.
struct ExpectedResult {
  Shape const& shape;
  /// Reads it.
  /// @throws ParseError where a member is of a wrong type
  void (*check)(std::string_view json);
};

/// Sends a request whose response is a long-running operation, with that result; null: without one.
OperationHandle start_operation(ApiClientPointer const& api, Request const& request, ExpectedResult const* result);
/// The operation of that name; polls nothing.
OperationHandle resume_operation(ApiClientPointer const& api, std::string_view name, bool has_result);

template <class SomeOperation>
SomeOperation start(ApiClientPointer const& api, Request const& request) {
  using Result = typename SomeOperation::Result;
  if constexpr (std::is_void_v<Result>) {
    return SomeOperation{start_operation(api, request, nullptr)};
  } else {
    ExpectedResult const result{shape_of<Result>,
                                [](std::string_view json) { static_cast<void>(decode_result<Result>(json, {})); }};
    return SomeOperation{start_operation(api, request, &result)};
  }
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

}  // namespace lakebase::inline v0::detail
