#pragma once

#include <string>
#include <string_view>

#include <libpq-fe.h>

#include <lakebase/pq/error.hpp>

// Errors of libpq, as facts.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// An error that has not been thrown yet.
struct Failure {
  PgFacts pg{};
  ErrorFacts facts{};
};

/// From a result that is an error.
Failure failure_of(PGresult const* result, std::string const& host);
/// From text that libpq wrote with PQERRORS_VERBOSE: `…  57P03: the database system is starting up`.
Failure failure_of_text(std::string_view text, std::string const& host);
/// With a message of this library.
Failure failure_saying(std::string message, std::string const& host);

/// The text without trailing line ends, and with `secret` hidden.
std::string clean(std::string_view text, std::string_view secret = {});

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
