#include <lakebase/error.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/error_types.hpp"
#include "base/fact_texts.hpp"
#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {

namespace {

using detail::one_line;
using detail::scrub;

constexpr std::size_t longest_message = 4096;

void clean(std::string& text) {
  text = detail::shorten(scrub(detail::valid_utf8(text)), longest_message);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return detail::is_control(c) && c != '\n' && c != '\t'; }, ' ');
}

// Every error passes through here, so that none holds a secret or anything that moves a terminal's cursor.
ErrorFacts cleaned(ErrorFacts facts) {
  for (auto& [key, value] : facts.details.error_info.metadata) {
    if (detail::is_credential_key(key)) value = detail::hidden;
  }
  detail::for_each_text(facts, [](std::string& text) { clean(text); });
  for (auto& unknown : facts.details.unknown) unknown.text = scrub(unknown.text);
  return facts;
}

std::string where(ErrorFacts const& facts) {
  if (facts.method.empty()) return facts.path;
  return facts.path.empty() ? facts.method : facts.method + ' ' + facts.path;
}

std::string which(ErrorFacts const& facts) {
  if (facts.http_status == 0) return facts.error_code;
  return facts.error_code.empty() ? fmt::format("{}", facts.http_status)
                                  : fmt::format("{} {}", facts.http_status, facts.error_code);
}

std::string circumstances(ErrorFacts const& facts) {
  std::string result;
  if (!facts.request_id.empty()) result = "request id " + facts.request_id;
  if (facts.attempts > 1) {
    if (!result.empty()) result += ", ";
    result +=
        fmt::format("{} attempts in {:.1f} s", facts.attempts, std::chrono::duration<double>(facts.elapsed).count());
  }
  return result;
}

void join(std::string& text, std::string_view part) {
  if (part.empty()) return;
  if (!text.empty()) text += ": ";
  text += part;
}

std::string compose(ErrorFacts const& facts) {
  std::string text;
  join(text, where(facts));
  join(text, which(facts));
  join(text, facts.message);
  if (auto const more = circumstances(facts); !more.empty()) text += fmt::format(" ({})", more);
  if (!facts.hint.empty()) {
    if (!text.empty() && text.back() != '.') text += '.';
    text += ' ';
    text += facts.hint;
  }
  text = one_line(text);
  for (auto const& note : facts.notes) text.append("\n  ").append(one_line(note));
  return text;
}

ErrorFacts with_prefix(std::string const& prefix, ErrorFacts facts) {
  if (!prefix.empty() && !facts.message.starts_with(prefix)) facts.message = prefix + ": " + facts.message;
  return facts;
}

ErrorFacts at_path(std::string const& json_path, ErrorFacts facts) {
  if (facts.message.find(json_path) != std::string::npos) return facts;
  return with_prefix(json_path, std::move(facts));
}

}  // namespace

struct Error::Content {
  explicit Content(ErrorFacts its_facts) : facts(cleaned(std::move(its_facts))), what(compose(facts)) {}

  ErrorFacts const facts;
  std::string const what;
};

Error::Error(ErrorFacts facts) : content_(std::make_shared<Content const>(std::move(facts))) {}
Error::Error(std::string message) : Error(ErrorFacts{.message = std::move(message)}) {}
Error::~Error() = default;
Error::Error(Error const&) noexcept = default;
Error& Error::operator=(Error const&) noexcept = default;

char const* Error::what() const noexcept {
  return content_->what.c_str();
}
int Error::http_status() const noexcept {
  return content_->facts.http_status;
}
std::string const& Error::error_code() const noexcept {
  return content_->facts.error_code;
}
std::string const& Error::message() const noexcept {
  return content_->facts.message;
}
std::string const& Error::hint() const noexcept {
  return content_->facts.hint;
}
ErrorDetails const& Error::details() const noexcept {
  return content_->facts.details;
}
std::string const& Error::request_id() const noexcept {
  return content_->facts.request_id;
}
std::optional<std::chrono::nanoseconds> Error::retry_after() const noexcept {
  return content_->facts.retry_after;
}
bool Error::retryable() const noexcept {
  return content_->facts.retryable;
}
std::string const& Error::method() const noexcept {
  return content_->facts.method;
}
std::string const& Error::path() const noexcept {
  return content_->facts.path;
}
int Error::attempts() const noexcept {
  return content_->facts.attempts;
}
std::chrono::nanoseconds Error::elapsed() const noexcept {
  return content_->facts.elapsed;
}
ErrorFacts const& Error::facts() const noexcept {
  return content_->facts;
}

// Out of line, so that each type has one vtable and can be caught across shared libraries.
ApiError::~ApiError() = default;
BadRequest::~BadRequest() = default;
InvalidState::~InvalidState() = default;
InvalidParameterValue::~InvalidParameterValue() = default;
Unauthenticated::~Unauthenticated() = default;
PermissionDenied::~PermissionDenied() = default;
PrivateLinkValidationError::~PrivateLinkValidationError() = default;
NotFound::~NotFound() = default;
ResourceDoesNotExist::~ResourceDoesNotExist() = default;
ResourceConflict::~ResourceConflict() = default;
Aborted::~Aborted() = default;
AlreadyExists::~AlreadyExists() = default;
ResourceAlreadyExists::~ResourceAlreadyExists() = default;
TooManyRequests::~TooManyRequests() = default;
ResourceExhausted::~ResourceExhausted() = default;
RequestLimitExceeded::~RequestLimitExceeded() = default;
RequestCancelled::~RequestCancelled() = default;
InternalError::~InternalError() = default;
Unknown::~Unknown() = default;
DataLoss::~DataLoss() = default;
NotImplemented::~NotImplemented() = default;
TemporarilyUnavailable::~TemporarilyUnavailable() = default;
DeadlineExceeded::~DeadlineExceeded() = default;
Cancelled::~Cancelled() = default;
InvalidArgument::~InvalidArgument() = default;
ConfigError::~ConfigError() = default;

AuthError::AuthError(std::string strategy, ErrorFacts facts)
    : Error(with_prefix((strategy.empty() ? "default" : strategy) + " auth", std::move(facts))),
      strategy_(std::make_shared<std::string const>(std::move(strategy))) {}
AuthError::~AuthError() = default;
std::string const& AuthError::strategy() const noexcept {
  return *strategy_;
}

TransportError::TransportError(Kind kind, bool maybe_sent, ErrorFacts facts)
    : Error(std::move(facts)), kind_(kind), maybe_sent_(maybe_sent) {}
TransportError::~TransportError() = default;

ParseError::ParseError(std::string json_path, ErrorFacts facts)
    : Error(at_path(json_path, std::move(facts))),
      json_path_(std::make_shared<std::string const>(std::move(json_path))) {}
ParseError::~ParseError() = default;
std::string const& ParseError::json_path() const noexcept {
  return *json_path_;
}

MissingField::MissingField(std::string json_path, ErrorFacts facts)
    : Error(at_path(json_path, std::move(facts))),
      json_path_(std::make_shared<std::string const>(std::move(json_path))) {}
MissingField::~MissingField() = default;
std::string const& MissingField::json_path() const noexcept {
  return *json_path_;
}

OperationFailed::OperationFailed(std::string operation_name, ErrorFacts facts)
    : Error(std::move(facts)), operation_name_(std::make_shared<std::string const>(std::move(operation_name))) {}
OperationFailed::~OperationFailed() = default;
std::string const& OperationFailed::operation_name() const noexcept {
  return *operation_name_;
}
void OperationFailed::throw_api_error() const {
  detail::throw_api_error(facts());
}

OperationTimeout::OperationTimeout(std::string operation_name, ErrorFacts facts)
    : Error(std::move(facts)), operation_name_(std::make_shared<std::string const>(std::move(operation_name))) {}
OperationTimeout::~OperationTimeout() = default;
std::string const& OperationTimeout::operation_name() const noexcept {
  return *operation_name_;
}

}  // namespace v0
}  // namespace lakebase
