#include "http/curl_transport.hpp"

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "http/redirects.hpp"
#include "support/faulty_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_certificates.hpp"

namespace lakebase::detail {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;
using tests::Connection;
using tests::FaultyServer;
using Kind = TransportError::Kind;

HttpRequest request(std::string method, std::string url, std::string body = {}) {
  Headers headers{{"Accept", "application/json"}};
  if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
  return {.method = std::move(method), .url = std::move(url), .headers = std::move(headers), .body = std::move(body)};
}

FaultyServer::Serve always(std::string body) {
  return FaultyServer::answering(
      [body](Connection& connection, std::string const&, int) { connection.answer(200, body); });
}

std::optional<TransportError> fault(Transport& transport, HttpRequest const& what, TransportLimits const& limits = {}) {
  try {
    transport.send(what, limits);
  } catch (TransportError const& error) {
    return error;
  }
  return std::nullopt;
}

std::string header_of(std::string const& text) {
  return text.substr(0, text.find("\r\n\r\n"));
}

TEST(CurlTransport, SendsAndReceives) {
  FaultyServer server{FaultyServer::answering([](Connection& connection, std::string const&, int) {
    connection.send("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nx-request-id:  abc \r\nEmpty:\r\n\r\n{}");
  })};
  auto const transport = make_curl_transport({});
  auto const answer = transport->send(request("POST", server.url() + "/a?b=1", "{\"x\":1}"), {});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(find_header(answer.headers, "X-REQUEST-ID"), "abc");
  EXPECT_EQ(find_header(answer.headers, "empty"), "");
  auto const text = server.texts().at(0);
  EXPECT_THAT(text, HasSubstr("POST /a?b=1 HTTP/1.1\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\n\r\n{\"x\":1}"));
  EXPECT_THAT(header_of(text), Not(HasSubstr("Expect")));
}

TEST(CurlTransport, AsksForWhatTheUrlNames) {
  FaultyServer server{always("{}")};
  auto const transport = make_curl_transport({});
  std::string const targets[] = {"/a%2Fb/c%20d?x=%2C&y=1+2&z", "/", "/a?", "/p?page_token=a%3D%3D&q=%25", "/%c3%a9"};
  for (auto const& target : targets) transport->send(request("GET", server.url() + target), {});
  transport->send(request("GET", server.url()), {});
  transport->send(request("GET", server.url() + "?q=1"), {});
  transport->send(request("GET", server.url() + "/a?b=1#part"), {});
  std::vector<std::string> lines;
  for (auto const& text : server.texts()) lines.push_back(text.substr(0, text.find(" HTTP/1.1")));
  EXPECT_THAT(lines, ::testing::ElementsAre("GET /a%2Fb/c%20d?x=%2C&y=1+2&z", "GET /", "GET /a?",
                                            "GET /p?page_token=a%3D%3D&q=%25", "GET /%c3%a9", "GET /", "GET /?q=1",
                                            "GET /a?b=1"));
}

// Some URLs are a server's word: those of its login pages, for one.
TEST(CurlTransport, RefusesUrlsThatCouldForgeARequest) {
  FaultyServer server{always("{}")};
  auto const transport = make_curl_transport({});
  for (std::string const target : {"/a\r\nX: y", "/a b", "/a?b=\n", "/a\x7f"}) {
    auto const error = fault(*transport, request("GET", server.url() + target));
    ASSERT_TRUE(error) << target;
    EXPECT_EQ(error->kind(), Kind::other);
    EXPECT_FALSE(error->maybe_sent());
    EXPECT_THAT(error->what(), HasSubstr("the URL is malformed"));
  }
  EXPECT_TRUE(fault(*transport, request("GET", "http://[::1/a")));
  EXPECT_TRUE(fault(*transport, request("GET", "http:///a")));
  transport->send(request("GET", server.url() + "/a"), {});  // and works on
  EXPECT_EQ(server.texts().size(), 1U);
}

TEST(CurlTransport, SaysThatAWriteWithoutABodyHasNone) {
  FaultyServer server{always("{}")};
  auto const transport = make_curl_transport({});
  for (auto const* method : {"POST", "PATCH", "DELETE", "GET"})
    transport->send(request(method, server.url() + "/x"), {});
  auto const texts = server.texts();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(texts.at(i), HasSubstr("Content-Length: 0")) << texts[i];
    EXPECT_THAT(texts.at(i), Not(HasSubstr("Content-Type"))) << texts[i];
  }
  EXPECT_THAT(texts.at(2), HasSubstr("DELETE /x"));
  EXPECT_THAT(texts.at(3), HasSubstr("GET /x"));
  EXPECT_THAT(texts.at(3), Not(HasSubstr("Content-Length")));
}

TEST(CurlTransport, KeepsConnectionsOpen) {
  FaultyServer server{always("{}")};
  auto const transport = make_curl_transport({});
  for (int i = 0; i < 20; ++i) transport->send(request("GET", server.url()), {});
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, UsesNoMoreConnectionsThanAllowed) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  FaultyServer server{FaultyServer::answering([&](Connection& connection, std::string const&, int) {
    auto const here = ++now;
    for (int old = most; old < here && !most.compare_exchange_weak(old, here);) {
    }
    std::this_thread::sleep_for(2ms);
    --now;
    connection.answer(200, "{}");
  })};
  auto const transport = make_curl_transport({.max_connections_per_host = 3});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5; ++j) transport->send(request("GET", server.url()), {});
    });
  }
  threads.clear();
  EXPECT_LE(most.load(), 3);
  EXPECT_EQ(server.requests(), 80);
  EXPECT_LE(server.connections(), 3);
}

TEST(CurlTransport, WaitingCallsAreServedInTheirTurnWhateverTheirHost) {
  // Two hosts and one connection in all: no wake-up may get lost between them, also where waiting calls give up.
  FaultyServer one{always("1")};
  FaultyServer two{always("2")};
  auto const transport = make_curl_transport({.max_connections = 1});
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < 20; ++j) {
          auto const what = request("GET", i % 2 == 0 ? one.url() : two.url());
          if (i < 12) {
            if (transport->send(what, {.total = 30s}).status == 200) ++good;
          } else {
            static_cast<void>(fault(*transport, what, {.total = std::chrono::microseconds{100 * j}}));
          }
        }
      });
    }
  }
  EXPECT_EQ(good, 240);
}

TEST(CurlTransport, WaitsForAConnectionNoLongerThanTheCallMayTake) {
  FaultyServer server{
      FaultyServer::answering([](Connection& connection, std::string const&, int) { connection.stall(); })};
  auto const transport = make_curl_transport({.max_connections_per_host = 1});
  std::stop_source stop;
  auto blocked = std::async(std::launch::async, [&] {
    EXPECT_THROW(transport->send(request("GET", server.url()), {.stop = stop.get_token()}), Cancelled);
  });
  while (server.requests() == 0) std::this_thread::yield();
  auto const error = fault(*transport, request("POST", server.url()), {.total = 30ms});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), Kind::timeout);
  EXPECT_FALSE(error->maybe_sent());
  stop.request_stop();
}

// The trap of libcurl: it replays any request on a kept-alive connection that closes before the answer begins.
TEST(CurlTransport, DoesNotReplayWritesOnADeadConnection) {
  for (std::string const method : {"POST", "PATCH", "DELETE"}) {
    FaultyServer server{[](Connection& connection, FaultyServer& here) {
      while (auto const text = connection.read_request()) {
        if (here.count(*text) == 2) return;  // read, perhaps acted on, and closed without a word
        connection.answer(200, "{}");
      }
    }};
    auto const transport = make_curl_transport({});
    transport->send(request("GET", server.url()), {});
    auto const error = fault(*transport, request(method, server.url(), "{}"));
    ASSERT_TRUE(error) << method;
    EXPECT_EQ(error->kind(), Kind::reset);
    EXPECT_TRUE(error->maybe_sent());
    EXPECT_EQ(server.requests(), 2) << method;
    EXPECT_EQ(transport->send(request("GET", server.url()), {}).status, 200) << "the transport is usable after it";
  }
}

TEST(CurlTransport, LetsReadsBeReplayedOnADeadConnection) {
  FaultyServer server{[](Connection& connection, FaultyServer& here) {
    while (auto const text = connection.read_request()) {
      if (here.count(*text) == 2) return;
      connection.answer(200, "{}");
    }
  }};
  auto const transport = make_curl_transport({});
  transport->send(request("GET", server.url()), {});
  EXPECT_EQ(transport->send(request("GET", server.url()), {}).status, 200);
  EXPECT_EQ(server.requests(), 3);
}

struct FaultCase {
  char const* name;
  std::function<void(Connection&)> serve;
  Kind kind;
  bool maybe_sent;
};

TEST(CurlTransport, TellsFaultsApart) {
  std::vector<FaultCase> const cases{
      {"closed before the answer", [](Connection&) {}, Kind::reset, true},
      {"reset before the answer", [](Connection& c) { c.reset(); }, Kind::reset, true},
      {"closed inside the headers", [](Connection& c) { c.send("HTTP/1.1 200 OK\r\nContent-"); }, Kind::truncated,
       true},
      {"closed after some headers", [](Connection& c) { c.send("HTTP/1.1 200 OK\r\nA: b\r\n"); }, Kind::truncated,
       true},
      {"closed inside the body", [](Connection& c) { c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"); },
       Kind::truncated, true},
      {"reset inside the body",
       [](Connection& c) {
         c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}");
         std::this_thread::sleep_for(20ms);
         c.reset();
       },
       Kind::truncated, true},
      {"truncated chunk", [](Connection& c) { c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"); },
       Kind::truncated, true},
      {"garbage", [](Connection& c) { c.send("SSH-2.0-OpenSSH_9\r\n"); }, Kind::protocol, true},
      {"broken gzip",
       [](Connection& c) { c.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nxxxxx"); },
       Kind::protocol, true},
  };
  for (auto const& each : cases) {
    FaultyServer server{[&](Connection& connection, FaultyServer&) {
      if (connection.read_request()) each.serve(connection);
    }};
    auto const transport = make_curl_transport({});
    auto const error = fault(*transport, request("POST", server.url(), "{}"), {.total = 5s});
    ASSERT_TRUE(error) << each.name;
    EXPECT_EQ(error->kind(), each.kind) << each.name << ": " << error->what();
    EXPECT_EQ(error->maybe_sent(), each.maybe_sent) << each.name;
  }
}

TEST(CurlTransport, KnowsTheIdOfAnAnswerThatBroke) {
  FaultyServer server{FaultyServer::answering([](Connection& connection, std::string const&, int) {
    connection.send("HTTP/1.1 200 OK\r\nx-request-id: rid-1\r\nContent-Length: 10\r\n\r\n{}");
    connection.reset();
  })};
  auto const error = fault(*make_curl_transport({}), request("GET", server.url()), {.total = 5s});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->request_id(), "rid-1");
  EXPECT_THAT(error->what(), HasSubstr("request id rid-1"));
}

TEST(CurlTransport, KnowsThatARefusedRequestWasNotSent) {
  std::string url;
  {
    FaultyServer server{always("{}")};
    url = server.url();
  }
  auto const transport = make_curl_transport({});
  auto const refused = fault(*transport, request("POST", url, "{}"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind(), Kind::connect);
  EXPECT_FALSE(refused->maybe_sent());
  auto const unknown = fault(*transport, request("GET", "http://no-such-host.invalid/"), {.total = 10s});
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->kind(), Kind::resolve);
  EXPECT_FALSE(unknown->maybe_sent());
}

TEST(CurlTransport, EndsInTime) {
  FaultyServer server{FaultyServer::answering([](Connection& connection, std::string const& text, int) {
    if (text.find("/drip") != std::string::npos) {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
      connection.drip("x", 5ms);
    } else {
      connection.stall();
    }
  })};
  auto const transport = make_curl_transport({});
  auto const timed = [&](std::string const& path, TransportLimits const& limits) {
    auto const start = std::chrono::steady_clock::now();
    auto const error = fault(*transport, request("GET", server.url() + path), limits);
    EXPECT_TRUE(error && error->kind() == Kind::timeout) << path;
    EXPECT_TRUE(error && error->maybe_sent());
    return std::chrono::steady_clock::now() - start;
  };
  EXPECT_LT(timed("/stall", {.total = 60ms}), 160ms);
  EXPECT_LT(timed("/stall", {.idle = 60ms}), 160ms);
  auto const dripping = timed("/drip", {.total = 150ms, .idle = 60ms});
  EXPECT_GE(dripping, 150ms) << "bytes that arrive are no silence";
  EXPECT_LT(dripping, 250ms);
}

TEST(CurlTransport, CapsAnswers) {
  FaultyServer server{FaultyServer::answering([](Connection& connection, std::string const&, int) {
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100; ++i) connection.send("1000\r\n" + std::string(4096, 'x') + "\r\n");
  })};
  auto const transport = make_curl_transport({.max_response_bytes = 10000});
  auto const error = fault(*transport, request("GET", server.url()));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), Kind::too_large);
}

TEST(CurlTransport, UnpacksAnswers) {
  // gzip of {"packed":true}
  std::string const packed{
      "\037\213\010\000\000\000\000\000\002\003\253\126\052\110\114\316\116"
      "\115\121\262\052\051\052\115\255\005\000\211\340\265\334\017\000\000\000",
      35};
  FaultyServer server{FaultyServer::answering([&](Connection& connection, std::string const&, int) {
    connection.answer(200, packed, "Content-Encoding: gzip\r\n");
  })};
  EXPECT_EQ(make_curl_transport({})->send(request("GET", server.url()), {}).body, "{\"packed\":true}");
  EXPECT_THAT(server.texts().at(0), HasSubstr("Accept-Encoding: "));
}

TEST(CurlTransport, StopsAtOnceWhereverItIs) {
  FaultyServer server{
      FaultyServer::answering([](Connection& connection, std::string const&, int) { connection.stall(); })};
  auto const transport = make_curl_transport({});
  // A listener whose queue is full does not answer further connections.
  int const deaf = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(deaf, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(deaf, 0), 0);
  getsockname(deaf, reinterpret_cast<sockaddr*>(&address), &size);
  std::vector<int> fillers;
  for (int i = 0; i < 3; ++i) {
    fillers.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    static_cast<void>(connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), size));
  }
  for (auto const& url : {server.url(), "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port))}) {
    std::stop_source stop;
    std::atomic<std::chrono::steady_clock::rep> ended{0};
    std::jthread caller{[&] {
      EXPECT_THROW(transport->send(request("GET", url), {.stop = stop.get_token()}), Cancelled);
      ended = std::chrono::steady_clock::now().time_since_epoch().count();
    }};
    std::this_thread::sleep_for(50ms);
    auto const asked = std::chrono::steady_clock::now();
    stop.request_stop();
    caller.join();
    EXPECT_LT(std::chrono::steady_clock::duration{ended.load()} - asked.time_since_epoch(), 50ms) << url;
  }
  for (int const file : fillers) ::close(file);
  ::close(deaf);
}

TEST(CurlTransport, DoesNotStartWhatIsStoppedAlready) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(make_curl_transport({})->send(request("GET", "http://127.0.0.1:9"), {.stop = stop.get_token()}),
               Cancelled);
}

TEST(CurlTransport, LeavesSigpipeToTheProgram) {
  static std::atomic<int> caught{0};
  auto const before = std::signal(SIGPIPE, [](int) { ++caught; });
  tests::TestCertificates const certificates;
  FaultyServer server{[](Connection& connection, FaultyServer& here) {
                        while (auto const text = connection.read_request()) {
                          here.count(*text);
                          connection.answer(200, "{}");
                          connection.reset();
                          return;
                        }
                      },
                      certificates.server()};
  auto transport = make_curl_transport({.ca_file = certificates.authority_file()});
  for (int i = 0; i < 5; ++i) {
    try {
      transport->send(request("POST", server.url(), std::string(200000, 'x')), {.total = 2s});
    } catch (TransportError const&) {
    }
  }
  {
    std::vector<std::jthread> leaving;  // libcurl takes leave of the servers
    for (int i = 0; i < 8; ++i) {
      leaving.emplace_back([&] {
        auto const own = make_curl_transport({.skip_verify = true});
        static_cast<void>(fault(*own, request("GET", server.url()), {.total = 2s}));
      });
    }
  }
  transport.reset();
  struct sigaction now {};
  sigaction(SIGPIPE, nullptr, &now);
  EXPECT_NE(now.sa_handler, SIG_IGN) << "what the program does with the signal has been changed";
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGPIPE), 0);
  EXPECT_EQ(caught, 0);
  std::signal(SIGPIPE, before);
}

TEST(CurlTransport, ChecksCertificates) {
  tests::TestCertificates const good;
  tests::TestCertificates const other_name{"DNS:elsewhere.example"};
  tests::TestCertificates const expired{"IP:127.0.0.1", -1};
  auto const attempt = [](tests::TestCertificates const& certificates, CurlOptions const& options) {
    FaultyServer server{always("{}"), certificates.server()};
    return fault(*make_curl_transport(options), request("POST", server.url(), "{}"), {.total = 5s});
  };
  EXPECT_FALSE(attempt(good, {.ca_file = good.authority_file()}));
  EXPECT_FALSE(attempt(good, {.ca_dir = good.authority_folder()}));
  for (auto const& [certificates, options] :
       {std::pair{&good, CurlOptions{}}, std::pair{&good, CurlOptions{.ca_file = other_name.authority_file()}},
        std::pair{&other_name, CurlOptions{.ca_file = other_name.authority_file()}},
        std::pair{&expired, CurlOptions{.ca_file = expired.authority_file()}},
        std::pair{&good, CurlOptions{.ca_dir = other_name.authority_folder()}},
        std::pair{&good, CurlOptions{.ca_file = "/nonexistent.pem"}}}) {
    auto const error = attempt(*certificates, options);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::certificate) << error->what();
    EXPECT_FALSE(error->maybe_sent());
    EXPECT_FALSE(error->retryable());
    EXPECT_FALSE(error->hint().empty());
  }
  EXPECT_FALSE(attempt(expired, {.skip_verify = true}));
}

TEST(CurlTransport, WritesNoKeysOfSessionsToAFile) {
  tests::TemporaryFolder const folder;
  auto const path = (folder.path() / "keys").string();
  ASSERT_EQ(setenv("SSLKEYLOGFILE", path.c_str(), 1), 0);
  tests::TestCertificates const certificates;
  FaultyServer server{always("{}"), certificates.server()};
  auto const transport = make_curl_transport({.ca_file = certificates.authority_file()});
  EXPECT_FALSE(fault(*transport, request("GET", server.url()), {.total = 5s}));
  unsetenv("SSLKEYLOGFILE");
  std::error_code error;
  auto const size = std::filesystem::file_size(path, error);
  EXPECT_TRUE(error || size == 0) << size << " bytes of keys";
}

TEST(CurlTransport, TellsAHandshakeThatFailsFromACertificate) {
  FaultyServer server{[](Connection& connection, FaultyServer&) {
    connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    connection.stall();
  }};
  auto const url = "https://127.0.0.1:" + std::to_string(server.port());
  auto const error = fault(*make_curl_transport({}), request("POST", url, "{}"), {.total = 5s});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind(), Kind::tls) << error->what();
  EXPECT_FALSE(error->maybe_sent());
}

TEST(CurlTransport, ShowsItsOwnCertificate) {
  tests::TestCertificates const certificates;
  SSL_CTX_set_verify(certificates.server(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_load_verify_locations(certificates.server(), certificates.authority_file().c_str(), nullptr);
  FaultyServer server{always("{}"), certificates.server()};
  CurlOptions options{.ca_file = certificates.authority_file(), .client_certificate = certificates.certificate_file()};
  EXPECT_EQ(make_curl_transport(options)->send(request("GET", server.url()), {.total = 5s}).status, 200);
  options.client_key = certificates.encrypted_key_file("planted-password");
  options.client_key_password = "planted-password";
  EXPECT_EQ(make_curl_transport(options)->send(request("GET", server.url()), {.total = 5s}).status, 200);
  options.client_key_password = "planted-wrong";
  auto const locked = fault(*make_curl_transport(options), request("GET", server.url()), {.total = 5s});
  ASSERT_TRUE(locked);
  EXPECT_EQ(locked->kind(), Kind::certificate) << locked->what();
  EXPECT_THAT(locked->what(), HasSubstr("client_key_password"));
  options.client_certificate.clear();
  EXPECT_TRUE(fault(*make_curl_transport(options), request("GET", server.url()), {.total = 5s}));
}

TEST(CurlTransport, GoesThroughAProxyWhereToldTo) {
  FaultyServer proxy{always("{\"from\":\"proxy\"}")};
  FaultyServer server{always("{}")};
  setenv("http_proxy", "http://127.0.0.1:1", 1);  // of the process: libcurl must not look at it by itself
  CurlOptions options{.http_proxy = proxy.url()};
  EXPECT_EQ(make_curl_transport(options)->send(request("GET", "http://workspace.test/x?y=1"), {}).body,
            "{\"from\":\"proxy\"}");
  EXPECT_THAT(proxy.texts().at(0), HasSubstr("GET http://workspace.test/x?y=1 "));
  options.no_proxy = "127.0.0.1";
  EXPECT_EQ(make_curl_transport(options)->send(request("GET", server.url()), {}).body, "{}");
  EXPECT_EQ(make_curl_transport({})->send(request("GET", server.url()), {}).body, "{}");
  unsetenv("http_proxy");
}

TEST(CurlTransport, TellsAProxyTheUrlOfTheCallAlone) {
  FaultyServer proxy{always("{}")};
  auto const transport = make_curl_transport({.http_proxy = proxy.url(), .max_connections = 1});
  EXPECT_TRUE(fault(*transport, request("GET", "https://127.0.0.1:1/refused?a=1")));  // without a proxy
  transport->send(request("GET", "http://workspace.test/x"), {});
  transport->send(request("GET", "http://workspace.test/y?b=2"), {});
  transport->send(request("GET", "http://workspace.test/z"), {});
  ASSERT_EQ(proxy.texts().size(), 3U);
  EXPECT_THAT(proxy.texts().at(0), HasSubstr("GET http://workspace.test/x "));
  EXPECT_THAT(proxy.texts().at(1), HasSubstr("GET http://workspace.test/y?b=2 "));
  EXPECT_THAT(proxy.texts().at(2), HasSubstr("GET http://workspace.test/z "));
}

TEST(CurlTransport, IgnoresNetrc) {
  tests::TemporaryFolder const home;
  home.write(".netrc", "machine 127.0.0.1 login planted password planted\n");
  setenv("HOME", home.path().c_str(), 1);
  FaultyServer server{always("{}")};
  make_curl_transport({})->send(request("GET", server.url()), {});
  EXPECT_THAT(server.texts().at(0), Not(HasSubstr("Authorization")));
}

TEST(CurlTransport, WorksInBothProcessesAfterAFork) {
  FaultyServer server{always("{}")};
  auto const transport = make_curl_transport({});
  transport->send(request("GET", server.url()), {});
  auto const child = fork();
  if (child == 0) {
    int status = 1;
    try {
      for (int i = 0; i < 3; ++i) transport->send(request("GET", server.url() + "/child"), {.total = 5s});
      status = 0;
    } catch (...) {
    }
    _exit(status);
  }
  for (int i = 0; i < 3; ++i) transport->send(request("GET", server.url() + "/parent"), {.total = 5s});
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(server.connections(), 2) << "the child has a connection of its own";
}

TEST(CurlTransport, ServesManyThreads) {
  FaultyServer server{always("{\"a\":1}")};
  auto const transport = make_curl_transport({});
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 64; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 10; ++j) {
          if (transport->send(request(j % 2 == 0 ? "GET" : "POST", server.url()), {.total = 30s}).body == "{\"a\":1}")
            ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, 640);
}

TEST(Redirects, AreFollowedForReadsWithoutTheCallerForOtherHosts) {
  FaultyServer other{always("{\"other\":1}")};
  FaultyServer server{FaultyServer::answering([&](Connection& connection, std::string const& text, int) {
    if (text.find("/loop") != std::string::npos) {
      connection.answer(302, "", "Location: /loop\r\n");
    } else if (text.find("/near") != std::string::npos) {
      connection.answer(302, "", "Location: far?x=1\r\n");
    } else {
      connection.answer(302, "", "Location: " + other.url() + "/y\r\n");
    }
  })};
  auto const transport = make_curl_transport({});
  auto const limits = [] { return TransportLimits{.total = 5s}; };
  auto what = request("GET", server.url() + "/a/near");
  what.headers.emplace_back("Authorization", "Bearer x");
  what.headers.emplace_back("X-Databricks-Workspace-Id", "1");
  what.headers.emplace_back("X-Api-Key", "planted-key");
  what.headers.emplace_back("Accept", "application/json");
  auto const answer = send_following_redirects(*transport, what, limits).response;
  EXPECT_EQ(answer.body, "{\"other\":1}");
  EXPECT_EQ(answer.effective_url, other.url() + "/y");
  EXPECT_THAT(server.texts().at(1), HasSubstr("GET /a/far?x=1"));
  EXPECT_THAT(server.texts().at(1), HasSubstr("Authorization: Bearer x"));
  EXPECT_THAT(other.texts().at(0), Not(HasSubstr("Authorization")));
  EXPECT_THAT(other.texts().at(0), Not(HasSubstr("X-Databricks")));
  EXPECT_THAT(server.texts().at(1), HasSubstr("X-Api-Key: planted-key"));
  EXPECT_THAT(other.texts().at(0), Not(HasSubstr("X-Api-Key"))) << "a field of the program may be a secret";
  EXPECT_THAT(other.texts().at(0), HasSubstr("Accept: application/json"));
  auto const loop = send_following_redirects(*transport, request("GET", server.url() + "/loop"), limits);
  EXPECT_EQ(loop.response.status, 302);
  EXPECT_EQ(loop.target, server.url() + "/loop");
  EXPECT_THAT(loop.why_not, HasSubstr("five redirects in a row"));
  auto const write = send_following_redirects(*transport, request("POST", server.url() + "/x"), limits);
  EXPECT_EQ(write.response.status, 302);
  EXPECT_THAT(write.why_not, HasSubstr("only reads"));
}

// libcurl would send what stands before the `@` as `Authorization: Basic`.
TEST(Redirects, AreNotFollowedWhereTheyNameAUser) {
  FaultyServer other{always("{}")};
  auto const transport = make_curl_transport({});
  auto const place = other.url().substr(other.url().find("://") + 3);
  for (auto const& location : {"http://x@" + place + "/", "http://x:planted@" + place + "/", "//x@" + place + "/"}) {
    FaultyServer server{FaultyServer::answering([&](Connection& connection, std::string const&, int) {
      connection.answer(302, "", "Location: " + location + "\r\n");
    })};
    auto const followed =
        send_following_redirects(*transport, request("GET", server.url()), [] { return TransportLimits{.total = 5s}; });
    EXPECT_EQ(followed.response.status, 302) << location;
    EXPECT_THAT(followed.why_not, HasSubstr("names a user"));
  }
  EXPECT_EQ(other.connections(), 0);
}

TEST(CurlTransport, TakesLimitsOfForEver) {
  FaultyServer server{always("{}")};
  auto const for_ever = std::chrono::nanoseconds::max();
  auto const transport = make_curl_transport({});
  auto const answer =
      transport->send(request("GET", server.url()), {.total = for_ever, .connect = for_ever, .idle = for_ever});
  EXPECT_EQ(answer.status, 200);
}

TEST(CurlTransport, TakesLimitsOfNothingOrLess) {
  FaultyServer server{[](Connection& connection, FaultyServer&) { connection.stall(); }};
  auto const transport = make_curl_transport({});
  for (auto const span : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
    for (auto const& limits : {TransportLimits{.total = span}, TransportLimits{.idle = span}}) {
      auto const error = fault(*transport, request("GET", server.url()), limits);
      ASSERT_TRUE(error);
      // The machine's load decides whether the connection is there by then.
      EXPECT_THAT(error->kind(), AnyOf(Kind::timeout, Kind::connect)) << error->what();
      EXPECT_THAT(error->what(), Not(HasSubstr("-")));
    }
  }
}

}  // namespace
}  // namespace lakebase::detail
