#pragma once

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lakebase/export.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

namespace lakebase {
inline namespace v0 {

/// Why the service refused, in terms a program can act on (`google.rpc.ErrorInfo`).
struct ErrorInfo {
  /// In capitals, e.g. `BRANCH_LIMIT_EXCEEDED`; unique within the domain.
  std::string reason{};
  /// Which service gives the reason.
  std::string domain{};
  /// Facts on this case, by name.
  std::map<std::string, std::string> metadata{};
};

/// What to quote to support (`google.rpc.RequestInfo`).
struct RequestInfo {
  /// `Error::request_id()` prefers the response's header to it.
  std::string request_id{};
  /// Opaque; for support to read.
  std::string serving_data{};
};

/// How long to wait before the next attempt (`google.rpc.RetryInfo`).
struct RetryInfo {
  /// At the least; the library's own pauses heed it.
  std::optional<Duration> retry_delay{};
};

/// Debugging information of the service (`google.rpc.DebugInfo`).
struct DebugInfo {
  /// The service's stack, innermost first.
  std::vector<std::string> stack_entries{};
  /// The service's own words.
  std::string detail{};
};

/// Which quota was exceeded (`google.rpc.QuotaFailure`).
struct QuotaFailure {
  /// One quota.
  struct Violation {
    std::string subject{};      ///< Whose quota, e.g. a project.
    std::string description{};  ///< For people.
  };
  /// All that were exceeded.
  std::vector<Violation> violations{};
};

/// Which preconditions did not hold (`google.rpc.PreconditionFailure`).
struct PreconditionFailure {
  /// One precondition.
  struct Violation {
    std::string type{};         ///< Kind of the precondition, by the service's own word.
    std::string subject{};      ///< What it is about, e.g. a branch.
    std::string description{};  ///< For people: what to fix.
  };
  /// All that did not hold.
  std::vector<Violation> violations{};
};

/// Which fields of the request were wrong (`google.rpc.BadRequest`).
struct FieldViolations {
  /// One field.
  struct Violation {
    std::string field{};        ///< Path in the request's body, e.g. `spec.ttl`.
    std::string description{};  ///< For people: why it is wrong.
  };
  /// All that were wrong.
  std::vector<Violation> violations{};
};

/// Which resource the error is about (`google.rpc.ResourceInfo`).
struct ResourceInfo {
  std::string resource_type{};  ///< E.g. a branch.
  std::string resource_name{};  ///< E.g. `projects/p/branches/b`.
  std::string owner{};          ///< Whose it is; may be empty.
  std::string description{};    ///< What went wrong with it, for people.
};

/// Where to read more (`google.rpc.Help`).
struct Help {
  /// One place.
  struct Link {
    std::string description{};  ///< What is there.
    std::string url{};          ///< Where it is.
  };
  /// In the service's order.
  std::vector<Link> links{};
};

/// The details that the service attached to an error, each in its slot. What it did not attach is empty, so that every
/// member can be read without asking first: `error.details().error_info.reason == "BRANCH_LIMIT_EXCEEDED"`.
struct ErrorDetails {
  ErrorInfo error_info{};                      ///< `google.rpc.ErrorInfo`
  RequestInfo request_info{};                  ///< `google.rpc.RequestInfo`
  RetryInfo retry_info{};                      ///< `google.rpc.RetryInfo`
  DebugInfo debug_info{};                      ///< `google.rpc.DebugInfo`
  QuotaFailure quota_failure{};                ///< `google.rpc.QuotaFailure`
  PreconditionFailure precondition_failure{};  ///< `google.rpc.PreconditionFailure`
  FieldViolations bad_request{};               ///< `google.rpc.BadRequest`
  ResourceInfo resource_info{};                ///< `google.rpc.ResourceInfo`
  Help help{};                                 ///< `google.rpc.Help`
  /// Details of a kind that this library does not know, as they came.
  std::vector<JsonText> unknown{};
};

/// The facts that every error carries, empty or 0 if they do not apply.
struct ErrorFacts {
  /// The service's own words, or this library's.
  std::string message{};
  /// What to do about it, in one sentence.
  std::string hint{};
  /// What else helps to understand the error, such as the places that were searched: a line of `what()` each, below the
  /// first.
  std::vector<std::string> notes{};
  /// HTTP method of the call.
  std::string method{};
  /// Path of the call, without host and query.
  std::string path{};
  /// Status of the response; 0 if there was none.
  int http_status = 0;
  /// The service's code, e.g. `NOT_FOUND`.
  std::string error_code{};
  /// What to quote to support.
  std::string request_id{};
  /// What the service attached.
  ErrorDetails details{};
  /// How long the service asked to wait.
  std::optional<std::chrono::nanoseconds> retry_after{};
  /// Whether the same call may succeed later.
  bool retryable = false;
  /// Number of attempts.
  int attempts = 0;
  /// How long all attempts and pauses took.
  std::chrono::nanoseconds elapsed{};
};

/// The root of everything that this library throws.
///
/// Thread safety: immutable, so that copies can be read in several threads; copies share one state.
/// Exceptions: copying and all functions throw nothing but std::bad_alloc from the constructors.
/// Lifetime: texts are valid as long as the object or a copy of it exists.
class LAKEBASE_EXPORT Error : public std::exception {
 public:
  /// An error with these facts.
  explicit Error(ErrorFacts facts);
  /// An error that is not about a call.
  explicit Error(std::string message);
  ~Error() override;
  Error(Error const&) noexcept;
  Error& operator=(Error const&) noexcept;

  /// For people: one line with method, path, status, code, message, request id and hint, as far as they are known, and
  /// a line for each note. Never a token, a password or a body.
  [[nodiscard]] char const* what() const noexcept override;

  /// HTTP status of the response; 0 if there was none.
  [[nodiscard]] int http_status() const noexcept;
  /// The service's code, e.g. `NOT_FOUND`; empty if there was none.
  [[nodiscard]] std::string const& error_code() const noexcept;
  /// The service's own words, or this library's.
  [[nodiscard]] std::string const& message() const noexcept;
  /// What to do about it; may be empty.
  [[nodiscard]] std::string const& hint() const noexcept;
  /// What the service attached; all empty if it attached nothing.
  [[nodiscard]] ErrorDetails const& details() const noexcept;
  /// Quote this to support; empty if the service sent none.
  [[nodiscard]] std::string const& request_id() const noexcept;
  /// How long the service asked to wait.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> retry_after() const noexcept;
  /// Whether the same call may succeed later.
  [[nodiscard]] bool retryable() const noexcept;
  /// HTTP method of the call; empty if the error is not about a call.
  [[nodiscard]] std::string const& method() const noexcept;
  /// Path of the call, without host and query; empty if the error is not about a call.
  [[nodiscard]] std::string const& path() const noexcept;
  /// Number of attempts.
  [[nodiscard]] int attempts() const noexcept;
  /// How long all attempts and the pauses between them took.
  [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept;
  /// All of the above in one object.
  [[nodiscard]] ErrorFacts const& facts() const noexcept;

 private:
  struct Content;
  std::shared_ptr<Content const> content_;
};

/// Declares an error type that adds nothing but its name.
#define LAKEBASE_ERROR(name, parent)           \
  class LAKEBASE_EXPORT name : public parent { \
   public:                                     \
    using parent::parent;                      \
    ~name() override;                          \
  }

/// The service responded with an error. Its subclasses have the Python SDK's names.
LAKEBASE_ERROR(ApiError, Error);

/// 400: the request is wrong; the message says what.
LAKEBASE_ERROR(BadRequest, ApiError);
/// 400 `INVALID_STATE`: not possible in the resource's present state.
LAKEBASE_ERROR(InvalidState, BadRequest);
/// 400 `INVALID_PARAMETER_VALUE`: an argument or a field of the request is not valid.
LAKEBASE_ERROR(InvalidParameterValue, BadRequest);
/// 401: the credentials are missing, wrong or expired.
LAKEBASE_ERROR(Unauthenticated, ApiError);
/// 403: the caller is known but may not do this.
LAKEBASE_ERROR(PermissionDenied, ApiError);
/// The workspace can be reached over a private link only.
LAKEBASE_ERROR(PrivateLinkValidationError, PermissionDenied);
/// 404: no such resource, or none that the caller may see.
LAKEBASE_ERROR(NotFound, ApiError);
/// 404 `RESOURCE_DOES_NOT_EXIST`.
LAKEBASE_ERROR(ResourceDoesNotExist, NotFound);
/// 409: the resource's state conflicts with the change, or it is being changed.
LAKEBASE_ERROR(ResourceConflict, ApiError);
/// 409 `ABORTED`: something else is changing the resource; try again later.
LAKEBASE_ERROR(Aborted, ResourceConflict);
/// 409 `ALREADY_EXISTS`: a resource of that name is there.
LAKEBASE_ERROR(AlreadyExists, ResourceConflict);
/// 409 `RESOURCE_ALREADY_EXISTS`.
LAKEBASE_ERROR(ResourceAlreadyExists, ResourceConflict);
/// 429: too many calls; the library has repeated the call until its time was over.
LAKEBASE_ERROR(TooManyRequests, ApiError);
/// 429 `RESOURCE_EXHAUSTED`: a quota is used up.
LAKEBASE_ERROR(ResourceExhausted, TooManyRequests);
/// 429 `REQUEST_LIMIT_EXCEEDED`.
LAKEBASE_ERROR(RequestLimitExceeded, TooManyRequests);
/// 499 `CANCELLED`: the service abandoned the request. A stop request of the caller is `Cancelled`.
LAKEBASE_ERROR(RequestCancelled, ApiError);
/// 500: a fault of the service. Quote the request id to support.
LAKEBASE_ERROR(InternalError, ApiError);
/// 500 `UNKNOWN`.
LAKEBASE_ERROR(Unknown, InternalError);
/// 500 `DATA_LOSS`.
LAKEBASE_ERROR(DataLoss, InternalError);
/// 501: not offered, by this workspace or by the emulator.
LAKEBASE_ERROR(NotImplemented, ApiError);
/// 503: the service is overloaded or being restarted; the library has repeated the call until its time was over.
LAKEBASE_ERROR(TemporarilyUnavailable, ApiError);
/// 504: the service ran out of time. A write may have been carried out.
LAKEBASE_ERROR(DeadlineExceeded, ApiError);

/// A `std::stop_token` of the caller ended the call or the wait. The service's own CANCELLED is `RequestCancelled`.
LAKEBASE_ERROR(Cancelled, Error);
/// An argument that no request could be made of, e.g. an empty resource name. Nothing was sent.
LAKEBASE_ERROR(InvalidArgument, Error);
/// The configuration is incomplete, contradictory or unreadable; the message names every place that was searched.
LAKEBASE_ERROR(ConfigError, Error);

/// No credentials could be obtained.
class LAKEBASE_EXPORT AuthError : public Error {
 public:
  /// `strategy` is the name of the strategy that failed, e.g. `oauth-m2m`.
  AuthError(std::string strategy, ErrorFacts facts);
  ~AuthError() override;

  /// Valid as long as this object.
  [[nodiscard]] std::string const& strategy() const noexcept;

 private:
  std::shared_ptr<std::string const> strategy_;
};

/// No whole response came from the server.
class LAKEBASE_EXPORT TransportError : public Error {
 public:
  /// What happened.
  enum class Kind {
    resolve,      ///< The host name is unknown.
    connect,      ///< Refused, unreachable, or no connection in time.
    tls,          ///< The handshake failed.
    certificate,  ///< The server's certificate was not accepted.
    timeout,      ///< No response in time.
    reset,        ///< The connection broke before the response.
    truncated,    ///< The connection broke inside the response.
    protocol,     ///< The response is not HTTP.
    too_large,    ///< The response exceeds the limit.
    other,        ///< Anything else; see the message.
  };

  /// `maybe_sent`: whether the server can have seen the request.
  TransportError(Kind kind, bool maybe_sent, ErrorFacts facts);
  ~TransportError() override;

  /// What happened.
  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  /// Whether the server can have seen the request. False is certain; true is not.
  [[nodiscard]] bool maybe_sent() const noexcept { return maybe_sent_; }

 private:
  Kind kind_;
  bool maybe_sent_;
};

/// Text that is not what the API promises: not JSON, or a member of another type.
class LAKEBASE_EXPORT ParseError : public Error {
 public:
  /// `json_path` is where, e.g. `projects[3].spec.ttl`; empty for the text as a whole.
  ParseError(std::string json_path, ErrorFacts facts);
  ~ParseError() override;

  /// Where, e.g. `projects[3].spec.ttl`; empty for the text as a whole. Valid as long as this object.
  [[nodiscard]] std::string const& json_path() const noexcept;

 private:
  std::shared_ptr<std::string const> json_path_;
};

/// A member that the program needs is not set in what the service has sent; see `at`. The message says which part is
/// unset, and the hint what to do.
class LAKEBASE_EXPORT MissingField : public Error {
 public:
  /// `json_path` is the full path of the member, e.g. `status.hosts.host`.
  MissingField(std::string json_path, ErrorFacts facts);
  ~MissingField() override;

  /// The full path of the member, e.g. `status.hosts.host`. Valid as long as this object.
  [[nodiscard]] std::string const& json_path() const noexcept;

 private:
  std::shared_ptr<std::string const> json_path_;
};

/// A long-running operation ended in an error, whose facts are the service's; or it ended without the expected result,
/// as the message says then.
class LAKEBASE_EXPORT OperationFailed : public Error {
 public:
  /// The facts are those of the operation's error.
  OperationFailed(std::string operation_name, ErrorFacts facts);
  ~OperationFailed() override;

  /// Resource name of the operation. Valid as long as this object.
  [[nodiscard]] std::string const& operation_name() const noexcept;
  /// Throws the same facts as the ApiError of the server's code, e.g. as NotFound.
  [[noreturn]] void throw_api_error() const;

 private:
  std::shared_ptr<std::string const> operation_name_;
};

/// A long-running operation was still running when the wait for it ended. It continues, and can be resumed by its name.
class LAKEBASE_EXPORT OperationTimeout : public Error {
 public:
  /// The facts say how long the wait was.
  OperationTimeout(std::string operation_name, ErrorFacts facts);
  ~OperationTimeout() override;

  /// Resource name of the operation, for `PostgresClient::resume`. Valid as long as this object.
  [[nodiscard]] std::string const& operation_name() const noexcept;

 private:
  std::shared_ptr<std::string const> operation_name_;
};

#undef LAKEBASE_ERROR

}  // namespace v0
}  // namespace lakebase
