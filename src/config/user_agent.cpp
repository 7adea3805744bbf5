#include "config/user_agent.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <lakebase/error.hpp>
#include <lakebase/version.hpp>

#include "base/ascii.hpp"
#include "base/redaction.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

constexpr bool is_user_agent_char(char c) {
  return is_alnum(c) || c == '_' || c == '.' || c == '+' || c == '-';
}

constexpr std::string_view os_name() {
#if defined(_WIN32)
  return "windows";
#elif defined(__APPLE__)
  return "darwin";
#else
  return "linux";
#endif
}

// MAJOR.MINOR.PATCH, then perhaps `-pre.release` and `+build`.
bool is_semantic_version(std::string_view text) {
  int numbers = 0;
  std::size_t at = 0;
  for (; numbers < 3; ++numbers) {
    auto const begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == begin || (text[begin] == '0' && at - begin > 1)) return false;
    if (numbers == 2) break;
    if (at == text.size() || text[at++] != '.') return false;
  }
  if (at == text.size()) return true;
  return (text[at] == '-' || text[at] == '+') && at + 1 < text.size() && is_user_agent_word(text.substr(at + 1));
}

using Environment = std::function<std::optional<std::string>(std::string_view)>;

std::string sanitised(std::string_view text) {
  std::string result{text};
  std::replace_if(
      result.begin(), result.end(), [](char c) { return !is_user_agent_char(c); }, '-');
  return result;
}

struct Marker {
  std::string_view name;
  std::string_view variable;
  std::string_view value;  // empty: any
};

// In alphabetical order; the first match counts.
constexpr std::array ci_systems{
    Marker{"aws-code-build", "CODEBUILD_BUILD_ARN", ""},
    Marker{"azure-devops", "TF_BUILD", "True"},
    Marker{"bitbucket", "BITBUCKET_BUILD_NUMBER", ""},
    Marker{"circle", "CIRCLECI", "true"},
    Marker{"github", "GITHUB_ACTIONS", "true"},
    Marker{"gitlab", "GITLAB_CI", "true"},
    Marker{"google-cloud-build", "BUILD_ID", ""},
    Marker{"jenkins", "JENKINS_URL", ""},
    Marker{"tf-cloud", "TFC_RUN_ID", ""},
    Marker{"travis", "TRAVIS", "true"},
};

constexpr std::array agents{
    Marker{"amp", "AMP_CURRENT_THREAD_ID", ""},
    Marker{"antigravity", "ANTIGRAVITY_AGENT", ""},
    Marker{"augment", "AUGMENT_AGENT", ""},
    Marker{"claude-code", "CLAUDECODE", ""},
    Marker{"cline", "CLINE_ACTIVE", ""},
    Marker{"codex", "CODEX_CI", ""},
    Marker{"copilot-cli", "COPILOT_CLI", ""},
    Marker{"cursor", "CURSOR_AGENT", ""},
    Marker{"gemini-cli", "GEMINI_CLI", ""},
    Marker{"goose", "GOOSE_TERMINAL", ""},
    Marker{"kiro", "KIRO", ""},
    Marker{"openclaw", "OPENCLAW_SHELL", ""},
    Marker{"opencode", "OPENCODE", ""},
    Marker{"pi", "PI_CODING_AGENT", ""},
    Marker{"vscode-agent", "VSCODE_AGENT", ""},
    Marker{"windsurf", "WINDSURF_AGENT", ""},
};

bool is_present(Marker const& marker, Environment const& environment) {
  auto const value = environment(marker.variable);
  if (!value || (!marker.value.empty() && *value != marker.value)) return false;
  if (marker.name != "google-cloud-build") return true;
  // `BUILD_ID` alone could also be Jenkins.
  return environment("PROJECT_ID") && environment("PROJECT_NUMBER") && environment("LOCATION");
}

std::string ci_system(Environment const& environment) {
  for (auto const& marker : ci_systems) {
    if (is_present(marker, environment)) return std::string{marker.name};
  }
  return {};
}

std::string agent(Environment const& environment) {
  std::string result;
  for (auto const& marker : agents) {
    if (!is_present(marker, environment)) continue;
    if (!result.empty()) return "multiple";
    result = marker.name;
  }
  for (std::string_view const variable : {"AGENT", "AI_AGENT"}) {
    if (!result.empty()) break;
    result = sanitised(environment(variable).value_or("")).substr(0, 64);
  }
  return result;
}

void append(std::string& text, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  auto const part = fmt::format(" {}/{}", key, value);
  if ((text + ' ').find(part + ' ') == std::string::npos) text += part;
}

void check(bool good, std::string_view what, std::string_view text) {
  if (good) return;
  throw ConfigError{
      ErrorFacts{.message = fmt::format("{} \"{}\" is not allowed in a User-Agent", what, one_line(shorten(text, 64))),
                 .hint = "Use letters, digits and _.+- only; a product's version is semantic, e.g. 1.2.3."}};
}

std::string make_tail(Config const& config) {
  auto const& environment = config.environment;
  std::string tail;
  for (auto const& [key, value] : config.user_agent_extras) {
    check(is_user_agent_word(key) && is_user_agent_word(value), "the extra part", key + '/' + value);
    append(tail, key, value);
  }
  auto const upstream = environment("DATABRICKS_SDK_UPSTREAM").value_or("");
  auto const upstream_version = environment("DATABRICKS_SDK_UPSTREAM_VERSION").value_or("");
  if (!upstream.empty() && !upstream_version.empty()) {
    append(tail, "upstream", sanitised(upstream));
    append(tail, "upstream-version", sanitised(upstream_version));
  }
  append(tail, "runtime", sanitised(environment("DATABRICKS_RUNTIME_VERSION").value_or("")));
  append(tail, "cicd", ci_system(environment));
  append(tail, "agent", agent(environment));
  if (environment("OMNIGENT")) append(tail, "meta-harness", "omnigent");
  return tail;
}

}  // namespace

bool is_user_agent_word(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_user_agent_char);
}

UserAgent::UserAgent(Config const& config) {
  auto const product = config.product.value_or("unknown");
  auto const version = config.product_version.value_or("0.0.0");
  check(is_user_agent_word(product), "the product", product);
  check(is_semantic_version(version), "the product version", version);
  head_ = fmt::format("{}/{} databricks-sdk-cpp/{} cpp/{} os/{}", product, version, LAKEBASE_VERSION,
                      __cplusplus / 100 % 100, os_name());
  tail_ = make_tail(config);
}

std::string UserAgent::with_auth(std::string_view auth) const {
  std::string result;
  result.reserve(head_.size() + tail_.size() + auth.size() + 6);
  result += head_;
  if (!auth.empty()) result.append(" auth/").append(auth);
  return result += tail_;
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
