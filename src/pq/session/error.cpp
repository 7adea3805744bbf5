#include <lakebase/pq/error.hpp>

#include <utility>

namespace lakebase {
inline namespace v0 {
namespace pq {

PgError::PgError(PgFacts pg, ErrorFacts facts)
    : Error(std::move(facts)), pg_(std::make_shared<PgFacts const>(std::move(pg))) {}
PgError::~PgError() = default;

ConstraintViolation::~ConstraintViolation() = default;
UniqueViolation::~UniqueViolation() = default;
ForeignKeyViolation::~ForeignKeyViolation() = default;
NotNullViolation::~NotNullViolation() = default;
CheckViolation::~CheckViolation() = default;
SerializationFailure::~SerializationFailure() = default;
DeadlockDetected::~DeadlockDetected() = default;
InsufficientPrivilege::~InsufficientPrivilege() = default;
UndefinedTable::~UndefinedTable() = default;
UndefinedColumn::~UndefinedColumn() = default;
ReadOnlyTransaction::~ReadOnlyTransaction() = default;

QueryCanceled::~QueryCanceled() = default;
QueryCanceled::Reason QueryCanceled::reason() const noexcept {
  if (message() == "canceling statement due to user request") return Reason::user_request;
  if (message() == "canceling statement due to statement timeout") return Reason::statement_timeout;
  return Reason::other;
}

ConnectionError::ConnectionError(bool maybe_ran, PgFacts pg, ErrorFacts facts)
    : PgError(std::move(pg), std::move(facts)), maybe_ran_(maybe_ran) {}
ConnectionError::~ConnectionError() = default;
EndpointGone::~EndpointGone() = default;
TooManyConnections::~TooManyConnections() = default;

CommitUnknown::CommitUnknown(std::string transaction_id, PgFacts pg, ErrorFacts facts)
    : ConnectionError(true, std::move(pg), std::move(facts)),
      transaction_id_(std::make_shared<std::string const>(std::move(transaction_id))) {}
CommitUnknown::~CommitUnknown() = default;

StatementTimeout::~StatementTimeout() = default;
PoolTimeout::~PoolTimeout() = default;
PoolClosed::~PoolClosed() = default;

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
