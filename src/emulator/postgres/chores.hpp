#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "common/computes.hpp"
#include "postgres/resources.hpp"

namespace lakebase::emulator {

/// Something to be done at the data plane that may be done more than once, and is no matter where it was done before.
struct ChoreRecord {
  std::string branch_uid;
  /// The data of this read-only endpoint is removed.
  std::string endpoint_uid;
  /// Run in the database `postgres`. Where there is neither, the branch's data is removed.
  std::vector<std::string> statements;

  template <class Field>
  static void describe(Field&& field) {
    field("branch_uid", &ChoreRecord::branch_uid);
    field("endpoint_uid", &ChoreRecord::endpoint_uid);
    field("statements", &ChoreRecord::statements);
  }
  friend bool operator==(ChoreRecord const&, ChoreRecord const&) = default;
};

/// PostgreSQL's refusals of what the user asked for are the user's to mend; the rest is the server's.
bool is_users_mistake(std::string_view sqlstate);

/// The same as the engine keeps them.
std::vector<Json> kept(std::vector<ChoreRecord> const& chores);

/// Does what is to be done for each of them, where its branch is still in the state.
/// @return those that could not be done, and may be tried again
std::vector<Json> undone(std::vector<Json> const& chores, State const& state, Computes& computes,
                         std::function<void(std::string_view)> const& log);
/// Whether it is about a branch of the project.
bool is_about(Json const& chore, std::string const& project_id, State const& state);

/// Statements as one, of which PostgreSQL carries out all or none.
std::string as_one(std::vector<std::string> const& statements);

}  // namespace lakebase::emulator
