#include <lakebase/pq/row_stream.hpp>

#include <lakebase/error.hpp>

#include "pq/sql/row_stream_state.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace detail {

RowStreamState::~RowStreamState() {
  if (!open || session->broken() || !session->busy()) return;
  wait.interrupt(StatementWait::Interrupted::by_stop);
  session->drain(wait);
}

}  // namespace detail

RowStream::RowStream(std::unique_ptr<detail::RowStreamState> state) noexcept : state_(std::move(state)) {}
RowStream::~RowStream() = default;
RowStream::RowStream(RowStream&&) noexcept = default;
RowStream& RowStream::operator=(RowStream&&) noexcept = default;

std::optional<Row> RowStream::next() & {
  if (!state_ || !state_->open) return std::nullopt;
  auto& state = *state_;
  try {
    if (!state.session->broken() && state.session->idle()) {
      throw InvalidArgument("the stream was ended from elsewhere before its last row");
    }
    state.current = state.session->next_result(state.wait);
    auto const status = PQresultStatus(state.current.get());
    if (status == PGRES_SINGLE_TUPLE) return Row{state.current.get(), 0, state.number++};
    state.open = false;
    if (!state.current) state.session->throw_no_result();
    state.end = state.session->collect(state.wait, std::move(state.current));
    state.event.end_with(static_cast<std::uint64_t>(state.number));
    return std::nullopt;
  } catch (...) {
    state.open = false;
    state.event.fail();
    throw;
  }
}

pg_result const* RowStream::end_result() const noexcept {
  auto const* const result = state_ && state_->end ? state_->end->native() : nullptr;
  return PQresultStatus(result) == PGRES_TUPLES_OK ? result : nullptr;
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
