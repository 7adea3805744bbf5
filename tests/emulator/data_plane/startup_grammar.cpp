#include "startup_grammar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string_view>

#include "data_plane/protocol/wire.hpp"

namespace lakebase::emulator {
namespace {

using Parameter = std::pair<std::string, std::string>;

std::vector<std::string> const identities = {"alice",
                                             "bob",
                                             "cloud_admin",
                                             "databricks_superuser",
                                             "postgres",
                                             "none",
                                             "",
                                             "Alice",
                                             "alice ",
                                             "\"alice\"",
                                             "cloud_admin\n",
                                             "pg_read_all_data",
                                             long_name,
                                             "nobody",
                                             "CLOUD_ADMIN",
                                             prefix_of_long_name};
std::vector<std::string> const databases = {"app", "postgres", "template1", "template0",
                                            "APP", "",         "missing",   long_name};
std::vector<std::string> const booleans = {"true",  "TRUE", "t", "on", "1", "yes", "database", "Database",
                                           "false", "off",  "0", "o",  "",  "2",   "no"};
/// Settings that say who one is, that load code or name files, that PostgreSQL keeps to itself; and harmless ones.
std::vector<std::string> const setting_names = {"role",
                                                "session_authorization",
                                                "is_superuser",
                                                "session_preload_libraries",
                                                "local_preload_libraries",
                                                "shared_preload_libraries",
                                                "dynamic_library_path",
                                                "allow_system_table_mods",
                                                "ignore_system_indexes",
                                                "data_directory",
                                                "hba_file",
                                                "log_statement",
                                                "search_path",
                                                "application_name",
                                                "client_encoding",
                                                "DateStyle",
                                                "TimeZone",
                                                "extra_float_digits",
                                                "geqo",
                                                "work_mem",
                                                "default_transaction_read_only",
                                                "row_security",
                                                "createrole_self_grant",
                                                "app.user",
                                                "zero_damaged_pages",
                                                "session_replication_role",
                                                "unknown_setting"};
std::vector<std::string> const setting_values = {
    "off",    "on",   "0", "1", "UTF8", "iso", "UTC", "public", "replica", "auto_explain", "$libdir/plugins/x",
    "/tmp/x", "64kB", ""};
std::vector<Parameter> const good_settings = {{"search_path", "public"},
                                              {"application_name", "psql"},
                                              {"client_encoding", "UTF8"},
                                              {"DateStyle", "ISO, MDY"},
                                              {"TimeZone", "Europe/Berlin"},
                                              {"extra_float_digits", "2"},
                                              {"geqo", "off"},
                                              {"work_mem", "1MB"},
                                              {"role", "alice"},
                                              {"role", "none"},
                                              {"app.user", "cloud_admin"},
                                              {"row_security", "on"},
                                              {"default_transaction_read_only", "on"},
                                              {"role", "databricks_superuser"}};
/// What PostgreSQL's programs take on their command line, with what those that want a value get.
std::vector<std::string> const switches = {"-B 16",
                                           "-b",
                                           "-C data_directory",
                                           "-D /tmp",
                                           "-d 2",
                                           "-E",
                                           "-e",
                                           "-F",
                                           "-fs",
                                           "-h ::1",
                                           "-i",
                                           "-j",
                                           "-k /tmp",
                                           "-l",
                                           "-N 5",
                                           "-n",
                                           "-O",
                                           "-P",
                                           "-p 1",
                                           "-r /tmp/startup-packets",
                                           "-S 64",
                                           "-s",
                                           "-T",
                                           "-t pl",
                                           "-v 196608",
                                           "-W 0",
                                           "--",
                                           "-x",
                                           "-y cloud_admin",
                                           "-u cloud_admin",
                                           "--single",
                                           "--boot",
                                           "--describe-config",
                                           "endpoint=ep-x",
                                           "app",
                                           "--user=cloud_admin"};

/// Draws for one packet.
class Maker {
 public:
  explicit Maker(std::uint64_t number) : generator_(number * 0x9E3779B97F4A7C15U + 1) {}

  HostilePacket make() {
    if (one_in(14)) return {cancel(), true};
    std::string body = startup();
    if (one_in(25)) body = random_bytes(below(80));
    if (one_in(12)) body = bent(std::move(body));
    return {with_length(std::move(body)), false};
  }

 private:
  std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : generator_() % end; }
  bool one_in(std::uint64_t times) { return below(times) == 0; }
  std::string const& any(std::vector<std::string> const& of) { return of[below(of.size())]; }
  std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(below(256));
    return bytes;
  }

  /// Letters may change their case.
  std::string in_other_case(std::string text) {
    for (char& letter : text) {
      bool const is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
      if (is_letter && one_in(2)) letter = static_cast<char>(letter ^ ' ');
    }
    return text;
  }

  Parameter setting() {
    if (!one_in(3)) return good_settings[below(good_settings.size())];
    std::string const& name = any(setting_names);
    bool const tells_who = name == "role" || name == "session_authorization";
    return {name, tells_who || one_in(12) ? any(identities) : any(setting_values)};
  }

  /// With backslashes that do not matter, at most.
  std::string escaped(std::string const& word) {
    bool const much = one_in(6);
    std::string text;
    for (char letter : word) {
      bool const must = letter == ' ' || letter == '\n' || letter == '\\';
      if (must || (much && one_in(3))) text += '\\';
      text += letter;
    }
    return text;
  }

  std::string option() {
    if (one_in(6)) return any(switches);
    auto [name, value] = setting();
    if (one_in(6)) name = in_other_case(name);
    if (one_in(4)) std::replace(name.begin(), name.end(), '_', '-');
    constexpr std::string_view openings[] = {"-c ", "-c", "--", "-c\t", "\\-c ", "-\\c", "-F -c ", "-sc", "-- "};
    std::string const opening{openings[one_in(3) ? below(std::size(openings)) : below(3)]};
    return opening + escaped(name) + (one_in(40) ? "" : "=") + escaped(value);
  }

  std::string options() {
    constexpr std::string_view spaces[] = {" ", "\t", "\n", "  ", "\v", "\f", "\r", "\xA0", "\\ "};
    std::string text;
    for (auto count = 1 + below(3); count > 0; --count) {
      text += option();
      if (count > 1 || one_in(8)) text += spaces[one_in(4) ? below(std::size(spaces)) : 0];
    }
    return one_in(30) ? text + '\\' : text;
  }

  Parameter parameter() {
    switch (below(9)) {
      case 0:
        return {"user", any(identities)};
      case 1:
        return {"database", any(databases)};
      case 2:
      case 3:
        return {"options", options()};
      case 4:
        return {"replication", one_in(2) ? "false" : any(booleans)};
      case 5:
        return {"_pq_." + any(setting_names), any(setting_values)};
      default:
        return setting();
    }
  }

  std::vector<Parameter> parameters() {
    std::vector<Parameter> all;
    // Who may log in does so in most packets: what is refused at once shows little.
    if (!one_in(20)) all.emplace_back("user", one_in(6) ? any(identities) : "alice");
    if (!one_in(10)) all.emplace_back("database", one_in(8) ? any(databases) : "app");
    for (auto count = below(4); count > 0; --count) {
      Parameter more = parameter();
      bool const new_one =
          std::none_of(all.begin(), all.end(), [&](auto const& one) { return one.first == more.first; });
      if (new_one || one_in(5)) all.push_back(std::move(more));
    }
    for (auto& [name, value] : all) {
      if (one_in(20)) name = in_other_case(name);
      if (one_in(60)) name += ' ';
    }
    if (one_in(8) && !all.empty()) all.push_back(repeated(all[below(all.size())]));
    if (one_in(3)) std::shuffle(all.begin(), all.end(), generator_);
    return all;
  }

  Parameter repeated(Parameter const& one) {
    return {one_in(2) ? one.first : in_other_case(one.first), one_in(2) ? one.second : any(identities)};
  }

  std::uint32_t protocol() {
    constexpr std::uint32_t others[] = {
        wire::protocol_3_0 + 1, wire::protocol_3_2,   wire::protocol_3_0 + 9999, 2U << 16U,  4U << 16U, 0,
        wire::ssl_request,      wire::gssenc_request, wire::cancel_request,      0xFFFFFFFFU};
    return one_in(5) ? others[one_in(3) ? below(std::size(others)) : below(3)] : wire::protocol_3_0;
  }

  std::string startup() {
    std::string body;
    wire::append_uint32(body, protocol());
    for (auto const& [name, value] : parameters()) body.append(name).append(1, '\0').append(value).append(1, '\0');
    constexpr std::string_view admin{"\0user\0cloud_admin\0", 18};
    if (one_in(30)) return body;
    if (one_in(30)) return body.append(admin).append(1, '\0');
    return body.append(one_in(40) ? 2 : 1, '\0');
  }

  /// Cut, or with a byte more, fewer or other somewhere: a zero byte in half of the cases.
  std::string bent(std::string body) {
    auto const at = below(body.size());
    char const byte = one_in(2) ? '\0' : static_cast<char>(below(256));
    switch (below(4)) {
      case 0:
        return body.substr(0, at);
      case 1:
        return body.insert(at, 1, byte);
      case 2:
        return body.empty() ? body : body.erase(at, 1);
      default:
        if (!body.empty()) body[at] = byte;
        return body;
    }
  }

  std::string with_length(std::string const& body) {
    std::string const right = wire::packet(body);
    if (!one_in(12)) return right;
    constexpr std::uint32_t lengths[] = {0, 3, 4, 7, 8, 9, 10'000, 10'001, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU};
    std::string text;
    wire::append_uint32(text, one_in(2) ? lengths[below(std::size(lengths))]
                                        : static_cast<std::uint32_t>(right.size() + below(17) - 8));
    return text + body;
  }

  std::string cancel() {
    std::string body;
    wire::append_uint32(body, wire::cancel_request);
    constexpr std::size_t sizes[] = {0, 1, 3, 4, 5, 8, 36, 260, 261, 300};
    return with_length(body + random_bytes(sizes[below(std::size(sizes))]));
  }

  std::mt19937_64 generator_;
};

}  // namespace

bool HostilePacket::complete() const {
  return bytes.size() >= 4 && wire::read_uint32(bytes.data()) <= bytes.size();
}

std::vector<std::string> HostilePacket::names() const {
  std::vector<std::string> names;
  if (bytes.size() < 8) return names;
  auto rest = std::string_view{bytes}.substr(0, wire::read_uint32(bytes.data()));
  rest.remove_prefix(std::min<std::size_t>(rest.size(), 8));
  while (!rest.empty() && rest.front() != '\0') {
    auto name = wire::take_text(rest);
    if (!name || !wire::take_text(rest)) break;
    names.push_back(std::move(*name));
  }
  return names;
}

std::string HostilePacket::shown() const {
  std::string text;
  for (char byte : bytes) {
    bool const printable = byte >= ' ' && byte <= '~' && byte != '\\';
    text += printable ? std::string{byte}
                      : fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  }
  return text;
}

HostilePacket HostilePacket::make(std::uint64_t number) {
  return Maker{number}.make();
}

}  // namespace lakebase::emulator
