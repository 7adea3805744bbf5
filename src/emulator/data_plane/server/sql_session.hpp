#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/computes.hpp"
#include "system/socket_posix.hpp"

namespace lakebase::emulator {

using Rows = std::vector<std::vector<std::string>>;
/// Settings for one session: they override those of the server, the database and the role.
using SessionSettings = std::vector<std::pair<std::string, std::string>>;

/// A session on the Unix socket of a server that trusts us: implements as much of the protocol as simple queries need.
class SqlSession {
 public:
  /// @param patience how long the server may take for the login, and for each query
  /// @throws DataPlaneError with PostgreSQL's SQLSTATE, 08001 if no server listens, or 08000 if it takes too long
  SqlSession(std::filesystem::path const& socket, std::string_view user, std::string_view database,
             SessionSettings const& settings = {}, std::chrono::nanoseconds patience = std::chrono::minutes{1});

  /// Runs one simple query, and returns the rows of its last result as text; NULL is an empty text.
  /// @throws DataPlaneError with PostgreSQL's message and SQLSTATE, 08006 if the server is gone, or 08000 if it takes
  /// too long; the session is of no use then
  Rows query(std::string_view sql);
  /// Runs one statement with parameters, whose types PostgreSQL finds out.
  Rows query(std::string_view sql, std::vector<std::string> const& parameters);
  /// See `DatabaseSession`.
  std::vector<SqlOutcome> query_all(std::vector<SqlText> const& texts);
  void post(std::string_view sql);
  std::vector<std::string> notifications();
  /// See `DatabaseSession`. Each message of a COPY may take as long as a query.
  void copy_in(std::string_view sql, std::function<void(CopySink const&)> const& produce);
  /// What `take` throws leaves the session of no use.
  void copy_out(std::string_view sql, CopySink const& take);

 private:
  /// Thrown out of a COPY to the server that the server has ended.
  struct CopyRefused {};
  struct Message {
    char type;
    std::string payload;
  };
  Message receive();
  void send(std::string_view bytes);
  void log_in(std::string_view user, std::string_view database, SessionSettings const& settings);
  void start(std::string_view sql);
  void settle();
  struct Kept {
    std::string sql{};
    std::uint64_t version = 0;
  };
  struct KeptQuery {
    std::size_t slot = 0;
    bool is_new = false;
    std::string messages{};
  };
  KeptQuery kept_query(SqlText const& text);
  char next_type();
  bool is_refused();
  bool receive_until(char type);
  struct Reading {
    SqlOutcome outcome{};
    bool has_begun = false;
  };
  Reading read_outcome();
  Rows finish();
  void note(Message const& message);
  void fill(std::size_t size);

  std::chrono::nanoseconds patience_;
  Deadline deadline_;
  UniqueFd socket_;
  std::string buffer_;
  std::size_t used_ = 0;
  std::vector<std::string> notifications_;
  int posted_ = 0;
  /// Prepared statements, whose names are their places.
  std::vector<Kept> kept_;
  std::size_t next_slot_ = 0;
};

}  // namespace lakebase::emulator
