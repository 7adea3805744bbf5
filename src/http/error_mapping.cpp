#include "http/error_mapping.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "base/after.hpp"
#include "base/ascii.hpp"
#include "base/error_types.hpp"
#include "base/json_text.hpp"
#include "base/redaction.hpp"
#include "base/text/url.hpp"
#include "http/error_details.hpp"
#include "http/hints.hpp"
#include "http/retry.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using std::chrono::nanoseconds;

// --- From a body to its message and code ---

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

bool looks_like_html(std::string_view body) {
  auto const text = trim(without_byte_order_mark(body));
  for (std::string_view const start : {"<!doctype", "<html", "<head", "<body"}) {
    if (equal_ignoring_case(text.substr(0, start.size()), start)) return true;
  }
  return false;
}

// The text between tags such as <pre> and </pre>, without spaces and dots around it.
std::string text_between(std::string_view html, std::string_view open, std::string_view close) {
  auto const begin = find_ignoring_case(html, open);
  if (begin == std::string_view::npos) return {};
  auto const from = begin + open.size();
  auto const end = find_ignoring_case(html, close, from);
  if (end == std::string_view::npos) return {};
  auto text = trim(html.substr(from, end - from));
  while (!text.empty() && (text.back() == '.' || is_space(text.back()))) text.remove_suffix(1);
  return std::string{text};
}

ErrorFacts facts_of_html(std::string_view body) {
  ErrorFacts facts{.message = text_between(body, "<pre>", "</pre>")};
  if (facts.message.empty()) facts.message = text_between(body, "<title>", "</title>");
  return facts;
}

std::string scim_message(Json const& json) {
  auto const detail = text_of(json, "detail");
  auto const type = text_of(json, "scimType");
  auto const words = detail == "null" ? std::string{"SCIM API Internal Error"} : detail;
  return std::string{trim(type + ' ' + words)};
}

// OAuth puts its code into `error` and Okta into `errorCode`, with the text beside it.
void read_oauth(Json const& json, ErrorFacts& facts) {
  for (auto const& [code, text] : {std::pair{"error", "error_description"}, std::pair{"errorCode", "errorSummary"}}) {
    auto const description = text_of(json, text);
    if (description.empty()) continue;
    if (facts.error_code.empty()) facts.error_code = text_of(json, code);
    facts.message = description;
  }
}

ErrorFacts facts_of_object(Json const& json) {
  if (auto const inner = json.find("error"); inner != json.end() && inner->is_object()) return facts_of_object(*inner);
  ErrorFacts facts{.message = text_of(json, "message"), .error_code = text_of(json, "error_code")};
  if (facts.error_code.empty()) facts.error_code = text_of(json, "code");
  // The API's version 1.2 puts its message here. Beside a message it is the name of the status.
  if (auto const error = text_of(json, "error"); !error.empty() && facts.message.empty()) facts.message = error;
  read_oauth(json, facts);
  if (facts.message.empty() && json.contains("detail")) {
    facts.message = scim_message(json);
    if (auto const status = text_of(json, "status"); facts.error_code.empty() && !status.empty()) {
      facts.error_code = "SCIM_" + status;
    }
  }
  if (auto const details = json.find("details"); details != json.end()) facts.details = read_details(*details);
  return facts;
}

// `CODE: text`, on one line.
std::optional<ErrorFacts> facts_of_line(std::string_view body) {
  auto const text = trim(body);
  auto const colon = text.find(": ");
  if (colon == std::string_view::npos || colon == 0 || text.find('\n') != std::string_view::npos) return std::nullopt;
  auto const code = text.substr(0, colon);
  if (!std::all_of(code.begin(), code.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; })) {
    return std::nullopt;
  }
  return ErrorFacts{.message = std::string{text.substr(colon + 2)}, .error_code = std::string{code}};
}

// gRPC's numbers, which an operation's error may carry instead of a word.
std::string_view word_of_rpc_code(std::string_view code) {
  static constexpr std::array<std::string_view, 17> words{
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_PARAMETER_VALUE", "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",      "INVALID_STATE",
      "ABORTED",   "BAD_REQUEST",    "NOT_IMPLEMENTED",   "INTERNAL_ERROR",          "TEMPORARILY_UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  std::size_t number = 0;
  auto const [end, error] = std::from_chars(code.data(), code.data() + code.size(), number);
  bool const is_number = error == std::errc{} && end == code.data() + code.size();
  return is_number && number < words.size() ? words[number] : std::string_view{};
}

// Whether the same call may succeed later without anybody changing anything.
bool may_pass_later(int status, std::string_view code) {
  return is_passing_status(status) || code == "ABORTED" || code == "REQUEST_LIMIT_EXCEEDED" ||
         code == "TEMPORARILY_UNAVAILABLE";
}

std::string code_of_reason(int status) {
  auto code = upper(reason_phrase(status));
  std::replace(code.begin(), code.end(), ' ', '_');
  return code;
}

}  // namespace

ErrorFacts facts_of_error_body(std::string_view text) {
  constexpr std::size_t longest = std::size_t{1} << 20U;  // no error of the API is longer
  text = without_byte_order_mark(text.substr(0, longest));
  if (trim(text).empty()) return {};
  auto const body = valid_utf8(text);  // or one bad byte in a message would lose the code
  if (looks_like_html(body)) return facts_of_html(body);
  auto const json = parse_json(body);
  auto facts = json.is_object() ? facts_of_object(json) : facts_of_line(body).value_or(ErrorFacts{});
  if (facts.message.empty() && !json.is_object()) facts.message = one_line(trim(shorten(body, 4096)));
  if (auto const word = word_of_rpc_code(facts.error_code); !word.empty()) facts.error_code = word;
  facts.message = one_line(facts.message);
  facts.retryable = may_pass_later(0, facts.error_code);
  return facts;
}

ErrorFacts facts_of_response(HttpResponse const& response, std::chrono::system_clock::time_point now,
                             std::string method, std::string path, Advice advise) {
  auto facts = facts_of_error_body(response.body);
  facts.method = std::move(method);
  facts.path = std::move(path);
  if (looks_like_html(response.body)) facts.error_code = code_of_reason(response.status);
  if (facts.message.empty()) facts.message = reason_phrase(response.status);
  facts.http_status = response.status;
  if (auto const id = find_header(response.headers, "x-request-id")) {
    facts.request_id = *id;
  } else {
    facts.request_id = facts.details.request_info.request_id;
  }
  facts.retry_after = retry_after_of(response, facts.details, now);
  facts.retryable = may_pass_later(facts.http_status, facts.error_code) || is_passing_conflict(facts);
  facts.hint = hint_for(facts, advise);
  return facts;
}

bool is_passing_conflict(ErrorFacts const& facts) {
  if (facts.http_status != 409) return false;
  if (facts.error_code == "ABORTED") return true;
  bool const says_more = is_code_of_a_type(facts.error_code);
  if (says_more && facts.error_code != "RESOURCE_CONFLICT") return false;
  if (contains_ignoring_case(facts.message, "already exists")) return false;
  return contains_ignoring_case(facts.message, "operation") || contains_ignoring_case(facts.message, "reconciliation");
}

// --- Responses that are pages ---

namespace {

struct PrivateLink {
  std::string_view zone;
  std::string_view service;
  std::string_view endpoint;
  std::string_view docs;
};

constexpr std::array private_links{
    PrivateLink{".azuredatabricks.net", "Azure Private Link", "Azure Private Link endpoint",
                "https://learn.microsoft.com/en-us/azure/databricks/security/network/classic/private-link-standard"},
    PrivateLink{".databricks.azure.us", "Azure Private Link", "Azure Private Link endpoint",
                "https://learn.microsoft.com/en-us/azure/databricks/security/network/classic/private-link-standard"},
    PrivateLink{".databricks.azure.cn", "Azure Private Link", "Azure Private Link endpoint",
                "https://learn.microsoft.com/en-us/azure/databricks/security/network/classic/private-link-standard"},
    PrivateLink{".gcp.databricks.com", "Private Service Connect", "GCP VPC endpoint",
                "https://docs.gcp.databricks.com/security/network/classic/private-service-connect.html"},
    PrivateLink{"", "AWS PrivateLink", "AWS VPC endpoint",
                "https://docs.databricks.com/en/security/network/classic/privatelink.html"},
};

bool is_private_link_url(std::string_view url) {
  auto const query = url.find('?');
  return query != std::string_view::npos && url.substr(0, query).ends_with("/login.html") &&
         url.substr(query).find("error=private-link-validation-error") != std::string_view::npos;
}

// The URL of the page if the response is one or leads to one; else empty.
std::string_view private_link_page(HttpResponse const& response, std::string_view url) {
  std::string_view const asked = response.effective_url.empty() ? url : std::string_view{response.effective_url};
  bool const redirects = response.status >= 300 && response.status < 400;
  auto const location = redirects ? find_header(response.headers, "Location").value_or("") : std::string_view{};
  if (is_private_link_url(location)) return has_scheme(location) ? location : asked;
  return is_private_link_url(asked) ? asked : std::string_view{};
}

}  // namespace

bool is_private_link_page(HttpResponse const& response, std::string_view url) {
  return !private_link_page(response, url).empty();
}

void refuse_private_link_page(HttpResponse const& response, std::string_view url, ErrorFacts facts) {
  auto const page = private_link_page(response, url);
  auto const name = split_url(page).host;
  auto const& link = *std::find_if(private_links.begin(), private_links.end(),
                                   [&](PrivateLink const& row) { return name.ends_with(row.zone); });
  facts.message = fmt::format("the workspace has {} enabled and cannot be reached from this network", link.service);
  facts.hint = fmt::format("Check the setup of {} and that this machine reaches the {}; see {}.", link.service,
                           link.endpoint, link.docs);
  facts.http_status = 403;
  facts.error_code = "PRIVATE_LINK_VALIDATION_ERROR";
  throw PrivateLinkValidationError{std::move(facts)};
}

bool is_html(HttpResponse const& response) {
  return looks_like_html(response.body) ||
         contains_ignoring_case(find_header(response.headers, "Content-Type").value_or(""), "text/html");
}

void refuse_html(HttpResponse const& response, std::string_view url, ErrorFacts facts) {
  auto const type = find_header(response.headers, "Content-Type").value_or("");
  std::string_view const final_url = response.effective_url.empty() ? url : std::string_view{response.effective_url};
  auto const title = text_between(response.body, "<title>", "</title>");
  facts.message = fmt::format("{} responded with a web page instead of JSON (content type {}, URL {}{}{})",
                              split_url(final_url).authority, type.empty() ? "none" : one_line(type),
                              without_query(final_url), title.empty() ? "" : ", title ", title);
  facts.hint =
      "A proxy, a login page or another host responded: check the host, the proxy settings and that the host is a "
      "workspace.";
  facts.http_status = response.status;
  throw ParseError{"", std::move(facts)};
}

std::string_view reason_phrase(int status) noexcept {
  static constexpr std::array<std::pair<int, std::string_view>, 24> phrases{{
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {407, "Proxy Authentication Required"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  for (auto const& [code, phrase] : phrases) {
    if (code == status) return phrase;
  }
  return status >= 500 ? "Server Error" : "Request Failed";
}

// --- Retry-After ---

namespace {

// The words of a date, whatever stands between them.
std::vector<std::string_view> date_words(std::string_view text) {
  constexpr std::string_view separators = " ,-:";
  std::vector<std::string_view> words;
  while (!text.empty()) {
    auto const begin = std::min(text.find_first_not_of(separators), text.size());
    auto const end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
  return words;
}

int date_number(std::string_view word) {
  int value = -1;
  auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? value : -1;
}

// Two digits mean the year that is at most 50 years ahead.
int full_year(std::string_view word, std::chrono::system_clock::time_point now) {
  auto const year = date_number(word);
  if (word.size() != 2 || year < 0) return word.size() == 4 ? year : -1;
  std::chrono::year_month_day const today{std::chrono::floor<std::chrono::days>(now)};
  auto const this_year = static_cast<int>(today.year());
  auto const guess = this_year - this_year % 100 + year;
  return guess > this_year + 50 ? guess - 100 : guess;
}

// The three forms of HTTP, without the locale that strptime would use: `Sun, 06 Nov 1994 08:49:37 GMT`,
// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::system_clock::time_point now) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto words = date_words(text);
  if (words.size() == 7) {  // the third form: put the year where the others have it
    words = {words[0], words[2], words[1], words[6], words[3], words[4], words[5], "GMT"};
  }
  if (words.size() != 8 || words[7] != "GMT" || words[2].size() != 3) return std::nullopt;
  auto const month = months.find(words[2]);
  int const day = date_number(words[1]);
  int const year = full_year(words[3], now);
  int const hour = date_number(words[4]);
  int const minute = date_number(words[5]);
  int const second = date_number(words[6]);
  if (month == std::string_view::npos || month % 3 != 0 || day < 1 || year < 0 || hour < 0 || minute < 0 ||
      second < 0 || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  auto const date = std::chrono::year{year} / static_cast<int>(month / 3 + 1) / day;
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
}

constexpr std::int64_t longest_seconds = longest_single_wait / std::chrono::seconds{1};

}  // namespace

std::optional<nanoseconds> parse_retry_after(std::string_view text, std::chrono::system_clock::time_point now) {
  auto const value = trim(text);
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), is_digit)) {
    std::int64_t seconds = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    static_cast<void>(end);
    if (error != std::errc{}) return longest_single_wait;
    return std::chrono::seconds{std::min(seconds, longest_seconds)};
  }
  auto const date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  if (*date <= now) return nanoseconds{0};
  auto const wait = std::chrono::duration_cast<std::chrono::seconds>(*date - now) + std::chrono::seconds{1};
  return std::chrono::seconds{std::min<std::int64_t>(wait.count(), longest_seconds)};
}

std::optional<nanoseconds> retry_after_of(HttpResponse const& response, ErrorDetails const& details,
                                          std::chrono::system_clock::time_point now) {
  std::optional<nanoseconds> result;
  if (auto const header = find_header(response.headers, "Retry-After")) result = parse_retry_after(*header, now);
  if (auto const& least = details.retry_info.retry_delay) {
    auto const seconds = std::clamp<std::int64_t>(least->seconds(), 0, longest_seconds);
    nanoseconds const delay = std::chrono::seconds{seconds} + nanoseconds{std::max(least->nanos(), 0)};
    result = std::max(result.value_or(delay), delay);
  }
  return result;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
