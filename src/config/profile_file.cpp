#include "config/profile_file.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <lakebase/error.hpp>

#include "base/ascii.hpp"
#include "base/text_file.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

namespace {

// ` # note` and ` ; note` are comments; `a#b` is a value, and so is anything between quotes.
std::string_view without_comment(std::string_view value) {
  if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
    auto const close = value.find(value.front(), 1);
    auto const rest = close == std::string_view::npos ? value : trim(value.substr(close + 1));
    if (rest.empty() || rest.front() == '#' || rest.front() == ';') return value.substr(0, close + 1);
  }
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

// UTF-16, as some editors on Windows save it: every second byte of such a text is zero.
void refuse_utf16(std::string_view text, std::string_view path) {
  bool const has_mark = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  if (!has_mark && text.substr(0, 64).find('\0') == std::string_view::npos) return;
  throw ConfigError{
      ErrorFacts{.message = fmt::format("{} is encoded as UTF-16", path), .hint = "Save the file as UTF-8."}};
}

}  // namespace

ProfileFile ProfileFile::parse(std::string_view text, std::string_view path) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  refuse_utf16(text, path);
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
  auto const status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return std::nullopt;
  if (!std::filesystem::is_regular_file(status)) {
    throw ConfigError{ErrorFacts{.message = fmt::format("the configuration file {} is not a regular file", path),
                                 .hint = "Name a file with profiles in config_file or DATABRICKS_CONFIG_FILE."}};
  }
  auto const text = read_text_file(path);
  if (!text) throw ConfigError{fmt::format("{} cannot be read", path)};
  auto file = parse(*text, path);
  if (is_writable_by_others(path)) {
    file.warnings_.push_back(fmt::format("other users may change {}; take away their permission: chmod go-w", path));
  }
  return file;
}

std::vector<std::string_view> ProfileFile::profiles() const {
  std::vector<std::string_view> names;
  for (auto const& [name, settings] : sections_) {
    if (name != settings_section && !settings.empty()) names.emplace_back(name);
  }
  return names;
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

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
