#include "call/call.hpp"

#include <stop_token>

#include <fmt/format.h>

#include <lakebase/clock.hpp>
#include <lakebase/error.hpp>

#include "base/after.hpp"
#include "base/redaction.hpp"
#include "call/pace.hpp"
#include "json/form.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;

// Checks the name now: the caller could do nothing about one that only fails at the first poll.
void check_started(OperationStatus const& status, OperationProtocol const& protocol) {
  if (status.done) return;
  if (status.name.empty()) throw ParseError{"name", {.message = "the service started an operation without a name"}};
  try {
    if (protocol.poll != nullptr) static_cast<void>(protocol.poll(status.name));
  } catch (InvalidArgument const&) {
    throw ParseError{
        "name",
        {.message = fmt::format("the service started an operation with a name that cannot be polled: \"{}\"",
                                one_line(shorten(status.name, 128))),
         .hint = "The change may have been started all the same: read the resource before you repeat it."}};
  }
}

OperationSource source_of(ApiClientPointer const& api, OperationProtocol const& protocol, bool has_result) {
  auto defaults = api->config().wait;
  if (!defaults.stop.stop_possible()) defaults.stop = api->options().stop;
  auto poll = [api, protocol, has_result](std::string const& name, std::optional<nanoseconds> timeout,
                                          std::stop_token stop) {
    auto options = options_of_poll(api->options(), api->config(), timeout, std::move(stop));
    return api->with(std::move(options))->send(protocol.poll(name), [&](CallResponse const& response) {
      return protocol.read_state(response.http.body, has_result);
    });
  };
  return {.poll = std::move(poll),
          .clock = api->shared_clock(),
          .defaults = std::move(defaults),
          .client = protocol.client,
          .gone = protocol.gone,
          .events = api->config().events};
}

}  // namespace

OperationHandle start_operation(ApiClientPointer const& api, Request const& request, OperationProtocol const& protocol,
                                ExpectedResult const* result) {
  auto status = api->send(request, [&](CallResponse const& response) {
    auto read = protocol.read_start(response.http.body, request.path(), result);
    check_started(read, protocol);
    return read;
  });
  return OperationHandle{std::move(status), source_of(api, protocol, result != nullptr)};
}

OperationHandle resume_operation(ApiClientPointer const& api, std::string_view name, OperationProtocol const& protocol,
                                 bool has_result) {
  static_cast<void>(protocol.poll(name));  // refuses a malformed name now, not at the first poll
  return OperationHandle{OperationStatus{.name = std::string{name}}, source_of(api, protocol, has_result)};
}

OperationOutcome await_operation(ApiClientPointer const& api, Request const& request, CallResponse const& response,
                                 bool has_result) {
  auto const& protocol = api->service().operations;
  auto status = read_operation(response.http.body);
  check_started(status, protocol);
  auto name = status.name;
  bool const is_read = request.method() == "GET";
  if (is_read || protocol.poll == nullptr) {
    throw ParseError{"",
                     {.message = fmt::format("the response to a {} is a long-running operation: {}",
                                             is_read ? "read" : "call of a service that has none", name),
                      .hint = "The service responds in another form than this library knows: update the library."}};
  }
  OperationHandle const handle{std::move(status), source_of(api, protocol, has_result)};
  auto const left = time_left(api->shared_clock()->now(), response.deadline);
  return {std::move(name), handle.wait({.timeout = left, .stop = api->options().stop})};
}

void perform(ApiClientPointer const& api, Request const& request) {
  api->send(request, [&](CallResponse const& response) {
    if (is_blank(response.http.body)) return;
    JsonDocument const document{response.http.body};
    if (!is_operation(document.root(), request.path())) return accept_nothing(document.root());
    static_cast<void>(await_operation(api, request, response, false));
  });
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
