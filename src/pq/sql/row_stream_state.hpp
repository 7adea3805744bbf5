#pragma once

#include <optional>
#include <utility>

#include <lakebase/pq/row_stream.hpp>

#include "pq/session/session.hpp"
#include "pq/session/watched.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

struct RowStreamState {
  RowStreamState(SessionHold of, StatementOptions const& options) : session(std::move(of)), wait(*session, options) {}
  ~RowStreamState();
  RowStreamState(RowStreamState const&) = delete;
  RowStreamState& operator=(RowStreamState const&) = delete;

  SessionHold session;
  StatementWait wait;
  ResultPointer current{};
  std::optional<Result> end{};
  bool open = false;
  int number = 0;
  OpenStatement event{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
