#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time.hpp"
#include "engine/query.hpp"

namespace lakebase::emulator {

/// What the control plane needs of a request.
struct HttpRequest {
  std::string method;
  /// As it came, without the query.
  std::string path;
  /// The parts of the path between the slashes, percent-decoded one by one.
  std::vector<std::string> segments;
  Query::Options query;
  /// The query as it came.
  std::string query_text;
  /// All of them, with names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  /// The name or address by which the client calls the server, perhaps with a port.
  std::string host;
  /// What a browser tells of the page that calls.
  std::string origin;
  std::string fetch_site;
  std::string authorization;
  /// `X-Emulator-Fault`
  std::string fault;
  std::string body;

  /// All values of a header, with commas between them. @param name in lower case
  std::string header(std::string_view name) const;
};

/// How much of a response reaches the client.
enum class Delivery {
  whole,
  half_body,  ///< The connection closes in the middle of the body.
  nothing,    ///< The connection closes without a response.
  reset,      ///< The connection is reset without a response.
};

struct HttpReply {
  int status = 200;
  std::string body{};
  /// Empty: the response has none.
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};
  Delivery delivery = Delivery::whole;
  /// The response is sent after this pause.
  Duration delay{};
  /// The client has shown a valid credential.
  bool authenticated = false;
};

/// Whether it may be a method, or the name of a header.
bool is_token(std::string_view text);
/// `%41` becomes `A`; what is not an escape stays as it is.
std::string percent_decoded(std::string_view text, bool plus_is_space = false);
/// The reverse, fit for a segment of a path.
std::string percent_encoded(std::string_view text);
/// The segments of a path that starts with a slash, each percent-decoded.
std::vector<std::string> decoded_segments(std::string_view path);
/// Reads `a=1&b=2`, a query or a form.
std::vector<std::pair<std::string, std::string>> decoded_pairs(std::string_view text);
/// The same. If a name occurs twice, the first counts.
Query::Options decoded_form(std::string_view text);

}  // namespace lakebase::emulator
