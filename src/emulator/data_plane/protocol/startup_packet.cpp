#include "data_plane/protocol/startup_packet.hpp"

#include <algorithm>
#include <set>

#include "common/ascii.hpp"

namespace lakebase::emulator::wire {
namespace {

constexpr std::size_t longest_cancel_key = 256;
constexpr int first_version_with_protocol_3_2 = 18;

[[noreturn]] void refuse_startup(std::string code, std::string message, std::string hint = {}) {
  throw Refusal{{"FATAL", std::move(code), std::move(message), std::move(hint)}};
}

/// White space of the C locale, whatever the machine's locale.
bool is_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/// PostgreSQL's `parse_bool`: in any case of letters, and by any unambiguous prefix.
std::optional<bool> parse_bool(std::string_view text) {
  std::string const lower = to_lower(text);
  auto begins = [&](std::string_view word, std::size_t least = 1) {
    return lower.size() >= least && word.starts_with(lower);
  };
  if (begins("true") || begins("yes") || begins("on", 2) || lower == "1") return true;
  if (begins("false") || begins("no") || begins("off", 2) || lower == "0") return false;
  return std::nullopt;
}

bool parse_replication(std::string const& value) {
  if (value == "database") return true;
  auto const wanted = parse_bool(value);
  if (!wanted) {
    refuse_startup("22023", "invalid value for parameter \"replication\": \"" + value + '"',
                   "Valid values are: \"false\", 0, \"true\", 1, \"database\".");
  }
  return *wanted;
}

std::vector<std::string> without_endpoint(std::vector<std::string> words) {
  std::erase_if(words, [](std::string const& word) { return word.starts_with("endpoint="); });
  return words;
}

void take_parameter(Startup& startup, std::string name, std::string value) {
  if (name == "user") {
    startup.user = std::move(value);
  } else if (name == "database") {
    startup.database = std::move(value);
  } else if (name == "options") {
    startup.options = without_endpoint(split_options(value));
  } else if (name == "replication") {
    startup.replication = parse_replication(value);
  } else if (name.starts_with("_pq_.")) {
    startup.protocol_options.push_back(std::move(name));
  } else {
    startup.settings.emplace_back(std::move(name), std::move(value));
  }
}

}  // namespace

std::uint32_t newest_protocol(int server_version) {
  return server_version >= first_version_with_protocol_3_2 ? protocol_3_2 : protocol_3_0;
}

Startup Startup::parse(std::string_view body) {
  Startup startup;
  if (body.size() < 5) refuse_startup("08P01", "invalid length of startup packet");
  startup.protocol = read_uint32(body.data());
  body.remove_prefix(4);
  std::set<std::string> seen;
  while (!body.empty() && body.front() != '\0') {
    auto name = take_text(body);
    auto value = name ? take_text(body) : std::nullopt;
    if (!value) break;
    // PostgreSQL would use the last one. Names of settings are compared in any case of letters.
    if (!seen.insert(to_lower(*name)).second) {
      refuse_startup("08P01", "invalid startup packet: parameter \"" + *name + "\" occurs more than once");
    }
    take_parameter(startup, std::move(*name), std::move(*value));
  }
  if (body != std::string_view{"\0", 1}) {
    refuse_startup("08P01", "invalid startup packet layout: expected terminator as last byte");
  }
  if (startup.user.empty()) refuse_startup("28000", "no PostgreSQL user name specified in startup packet");
  if (startup.database.empty()) startup.database = startup.user;
  return startup;
}

std::uint32_t Startup::spoken(std::uint32_t newest) const {
  return std::min(protocol, newest);
}

std::string Startup::negotiation(std::uint32_t newest) const {
  if (protocol <= newest && protocol_options.empty()) return {};
  std::string payload;
  append_uint32(payload, spoken(newest));
  append_uint32(payload, static_cast<std::uint32_t>(protocol_options.size()));
  for (std::string const& name : protocol_options) payload.append(name).append(1, '\0');
  return message('v', payload);
}

std::string Startup::packet(std::uint32_t newest) const {
  std::string body;
  append_uint32(body, spoken(newest));
  auto add = [&](std::string_view name, std::string_view value) {
    body.append(name).append(1, '\0').append(value).append(1, '\0');
  };
  add("user", user);
  add("database", database);
  if (!options.empty()) add("options", join_options(options));
  for (auto const& [name, value] : settings) add(name, value);
  body += '\0';
  if (body.size() > longest_startup_packet) refuse_startup("08P01", "invalid length of startup packet");
  return wire::packet(body);
}

std::vector<std::string> split_options(std::string_view options) {
  std::vector<std::string> words;
  while (!options.empty()) {
    if (is_space(options.front())) {
      options.remove_prefix(1);
      continue;
    }
    std::string word;
    for (; !options.empty() && !is_space(options.front()); options.remove_prefix(1)) {
      if (options.front() == '\\') options.remove_prefix(1);
      if (options.empty()) break;
      word += options.front();
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::string join_options(std::vector<std::string> const& words) {
  std::string options;
  for (std::string const& word : words) {
    if (!options.empty()) options += ' ';
    for (char letter : word) {
      bool const plain = letter > ' ' && letter <= '~' && letter != '\\';
      if (!plain) options += '\\';
      options += letter;
    }
    // Only the last word can be empty: it stands for a backslash at the end.
    if (word.empty()) options += '\\';
  }
  return options;
}

std::optional<Cancel> Cancel::parse(std::string_view body) {
  constexpr std::size_t head = 8;
  if (body.size() <= head || body.size() > head + longest_cancel_key) return std::nullopt;
  if (read_uint32(body.data()) != cancel_request) return std::nullopt;
  return Cancel{read_uint32(body.data() + 4), std::string{body.substr(head)}};
}

std::string Cancel::packet() const {
  std::string body;
  append_uint32(body, cancel_request);
  append_uint32(body, process);
  return wire::packet(body + key);
}

}  // namespace lakebase::emulator::wire
