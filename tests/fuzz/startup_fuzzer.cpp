// Whatever a client sends as its start-up packet: it is refused, or what PostgreSQL gets instead says to PostgreSQL's
// reading, in which the last of equal names counts, what was checked, and nothing twice. The input is the packet
// without its length. PostgreSQL's two readings stand here once more, written apart from those of the emulator.

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data_plane/protocol/startup_packet.hpp"

namespace {

namespace wire = lakebase::emulator::wire;

void check(bool holds, std::string_view what, std::string_view where) {
  if (holds) return;
  std::cerr << what << ": " << where << '\n';
  std::abort();
}

/// `ProcessStartupPacket`'s loop. None where it would refuse the layout.
std::optional<std::map<std::string, std::string>> read_as_postgres(std::string const& body) {
  std::map<std::string, std::string> parameters;
  std::size_t offset = 4;
  while (offset < body.size() && body[offset] != '\0') {
    std::string const name = body.c_str() + offset;
    std::size_t const value_offset = offset + name.size() + 1;
    if (value_offset >= body.size()) break;
    std::string const value = body.c_str() + value_offset;
    parameters[name] = value;
    offset = value_offset + value.size() + 1;
  }
  if (body.empty() || offset != body.size() - 1) return std::nullopt;
  return parameters;
}

/// `pg_split_opts`.
std::vector<std::string> split_as_postgres(char const* text) {
  std::vector<std::string> words;
  while (*text != '\0') {
    bool escaped = false;
    std::string word;
    while (std::isspace(static_cast<unsigned char>(*text)) != 0) ++text;
    if (*text == '\0') break;
    for (; *text != '\0'; ++text) {
      if (std::isspace(static_cast<unsigned char>(*text)) != 0 && !escaped) break;
      if (!escaped && *text == '\\') {
        escaped = true;
      } else {
        escaped = false;
        word += *text;
      }
    }
    words.push_back(word);
  }
  return words;
}

void check_written(wire::Startup const& startup, std::uint32_t newest) {
  std::string const packet = startup.packet(newest);
  check(wire::read_uint32(packet.data()) == packet.size(), "a wrong length", packet);
  check(packet.size() <= wire::longest_startup_packet + 4, "more than PostgreSQL takes", packet);
  std::string const body = packet.substr(4);
  check(wire::read_uint32(body.data()) <= newest, "a protocol that the server does not speak", packet);
  auto written = read_as_postgres(body);
  check(written.has_value(), "a layout that PostgreSQL refuses", packet);
  check((*written)["user"] == startup.user, "another user", packet);
  check((*written)["database"] == startup.database, "another database", packet);
  check(split_as_postgres((*written)["options"].c_str()) == startup.options, "other options", packet);
  for (auto const& [name, value] : startup.settings) {
    check(written->contains(name) && (*written)[name] == value, "another setting", packet);
  }
  // The three above are in it by now, whether they stood there or not.
  check(written->size() == startup.settings.size() + 3, "more or less than was checked", packet);
}

void check_startup(std::string const& body) {
  std::optional<wire::Startup> startup;
  try {
    startup = wire::Startup::parse(body);
  } catch (wire::Refusal const& refused) {
    check(refused.fields.code.size() == 5 && refused.fields.severity == "FATAL", "a refusal without a code", body);
    return;
  }
  auto read = read_as_postgres(body);
  check(read.has_value(), "a layout was taken that PostgreSQL refuses", body);
  check((*read)["user"] == startup->user, "another user was read", body);
  for (auto const& name : startup->protocol_options) check(name.starts_with("_pq_."), "a protocol's option", body);
  for (std::uint32_t newest : {wire::protocol_3_0, wire::protocol_3_2}) {
    try {
      check_written(*startup, newest);
    } catch (wire::Refusal const&) {
      check(body.size() > wire::longest_startup_packet / 3, "a short packet became too long", body);
    }
  }
}

void check_cancel(std::string const& body) {
  auto const cancel = wire::Cancel::parse(body);
  if (!cancel) return;
  check(!cancel->key.empty() && cancel->key.size() <= 256, "a key of another length", body);
  check(cancel->packet().substr(4) == body, "another cancel request", body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const body{reinterpret_cast<char const*>(data), size};
  check_startup(body);
  check_cancel(body);
  return 0;
}
