#include "config/profile_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "http/ascii.hpp"

namespace lakebase::inline v0::detail {

namespace {

// ` # note` and ` ; note` are comments; `a#b` is a value.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t')) {
      return trim(value.substr(0, i));
    }
  }
  return value;
}

std::string_view without_quotes(std::string_view value) {
  bool const quoted =
      value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

ProfileFile ProfileFile::parse(std::string_view text, std::string_view path) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  ProfileFile file;
  std::string section{default_section};
  for (int number = 1; !text.empty(); ++number) {
    auto const end = std::min(text.find('\n'), text.size());
    auto const line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      auto const close = line.rfind(']');
      if (close == std::string_view::npos) {
        throw ConfigError{fmt::format("{}:{}: a section without its closing bracket", path, number)};
      }
      section = trim(line.substr(1, close - 1));
      file.sections_[section];
      continue;
    }
    auto const delimiter = line.find_first_of("=:");
    if (delimiter == std::string_view::npos) {
      throw ConfigError{fmt::format("{}:{}: neither a section nor a line of the form key = value", path, number)};
    }
    auto const key = lower(trim(line.substr(0, delimiter)));
    auto const value = without_quotes(without_comment(trim(line.substr(delimiter + 1))));
    auto const [place, is_new] = file.sections_[section].insert_or_assign(key, std::string{value});
    static_cast<void>(place);
    if (!is_new)
      file.warnings_.push_back(fmt::format("{}:{}: {} is set twice; the last one counts", path, number, key));
  }
  return file;
}

std::optional<ProfileFile> ProfileFile::read(std::string const& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  std::ifstream stream;
  if (!std::filesystem::is_directory(path, error)) stream.open(path, std::ios::binary);
  if (!stream.is_open()) throw ConfigError{fmt::format("{} cannot be read", path)};
  std::string const text{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
  return parse(text, path);
}

ProfileFile::Section const* ProfileFile::find(std::string_view name) const {
  auto const found = sections_.find(name);
  return found == sections_.end() ? nullptr : &found->second;
}

std::string ProfileFile::default_profile() const {
  auto const* const settings = find(settings_section);
  if (settings == nullptr) return {};
  auto const found = settings->find("default_profile");
  return found == settings->end() ? std::string{} : std::string{trim(found->second)};
}

}  // namespace lakebase::inline v0::detail
