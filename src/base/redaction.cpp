#include "base/redaction.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/fact_texts.hpp"
#include "base/json_text.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr std::string_view hidden_in_json = "**REDACTED**";

constexpr bool is_token_char(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' || c == '=';
}

constexpr bool is_word_char(char c) {
  return is_alnum(c) || c == '_';
}

std::size_t length_of_token(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && is_token_char(text[end])) ++end;
  return end - at;
}

bool begins_with(std::string_view text, std::size_t at, std::string_view word) {
  return text.size() - at >= word.size() && equal_ignoring_case(text.substr(at, word.size()), word);
}

// `Bearer abc`, `Basic abc`: the length of what is hidden, after `kept` characters that stay.
std::size_t length_of_scheme(std::string_view text, std::size_t at, std::size_t& kept) {
  for (std::string_view const scheme : {"bearer ", "basic "}) {
    if (!begins_with(text, at, scheme)) continue;
    auto const length = length_of_token(text, at + scheme.size());
    if (length >= 8) {
      kept = scheme.size();
      return scheme.size() + length;
    }
  }
  return 0;
}

// Tokens that are known by their prefix.
std::size_t length_of_known_token(std::string_view text, std::size_t at) {
  if (text.substr(at, 3) == "eyJ") {
    auto const length = length_of_token(text, at);
    return length >= 16 ? length : 0;
  }
  for (std::string_view const prefix : {"dapi", "dose", "dkea", "dsapi", "ghs_", "ghp_"}) {
    if (text.substr(at, prefix.size()) != prefix) continue;
    auto const length = length_of_token(text, at);
    return length >= prefix.size() + 8 ? length : 0;
  }
  return 0;
}

std::size_t length_of_private_key(std::string_view text, std::size_t at) {
  constexpr std::string_view begin = "-----BEGIN ";
  if (text.substr(at, begin.size()) != begin) return 0;
  auto const line_end = text.find("-----", at + begin.size());
  if (line_end == std::string_view::npos || text.substr(at, line_end - at).find("PRIVATE") == std::string_view::npos) {
    return 0;
  }
  auto const end = text.find("-----END", line_end);
  if (end == std::string_view::npos) return text.size() - at;
  auto const last = text.find("-----", end + 8);
  return (last == std::string_view::npos ? text.size() : last + 5) - at;
}

// `://user:password@`: the length of the user info and the `@`, with `://` kept.
std::size_t length_of_user_info(std::string_view text, std::size_t at, std::size_t& kept) {
  if (text.substr(at, 3) != "://") return 0;
  auto const end = text.find_first_of("@/?# \"'\t\r\n", at + 3);
  if (end == std::string_view::npos || text[end] != '@' || end == at + 3) return 0;
  kept = 3;
  return end - at;
}

// Prose such as "password: must be set" or "azure-client-secret: host is not set" reveals nothing: a short word of
// letters only, after a colon and a blank, stays.
bool is_prose(std::string_view separator, std::string_view value) {
  if (separator.find(": ") == std::string_view::npos || separator.find('"') != std::string_view::npos) return false;
  auto const is_small = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return value.size() < 32 && is_alpha(value.front()) && std::all_of(value.begin() + 1, value.end(), is_small);
}

// What already stands in the place of a secret.
bool is_placeholder(std::string_view value) {
  return value == hidden || value == hidden_in_json || value == "REDACTED";
}

constexpr bool ends_value(char c, char quote) {
  if (quote != '\0') return c == quote;
  return is_space(c) || c == '&' || c == ',' || c == ';' || c == '}' || c == ']' || c == ')' || c == '"' || c == '\'';
}

// `secret_key=value`, `"secret_key": "value"`, `secret_key: value`, beginning at a key.
std::size_t length_of_setting(std::string_view text, std::size_t at, std::size_t& kept) {
  auto end = at;
  while (end < text.size() && (is_word_char(text[end]) || text[end] == '-')) ++end;
  if (end == at || !is_credential_key(text.substr(at, end - at))) return 0;
  auto value = end;
  if (value < text.size() && text[value] == '\\') ++value;
  if (value < text.size() && (text[value] == '"' || text[value] == '\'')) ++value;
  while (value < text.size() && text[value] == ' ') ++value;
  if (value == text.size() || (text[value] != '=' && text[value] != ':')) return 0;
  ++value;
  while (value < text.size() && text[value] == ' ') ++value;
  if (value < text.size() && text[value] == '\\') ++value;
  char quote = '\0';
  if (value < text.size() && (text[value] == '"' || text[value] == '\'')) quote = text[value++];
  std::size_t scheme = 0;
  auto stop = value + length_of_scheme(text, value, scheme);
  while (stop < text.size() && !ends_value(text[stop], quote)) stop += text[stop] == '\\' && quote != '\0' ? 2 : 1;
  stop = std::min(stop, text.size());
  while (quote == '\0' && stop > value && text[stop - 1] == '.') --stop;  // the end of a sentence
  auto const secret = text.substr(value, stop - value);
  if (secret.empty() || is_placeholder(secret) || is_prose(text.substr(end, value - end), secret)) return 0;
  kept = value - at;
  return stop - at;
}

std::size_t length_of_secret(std::string_view text, std::size_t at, std::size_t& kept) {
  kept = 0;
  if (auto const length = length_of_private_key(text, at)) return length;
  if (auto const length = length_of_user_info(text, at, kept)) return length;
  bool const at_word = at == 0 || !is_word_char(text[at - 1]);
  if (!at_word) return 0;
  if (auto const length = length_of_scheme(text, at, kept)) return length;
  if (auto const length = length_of_known_token(text, at)) return length;
  return length_of_setting(text, at, kept);
}

}  // namespace

bool is_credential_key(std::string_view key) {
  static constexpr std::array<std::string_view, 11> endings{"token",      "secret",    "private_key",   "api_key",
                                                            "access_key", "assertion", "authorization", "code_verifier",
                                                            "password",   "passwd",    "token_value"};
  auto const name = lower(key);
  if (name == "page_token" || name == "next_page_token") return false;  // the place in a list, no credential
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_secret_key(std::string_view key) {
  static constexpr std::array<std::string_view, 4> values{"bytes_value", "string_value", "value", "content"};
  return std::any_of(values.begin(), values.end(), [&](auto value) { return equal_ignoring_case(key, value); }) ||
         is_credential_key(key);
}

bool is_secret_header(std::string_view name) {
  for (std::string_view const secret : {"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie",
                                        "X-Databricks-Azure-SP-Management-Token", "X-Databricks-GCP-SA-Access-Token"}) {
    if (equal_ignoring_case(name, secret)) return true;
  }
  return false;
}

std::string scrub(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t kept = 0;
    auto const length = length_of_secret(text, at, kept);
    if (length == 0) {
      result += text[at++];
      continue;
    }
    result.append(text.substr(at, kept)).append(hidden);
    at += length;
  }
  return result;
}

std::string one_line(std::string_view text) {
  std::string result{text};
  std::replace_if(result.begin(), result.end(), is_control, ' ');
  return result;
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string{text};
  auto end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return fmt::format("{}... ({} more bytes)", text.substr(0, end), text.size() - end);
}

namespace {

// The length of the UTF-8 character at `at`; 0 if there is none.
std::size_t length_of_character(std::string_view text, std::size_t at) {
  auto const byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  auto const follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  auto const first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    bool const in_range = !(first == 0xe0 && byte(1) < 0xa0) && !(first == 0xed && byte(1) > 0x9f);
    return in_range && follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    bool const in_range = !(first == 0xf0 && byte(1) < 0x90) && !(first == 0xf4 && byte(1) > 0x8f);
    return in_range && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    auto const length = length_of_character(text, at);
    result += length == 0 ? std::string_view{"\xef\xbf\xbd"} : text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return result;
}

void Secrets::add(std::string_view value) {
  // A very short value would be found everywhere, and its replacement would tell more than it hides.
  if (value.size() >= 4) values_.emplace_back(value);
}

std::string Secrets::hide(std::string text) const {
  for (auto const& value : values_) replace_all(text, value, hidden);
  return text;
}

void Secrets::hide_in(ErrorFacts& facts) const {
  if (values_.empty()) return;
  auto const hide_it = [this](std::string& text) { text = hide(std::move(text)); };
  for_each_text(facts, hide_it);
  for (auto& unknown : facts.details.unknown) hide_it(unknown.text);
}

std::string target_for_log(std::string_view target) {
  auto const query = target.find('?');
  if (query == std::string_view::npos) return one_line(target);
  std::string result{target.substr(0, query)};
  char separator = '?';
  for (auto rest = target.substr(query + 1); !rest.empty();) {
    auto const part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    auto const equals = part.find('=');
    result += separator;
    separator = '&';
    if (equals != std::string_view::npos && is_secret_key(part.substr(0, equals))) {
      result.append(part.substr(0, equals + 1)).append(hidden);
    } else {
      result.append(part);
    }
  }
  return one_line(result);
}

namespace {

void redact(Json& value, std::size_t truncate_bytes);

void redact_object(Json& object, std::size_t truncate_bytes) {
  for (auto& [key, member] : object.items()) {
    if (is_secret_key(key) && !member.is_null()) {
      member = hidden_in_json;
    } else {
      redact(member, truncate_bytes);
    }
  }
}

// The first element always; then as many as fit into the budget.
void redact_array(Json& array, std::size_t truncate_bytes) {
  constexpr std::size_t least_budget = 1024;
  auto budget = static_cast<std::ptrdiff_t>(std::max(truncate_bytes, least_budget));
  Json shown = Json::array();
  for (auto& element : array) {
    if (!shown.empty() && budget <= 0) {
      shown.push_back(fmt::format("... ({} additional elements)", array.size() - shown.size()));
      break;
    }
    redact(element, truncate_bytes);
    budget -= static_cast<std::ptrdiff_t>(dump(element).size());
    shown.push_back(std::move(element));
  }
  array = std::move(shown);
}

void redact(Json& value, std::size_t truncate_bytes) {
  if (value.is_object()) {
    redact_object(value, truncate_bytes);
  } else if (value.is_array()) {
    redact_array(value, truncate_bytes);
  } else if (value.is_string()) {
    value = shorten(scrub(valid_utf8(value.get_ref<std::string const&>())), truncate_bytes);
  }
}

}  // namespace

std::string body_for_log(std::string_view body, std::size_t truncate_bytes) {
  if (body.empty()) return {};
  auto json = parse_json(body);
  if (json.is_discarded()) return one_line(shorten(scrub(valid_utf8(body)), truncate_bytes));
  redact(json, truncate_bytes);
  return dump(json);
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
