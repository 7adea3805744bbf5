#pragma once

#include <atomic>
#include <string>

#include <lakebase/pq/credential_provider.hpp>

namespace lakebase::tests {

/// Tokens `planted-token-1`, `planted-token-2`, …: a new one after each `invalidate` of the current one.
class CountingCredentials final : public pq::DatabaseCredentialProvider {
 public:
  pq::LoginSecret get(CredentialsLimits const&) override { return {current(), true}; }
  bool invalidate(std::string_view password) override {
    if (password == current()) ++number_;
    return true;
  }
  bool uses_tokens() const noexcept override { return true; }
  int number() const noexcept { return number_; }

 private:
  std::string current() const { return "planted-token-" + std::to_string(number_); }
  std::atomic<int> number_ = 1;
};

}  // namespace lakebase::tests
