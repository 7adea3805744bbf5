#include "data_plane/wire.hpp"

#include <algorithm>
#include <sstream>

namespace lakebase::emulator::wire {
namespace {

/// Takes a text that ends with a zero byte off the front.
std::optional<std::string> take_text(std::string_view& bytes) {
  auto end = bytes.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string text{bytes.substr(0, end)};
  bytes.remove_prefix(end + 1);
  return text;
}

bool is_of_later_protocol(std::string_view parameter) {
  return parameter.starts_with("_pq_.");
}

/// Splits as PostgreSQL does: at spaces without a backslash before them. The backslashes stay.
std::vector<std::string> split_options(std::string_view options) {
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < options.size(); ++at) {
    char letter = options[at];
    if (letter == '\\' && at + 1 < options.size()) {
      words.back() += letter;
      words.back() += options[++at];
    } else if (letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += letter;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

std::uint32_t read_uint32(char const* bytes) {
  std::uint32_t number = 0;
  for (int at = 0; at < 4; ++at) number = (number << 8U) | static_cast<unsigned char>(bytes[at]);
  return number;
}

void append_uint32(std::string& text, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    text += static_cast<char>((number >> static_cast<unsigned>(shift)) & 255U);
}

std::string message(char type, std::string_view payload) {
  std::string text{type};
  append_uint32(text, static_cast<std::uint32_t>(payload.size() + 4));
  text += payload;
  return text;
}

std::string const* Startup::find(std::string_view name) const {
  auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](auto const& entry) { return entry.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

std::string Startup::user() const {
  auto const* value = find("user");
  return value == nullptr ? std::string{} : *value;
}

std::string Startup::database() const {
  auto const* value = find("database");
  return value == nullptr || value->empty() ? user() : *value;
}

std::optional<Startup> Startup::parse(std::string_view body) {
  if (body.size() < 5) return std::nullopt;
  Startup startup;
  startup.protocol = read_uint32(body.data());
  body.remove_prefix(4);
  while (!body.empty() && body.front() != '\0') {
    auto name = take_text(body);
    auto value = name ? take_text(body) : std::nullopt;
    if (!value) return std::nullopt;
    startup.parameters.emplace_back(std::move(*name), std::move(*value));
  }
  if (body.size() != 1) return std::nullopt;
  return startup;
}

std::string Startup::packet() const {
  std::string body;
  append_uint32(body, protocol_3_0);
  for (auto const& [name, value] : parameters) {
    if (is_of_later_protocol(name)) continue;
    body.append(name).append(1, '\0').append(value).append(1, '\0');
  }
  body += '\0';
  std::string text;
  append_uint32(text, static_cast<std::uint32_t>(body.size() + 4));
  return text + body;
}

std::string Startup::negotiation() const {
  std::string names;
  std::uint32_t count = 0;
  for (auto const& [name, value] : parameters) {
    if (!is_of_later_protocol(name)) continue;
    names.append(name).append(1, '\0');
    ++count;
  }
  if (protocol <= protocol_3_0 && count == 0) return {};
  std::string payload;
  append_uint32(payload, 0);
  append_uint32(payload, count);
  return message('v', payload + names);
}

void Startup::strip_endpoint_option() {
  auto found =
      std::find_if(parameters.begin(), parameters.end(), [](auto const& entry) { return entry.first == "options"; });
  if (found == parameters.end()) return;
  std::string kept;
  for (std::string const& word : split_options(found->second)) {
    if (word.starts_with("endpoint=")) continue;
    kept += kept.empty() ? word : " " + word;
  }
  if (kept.empty()) {
    parameters.erase(found);
  } else {
    found->second = kept;
  }
}

std::string error_message(ErrorFields const& fields) {
  std::string payload;
  auto add = [&](char type, std::string const& text) {
    if (!text.empty()) payload.append(1, type).append(text).append(1, '\0');
  };
  add('S', fields.severity);
  add('V', fields.severity);
  add('C', fields.code);
  add('M', fields.message);
  add('H', fields.hint);
  payload += '\0';
  return message('E', payload);
}

ErrorFields parse_error(std::string_view payload) {
  ErrorFields fields{{}, {}, {}, {}};
  while (!payload.empty() && payload.front() != '\0') {
    char type = payload.front();
    payload.remove_prefix(1);
    auto text = take_text(payload);
    if (!text) break;
    if (type == 'S') fields.severity = *text;
    if (type == 'C') fields.code = *text;
    if (type == 'M') fields.message = *text;
    if (type == 'H') fields.hint = *text;
  }
  return fields;
}

}  // namespace lakebase::emulator::wire
