#pragma once

#include <lakebase/pq/row_stream.hpp>

#include "pq/session.hpp"

namespace lakebase::inline v0::pq::detail {

struct RowStreamState {
  RowStreamState(Session& of, StatementOptions const& options) : session(&of), wait(of, options) {}

  Session* session;
  StatementWait wait;
  ResultPointer current{};
  bool open = false;
  int number = 0;
};

}  // namespace lakebase::inline v0::pq::detail
