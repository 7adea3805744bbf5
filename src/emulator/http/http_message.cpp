#include "http/http_message.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "common/paths.hpp"

namespace lakebase::emulator {

std::string HttpRequest::header(std::string_view name) const {
  std::string joined;
  bool found = false;
  for (auto const& [key, value] : headers) {
    if (key != name) continue;
    joined += (found ? ", " : "") + value;
    found = true;
  }
  return joined;
}

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_lower(to_lower(c)) || is_digit(c) || others.find(c) != std::string_view::npos;
  });
}

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      auto const* const digits = text.data() + i + 1;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
        decoded += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return decoded;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (char const c : text) {
    bool const is_plain =
        is_digit(c) || is_lower(to_lower(c)) || std::string_view{"-._~"}.find(c) != std::string_view::npos;
    encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::vector<std::string> decoded_segments(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  auto segments = split_path(path);
  for (auto& segment : segments) segment = percent_decoded(segment);
  return segments;
}

std::vector<std::pair<std::string, std::string>> decoded_pairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    auto const end = std::min(text.find('&'), text.size());
    auto const pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto const equals = std::min(pair.find('='), pair.size());
    if (pair.empty()) continue;
    pairs.emplace_back(percent_decoded(pair.substr(0, equals), true),
                       percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true));
  }
  return pairs;
}

Query::Options decoded_form(std::string_view text) {
  Query::Options options;
  for (auto& [name, value] : decoded_pairs(text)) options.emplace(std::move(name), std::move(value));
  return options;
}

}  // namespace lakebase::emulator
