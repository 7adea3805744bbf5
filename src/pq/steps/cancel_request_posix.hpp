#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_descriptor_posix.hpp"
#include "pq/steps/cancel_request.hpp"
#include "pq/steps/cancel_tls.hpp"
#include "pq/steps/step.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// Sends a cancel request over a connection of its own, and waits until the server has taken it, but not past `until`.
class CancelRequestStep {
 public:
  CancelRequestStep(CancelRequest request, Moment until) : request_(std::move(request)), until_(until) {}

  [[nodiscard]] std::optional<Wait> next(Woken woken);
  /// The outcome so far.
  [[nodiscard]] CancelOutcome outcome() const noexcept { return outcome_; }

 private:
  enum class Stage { opening, connecting, asking_for_tls, shaking_hands, requested };

  // Each does what can be done at once. False if the step ends here.
  bool go_on();
  bool open();
  bool connected() const;
  bool begin_to_talk();
  bool receive();
  bool take(std::string_view bytes);
  bool shake_hands();
  bool send();
  Wait wait() const;

  CancelRequest request_;
  Moment until_;
  Stage stage_ = Stage::opening;
  CancelOutcome outcome_ = CancelOutcome::not_sent;
  lakebase::detail::FileDescriptor socket_{};
  std::optional<CancelTls> tls_{};
  std::string unsent_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
