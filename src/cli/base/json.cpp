#include "cli/base/json.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/base/failure.hpp"

namespace lakebase::cli {
namespace {

/// The reader's own words, without its number and the place, which it counts otherwise.
std::string reason_of(nlohmann::json::parse_error const& error) {
  std::string_view words = error.what();
  if (auto const at = words.find(": "); at != std::string_view::npos) words.remove_prefix(at + 2);
  if (auto const at = words.find("; last read"); at != std::string_view::npos) words = words.substr(0, at);
  return std::string{words};
}

}  // namespace

Json parse_json(std::string_view text, std::string_view source) {
  try {
    return Json::parse(text.begin(), text.end());
  } catch (nlohmann::json::parse_error const& error) {
    auto const read = text.substr(0, std::min(text.size(), error.byte == 0 ? 0 : error.byte - 1));
    auto const line = 1 + std::count(read.begin(), read.end(), '\n');
    auto const start = read.rfind('\n');
    auto const column = 1 + (start == std::string_view::npos ? read.size() : read.size() - start - 1);
    throw Failure{fmt::format("{} is not JSON: line {}, column {}: {}", source, line, column, reason_of(error))};
  }
}

Json read_json(std::string_view text) {
  return parse_json(text, "the response");
}

Json number_in(std::string_view text) {
  auto number = Json::parse(text.begin(), text.end(), nullptr, false);
  return number.is_number() && text.find_first_of(" \t\r\n") == std::string_view::npos ? number : Json{};
}

std::string pretty_text(std::string_view text, std::size_t depth) {
  std::string result;
  result.reserve(2 * text.size());
  auto const begin_line = [&] { result.append(1, '\n').append(2 * depth, ' '); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const letter = text[i];
    if (letter == '"') {
      auto end = i + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      result += text.substr(i, end + 1 - i);
      i = end;
    } else if (letter == '{' || letter == '[') {
      result += letter;
      auto const next = text.find_first_not_of(" \n\t\r", i + 1);
      if (next != std::string_view::npos && (text[next] == '}' || text[next] == ']')) {
        result += text[i = next];
      } else {
        ++depth;
        begin_line();
      }
    } else if (letter == '}' || letter == ']') {
      --depth;
      begin_line();
      result += letter;
    } else if (letter != ' ' && letter != '\n' && letter != '\t' && letter != '\r') {  // of the service's own text
      result += letter;
      if (letter == ',') begin_line();
      if (letter == ':') result += ' ';
    }
  }
  return result;
}

std::string pretty(Json const& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lakebase::cli
