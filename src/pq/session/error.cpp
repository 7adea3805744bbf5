#include <lakebase/pq/error.hpp>

#include <utility>

namespace lakebase {
inline namespace v0 {
namespace pq {

PgError::PgError(PgFacts pg, ErrorFacts facts)
    : Error(std::move(facts)), pg_(std::make_shared<PgFacts const>(std::move(pg))) {}
PgError::~PgError() = default;

ConnectionError::ConnectionError(bool maybe_ran, PgFacts pg, ErrorFacts facts)
    : PgError(std::move(pg), std::move(facts)), maybe_ran_(maybe_ran) {}
ConnectionError::~ConnectionError() = default;
EndpointGone::~EndpointGone() = default;

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
