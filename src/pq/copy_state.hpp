#pragma once

#include <memory>
#include <string>

#include <lakebase/pq/copy.hpp>

#include "pq/session.hpp"

namespace lakebase::inline v0::pq::detail {

struct FreeByPq {
  void operator()(char* memory) const noexcept { PQfreemem(memory); }
};

struct CopyState {
  CopyState(Session& of, StatementOptions const& options) : session(&of), wait(of, options) {}

  Session* session;
  StatementWait wait;
  std::unique_ptr<char, FreeByPq> piece{};
  bool open = false;
};

/// Sends a COPY statement and checks that it is one of this direction.
std::unique_ptr<CopyState> start_copy(Session& session, std::string const& sql, StatementOptions const& options,
                                      ExecStatusType direction);

}  // namespace lakebase::inline v0::pq::detail
