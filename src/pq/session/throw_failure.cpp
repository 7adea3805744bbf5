#include "pq/session/throw_failure.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>
#include <utility>

#include <lakebase/pq/error.hpp>
#include <lakebase/pq/recovery.hpp>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

template <class Type>
std::exception_ptr as(Failure&& failure) {
  return std::make_exception_ptr(Type{std::move(failure.pg), std::move(failure.facts)});
}

struct TypeOfSqlstate {
  // Or the class, two characters: those below it that have no line of their own.
  std::string_view sqlstate;
  std::exception_ptr (*as_type)(Failure&&);
};

// The first line that fits counts; the last one fits all.
constexpr std::array<TypeOfSqlstate, 14> types_of_sqlstates{{
    {"23001", &as<ForeignKeyViolation>},
    {"23502", &as<NotNullViolation>},
    {"23503", &as<ForeignKeyViolation>},
    {"23505", &as<UniqueViolation>},
    {"23514", &as<CheckViolation>},
    {"23", &as<ConstraintViolation>},
    {"25006", &as<ReadOnlyTransaction>},
    {"40001", &as<SerializationFailure>},
    {"40P01", &as<DeadlockDetected>},
    {"42501", &as<InsufficientPrivilege>},
    {"42703", &as<UndefinedColumn>},
    {"42P01", &as<UndefinedTable>},
    {"57014", &as<QueryCanceled>},
    {"", &as<PgError>},
}};

}  // namespace

void throw_failure(Failure failure) {
  auto const fits = [&](TypeOfSqlstate const& type) { return failure.pg.sqlstate.starts_with(type.sqlstate); };
  auto const* const type = std::find_if(types_of_sqlstates.begin(), types_of_sqlstates.end(), fits);
  std::rethrow_exception(type->as_type(std::move(failure)));
}

// The service's proxy reports it without its SQLSTATE.
void throw_login_failure(Failure failure) {
  bool const too_many = classify_connect(failure.pg.sqlstate, failure.facts.message) == ConnectRecovery::retry_slowly;
  if (too_many) throw TooManyConnections{false, std::move(failure.pg), std::move(failure.facts)};
  throw ConnectionError{false, std::move(failure.pg), std::move(failure.facts)};
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
