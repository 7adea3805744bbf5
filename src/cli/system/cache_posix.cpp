#include "cli/system/cache_posix.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "cli/system/environment.hpp"

namespace lakebase::cli {
namespace {

namespace fs = std::filesystem;

/// Empty if there is no such place.
fs::path cache_folder() {
  if (auto const cache = variable("XDG_CACHE_HOME"); cache && fs::path{*cache}.is_absolute()) {
    return fs::path{*cache} / "lakebase";
  }
  auto const home = variable("HOME");
  return home && fs::path{*home}.is_absolute() ? fs::path{*home} / ".cache" / "lakebase" : fs::path{};
}

/// FNV-1a: the same in each build, so that a newer program finds the files of an older one.
std::uint64_t digest(std::string_view text) {
  std::uint64_t value = 14695981039346656037U;
  for (unsigned char const letter : text) value = (value ^ letter) * 1099511628211U;
  return value;
}

fs::path file_of(std::string_view key) {
  auto const folder = cache_folder();
  return folder.empty() ? folder : folder / fmt::format("{:016x}", digest(key));
}

}  // namespace

std::optional<Cached> read_cache(std::string_view key) {
  auto const file = file_of(key);
  struct stat about {};
  if (file.empty() || ::lstat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode) || about.st_uid != ::geteuid()) {
    return std::nullopt;
  }
  std::ifstream stream{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  // Two keys may have one digest.
  if (!stream.is_open() || !text.starts_with(key) || text.size() == key.size()) return std::nullopt;
  auto const written = std::chrono::system_clock::from_time_t(about.st_mtime);
  auto const age = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now() - written);
  return Cached{text.substr(key.size() + 1), age};
}

void write_cache(std::string_view key, std::string_view text) {
  auto const file = file_of(key);
  if (file.empty()) return;
  std::error_code error;
  fs::create_directories(file.parent_path().parent_path(), error);
  ::mkdir(file.parent_path().c_str(), S_IRWXU);
  auto draft = file.string() + ".XXXXXX";
  int const descriptor = ::mkstemp(draft.data());  // of mode 0600
  if (descriptor < 0) return;
  auto* const stream = ::fdopen(descriptor, "w");
  if (stream == nullptr) return;
  auto const whole = fmt::format("{}\n{}", key, text);
  bool const is_written = std::fwrite(whole.data(), 1, whole.size(), stream) == whole.size();
  bool const is_closed = std::fclose(stream) == 0;
  if (!is_written || !is_closed || ::rename(draft.c_str(), file.c_str()) != 0) ::unlink(draft.c_str());
}

void end_after(std::chrono::seconds limit) {
  ::signal(SIGALRM, [](int) { ::_exit(1); });
  ::alarm(static_cast<unsigned>(limit.count()));
}

}  // namespace lakebase::cli
