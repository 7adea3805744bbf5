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

namespace lakebase::inline v0 {

/// Why the service refused, in terms a program can act on (`google.rpc.ErrorInfo`).
struct ErrorInfo {
  std::string reason{};
  std::string domain{};
  std::map<std::string, std::string> metadata{};
};

/// What to quote to support (`google.rpc.RequestInfo`).
struct RequestInfo {
  std::string request_id{};
  std::string serving_data{};
};

/// How long to wait before the next try (`google.rpc.RetryInfo`).
struct RetryInfo {
  std::optional<Duration> retry_delay{};
};

/// Debugging information of the service (`google.rpc.DebugInfo`).
struct DebugInfo {
  std::vector<std::string> stack_entries{};
  std::string detail{};
};

/// Which quota was exceeded (`google.rpc.QuotaFailure`).
struct QuotaFailure {
  struct Violation {
    std::string subject{};
    std::string description{};
  };
  std::vector<Violation> violations{};
};

/// Which preconditions did not hold (`google.rpc.PreconditionFailure`).
struct PreconditionFailure {
  struct Violation {
    std::string type{};
    std::string subject{};
    std::string description{};
  };
  std::vector<Violation> violations{};
};

/// Which fields of the request were wrong (`google.rpc.BadRequest`).
struct FieldViolations {
  struct Violation {
    std::string field{};
    std::string description{};
  };
  std::vector<Violation> violations{};
};

/// Which resource the error is about (`google.rpc.ResourceInfo`).
struct ResourceInfo {
  std::string resource_type{};
  std::string resource_name{};
  std::string owner{};
  std::string description{};
};

/// Where to read on (`google.rpc.Help`).
struct Help {
  struct Link {
    std::string description{};
    std::string url{};
  };
  std::vector<Link> links{};
};

/// The details that the service attached to an error, each in its slot.
struct ErrorDetails {
  std::optional<ErrorInfo> error_info{};
  std::optional<RequestInfo> request_info{};
  std::optional<RetryInfo> retry_info{};
  std::optional<DebugInfo> debug_info{};
  std::optional<QuotaFailure> quota_failure{};
  std::optional<PreconditionFailure> precondition_failure{};
  std::optional<FieldViolations> bad_request{};
  std::optional<ResourceInfo> resource_info{};
  std::optional<Help> help{};
  /// Details of a kind that this library does not know, as they came.
  std::vector<JsonText> unknown{};
};

/// The facts that every error carries, empty or 0 where they do not apply.
struct ErrorFacts {
  std::string message{};
  /// What to do about it, in one sentence.
  std::string hint{};
  std::string method{};
  std::string path{};
  int http_status = 0;
  std::string error_code{};
  std::string request_id{};
  ErrorDetails details{};
  std::optional<std::chrono::nanoseconds> retry_after{};
  bool retryable = false;
  /// How often the request was tried.
  int attempts = 0;
  /// How long all tries and pauses took.
  std::chrono::nanoseconds elapsed{};
};

/// The root of everything that this library throws. Copies are cheap and never throw.
class LAKEBASE_EXPORT Error : public std::exception {
 public:
  explicit Error(ErrorFacts facts);
  explicit Error(std::string message);
  ~Error() override;
  Error(Error const&) noexcept;
  Error& operator=(Error const&) noexcept;

  /// One line for people: method, path, status, code, message, request id and hint, as far as they are known. Never a
  /// token, a password or a body.
  char const* what() const noexcept override;

  /// HTTP status of the answer; 0 where there was none.
  int http_status() const noexcept;
  /// The service's code, e.g. `NOT_FOUND`; empty where there was none.
  std::string const& error_code() const noexcept;
  /// The service's own words, or this library's.
  std::string const& message() const noexcept;
  /// What to do about it; may be empty.
  std::string const& hint() const noexcept;
  ErrorDetails const& details() const noexcept;
  /// Quote this to support; empty where the service sent none.
  std::string const& request_id() const noexcept;
  /// How long the service asked to wait.
  std::optional<std::chrono::nanoseconds> retry_after() const noexcept;
  /// Whether the same call may succeed later.
  bool retryable() const noexcept;
  /// HTTP method and path of the call; empty where the error is not about a call.
  std::string const& method() const noexcept;
  std::string const& path() const noexcept;
  /// How often the request was tried.
  int attempts() const noexcept;
  std::chrono::nanoseconds elapsed() const noexcept;
  /// All of the above in one object.
  ErrorFacts const& facts() const noexcept;

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

/// The service answered, and the answer is an error. Below it are the Python SDK's names.
LAKEBASE_ERROR(ApiError, Error);

/// 400.
LAKEBASE_ERROR(BadRequest, ApiError);
/// 400 `INVALID_STATE`: not possible in the resource's present state.
LAKEBASE_ERROR(InvalidState, BadRequest);
/// 400 `INVALID_PARAMETER_VALUE`.
LAKEBASE_ERROR(InvalidParameterValue, BadRequest);
/// 401: the credentials are missing, wrong or expired.
LAKEBASE_ERROR(Unauthenticated, ApiError);
/// 403: the caller is known but may not do this.
LAKEBASE_ERROR(PermissionDenied, ApiError);
/// The workspace can be reached over a private link only.
LAKEBASE_ERROR(PrivateLinkValidationError, PermissionDenied);
/// 404.
LAKEBASE_ERROR(NotFound, ApiError);
/// `RESOURCE_DOES_NOT_EXIST`.
LAKEBASE_ERROR(ResourceDoesNotExist, NotFound);
/// 409.
LAKEBASE_ERROR(ResourceConflict, ApiError);
/// `ABORTED`: something else is changing the resource; try again later.
LAKEBASE_ERROR(Aborted, ResourceConflict);
/// `ALREADY_EXISTS`.
LAKEBASE_ERROR(AlreadyExists, ResourceConflict);
/// `RESOURCE_ALREADY_EXISTS`.
LAKEBASE_ERROR(ResourceAlreadyExists, ResourceConflict);
/// 429.
LAKEBASE_ERROR(TooManyRequests, ApiError);
/// `RESOURCE_EXHAUSTED`: a quota is used up.
LAKEBASE_ERROR(ResourceExhausted, TooManyRequests);
/// `REQUEST_LIMIT_EXCEEDED`.
LAKEBASE_ERROR(RequestLimitExceeded, TooManyRequests);
/// 499, or a `std::stop_token` of the caller ended the call (`http_status()` is 0 then).
LAKEBASE_ERROR(Cancelled, ApiError);
/// 500.
LAKEBASE_ERROR(InternalError, ApiError);
/// `UNKNOWN`.
LAKEBASE_ERROR(Unknown, InternalError);
/// `DATA_LOSS`.
LAKEBASE_ERROR(DataLoss, InternalError);
/// 501.
LAKEBASE_ERROR(NotImplemented, ApiError);
/// 503.
LAKEBASE_ERROR(TemporarilyUnavailable, ApiError);
/// 504.
LAKEBASE_ERROR(DeadlineExceeded, ApiError);

/// An argument that no request could be made of, e.g. an empty resource name. Nothing was sent.
LAKEBASE_ERROR(InvalidArgument, Error);
/// The configuration is incomplete, contradictory or unreadable; the message names every place that was looked at.
LAKEBASE_ERROR(ConfigError, Error);

/// No credentials could be had.
class LAKEBASE_EXPORT AuthError : public Error {
 public:
  /// `strategy` is the name of the strategy that failed, e.g. `oauth-m2m`.
  AuthError(std::string strategy, ErrorFacts facts);
  ~AuthError() override;

  /// Valid as long as this object.
  std::string const& strategy() const noexcept;

 private:
  std::shared_ptr<std::string const> strategy_;
};

/// No whole answer came from the server.
class LAKEBASE_EXPORT TransportError : public Error {
 public:
  enum class Kind {
    resolve,      ///< The host name is unknown.
    connect,      ///< Refused, unreachable, or no connection in time.
    tls,          ///< The handshake failed.
    certificate,  ///< The server's certificate was not accepted.
    timeout,      ///< No answer in time.
    reset,        ///< The connection broke before the answer.
    truncated,    ///< The connection broke inside the answer.
    protocol,     ///< The answer is not HTTP.
    too_large,    ///< The answer exceeds the limit.
    other,
  };

  TransportError(Kind kind, bool maybe_sent, ErrorFacts facts);
  ~TransportError() override;

  Kind kind() const noexcept { return kind_; }
  /// Whether the server can have seen the request. False is certain; true is not.
  bool maybe_sent() const noexcept { return maybe_sent_; }

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

  std::string const& json_path() const noexcept;

 private:
  std::shared_ptr<std::string const> json_path_;
};

/// A long-running operation ended in an error. The facts are the server's.
class LAKEBASE_EXPORT OperationFailed : public Error {
 public:
  OperationFailed(std::string operation_name, ErrorFacts facts);
  ~OperationFailed() override;

  std::string const& operation_name() const noexcept;
  /// Throws the same facts as the ApiError of the server's code, e.g. as NotFound.
  [[noreturn]] void throw_api_error() const;

 private:
  std::shared_ptr<std::string const> operation_name_;
};

/// A long-running operation was still running when the wait for it ended. It goes on; the name picks it up again.
class LAKEBASE_EXPORT OperationTimeout : public Error {
 public:
  OperationTimeout(std::string operation_name, ErrorFacts facts);
  ~OperationTimeout() override;

  std::string const& operation_name() const noexcept;

 private:
  std::shared_ptr<std::string const> operation_name_;
};

#undef LAKEBASE_ERROR

}  // namespace lakebase::inline v0
