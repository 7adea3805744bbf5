#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/clock.hpp>
#include <lakebase/credentials.hpp>
#include <lakebase/database_client.hpp>
#include <lakebase/postgres_client.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/time.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq {

/// What a login sends as its password.
struct LoginSecret {
  /// Keep it out of logs.
  std::string password{};
  /// A token of the workspace, not a password of PostgreSQL's own.
  bool is_token = true;
};

/// Source of the passwords for logins. They are needed for a login only: a session outlives its token.
///
/// Thread safety: implementations must be safe to use from several threads at once.
/// Exceptions: `get` throws what it names; `invalidate` throws nothing.
/// Lifetime: a ConnectionSource and what is made of it share ownership of their provider.
class LAKEBASE_PQ_EXPORT DatabaseCredentialProvider {
 public:
  virtual ~DatabaseCredentialProvider();

  /// A password that is valid now.
  /// @throws AuthError, ApiError, TransportError if none can be obtained; Cancelled if `limits.stop` was requested
  virtual LoginSecret get(CredentialsLimits const& limits) = 0;

  /// Tells that the server refused this password. It is dropped if it is still the current one; a password that has
  /// been replaced in the meantime drops nothing.
  /// @return whether the next `get` can give another one
  virtual bool invalidate(std::string_view password) = 0;

  /// Whether the passwords are tokens; sends nothing.
  [[nodiscard]] virtual bool uses_tokens() const noexcept = 0;

  /// The clock that `limits.deadline` of `get` refers to; a caller with another clock converts the time that is left.
  /// Null if `get` only passes the deadline on, or ignores it.
  [[nodiscard]] virtual std::shared_ptr<Clock> clock() const { return nullptr; }
};

/// What a mint gives: a token, and when it expires by the server's clock.
struct MintedToken {
  /// The password. Not for logs.
  std::string token{};
  /// When new logins with it end, by the server's clock.
  Timestamp expire_time{};
};

/// Makes a new token, within the limits.
using Mint = std::function<MintedToken(CredentialsLimits const&)>;

/// What a caching provider does, for metrics and logs. `message` never holds a token.
struct CredentialEvent {
  /// What happened.
  enum class Kind {
    minted,          ///< A new token is in use.
    refresh_failed,  ///< The present token stays in use; another attempt comes later.
    mint_failed,     ///< There is no token; the caller gets the error.
    invalidated,     ///< The server refused the token.
  };
  /// What happened.
  Kind kind{};
  /// How long the mint took.
  std::chrono::nanoseconds elapsed{};
  /// Why a mint failed; empty otherwise. Never holds a token.
  std::string message{};
};

/// When tokens are replaced.
struct RefreshPolicy {
  /// From this fraction of its lifetime on, a token is replaced early, by the caller that notices; the others continue
  /// with the old one. 0 to 1. That caller waits 10 s at most.
  double refresh_at = 0.8;
  /// A token is not handed out in the last part of its lifetime, so that the login that uses it comes in time: this
  /// much, or a tenth of its lifetime if that is less.
  std::chrono::nanoseconds reserve = std::chrono::minutes{2};
  /// Upper bound on a token's lifetime, regardless of clock skew. Default: the lifetime that tokens are requested for,
  /// 1 hour.
  std::optional<std::chrono::nanoseconds> longest_life{};
  /// After a failed mint, callers get its error for this long before another attempt is made.
  std::chrono::nanoseconds pause_after_failure = std::chrono::milliseconds{500};
  /// After the server refused a token and then the one that was minted in its place, none is minted for this long: the
  /// tokens are not the cause then.
  std::chrono::nanoseconds pause_after_refusal = std::chrono::seconds{5};
  /// Called from the thread that did it, under no lock. What it throws is dropped.
  std::function<void(CredentialEvent const&)> on_event{};
};

/// Counts of a caching provider since it was made.
struct CredentialStatistics {
  /// Tokens requested, successfully or not.
  std::uint64_t mints = 0;
  /// Mints that failed.
  std::uint64_t failures = 0;
  /// Tokens that a server refused before their time.
  std::uint64_t invalidated = 0;
};

/// Keeps one token and replaces it in time. Nothing is minted before the first `get`; concurrent callers share one mint
/// and its error. Expiry is judged by two clocks from the moment of receipt: the steady one, which nobody sets, and the
/// system's, which goes on while the machine sleeps. The earlier end counts, so that setting the system's clock costs
/// one mint at most. A forked child keeps the token, and mints its own next one.
///
/// Thread safety: safe to use from several threads at once; concurrent callers share one mint.
/// Exceptions: `get` throws what the mint throws; each waiting caller gets an exception object of its own.
/// Lifetime: has no thread of its own: mints run in calls of `get`, which have to return before it is destroyed.
class [[nodiscard]] LAKEBASE_PQ_EXPORT CachingCredentialProvider final : public DatabaseCredentialProvider {
 public:
  /// `clock` unset: the machine's.
  explicit CachingCredentialProvider(Mint mint, RefreshPolicy policy = {}, std::shared_ptr<Clock> clock = {});
  ~CachingCredentialProvider() override;

  /// The cached token, or a new one. Callers that come at once share one mint.
  LoginSecret get(CredentialsLimits const& limits) override;
  /// Drops the token if it still is the cached one.
  bool invalidate(std::string_view password) override;
  /// Always.
  [[nodiscard]] bool uses_tokens() const noexcept override { return true; }
  /// What it was made with.
  [[nodiscard]] std::shared_ptr<Clock> clock() const override;

  /// What it has done so far.
  [[nodiscard]] CredentialStatistics statistics() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// How tokens of an endpoint are requested.
struct EndpointCredentialOptions {
  /// Permissions to include in the tokens.
  std::vector<postgres::RequestedClaims> claims{};
  /// Display name of a workspace group to log in as.
  std::optional<std::string> group_name{};
  /// 5 minutes to 1 hour; default 1 hour.
  std::optional<Duration> ttl{};
  /// When to mint the next token.
  RefreshPolicy refresh{};
  /// Instead of the client's.
  std::shared_ptr<Clock> clock{};
};

/// Tokens of an Autoscaling endpoint, `projects/{p}/branches/{b}/endpoints/{e}`. Sends nothing before the first `get`.
/// The client's own call options apply to mints too, except `stop`, which is that of each `get`.
/// @throws InvalidArgument if `endpoint` is not such a name
[[nodiscard]] LAKEBASE_PQ_EXPORT std::shared_ptr<CachingCredentialProvider> make_endpoint_credentials(
    PostgresClient client, std::string_view endpoint, EndpointCredentialOptions const& options = {});

/// How tokens of instances are requested.
struct InstanceCredentialOptions {
  /// Permissions to include in the tokens.
  std::vector<database::RequestedClaims> claims{};
  /// For the service's own records, the same with each token. Default: a new UUID each time.
  std::optional<std::string> request_id{};
  /// When to mint the next token.
  RefreshPolicy refresh{};
  /// Instead of the client's.
  std::shared_ptr<Clock> clock{};
};

/// Tokens of instances of Lakebase Provisioned, by their names; each is valid at all of them. Sends nothing before the
/// first `get`. The client's own call options apply to mints too, except `stop`, which is that of each `get`.
/// @throws InvalidArgument if one is not the name of an instance, or there are neither names nor claims
[[nodiscard]] LAKEBASE_PQ_EXPORT std::shared_ptr<CachingCredentialProvider> make_instance_credentials(
    DatabaseClient client, std::vector<std::string> instance_names, InstanceCredentialOptions const& options = {});

/// A password of PostgreSQL's own, of a role that has one.
[[nodiscard]] LAKEBASE_PQ_EXPORT std::shared_ptr<DatabaseCredentialProvider> make_password_credentials(
    std::string password);

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
