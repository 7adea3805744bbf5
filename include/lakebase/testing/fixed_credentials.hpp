#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

#include <lakebase/credentials.hpp>

namespace lakebase {
inline namespace v0 {
namespace testing {

/// Credentials for tests: always the same token, with counts of its uses and refusals.
///
/// Thread safety: safe to use from several threads at once.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: keep a std::shared_ptr to it, for the client and for the test.
class FixedCredentials final : public CredentialsStrategy {
 public:
  /// `renewable`: say after a refusal that the next headers may be better, as a strategy with a token source does.
  explicit FixedCredentials(std::string token = "test-token", bool renewable = false)
      : token_(std::move(token)), renewable_(renewable) {}

  /// `test`
  [[nodiscard]] std::string_view name() const noexcept override { return "test"; }

  /// The token, as a bearer's.
  [[nodiscard]] Headers headers(CredentialsLimits const& limits) override {
    static_cast<void>(limits);
    ++asked_;
    return {{"Authorization", "Bearer " + token_}};
  }

  /// Counts the refusal.
  bool invalidate(Headers const& refused) override {
    static_cast<void>(refused);
    ++refused_;
    return renewable_;
  }

  /// How many attempts have requested headers.
  [[nodiscard]] int asked() const noexcept { return asked_; }
  /// How often a server has refused them.
  [[nodiscard]] int refused() const noexcept { return refused_; }

 private:
  std::string const token_;
  bool const renewable_;
  std::atomic<int> asked_{0};
  std::atomic<int> refused_{0};
};

}  // namespace testing
}  // namespace v0
}  // namespace lakebase
