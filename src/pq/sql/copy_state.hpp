#pragma once

#include <memory>
#include <string>
#include <utility>

#include <lakebase/pq/copy.hpp>

#include "pq/session/session.hpp"
#include "pq/session/watched.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

struct CopyState {
  CopyState(SessionHold of, StatementOptions const& options, ExecStatusType way)
      : session(std::move(of)), wait(*session, options), direction(way) {}
  ~CopyState();
  CopyState(CopyState const&) = delete;
  CopyState& operator=(CopyState const&) = delete;

  SessionHold session;
  StatementWait wait;
  ExecStatusType direction;
  CopyPiece piece{};
  bool open = false;
  OpenStatement event{};
  // Of a COPY in.
  std::size_t columns = 0;
  bool binary = false;
  /// See `format_option`.
  std::string format{};
  // Rows that were written one by one, and not sent yet.
  std::string rows{};
  std::size_t rows_written = 0;
};

/// Sends a COPY statement and checks that it is one of this direction.
std::unique_ptr<CopyState> start_copy(SessionHold hold, std::string const& sql, StatementOptions const& options,
                                      ExecStatusType direction);

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
