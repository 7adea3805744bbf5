#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <lakebase/error.hpp>

#include "auth/auth_http.hpp"
#include "auth/strategies.hpp"
#include "base/refreshing_value.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::array kinds{
    StrategyKind{"pat", why_not_pat, make_pat},
    StrategyKind{"basic", why_not_basic, make_basic},
    StrategyKind{"metadata-service", why_not_metadata_service, make_metadata_service},
    StrategyKind{"oauth-m2m", why_not_oauth_m2m, make_oauth_m2m, true},
    StrategyKind{"env-oidc", why_not_env_oidc, make_env_oidc, true},
    StrategyKind{"file-oidc", why_not_file_oidc, make_file_oidc, true},
    StrategyKind{"github-oidc", why_not_github_oidc, make_github_oidc, true},
    StrategyKind{"azure-msi", why_not_azure_msi, make_azure_msi},
    StrategyKind{"azure-client-secret", why_not_azure_client_secret, make_azure_client_secret},
    StrategyKind{"github-oidc-azure", why_not_github_oidc_azure, make_github_oidc_azure},
    StrategyKind{"azure-cli", why_not_azure_cli, make_azure_cli},
    StrategyKind{"azure-devops-oidc", why_not_azure_devops_oidc, make_azure_devops_oidc, true},
    StrategyKind{"external-browser", why_not_external_browser, make_external_browser, true},
    StrategyKind{"databricks-cli", why_not_databricks_cli, make_databricks_cli},
    StrategyKind{"model-serving", why_not_model_serving, make_model_serving},
    StrategyKind{"google-credentials", why_not_google_credentials, make_google_credentials},
    StrategyKind{"google-id", why_not_google_id, make_google_id},
};

constexpr char const* generic_message = "cannot configure default credentials";
constexpr char const* remedy =
    "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or run `databricks auth login`, or fill in lakebase::Config; see "
    "https://docs.databricks.com/en/dev-tools/auth.html#databricks-client-unified-authentication.";

using Reasons = std::vector<std::string>;

// Why a strategy cannot work with this configuration; empty: it may.
std::string why_not(StrategyKind const& kind, AuthContext const& context) {
  if (context.config().group_id && !kind.can_assume_group) {
    return "it cannot act as a group (group_id); use OAuth of Databricks, e.g. oauth-m2m";
  }
  return kind.why_not(context);
}

// The places that were looked at and the reasons why no strategy applies, a line each.
std::vector<std::string> explain(AuthContext const& context, Reasons const& reasons) {
  std::vector<std::string> notes;
  if (auto debug = context.resolved.debug_text(); !debug.empty()) notes.push_back(std::move(debug));
  notes.push_back(context.resolved.places_text());
  for (auto const& reason : reasons) notes.push_back("Not applicable: " + reason);
  return notes;
}

StrategyKind const* named_kind(AuthContext const& context) {
  auto const name = context.config().auth_type.value_or("");
  auto const found =
      std::find_if(kinds.begin(), kinds.end(), [&](StrategyKind const& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

// Chooses a strategy at the first call, and uses that one from then on.
class DefaultCredentials final : public CredentialsStrategy {
 public:
  explicit DefaultCredentials(AuthContextPointer context) : context_(std::move(context)) {}

  std::string_view name() const noexcept override {
    auto const* const chosen = chosen_.load(std::memory_order_acquire);
    return chosen == nullptr ? std::string_view{} : chosen->name();
  }

  Headers headers(CredentialsLimits const& limits) override {
    if (auto* const chosen = chosen_.load(std::memory_order_acquire)) return chosen->headers(limits);
    return choose_or_wait(limits);
  }

  bool invalidate(Headers const& refused) override {
    auto* const chosen = chosen_.load(std::memory_order_acquire);
    return chosen != nullptr && chosen->invalidate(refused);
  }

 private:
  struct Choice {
    std::shared_ptr<CredentialsStrategy> strategy;
    Headers headers;
  };

  // One call chooses, which may send requests; the others wait for it.
  Headers choose_or_wait(CredentialsLimits const& limits) {
    std::optional<Headers> found;  // set by the call that chooses
    auto const choice = choice_.get(limits, [&](CredentialsLimits const& bounds, auto const*) {
      auto [strategy, headers] = choose(bounds);
      found = std::move(headers);
      return Strategies::Fetched{std::move(strategy)};
    });
    chosen_.store(choice->get(), std::memory_order_release);
    return found ? *std::move(found) : (*choice)->headers(limits);
  }

  Choice choose(CredentialsLimits const& limits) {
    if (auto const* const kind = named_kind(*context_)) {
      if (auto const reason = why_not(*kind, *context_); !reason.empty()) {
        throw AuthError{std::string{kind->name}, ErrorFacts{.message = reason}};
      }
      return try_kind(*kind, limits);
    }
    Reasons reasons;
    std::vector<AuthError> failures;
    for (auto const& kind : kinds) {
      auto const reason = why_not(kind, *context_);
      if (!reason.empty()) {
        reasons.push_back(fmt::format("{}: {}", kind.name, reason));
        continue;
      }
      try {
        return try_kind(kind, limits);
      } catch (AuthError const& error) {
        context_->logger.write(LogLevel::debug, error.what());
        failures.push_back(error);
      }
      check_time(limits, *context_->clock, kind.name);
    }
    fail(reasons, failures);
  }

  // A strategy that applied and failed comes first: it is the one that the user meant.
  [[noreturn]] void fail(Reasons const& reasons, std::vector<AuthError> const& failures) {
    if (failures.empty()) {
      throw AuthError{"", ErrorFacts{.message = generic_message, .hint = remedy, .notes = explain(*context_, reasons)}};
    }
    auto facts = failures.front().facts();
    for (auto const& failure : failures) {
      if (&failure != &failures.front()) facts.message += "; " + failure.message();
      facts.retryable = facts.retryable || failure.retryable();
    }
    if (facts.hint.empty()) facts.hint = remedy;
    facts.notes = explain(*context_, reasons);
    throw AuthError{failures.front().strategy(), std::move(facts)};
  }

  Choice try_kind(StrategyKind const& kind, CredentialsLimits const& limits) {
    auto strategy = kind.make(context_);
    auto headers = strategy->headers(limits);
    return {std::move(strategy), std::move(headers)};
  }

  using Strategies = RefreshingValue<std::shared_ptr<CredentialsStrategy>>;

  AuthContextPointer const context_;
  Strategies choice_{context_->clock, {.what = "credential"}};  // made once, never dropped
  std::atomic<CredentialsStrategy*> chosen_{nullptr};
};

[[noreturn]] void refuse_config(AuthContext const& context, Reasons const& reasons) {
  throw ConfigError{ErrorFacts{
      .message = fmt::format("default auth: {}", generic_message), .hint = remedy, .notes = explain(context, reasons)}};
}

}  // namespace

std::shared_ptr<CredentialsStrategy> make_default_credentials(AuthContextPointer context) {
  return std::make_shared<DefaultCredentials>(std::move(context));
}

void check_credentials_possible(AuthContext const& context) {
  auto const name = context.config().auth_type.value_or("");
  if (!name.empty()) {
    auto const* const kind = named_kind(context);
    if (kind == nullptr) {
      std::vector<std::string_view> names;
      for (auto const& known : kinds) names.push_back(known.name);
      throw ConfigError{fmt::format("auth_type {} is unknown; there are {}", name, fmt::join(names, ", "))};
    }
    auto const reason = why_not(*kind, context);
    if (reason.empty()) return;
    throw ConfigError{ErrorFacts{.message = fmt::format("{} auth: {}", name, reason), .notes = explain(context, {})}};
  }
  Reasons reasons;
  for (auto const& kind : kinds) {
    auto const reason = why_not(kind, context);
    if (reason.empty()) return;
    reasons.push_back(fmt::format("{}: {}", kind.name, reason));
  }
  refuse_config(context, reasons);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
