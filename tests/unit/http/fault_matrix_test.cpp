#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>
#include <lakebase/testing/fixed_credentials.hpp>

#include "call/api_client.hpp"
#include "support/faulty_server.hpp"
#include "support/secret_watch.hpp"
#include "support/skipping_clock.hpp"
#include "support/test_certificates.hpp"
#include "support/variables.hpp"

// What a call does about each fault of a server: one row a fault, one column a kind of request. The table is committed
// as docs/fault-matrix.md and compared with it; set LAKEBASE_WRITE_FAULT_MATRIX to write it again.

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;
using tests::Connection;
using tests::FaultyServer;
using tests::TestCertificates;

// Three attempts fit, whatever the random part of the pauses (1 to 2 s, 2 to 3 s, 3 to 4 s), and never a fourth.
constexpr auto deadline = 5900ms;
// Long enough for a handshake on a machine that is busy; short where it is silence that is tried.
constexpr double usual_silence = 2;
constexpr double short_silence = 0.15;

struct Fault {
  std::string name;
  // After a whole request; each connection ends with it, unless it `keeps_open`.
  std::function<void(Connection&, int number)> serve{};
  bool keeps_open = false;
  // Instead of waiting for a request.
  std::function<void(Connection&)> greet{};
  // Set: https, with these certificates.
  TestCertificates const* tls = nullptr;
  bool trusts_authority = true;
  bool refuses = false;
  std::chrono::milliseconds limit = deadline;
  // How often an unsafe write may reach the server: again only after it was turned away.
  int most_unsafe_requests = 1;
  // How long a server may be silent, in seconds.
  double silence = usual_silence;
};

std::string const begin_of_answer = "HTTP/1.1 200 OK\r\n";

Fault answer(std::string name, std::function<void(Connection&, int number)> serve, int most_unsafe_requests) {
  return {.name = std::move(name),
          .serve = std::move(serve),
          .keeps_open = true,
          .most_unsafe_requests = most_unsafe_requests};
}

// Refuses the first request and answers the others.
Fault answer_once(int status, std::string headers, int most_unsafe_requests) {
  return answer(
      fmt::format("{}{}{}, then 200", status, headers.empty() ? "" : " ", headers.substr(0, headers.find('\r'))),
      [status, headers](Connection& c, int n) { n == 1 ? c.answer(status, "{}", headers) : c.answer(200, "{}"); },
      most_unsafe_requests);
}

// Refuses the first request in a way that says that nothing was done, and answers the others.
Fault refuse_once(std::string const& name, int status, std::string const& body) {
  return answer(
      name + ", then 200",
      [status, body](Connection& c, int n) { n == 1 ? c.answer(status, body) : c.answer(200, "{}"); }, 2);
}

std::vector<Fault> faults_of_answers() {
  return {
      answer_once(429, "Retry-After: 1\r\n", 2),
      answer(
          "429 always", [](Connection& c, int) { c.answer(429, "{}"); }, 3),
      {.name = "429 and close, always",
       .serve = [](Connection& c, int) { c.answer(429, "{}", "Connection: close\r\n"); },
       .most_unsafe_requests = 3},
      answer_once(503, "", 2),
      answer(
          "503 Retry-After: 3600", [](Connection& c, int) { c.answer(503, "{}", "Retry-After: 3600\r\n"); }, 1),
      answer(
          "500", [](Connection& c, int) { c.answer(500, "{}"); }, 1),
      answer_once(502, "", 1),
      answer_once(504, "", 1),
      answer_once(401, "", 2),
      answer(
          "401 always", [](Connection& c, int) { c.answer(401, "{}"); }, 2),
      refuse_once("400 Invalid Token", 400, R"({"error_code":"BAD_REQUEST","message":"Invalid Token"})"),
      refuse_once("409 ABORTED", 409, R"({"error_code":"ABORTED","message":"another operation is running"})"),
      answer(
          "409 ALREADY_EXISTS", [](Connection& c, int) { c.answer(409, R"({"error_code":"ALREADY_EXISTS"})"); }, 1),
      answer(
          "302 to another page", [](Connection& c, int) { c.answer(302, "", "Location: ftp://127.0.0.1/\r\n"); }, 1),
      answer(
          "web page", [](Connection& c, int) { c.answer(200, "<html><title>Log in</title></html>"); }, 1),
  };
}

std::vector<Fault> faults_of_connections() {
  return {
      {.name = "connection refused", .refuses = true},
      {.name = "reset while the request comes in",
       .greet =
           [](Connection& c) {
             c.take(1);
             c.reset();
           }},
      {.name = "closed before the response", .serve = [](Connection&, int) {}},
      {.name = "reset before the response", .serve = [](Connection& c, int) { c.reset(); }},
      {.name = "closed inside the headers", .serve = [](Connection& c, int) { c.send(begin_of_answer + "A: b\r\n"); }},
      {.name = "reset inside the headers",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer + "A: b\r\n");
             std::this_thread::sleep_for(5ms);
             c.reset();
           }},
      {.name = "reset inside the body",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer + "Content-Length: 100\r\n\r\n{");
             std::this_thread::sleep_for(5ms);
             c.reset();
           }},
      {.name = "silence", .serve = [](Connection& c, int) { c.stall(); }, .silence = short_silence},
      {.name = "silence inside the headers",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer);
             c.stall();
           },
       .silence = short_silence},
      {.name = "silence inside the body",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer + "Content-Length: 100\r\n\r\n{");
             c.stall();
           },
       .silence = short_silence},
      {.name = "slow drip of headers",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer);
             c.drip("A: b\r\n", 20ms);
           },
       .limit = 1s},
      {.name = "slow drip of a body",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer + "Content-Length: 1000000\r\n\r\n");
             c.drip("x", 20ms);
           },
       .limit = 1s},
      {.name = "truncated chunk",
       .serve = [](Connection& c, int) { c.send(begin_of_answer + "Transfer-Encoding: chunked\r\n\r\n5\r\nab"); }},
      {.name = "body shorter than its length",
       .serve = [](Connection& c, int) { c.send(begin_of_answer + "Content-Length: 9\r\n\r\n{}"); }},
      {.name = "body longer than its length",
       .serve = [](Connection& c, int) { c.send(begin_of_answer + "Content-Length: 2\r\n\r\n{}{}{}"); }},
      {.name = "garbage", .serve = [](Connection& c, int) { c.send("SSH-2.0-OpenSSH_9.2\r\n"); }},
      {.name = "body without end",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer + "\r\n");
             for (int i = 0; i < 64; ++i) c.send(std::string(65536, 'x'));
           }},
      {.name = "headers without end",
       .serve =
           [](Connection& c, int) {
             c.send(begin_of_answer);
             for (int i = 0; i < 64; ++i) c.send("A: " + std::string(65536, 'x') + "\r\n");
           }},
  };
}

std::vector<Fault> faults_of_tls() {
  static TestCertificates const good;
  static TestCertificates const other_name{"DNS:elsewhere.example"};
  static TestCertificates const expired{"IP:127.0.0.1", -1};
  auto const succeed = [](Connection& c, int) { c.answer(200, "{}"); };
  return {
      {.name = "TLS: certificate of a stranger", .serve = succeed, .tls = &good, .trusts_authority = false},
      {.name = "TLS: certificate of another host", .serve = succeed, .tls = &other_name},
      {.name = "TLS: expired certificate", .serve = succeed, .tls = &expired},
      {.name = "TLS: no TLS", .greet = [](Connection& c) { c.send("no TLS here\r\n"); }, .tls = &good},
      {.name = "TLS: reset in the handshake",
       .greet =
           [](Connection& c) {
             c.take(1);
             c.reset();
           },
       .tls = &good},
      {.name = "TLS: silence in the handshake",
       .greet = [](Connection& c) { c.stall(); },
       .tls = &good,
       .silence = short_silence},
      {.name = "TLS: closed before the response", .serve = [](Connection&, int) {}, .tls = &good},
  };
}

struct Cell {
  std::string outcome{};
  int requests = 0;
  std::chrono::nanoseconds took{};
};

std::string kind_name(TransportError const& error) {
  static constexpr std::array names{"resolve", "connect",   "tls",      "certificate", "timeout",
                                    "reset",   "truncated", "protocol", "too_large",   "other"};
  return fmt::format("TransportError {}{}", names.at(static_cast<std::size_t>(error.kind())),
                     error.maybe_sent() ? "" : ", not sent");
}

std::string outcome_of(std::function<void()> const& call) {
  try {
    call();
    return "success";
  } catch (TransportError const& error) {
    return kind_name(error);
  } catch (ParseError const&) {
    return "ParseError";
  } catch (Error const& error) {
    return fmt::format("error {}", error.http_status());
  }
}

void serve(Fault const& fault, Connection& connection, FaultyServer& here) {
  if (fault.greet) return fault.greet(connection);
  while (auto const text = connection.read_request()) {
    fault.serve(connection, here.count(*text));
    if (!fault.keeps_open) return;
  }
}

Cell run(Fault const& fault, Request const& request) {
  auto server = std::make_unique<FaultyServer>(
      [&](Connection& connection, FaultyServer& here) { serve(fault, connection, here); },
      fault.tls != nullptr && !fault.greet ? fault.tls->server() : nullptr);
  auto const url = (fault.tls != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server->port());
  if (fault.refuses) server.reset();
  auto const clock = std::make_shared<tests::SkippingClock>();
  Config config{.host = url,
                .http_timeout_seconds = fault.silence,
                .max_response_bytes = 1 << 20,
                .log = tests::watched_log(),
                .log_level = LogLevel::debug,
                .credentials_strategy = std::make_shared<testing::FixedCredentials>("planted-token", true),
                .clock = clock,
                .environment = tests::environment({})};
  if (fault.tls != nullptr && fault.trusts_authority) config.ca_file = fault.tls->authority_file();
  ApiClient const client{config};
  auto const options = client.with({.timeout = fault.limit});
  auto const start = clock->now();
  Cell cell{.outcome = outcome_of([&] { options->send(request); })};
  cell.took = clock->now() - start;
  cell.requests = server ? server->requests() : 0;
  return cell;
}

std::string row(Fault const& fault, std::vector<Cell> const& cells) {
  auto text = fmt::format("| {} |", fault.name);
  for (auto const& cell : cells) {
    text += fmt::format(" {} | {} | {:.1f} s |", cell.outcome, cell.requests,
                        std::chrono::duration<double>(cell.took).count());
  }
  return text + '\n';
}

constexpr std::string_view heading =
    "# What a call does about each fault\n\n"
    "Written by `fault_matrix_test.cpp`, which also compares: a server on loopback that misbehaves, a call with a\n"
    "deadline of 5.9 s (1 s for the drips), and a limit for silence of 2 s (0.15 s if silence is the fault). Pauses\n"
    "between attempts count, but are not slept. `requests` is how many whole requests reached the server. A safe\n"
    "write is one that is marked as idempotent. An unsafe write reaches the server a second time only after a\n"
    "response that says that nothing was done: 429, 503, 409 of a running change, or 401 (400 with \"Invalid Token\")\n"
    "if the token can be renewed.\n\n"
    "| fault | read | requests | time | safe write | requests | time | unsafe write | requests | time |\n"
    "| --- | --- | ---: | ---: | --- | ---: | ---: | --- | ---: | ---: |\n";

std::string without_times(std::string const& table) {
  return std::regex_replace(table, std::regex{R"(\d+\.\d s \|)"}, "|");
}

std::string committed_table() {
  std::ifstream stream{LAKEBASE_FAULT_MATRIX};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

TEST(FaultMatrix, EveryCellEndsInTimeAndNoUnsafeWriteIsRepeated) {
  std::string table{heading};
  for (auto const& faults : {faults_of_connections(), faults_of_answers(), faults_of_tls()}) {
    for (auto const& fault : faults) {
      std::vector<Cell> const cells{
          run(fault, Request::get("/api/2.0/postgres/{}", "projects/p")),
          run(fault, Request::patch("/api/2.0/postgres/{}", "projects/p").empty_body().idempotency(Idempotency::safe)),
          run(fault, Request::post("/api/2.0/postgres/projects").empty_body()),
      };
      table += row(fault, cells);
      for (auto const& cell : cells) EXPECT_LE(cell.took, fault.limit + 100ms) << fault.name;
      EXPECT_LE(cells[2].requests, fault.most_unsafe_requests) << fault.name;
    }
  }
  fmt::print("{}", table);
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (std::getenv("LAKEBASE_WRITE_FAULT_MATRIX") != nullptr) std::ofstream{LAKEBASE_FAULT_MATRIX} << table;
  EXPECT_EQ(without_times(table), without_times(committed_table())) << "docs/fault-matrix.md is of another day";
}

}  // namespace
}  // namespace lakebase::detail
