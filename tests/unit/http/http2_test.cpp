#include <array>
#include <string>

#include <gtest/gtest.h>

#include "http/curl_transport.hpp"
#include "support/faulty_server.hpp"
#include "support/test_certificates.hpp"

namespace lakebase::detail {
namespace {

using tests::Connection;
using tests::FaultyServer;

// As much of HTTP/2 as one answer needs (RFC 9113).
enum class FrameType : unsigned char { data = 0, headers = 1, settings = 4 };
constexpr unsigned char end_of_stream = 1;
constexpr unsigned char acknowledgement = 1;
constexpr unsigned char end_of_headers = 4;

std::string frame(FrameType type, unsigned char flags, std::string const& stream, std::string const& payload) {
  std::string text{'\0', '\0', static_cast<char>(payload.size()), static_cast<char>(type), static_cast<char>(flags)};
  return text + stream + payload;
}

void serve_http2(Connection& connection, FaultyServer& here) {
  std::string const no_stream(4, '\0');
  connection.take(std::string_view{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}.size());
  connection.send(frame(FrameType::settings, 0, no_stream, ""));
  for (;;) {
    auto const frame_head = connection.take(9);
    if (frame_head.size() < 9) return;
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(frame_head[at]); };
    auto const payload = connection.take(byte(0) * 65536U + byte(1) * 256U + byte(2));
    auto const type = static_cast<FrameType>(byte(3));
    if (type == FrameType::settings && byte(4) == 0) {
      connection.send(frame(FrameType::settings, acknowledgement, no_stream, ""));
    }
    if (type != FrameType::headers) continue;
    here.count(payload);
    auto const stream = frame_head.substr(5);
    connection.send(frame(FrameType::headers, end_of_headers, stream, "\x88"));  // ":status: 200" of the static table
    connection.send(frame(FrameType::data, end_of_stream, stream, R"({"over":"http2"})"));
  }
}

int choose_http2(SSL*, unsigned char const** chosen, unsigned char* size, unsigned char const* offered,
                 unsigned int offered_size, void*) {
  static constexpr std::array<unsigned char, 3> wanted{2, 'h', '2'};
  unsigned char* found = nullptr;
  auto const result = SSL_select_next_proto(&found, size, wanted.data(), wanted.size(), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

TEST(Http2, IsSpokenWhereTheServerOffersIt) {
  tests::TestCertificates const certificates;
  SSL_CTX_set_alpn_select_cb(certificates.server(), choose_http2, nullptr);
  FaultyServer server{serve_http2, certificates.server()};
  auto const transport = make_curl_transport({.ca_file = certificates.authority_file()});
  for (auto const* method : {"GET", "GET", "DELETE"}) {
    auto const answer =
        transport->send({.method = method, .url = server.url() + "/x"}, {.total = std::chrono::seconds{5}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"over":"http2"})");
  }
  EXPECT_EQ(server.requests(), 3);
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace lakebase::detail
