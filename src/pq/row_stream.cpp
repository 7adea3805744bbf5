#include <lakebase/pq/row_stream.hpp>

#include "pq/row_stream_state.hpp"

namespace lakebase::inline v0::pq {

RowStream::RowStream(std::unique_ptr<detail::RowStreamState> state) noexcept : state_(std::move(state)) {}
RowStream::RowStream(RowStream&&) noexcept = default;
RowStream& RowStream::operator=(RowStream&&) noexcept = default;

RowStream::~RowStream() {
  if (!state_ || !state_->open || state_->session->broken()) return;
  state_->wait.interrupt(detail::StatementWait::Interrupted::by_stop);
  state_->session->drain();
}

std::optional<Row> RowStream::next() {
  if (!state_ || !state_->open) return std::nullopt;
  auto& state = *state_;
  try {
    state.current = state.session->next_result(state.wait);
    auto const status = PQresultStatus(state.current.get());
    if (status == PGRES_SINGLE_TUPLE) return Row{state.current.get(), 0, state.number++};
    state.open = false;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      state.session->collect(state.wait);
      return std::nullopt;
    }
    auto const error = std::move(state.current);
    state.session->drain();
    state.session->throw_error(error.get(), state.wait);
  } catch (...) {
    state.open = false;
    throw;
  }
}

}  // namespace lakebase::inline v0::pq
