#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <lakebase/error.hpp>

#include "auth/auth_http.hpp"
#include "auth/shared_failure.hpp"
#include "auth/strategies.hpp"
#include "base/after.hpp"
#include "http/process_state.hpp"

namespace lakebase::inline v0::detail {

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

constexpr std::string_view generic_message =
    "cannot configure default credentials, please check "
    "https://docs.databricks.com/en/dev-tools/auth.html#databricks-client-unified-authentication to configure "
    "credentials for your preferred authentication method";

using Reasons = std::vector<std::string>;

// Why a strategy cannot work with this configuration; empty: it may.
std::string why_not(StrategyKind const& kind, AuthContext const& context) {
  if (context.config().group_id && !kind.can_assume_group) {
    return "it cannot act as a group (group_id); use OAuth of Databricks, e.g. oauth-m2m";
  }
  return kind.why_not(context);
}

std::string explain(AuthContext const& context, Reasons const& reasons) {
  auto text = std::string{generic_message};
  if (auto const debug = context.resolved.debug_text(); !debug.empty()) text += ". " + debug;
  if (!reasons.empty()) text += fmt::format(". Not applicable: {}", fmt::join(reasons, "; "));
  return text + ". " + context.resolved.places_text();
}

StrategyKind const* named_kind(AuthContext const& context) {
  auto const name = context.config().auth_type.value_or("");
  auto const found =
      std::find_if(kinds.begin(), kinds.end(), [&](StrategyKind const& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

// Chooses at the first call, and then is what it chose.
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
  struct Attempt {
    bool done = false;
    SharedFailure failure{};
    bool is_private = false;  // the failure is the choosing call's own affair
  };
  struct State {
    std::mutex mutex;
    std::condition_variable_any done;
    std::shared_ptr<Attempt> attempt;
  };
  struct Choice {
    std::shared_ptr<CredentialsStrategy> strategy;
    Headers headers;
  };

  State& state() {
    return state_.get([] { return std::make_unique<State>(); });
  }

  // One call chooses, which may take requests; the others wait for it.
  Headers choose_or_wait(CredentialsLimits const& limits) {
    auto& here = state();
    std::unique_lock lock{here.mutex};
    while (here.attempt) {
      auto const attempt = here.attempt;
      auto const left = limits.deadline ? time_left(context_->clock->now(), *limits.deadline) : longest_wait;
      here.done.wait_for(lock, limits.stop, left, [&] { return attempt->done; });
      if (!attempt->done) check_time(limits, *context_->clock, "");
      if (!attempt->done) throw AuthError{"", ErrorFacts{.message = "no credentials in time", .retryable = true}};
      if (attempt->failure.happened() && !attempt->is_private) attempt->failure.raise();
    }
    if (auto* const chosen = chosen_.load(std::memory_order_acquire)) {
      lock.unlock();
      return chosen->headers(limits);
    }
    auto const attempt = here.attempt = std::make_shared<Attempt>();
    lock.unlock();
    try {
      auto choice = choose(limits);
      lock.lock();
      strategy_ = std::move(choice.strategy);
      chosen_.store(strategy_.get(), std::memory_order_release);
      finish(here, *attempt);
      return std::move(choice.headers);
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      attempt->failure = SharedFailure::current();
      attempt->is_private =
          limits.stop.stop_requested() || (limits.deadline && context_->clock->now() >= *limits.deadline);
      finish(here, *attempt);
      throw;
    }
  }

  static void finish(State& here, Attempt& attempt) {
    attempt.done = true;
    here.attempt.reset();
    here.done.notify_all();
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

  // What was tried and failed comes first: it is what the user meant.
  [[noreturn]] void fail(Reasons const& reasons, std::vector<AuthError> const& failures) {
    if (failures.empty()) throw AuthError{"", ErrorFacts{.message = explain(*context_, reasons)}};
    auto facts = failures.front().facts();
    for (auto const& failure : failures) {
      if (&failure != &failures.front()) facts.message += "; " + failure.message();
      facts.retryable = facts.retryable || failure.retryable();
    }
    facts.message += ". " + explain(*context_, reasons);
    throw AuthError{failures.front().strategy(), std::move(facts)};
  }

  Choice try_kind(StrategyKind const& kind, CredentialsLimits const& limits) {
    auto strategy = kind.make(context_);
    auto headers = strategy->headers(limits);
    return {std::move(strategy), std::move(headers)};
  }

  AuthContextPointer const context_;
  PerProcess<State> state_;
  std::shared_ptr<CredentialsStrategy> strategy_;  // written once, before chosen_
  std::atomic<CredentialsStrategy*> chosen_{nullptr};
};

[[noreturn]] void refuse_config(AuthContext const& context, Reasons const& reasons) {
  throw ConfigError{
      ErrorFacts{.message = "default auth: " + explain(context, reasons),
                 .hint = "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or run `databricks auth login`, or fill in "
                         "lakebase::Config."}};
}

}  // namespace

std::span<StrategyKind const> strategy_kinds() {
  return kinds;
}

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
    throw ConfigError{fmt::format("{} auth: {}. {}. {}", name, reason, context.resolved.debug_text(),
                                  context.resolved.places_text())};
  }
  Reasons reasons;
  for (auto const& kind : kinds) {
    auto const reason = why_not(kind, context);
    if (reason.empty()) return;
    reasons.push_back(fmt::format("{}: {}", kind.name, reason));
  }
  refuse_config(context, reasons);
}

}  // namespace lakebase::inline v0::detail
