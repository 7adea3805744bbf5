#include "data_plane/protocol/wire.hpp"

namespace lakebase::emulator::wire {

std::uint32_t read_uint32(char const* bytes) {
  std::uint32_t number = 0;
  for (int at = 0; at < 4; ++at) number = (number << 8U) | static_cast<unsigned char>(bytes[at]);
  return number;
}

void append_uint32(std::string& text, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8)
    text += static_cast<char>((number >> static_cast<unsigned>(shift)) & 255U);
}

std::optional<std::string> take_text(std::string_view& bytes) {
  auto end = bytes.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string text{bytes.substr(0, end)};
  bytes.remove_prefix(end + 1);
  return text;
}

std::string message(char type, std::string_view payload) {
  return type + packet(payload);
}

std::string packet(std::string_view payload) {
  std::string text;
  append_uint32(text, static_cast<std::uint32_t>(payload.size() + 4));
  return text.append(payload);
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
  add('D', fields.detail);
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
    if (type == 'D') fields.detail = *text;
    if (type == 'H') fields.hint = *text;
    if (type == 'W') fields.context = *text;
  }
  return fields;
}

}  // namespace lakebase::emulator::wire
