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

/// One answer of a ScriptedTransport.
struct ScriptedAnswer {
  /// HTTP status.
  int status = 200;
  /// What the answer holds, usually JSON.
  std::string body{};
  /// The answer's header fields.
  Headers headers{};
};

/// A transport that plays answers in order and keeps the requests, so that an application can be tested without a
/// server. A request for which no answer is left fails the test with std::logic_error. Safe to use from several
/// threads.
class ScriptedTransport final : public Transport {
 public:
  /// Plays these answers.
  ScriptedTransport(std::initializer_list<ScriptedAnswer> answers = {}) {
    for (auto const& answer : answers) then(answer);
  }

  /// Adds an answer.
  ScriptedTransport& then(ScriptedAnswer answer) {
    return then_do([answer = std::move(answer)](HttpRequest const&, TransportLimits const&) {
      return HttpResponse{.status = answer.status, .headers = answer.headers, .body = answer.body, .effective_url = {}};
    });
  }

  /// Adds a fault: the next request ends with this exception, e.g. a TransportError.
  template <class Exception>
  ScriptedTransport& then_throw(Exception exception) {
    return then_do(
        [exception](HttpRequest const&, TransportLimits const&) -> HttpResponse { throw Exception{exception}; });
  }

  /// Adds an answer that is computed when it is asked for.
  ScriptedTransport& then_do(std::function<HttpResponse(HttpRequest const&, TransportLimits const&)> answer) {
    std::lock_guard const lock{mutex_};
    answers_.push_back(std::move(answer));
    return *this;
  }

  /// Keeps the request and plays the next answer.
  HttpResponse send(HttpRequest const& request, TransportLimits const& limits) override {
    std::function<HttpResponse(HttpRequest const&, TransportLimits const&)> answer;
    {
      std::lock_guard const lock{mutex_};
      requests_.push_back(request);
      limits_.push_back(limits);
      if (answers_.empty()) {
        throw std::logic_error("ScriptedTransport: no answer is left for " + request.method + ' ' + request.url);
      }
      answer = std::move(answers_.front());
      answers_.pop_front();
    }
    return answer(request, limits);
  }

  /// What was asked so far, in order.
  [[nodiscard]] std::vector<HttpRequest> requests() const {
    std::lock_guard const lock{mutex_};
    return requests_;
  }

  /// The bounds that came with each request.
  [[nodiscard]] std::vector<TransportLimits> limits() const {
    std::lock_guard const lock{mutex_};
    return limits_;
  }

  /// The one request there was.
  /// @throws std::logic_error where there were none or several
  [[nodiscard]] HttpRequest only_request() const {
    std::lock_guard const lock{mutex_};
    if (requests_.size() != 1) {
      throw std::logic_error("ScriptedTransport: " + std::to_string(requests_.size()) + " requests instead of one");
    }
    return requests_.front();
  }

  /// How many answers were not asked for.
  [[nodiscard]] std::size_t answers_left() const {
    std::lock_guard const lock{mutex_};
    return answers_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<std::function<HttpResponse(HttpRequest const&, TransportLimits const&)>> answers_;
  std::vector<HttpRequest> requests_;
  std::vector<TransportLimits> limits_;
};

}  // namespace testing
}  // namespace v0
}  // namespace lakebase
