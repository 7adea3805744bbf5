#include <cstdlib>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <lakebase/error.hpp>

#include "client/api_client.hpp"
#include "support/faulty_server.hpp"
#include "support/skipping_clock.hpp"
#include "support/test_certificates.hpp"

// What a call does about each fault of a server: one row a fault, one column a kind of request. The table is committed
// as docs/fault-matrix.md; set LAKEBASE_FAULT_MATRIX to a file name to write it again.

namespace lakebase::detail {
namespace {

using namespace std::chrono_literals;
using tests::Connection;
using tests::FaultyServer;

constexpr auto deadline = 5s;
constexpr double silence = 0.15;

struct Fault {
  std::string name;
  std::function<void(Connection&, int number)> serve{};  // after a whole request
  bool is_tls = false;
  bool refuses = false;
  std::chrono::seconds limit = deadline;
  // What an unsafe write may at most send.
  int most_unsafe_requests = 1;
};

void headers_only(Connection& connection, std::string_view more) {
  connection.send("HTTP/1.1 200 OK\r\n" + std::string{more} + "\r\n");
}

std::vector<Fault> faults() {
  return {
      {.name = "connection refused", .refuses = true},
      {.name = "closed before the answer", .serve = [](Connection&, int) {}},
      {.name = "reset before the answer", .serve = [](Connection& c, int) { c.reset(); }},
      {.name = "closed inside the headers", .serve = [](Connection& c, int) { c.send("HTTP/1.1 200 OK\r\nA: b\r\n"); }},
      {.name = "reset inside the body",
       .serve =
           [](Connection& c, int) {
             headers_only(c, "Content-Length: 100\r\n");
             c.send("{");
             std::this_thread::sleep_for(5ms);
             c.reset();
           }},
      {.name = "silence", .serve = [](Connection& c, int) { c.stall(); }},
      {.name = "slow drip of a body without end",
       .serve =
           [](Connection& c, int) {
             headers_only(c, "Content-Length: 1000000\r\n");
             c.drip("x", 20ms);
           },
       .limit = 1s},
      {.name = "429, then 200",
       .serve = [](Connection& c, int n) { n == 1 ? c.answer(429, "{}", "Retry-After: 1\r\n") : c.answer(200, "{}"); },
       .most_unsafe_requests = 2},
      {.name = "429 always", .serve = [](Connection& c, int) { c.answer(429, "{}"); }, .most_unsafe_requests = 9},
      {.name = "503 with a long Retry-After",
       .serve = [](Connection& c, int) { c.answer(503, "{}", "Retry-After: 3600\r\n"); }},
      {.name = "503, then 200",
       .serve = [](Connection& c, int n) { n == 1 ? c.answer(503, "{}") : c.answer(200, "{}"); },
       .most_unsafe_requests = 2},
      {.name = "500", .serve = [](Connection& c, int) { c.answer(500, "{}"); }},
      {.name = "502, then 200",
       .serve = [](Connection& c, int n) { n == 1 ? c.answer(502, "{}") : c.answer(200, "{}"); }},
      {.name = "401, then 200",
       .serve = [](Connection& c, int n) { n == 1 ? c.answer(401, "{}") : c.answer(200, "{}"); },
       .most_unsafe_requests = 2},
      {.name = "truncated chunk",
       .serve =
           [](Connection& c, int) {
             headers_only(c, "Transfer-Encoding: chunked\r\n");
             c.send("5\r\nab");
           }},
      {.name = "body shorter than its length",
       .serve =
           [](Connection& c, int) {
             headers_only(c, "Content-Length: 9\r\n");
             c.send("{}");
           }},
      {.name = "garbage", .serve = [](Connection& c, int) { c.send("SSH-2.0-OpenSSH_9.2\r\n"); }},
      {.name = "body without end",
       .serve =
           [](Connection& c, int) {
             headers_only(c, "");
             for (int i = 0; i < 64; ++i) c.send(std::string(65536, 'x'));
           }},
      {.name = "web page", .serve = [](Connection& c, int) { c.answer(200, "<html><title>Log in</title></html>"); }},
      {.name = "TLS: certificate of a stranger",
       .serve = [](Connection& c, int) { c.answer(200, "{}"); },
       .is_tls = true},
      {.name = "TLS: no handshake", .is_tls = true, .refuses = false},
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

// A strategy whose token can be renewed.
class Renewable final : public CredentialsStrategy {
 public:
  std::string_view name() const noexcept override { return "renewable"; }
  Headers headers(CredentialsLimits const&) override { return {{"Authorization", "Bearer planted-token"}}; }
  bool invalidate(Headers const&) override { return true; }
};

Cell run(Fault const& fault, Request const& request) {
  static tests::TestCertificates const certificates;
  bool const handshakes = fault.is_tls && fault.serve;
  auto server = std::make_unique<FaultyServer>(
      [&](Connection& connection, FaultyServer& here) {
        if (!fault.serve) {
          connection.send("no TLS here\r\n");
          return;
        }
        while (auto const text = connection.read_request()) {
          auto const number = here.count(*text);
          fault.serve(connection, number);
          if (fault.name.find("200") == std::string::npos) return;
        }
      },
      handshakes ? certificates.server() : nullptr);
  auto const url = (fault.is_tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server->port());
  if (fault.refuses) server.reset();
  auto const clock = std::make_shared<tests::SkippingClock>();
  ApiClient const client{Config{.host = url,
                                .http_timeout_seconds = silence,
                                .max_response_bytes = 1 << 20,
                                .credentials_strategy = std::make_shared<Renewable>(),
                                .clock = clock,
                                .environment = [](std::string_view) { return std::optional<std::string>{}; }}};
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
    "Written by `fault_matrix_test.cpp`: a server on loopback that misbehaves, a call with a deadline of 5 s (1 s for\n"
    "the drip), and a limit for silence of 0.15 s. Pauses between tries count, but are not slept. `requests` is how "
    "many\n"
    "whole requests reached the server. A safe write is one that is marked as idempotent.\n\n"
    "| fault | read | requests | time | safe write | requests | time | unsafe write | requests | time |\n"
    "| --- | --- | ---: | ---: | --- | ---: | ---: | --- | ---: | ---: |\n";

TEST(FaultMatrix, EveryCellEndsInTimeAndNoUnsafeWriteIsRepeated) {
  std::string table{heading};
  for (auto const& fault : faults()) {
    std::vector<Cell> const cells{
        run(fault, Request::get("/api/2.0/postgres/{}", "projects/p")),
        run(fault, Request::patch("/api/2.0/postgres/{}", "projects/p").empty_body().idempotency(Idempotency::safe)),
        run(fault, Request::post("/api/2.0/postgres/projects").empty_body()),
    };
    table += row(fault, cells);
    for (auto const& cell : cells) EXPECT_LE(cell.took, fault.limit + 100ms) << fault.name;
    EXPECT_LE(cells[2].requests, fault.most_unsafe_requests) << fault.name;
  }
  fmt::print("{}", table);
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (auto const* const path = std::getenv("LAKEBASE_FAULT_MATRIX")) std::ofstream{path} << table;
}

}  // namespace
}  // namespace lakebase::detail
