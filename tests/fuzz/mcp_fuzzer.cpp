// Whatever bytes a client sends: the server of MCP answers with messages of the protocol, each on a line of its own,
// and goes on. The first byte of the input chooses what the rest is:
//
//   l  lines of stdio
//   h  a request over HTTP: MCP-Protocol-Version, Mcp-Method, Mcp-Name and Mcp-Param-Text on a line each,
//     then the body
//   s  a state that the client keeps: what to do to a sealed one, as pairs of a place and a byte

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "base/ascii.hpp"
#include "mcp/protocol/dispatch/server.hpp"
#include "mcp/protocol/transport/guard.hpp"
#include "mcp/protocol/transport/stdio_posix.hpp"

namespace {

using namespace lakebase::mcp;

void check(bool holds, std::string_view what, std::string_view where) {
  if (holds) return;
  std::cerr << what << ": " << where << '\n';
  std::abort();
}

struct Arguments {
  std::string text;
  std::optional<std::int64_t> number{};

  template <class Field>
  static void describe(Field&& field) {
    field("text", &Arguments::text, "A text");
    field("number", &Arguments::number, "A number");
  }
};

std::optional<Json> read(Call&, std::string const& uri) {
  return Json::array({{{"uri", uri}, {"mimeType", "text/plain"}, {"text", uri}}});
}

/// One of each that a server offers.
Features small_features() {
  Features features{.name = "small", .version = "1", .lists_change = true, .resources_change = true};
  auto echo = typed_tool<Arguments>("echo", "Echoes.", [](Call& call, Arguments const& arguments) {
    call.progress(1, 2, arguments.text);
    call.log("info", arguments.text);
    return ToolResult::of({{"text", arguments.text}, {"number", arguments.number.value_or(0)}});
  });
  echo.input_schema["properties"]["text"]["x-mcp-header"] = "Text";
  features.tools.push_back(std::move(echo));
  features.tools.push_back({.name = "ask", .description = "Asks.", .run = [](Call& call) {
                              return ToolResult::of(
                                  call.ask({.key = "name", .method = "elicitation/create", .bound = true}));
                            }});
  features.resources.push_back({.uri = "test://one", .name = "one", .read = read});
  features.resource_templates.push_back({.uri_template = "test://{a}/b/{c}", .name = "some", .read = read});
  features.prompts.push_back({.name = "prompt",
                              .description = "Prompts.",
                              .arguments = {{.name = "a", .required = true}, {.name = "b"}},
                              .get = [](Call& call) { return Json::array({call.arguments()}); }});
  features.complete = [](Call&) { return std::vector<std::string>(200, "value"); };
  return features;
}

/// A response or a notification, or a request of the server.
void check_message(Json const& message, std::string_view line) {
  check(!message.is_discarded() && text_of(message, "jsonrpc") == "2.0", "no message", line);
  check(message.contains("method") || message.contains("result") != message.contains("error"), "no kind of message",
        line);
}

/// The next line.
std::string_view take_line(std::string_view& rest) {
  auto const end = std::min(rest.find('\n'), rest.size());
  auto const line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

/// A file in memory: what serves stdio reads and writes descriptors.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : descriptor_(::memfd_create("mcp", 0)) {
    auto const size = static_cast<ssize_t>(content.size());
    check(::pwrite(descriptor_, content.data(), content.size(), 0) == size, "no file", "memory");
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(MemoryFile const&) = delete;
  MemoryFile& operator=(MemoryFile const&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] std::string content() const {
    std::string text(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_END)), '\0');
    check(::pread(descriptor_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "no file", "memory");
    return text;
  }

 private:
  int descriptor_;
};

void take_lines(std::string_view lines) {
  Server server{small_features()};
  MemoryFile const input{lines};
  MemoryFile const output{{}};
  serve_stdio(server, input.descriptor(), output.descriptor());
  auto const written = output.content();
  check(written.empty() || written.back() == '\n', "half a line", written);
  for (std::string_view rest{written}; !rest.empty();) {
    auto const line = take_line(rest);
    check_message(read_json(line), line);
  }
}

class CheckedOutlet : public Outlet {
 public:
  void send(Json const& message) override {
    auto const line = json_line(message);
    check_message(read_json(line), line);
  }
};

/// As that transport does: the era, the client and its headers, and the response.
std::optional<Json> respond(Server& server, Json message, std::string_view version, Headers const& headers) {
  auto const id = id_of(message);
  try {
    if (kind_of(message) != MessageKind::request) return std::nullopt;
    Request request{.message = std::move(message), .client = {}, .outlet = std::make_shared<CheckedOutlet>()};
    if (era_of(request.message, version) == Era::modern) {
      request.client = read_modern_client(request.message, headers);
      check_modern_headers(request.message, headers, server.input_schema_of(request.message));
    } else if (text_of(request.message, "method") == "initialize") {
      return server.open(request.message).second;
    } else {
      request.session = std::make_shared<Session>(Json{{"protocolVersion", "2025-11-25"}});
      request.client = request.session->client();
    }
    std::stop_source stop;
    // It would wait for ever.
    if (text_of(request.message, "method") == "subscriptions/listen") stop.request_stop();
    request.stop = stop.get_token();
    return server.respond(request);
  } catch (ProtocolError const& error) {
    return error_message(id, error);
  }
}

void take_http(std::string_view rest) {
  Server server{small_features()};
  std::map<std::string, std::string, std::less<>> sent;
  for (auto const* const name : {"mcp-protocol-version", "mcp-method", "mcp-name", "mcp-param-text"}) {
    if (auto const line = take_line(rest); !line.empty()) sent[name] = line;
  }
  Headers const headers = [&](std::string const& name) -> std::optional<std::string> {
    auto const found = sent.find(lakebase::detail::lower(name));
    return found == sent.end() ? std::nullopt : std::optional{found->second};
  };
  for (auto const& [name, value] : sent) {
    static_cast<void>(is_local_host(value));
    static_cast<void>(is_local_origin(value));
    static_cast<void>(accepts(value, "application/json"));
    static_cast<void>(is_json_type(value));
    static_cast<void>(shows_token(value, "token"));
  }
  auto message = read_json(rest);
  if (message.is_discarded()) return;
  auto const response = respond(server, std::move(message), headers("mcp-protocol-version").value_or(""), headers);
  if (response) CheckedOutlet{}.send(*response);
}

void alter_seal(std::string_view edits) {
  static Seal const seal;
  auto const now = std::chrono::system_clock::now();
  Json const state{{"asked", "name"}, {"n", 1}};
  auto const sealed = seal.close(state, "caller", now + std::chrono::minutes{1});
  check(seal.open(sealed, "caller", now) == state, "a state that does not come back", sealed);
  auto altered = sealed;
  while (edits.size() > 1) {
    auto const place = static_cast<unsigned char>(edits[0]);
    if (place < altered.size()) {
      altered[place] = edits[1];
    } else {
      altered += edits[1];
    }
    edits.remove_prefix(2);
  }
  if (altered != sealed) check(!seal.open(altered, "caller", now), "an altered state counts", altered);
  check(!seal.open(sealed, edits.empty() ? "other" : edits, now), "the state of another counts", sealed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view const rest{reinterpret_cast<char const*>(data) + 1, size - 1};
  if (data[0] == 'l') take_lines(rest);
  if (data[0] == 'h') take_http(rest);
  if (data[0] == 's') alter_seal(rest);
  return 0;
}
