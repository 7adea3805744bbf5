#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/data_api/rows.hpp>
#include <lakebase/export.hpp>

namespace lakebase {
inline namespace v0 {
namespace data_api {

class Write;

namespace detail {
class Connection;
}  // namespace detail

/// What carries out a Transaction over a connection of PostgreSQL, within a transaction there.
struct TransactionScript {
  /// Creates the function, in the schema of temporary objects.
  std::string function{};
  /// Calls it: a SELECT whose parameter `$1` is `statements`, and which returns one row of one text.
  std::string call{};
  /// The statements, as JSON.
  std::string statements{};
};

/// Carries out a script, commits, and returns the text of its row; see `pq::transaction_runner`.
using TransactionRunner = std::function<std::string(TransactionScript const& script)>;

/// The text of a SQL statement that creates `lakebase_transaction(statements json)` in this schema, by which a
/// Transaction is carried out. It runs with the rights of the caller, reaches tables and views of this schema only, and
/// never takes SQL from its argument. Revoke EXECUTE of it from PUBLIC if not every role is to have it; afterwards run
/// NOTIFY pgrst, 'reload schema'.
/// @throws InvalidArgument if the name is empty
[[nodiscard]] LAKEBASE_EXPORT std::string transaction_function(std::string_view schema);

/// Inserts, upserts, updates and removals that happen all, or not at all. They are sent together, as one call of the
/// function that `transaction_function` creates; where the schema has none, a runner carries them out, if there is one.
///
/// Thread safety: for one thread at a time; `execute` may be called in several threads at once, and each call is a
/// transaction.
/// Exceptions: what a function names, and std::bad_alloc.
/// Lifetime: independent of the client that made it, and of the writes.
class LAKEBASE_EXPORT Transaction {
 public:
  /// Made by DataApiClient::transaction.
  Transaction(std::shared_ptr<detail::Connection const> connection, std::string schema, TransactionRunner runner);

  /// Adds a write, after those before. If `rows` is set and another number of rows would change, nothing happens at
  /// all, and `execute` throws a DataApiError of `PT409`, whose `is_conflict()` is true: what somebody else changed
  /// since it was read is not overwritten.
  /// @throws InvalidArgument for a write of another schema or client, and for what is not to be had in a transaction:
  /// a `parameter`, a condition on embedded rows, and `returning` of anything but columns
  Transaction& add(Write const& write, std::optional<std::int64_t> rows = std::nullopt);

  /// Number of writes.
  [[nodiscard]] std::size_t size() const noexcept { return statements_.size(); }

  /// Carries them out, and returns what each has changed: `total` is the number of rows, and the rows themselves are
  /// there if the write is `returning` them. Without writes, nothing is sent. Repeated after a failure only if each
  /// write is idempotent, and none says how many rows it changes.
  /// @throws DataApiError as a single write, whose message says which statement it was; of `PGRST202` if the schema has
  /// no function, and there is no runner; as the runner does
  std::vector<Rows> execute() const;

 private:
  std::shared_ptr<detail::Connection const> connection_;
  std::string schema_;
  TransactionRunner runner_;
  std::vector<std::string> statements_{};
  bool is_idempotent_ = true;
};

namespace detail {

/// Throws what the Data API would throw for an error of PostgreSQL.
[[noreturn]] LAKEBASE_EXPORT void throw_sql_error(std::string_view sqlstate, std::string_view message,
                                                  std::string_view details);

}  // namespace detail

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
