#include "config/resolve.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/environment.hpp"
#include "base/header_rules.hpp"
#include "base/redaction.hpp"
#include "config/attributes.hpp"
#include "config/model_serving.hpp"
#include "config/profile_file.hpp"
#include "config/user_agent.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

using Kind = Source::Kind;

// The steps of one resolution.
class Resolution {
 public:
  explicit Resolution(Config const& config) { result_.values = config; }

  ResolvedConfig run() {
    if (!result_.values.environment) result_.values.environment = process_environment;
    result_.sources.resize(attributes().size());
    take_explicit();
    take_environment();
    take_file();
    drop_overruled_groups();
    normalise();
    validate();
    return std::move(result_);
  }

 private:
  Config& values() { return result_.values; }
  Source& source(Attribute const& attribute) {
    return result_.sources[static_cast<std::size_t>(&attribute - attributes().data())];
  }
  std::string variable(std::string_view name) { return values().environment(name).value_or(""); }

  void take_explicit() {
    for (auto const& attribute : attributes()) {
      if (!is_set(values(), attribute)) {
        clear(attribute);
        continue;
      }
      source(attribute) = {Kind::code, "code"};
      if (attribute.is_trimmed) set_value(values(), attribute, value_text(values(), attribute), "code");
      if (attribute.name == "scopes") set_value(values(), attribute, value_text(values(), attribute), "code");
    }
  }

  void clear(Attribute const& attribute) {
    std::visit([&](auto member) { values().*member = {}; }, attribute.member);
    source(attribute) = {};
  }

  void take_environment() {
    for (auto const& attribute : attributes()) {
      for (auto const name : attribute.variables) {
        if (name.empty() || is_set(values(), attribute)) continue;
        auto const text = variable(name);
        if (text.empty()) continue;
        set_value(values(), attribute, text, name);
        if (is_set(values(), attribute)) source(attribute) = {Kind::environment, std::string{name}};
      }
    }
  }

  // --- The configuration file ---

  bool needs_no_file() {
    if (values().profile) return false;
    return std::any_of(attributes().begin(), attributes().end(), [&](Attribute const& attribute) {
      bool const counts = attribute.name == "host" || !attribute.group.empty();
      return counts && is_set(values(), attribute);
    });
  }

  std::string home() {
    auto folder = variable("HOME");
    return folder.empty() ? variable("USERPROFILE") : folder;
  }

  std::string file_path() {
    auto path = values().config_file.value_or("~/.databrickscfg");
    if (path == "~" || path.starts_with("~/")) {
      auto const folder = home();
      if (folder.empty()) return {};
      path = folder + path.substr(1);
    }
    return path;
  }

  void take_file() {
    if (needs_no_file()) {
      result_.file_note = "the configuration file was not needed";
      return;
    }
    auto const path = file_path();
    if (path.empty()) {
      result_.file_note = "no configuration file, because HOME is not set";
      return;
    }
    auto const file = ProfileFile::read(path);
    if (!file) {
      file_is_missing(path);
      return;
    }
    result_.warnings.insert(result_.warnings.end(), file->warnings().begin(), file->warnings().end());
    take_profile(*file, path);
  }

  void file_is_missing(std::string const& path) {
    if (values().profile) {
      throw ConfigError{fmt::format("profile {} is requested, but {} does not exist", *values().profile, path)};
    }
    if (values().config_file) throw ConfigError{fmt::format("the configuration file {} does not exist", path)};
    result_.file_note = fmt::format("file {} (does not exist)", path);
  }

  void take_profile(ProfileFile const& file, std::string const& path) {
    auto name = values().profile.value_or("");
    if (name.empty()) name = file.default_profile();
    bool const is_fallback = name.empty();
    if (is_fallback) name = default_section;
    if (name == settings_section) throw ConfigError{fmt::format("resolve: {} is not a profile", settings_section)};
    auto const* const section = file.find(name);
    if (section == nullptr) {
      if (!is_fallback) profile_is_missing(file, path, name);
      result_.file_note = fmt::format("file {} (has no profile {})", path, name);
      return;
    }
    for (auto const& attribute : attributes()) take_from_section(attribute, *section, path);
    for (auto const& [key, value] : *section) note_unknown(key, path);
    values().profile = name;
    result_.file_note = fmt::format("file {}, profile {}", path, name);
  }

  [[noreturn]] static void profile_is_missing(ProfileFile const& file, std::string const& path, std::string_view name) {
    auto const names = file.profiles();
    throw ConfigError{ErrorFacts{.message = fmt::format("resolve: {} has no {} profile configured", path, name),
                                 .hint = names.empty() ? "The file has no profiles; run `databricks auth login`."
                                                       : fmt::format("Its profiles are: {}.", fmt::join(names, ", "))}};
  }

  void take_from_section(Attribute const& attribute, ProfileFile::Section const& section, std::string const& path) {
    if (attribute.name == "profile" || attribute.name == "config_file") return;
    for (auto const key : {attribute.name, attribute.other_key}) {
      auto const found = section.find(key);
      if (key.empty() || found == section.end() || found->second.empty()) continue;
      if (!is_set(values(), attribute)) {
        set_value(values(), attribute, found->second, path);
        if (is_set(values(), attribute)) source(attribute) = {Kind::file, path};
      } else {
        refuse_other_host(attribute, found->second);
        warn_of_overruled_profile(attribute, found->second);
      }
    }
  }

  void note_unknown(std::string_view key, std::string_view path) {
    auto const is_known = [&](Attribute const& attribute) {
      return attribute.name == key || attribute.other_key == key;
    };
    if (std::any_of(attributes().begin(), attributes().end(), is_known)) return;
    result_.notes.push_back(fmt::format("{}: the key {} is not known", path, key));
  }

  // A program that names its profile means that workspace; a host in the environment is for something else.
  void refuse_other_host(Attribute const& attribute, std::string const& value) {
    if (attribute.name != "host" || source(attribute).kind != Kind::environment) return;
    auto const profile = std::find_if(attributes().begin(), attributes().end(),
                                      [](Attribute const& one) { return one.name == "profile"; });
    if (source(*profile).kind != Kind::code) return;
    auto const wanted = parse_host(value).url;
    auto const found = parse_host(*values().host).url;
    if (wanted == found) return;
    throw ConfigError{
        ErrorFacts{.message = fmt::format("profile {}, named in code, is for the host {}, but DATABRICKS_HOST is {}",
                                          *values().profile, wanted, found),
                   .hint = "Unset DATABRICKS_HOST, or set Config::host to the host of the intended workspace."}};
  }

  // The official SDKs mix the two silently, and people reach the wrong workspace.
  void warn_of_overruled_profile(Attribute const& attribute, std::string const& value) {
    bool const matters = attribute.name == "host" || !attribute.group.empty();
    if (!matters || source(attribute).kind != Kind::environment || value_text(values(), attribute) == value) return;
    result_.warnings.push_back(fmt::format("{} overrules {} of the profile", source(attribute).name, attribute.name));
  }

  // --- The settings together ---

  std::set<std::string_view> groups(std::optional<Kind> kind = std::nullopt) {
    std::set<std::string_view> found;
    for (auto const& attribute : attributes()) {
      if (attribute.group.empty() || !is_set(values(), attribute)) continue;
      if (!kind || source(attribute).kind == *kind) found.insert(attribute.group);
    }
    return found;
  }

  bool belongs_to(std::set<std::string_view> const& chosen, std::string_view group) {
    if (chosen.contains(group)) return true;
    bool const federates = group == "oauth" || group == "env-oidc" || group == "file-oidc";
    return federates && !values().client_secret &&
           (chosen.contains("oauth") || chosen.contains("env-oidc") || chosen.contains("file-oidc"));
  }

  // The credentials that the program names are the ones to use; others in the environment are for something else.
  void drop_overruled_groups() {
    auto const chosen = groups(Kind::code);
    if (chosen.empty() || values().auth_type) return;
    for (auto const& attribute : attributes()) {
      if (attribute.group.empty() || source(attribute).kind != Kind::environment) continue;
      if (!belongs_to(chosen, attribute.group)) clear(attribute);
    }
  }

  void normalise() {
    if (equal_ignoring_case(values().workspace_id.value_or(""), "none")) values().workspace_id.reset();
    if (!values().host) take_model_serving_host();
    if (!values().host) return;
    result_.host = parse_host(*values().host);
    values().host = result_.host.url;
    take_id("workspace_id", values().workspace_id, result_.host.workspace_id);
    take_id("account_id", values().account_id, result_.host.account_id);
    result_.warnings.insert(result_.warnings.end(), result_.host.warnings.begin(), result_.host.warnings.end());
  }

  void take_model_serving_host() {
    auto host = model_serving_host([this](std::string_view name) { return variable(name); });
    if (!host.empty()) values().host = std::move(host);
  }

  void take_id(std::string_view name, std::optional<std::string>& value, std::string const& id) {
    if (value || id.empty()) return;
    value = id;
    for (auto const& attribute : attributes()) {
      if (attribute.name == name) source(attribute) = {Kind::host_url, "host"};
    }
  }

  void validate() {
    check_ambiguity();
    check_numbers();
    check_header_values();
    if (values().rate_limit && *values().rate_limit < 0) fail("rate_limit has to be positive");
  }

  [[noreturn]] void fail(std::string message) {
    auto const debug = result_.debug_text();
    throw ConfigError{ErrorFacts{.message = debug.empty() ? std::move(message) : message + ". " + debug}};
  }

  void check_ambiguity() {
    if (values().auth_type || values().credentials_strategy) return;
    auto found = groups();
    if (!values().client_secret && (found.contains("env-oidc") || found.contains("file-oidc"))) found.erase("oauth");
    if (found.size() < 2) return;
    fail(fmt::format("validate: more than one authorization method configured: {}", fmt::join(found, " and ")));
  }

  void check_numbers() {
    if (values().retry_timeout_seconds.value_or(0) < 0) fail("retry_timeout_seconds has to be 0 or more");
    if (values().http_timeout_seconds.value_or(0) < 0) fail("http_timeout_seconds has to be 0 or more");
    auto const port = values().oauth_callback_port.value_or(0);
    if (port < 0 || port > 65535) fail("oauth_callback_port has to be a port");
    for (auto const& [name, value] : {std::pair{"max_connection_pools", values().max_connection_pools},
                                      std::pair{"max_connections_per_pool", values().max_connections_per_pool},
                                      std::pair{"max_response_bytes", values().max_response_bytes},
                                      std::pair{"debug_truncate_bytes", values().debug_truncate_bytes}}) {
      if (value.value_or(0) < 0) fail(fmt::format("{} has to be 0 or more", name));
    }
  }

  void check_header_values() {
    for (auto const& attribute : attributes()) {
      bool const is_sent = attribute.is_trimmed || attribute.group == "basic";
      if (is_sent && breaks_header(value_text(values(), attribute))) {
        fail(fmt::format("{} has a line break or control character inside", attribute.name));
      }
    }
    for (auto const& [name, value] : values().custom_headers) {
      if (auto const reason = why_no_header(name, value); !reason.empty()) fail("custom_headers: " + reason);
    }
  }

  ResolvedConfig result_;
};

}  // namespace

Source const& ResolvedConfig::source_of(std::string_view attribute) const {
  static Source const none{};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (attributes()[i].name == attribute) return sources[i];
  }
  return none;
}

std::string ResolvedConfig::debug_text() const {
  std::vector<std::string> set;
  std::vector<std::string> variables;
  for (auto const& attribute : attributes()) {
    auto const text = value_text(values, attribute);
    if (!text.empty())
      set.push_back(fmt::format("{}={}", attribute.name, attribute.is_secret ? hidden : std::string_view{text}));
    for (auto const name : attribute.variables) {
      if (!name.empty() && values.environment && !values.environment(name).value_or("").empty()) {
        variables.emplace_back(name);
      }
    }
  }
  std::string result;
  if (!set.empty()) result = fmt::format("Config: {}", fmt::join(set, ", "));
  if (!variables.empty()) {
    result += fmt::format("{}Env: {}", result.empty() ? "" : ". ", fmt::join(variables, ", "));
  }
  return result;
}

std::string ResolvedConfig::places_text() const {
  std::vector<std::string_view> variables;
  for (auto const& attribute : attributes()) {
    bool const matters = attribute.name == "host" || attribute.name == "profile" || attribute.name == "config_file" ||
                         attribute.name == "auth_type" || !attribute.group.empty();
    if (matters && !attribute.variables[0].empty()) variables.push_back(attribute.variables[0]);
  }
  return fmt::format("Looked at: settings in code; environment ({}); {}", fmt::join(variables, ", "), file_note);
}

ResolvedConfig resolve_config(Config const& config) {
  return Resolution{config}.run();
}

}  // namespace detail
}  // namespace v0
}  // namespace lakebase

namespace lakebase {
inline namespace v0 {

Config& Config::with_user_agent_extra(std::string key, std::string value) {
  if (!detail::is_user_agent_word(key) || !detail::is_user_agent_word(value)) {
    throw InvalidArgument{ErrorFacts{.message = "the User-Agent part has characters that do not belong there",
                                     .hint = "Use letters, digits and _.+- only."}};
  }
  std::pair part{std::move(key), std::move(value)};
  if (std::find(user_agent_extras.begin(), user_agent_extras.end(), part) == user_agent_extras.end()) {
    user_agent_extras.push_back(std::move(part));
  }
  return *this;
}

}  // namespace v0
}  // namespace lakebase
