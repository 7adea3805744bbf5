#pragma once

#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <libpq-fe.h>

// What programs on bare libpq write by hand.

namespace lakebase::benchmarks {

struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using BareResult = std::unique_ptr<PGresult, Clear>;

inline BareResult checked(PGconn* connection, PGresult* result, ExecStatusType wanted) {
  BareResult owned{result};
  if (PQresultStatus(result) != wanted) throw std::runtime_error(PQerrorMessage(connection));
  return owned;
}

template <class T>
T number(char const* text) {
  T value{};
  auto const [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc{} || *end != '\0') throw std::runtime_error("no number");
  return value;
}

double seconds_of(auto&& action) {
  using Clock = std::chrono::steady_clock;
  auto const start = Clock::now();
  action();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace lakebase::benchmarks
