#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

// The address to which a browser is redirected after a login. The implementation is in callback_listener_posix.cpp.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Responds to requests of a browser on loopback, on one port.
class CallbackListener {
 public:
  /// The page to show for the query of a request; none if it is not the expected request (a browser also requests an
  /// icon).
  struct Page {
    int status = 200;
    std::string text{};
  };
  using Handler = std::function<std::optional<Page>(std::string_view query)>;
  enum class Ending { served, timed_out, stopped };

  /// Takes the first free port of `first` to `last`. Null if there is none.
  static std::unique_ptr<CallbackListener> open(int first, int last);

  virtual ~CallbackListener() = default;
  virtual int port() const = 0;
  /// Serves until the handler has given a page.
  virtual Ending serve(Handler const& handler, std::chrono::nanoseconds limit, std::stop_token const& stop) = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
