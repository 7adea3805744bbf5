#include "system/port_holder_posix.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

namespace lakebase::emulator {
namespace {

namespace fs = std::filesystem;

struct Listening {
  std::string inode;
  std::string user_id;
};

/// An address as /proc/net shows it: words of 32 bits in the machine's byte order, in hexadecimal.
std::string shown(void const* bytes, std::size_t size) {
  std::string text;
  for (std::size_t at = 0; at < size; at += sizeof(std::uint32_t)) {
    std::uint32_t word = 0;
    std::memcpy(&word, static_cast<char const*>(bytes) + at, sizeof word);
    text += fmt::format("{:08X}", word);
  }
  return text;
}

/// The address itself, and the wildcard addresses of IPv4 and IPv6.
std::vector<std::string> addresses_that_hold(std::string const& address) {
  std::vector<std::string> shapes{std::string(8, '0'), std::string(32, '0')};
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) shapes.push_back(shown(&v4, sizeof v4));
  if (::inet_pton(AF_INET6, address.c_str(), &v6) == 1) shapes.push_back(shown(&v6, sizeof v6));
  return shapes;
}

std::optional<Listening> find_socket(std::string const& address, std::uint16_t port) {
  constexpr char const* state_of_listeners = "0A";
  auto const shapes = addresses_that_hold(address);
  for (char const* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file{table};
    for (std::string line; std::getline(file, line);) {
      std::istringstream words{line};
      std::string number, local, remote, state, queues, timer, retransmits, user_id, timeout, inode;
      words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user_id >> timeout >> inode;
      if (!words || state != state_of_listeners) continue;
      bool const same = std::any_of(shapes.begin(), shapes.end(), [&](std::string const& shape) {
        return local == fmt::format("{}:{:04X}", shape, port);
      });
      if (same) return Listening{inode, user_id};
    }
  }
  return std::nullopt;
}

std::vector<std::string> open_files(fs::path const& process) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry{process / "fd", error}, end; !error && entry != end; entry.increment(error)) {
    std::error_code vanished;
    files.push_back(fs::read_symlink(entry->path(), vanished).string());
  }
  return files;
}

/// Recognizes an emulator by the lock of its data folder, which it keeps open.
std::string data_of(std::vector<std::string> const& files) {
  for (fs::path const file : files) {
    std::error_code error;
    if (file.filename() == "lock" && fs::exists(file.parent_path() / "signing.key", error)) {
      return ", an emulator with its data in " + file.parent_path().string();
    }
  }
  return {};
}

std::string described(fs::path const& process, std::vector<std::string> const& files) {
  std::string name;
  std::ifstream file{process / "comm"};
  std::getline(file, name);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isprint(c) == 0; }, '?');
  return fmt::format("process {} ({}){}", process.filename().string(), name, data_of(files));
}

}  // namespace

std::string port_holder(std::string const& address, std::uint16_t port) {
  auto const socket = find_socket(address, port);
  if (!socket) return {};
  std::string const wanted = "socket:[" + socket->inode + "]";
  std::error_code error;
  for (fs::directory_iterator entry{"/proc", error}, end; !error && entry != end; entry.increment(error)) {
    std::string const name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    auto const files = open_files(entry->path());
    if (std::find(files.begin(), files.end(), wanted) != files.end()) return described(entry->path(), files);
  }
  return "a process of the account with user id " + socket->user_id;
}

}  // namespace lakebase::emulator
