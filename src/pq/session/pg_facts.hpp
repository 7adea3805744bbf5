#pragma once

#include <string>
#include <string_view>

#include <libpq-fe.h>

#include <lakebase/pq/error.hpp>

// What libpq knows of an error, as facts.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// An error that has not been thrown yet.
struct Failure {
  PgFacts pg{};
  ErrorFacts facts{};
};

/// Of a result that is an error.
Failure failure_of(PGresult const* result, std::string const& host);
/// Of text that libpq wrote with PQERRORS_VERBOSE: `…  57P03: the database system is starting up`.
Failure failure_of_text(std::string_view text, std::string const& host);
/// Without anybody else's words.
Failure failure_saying(std::string message, std::string const& host);

/// The text without line ends at its end, and with `secret` blacked out.
std::string clean(std::string_view text, std::string_view secret = {});

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
