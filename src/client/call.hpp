#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lakebase/json.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/pager.hpp>

#include "client/api_client.hpp"
#include "http/request.hpp"

// How a method of a service client turns a request into its result: at once, over time, or page by page.

namespace lakebase::inline v0::detail {

using ApiClientPointer = std::shared_ptr<ApiClient const>;

/// Sends, and reads the answer as `Result`.
template <class Result>
Result fetch(ApiClientPointer const& api, Request const& request) {
  return api->send(request, [](std::string const& body) { return from_json<Result>(body); });
}

/// Sends a request whose answer is a long-running operation.
OperationHandle start_operation(ApiClientPointer const& api, Request const& request);
/// The operation of that name; asks nothing.
OperationHandle resume_operation(ApiClientPointer const& api, std::string_view name);

template <class SomeOperation>
SomeOperation start(ApiClientPointer const& api, Request const& request) {
  return SomeOperation{start_operation(api, request)};
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
