#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <lakebase/transport.hpp>

namespace lakebase {
inline namespace v0 {
namespace testing {

/// One response of a ScriptedTransport.
struct ScriptedAnswer {
  /// HTTP status.
  int status = 200;
  /// Body of the response, usually JSON.
  std::string body{};
  /// Header fields of the response.
  Headers headers{};
};

/// A transport that plays responses in order and records the requests, so that an application can be tested without a
/// server.
///
/// Thread safety: safe to use from several threads at once.
/// Exceptions: `send` throws what the script says, and std::logic_error if no response is left.
/// Lifetime: keep a std::shared_ptr to it, for the client and for the test.
class ScriptedTransport final : public Transport {
 public:
  /// Plays these responses.
  ScriptedTransport(std::initializer_list<ScriptedAnswer> responses = {}) {
    for (auto const& response : responses) then(response);
  }

  /// Adds a response.
  ScriptedTransport& then(ScriptedAnswer response) {
    return then_do([response = std::move(response)](HttpRequest const&, TransportLimits const&) {
      return HttpResponse{
          .status = response.status, .headers = response.headers, .body = response.body, .effective_url = {}};
    });
  }

  /// Adds a fault: the next request ends with this exception, e.g. a TransportError.
  template <class Exception>
  ScriptedTransport& then_throw(Exception exception) {
    return then_do(
        [exception](HttpRequest const&, TransportLimits const&) -> HttpResponse { throw Exception{exception}; });
  }

  /// Adds a response that is computed when it is requested.
  ScriptedTransport& then_do(std::function<HttpResponse(HttpRequest const&, TransportLimits const&)> response) {
    std::lock_guard const lock{mutex_};
    responses_.push_back(std::move(response));
    return *this;
  }

  /// Records the request and plays the next response.
  HttpResponse send(HttpRequest const& request, TransportLimits const& limits) override {
    std::function<HttpResponse(HttpRequest const&, TransportLimits const&)> response;
    {
      std::lock_guard const lock{mutex_};
      requests_.push_back(request);
      limits_.push_back(limits);
      if (responses_.empty()) {
        throw std::logic_error("ScriptedTransport: no response is left for " + request.method + ' ' + request.url);
      }
      response = std::move(responses_.front());
      responses_.pop_front();
    }
    return response(request, limits);
  }

  /// The requests so far, in order.
  [[nodiscard]] std::vector<HttpRequest> requests() const {
    std::lock_guard const lock{mutex_};
    return requests_;
  }

  /// The bounds that came with each request.
  [[nodiscard]] std::vector<TransportLimits> limits() const {
    std::lock_guard const lock{mutex_};
    return limits_;
  }

  /// The only request.
  /// @throws std::logic_error if there were none or several
  [[nodiscard]] HttpRequest only_request() const {
    std::lock_guard const lock{mutex_};
    if (requests_.size() != 1) {
      throw std::logic_error("ScriptedTransport: " + std::to_string(requests_.size()) + " requests instead of one");
    }
    return requests_.front();
  }

  /// How many responses are left.
  [[nodiscard]] std::size_t answers_left() const {
    std::lock_guard const lock{mutex_};
    return responses_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<std::function<HttpResponse(HttpRequest const&, TransportLimits const&)>> responses_;
  std::vector<HttpRequest> requests_;
  std::vector<TransportLimits> limits_;
};

}  // namespace testing
}  // namespace v0
}  // namespace lakebase
