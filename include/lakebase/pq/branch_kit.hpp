#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <lakebase/operation.hpp>
#include <lakebase/pq/connect.hpp>
#include <lakebase/pq/connection_source.hpp>
#include <lakebase/pq/export.hpp>
#include <lakebase/time.hpp>
#include <lakebase/workspace_client.hpp>

// For CI: a database branch for a git branch.

namespace lakebase {
inline namespace v0 {
namespace pq {

/// A branch id for a git ref: `refs/heads/feature/Login` gives `feature-login-` and eight digits that distinguish it
/// from other refs that would give the same id; a ref that is a valid id stays as it is. At most 63 characters, and the
/// same for the same ref. `suffix`, e.g. a run's number, distinguishes runs.
/// @throws InvalidArgument for an empty ref
[[nodiscard]] LAKEBASE_PQ_EXPORT std::string branch_id_for(std::string_view git_ref, std::string_view suffix = {});

/// How to make an ephemeral branch.
struct EphemeralBranchOptions {
  /// The service deletes the branch after this if it still exists: at most 30 days.
  Duration ttl = std::chrono::hours{24};
  /// Full name of the branch to start from. Default: the project's default branch.
  std::optional<std::string> source_branch{};
  /// Added to the id, e.g. the number of a CI run; distinguishes parallel runs of one ref. Empty: nothing.
  std::string suffix{};
  /// For making the branch and until it accepts connections, each.
  std::chrono::nanoseconds timeout = std::chrono::minutes{5};
  /// Ends the work at once, with Cancelled.
  std::stop_token stop{};
  /// Delete for good instead of softly.
  bool purge = true;
  /// How its connections are found and logged in.
  SourceOptions source{};
  /// For the connection that checks that the branch accepts connections.
  ConnectOptions connect{};
};

/// A branch of a project that exists as long as this object.
///
/// Thread safety: for one thread at a time; `source()` can be shared by pools.
/// Exceptions: what each function names; the destructor throws nothing.
/// Lifetime: deletes the branch when it is destroyed, unless `keep` was called; the service deletes it at its ttl in
/// any case. Close connections to it first: they end with the branch.
class [[nodiscard]] LAKEBASE_PQ_EXPORT EphemeralBranch {
 public:
  /// Makes the branch and waits until it accepts connections.
  /// @throws BadRequest if there already is a branch for this ref; OperationFailed, OperationTimeout, ConnectionError
  EphemeralBranch(WorkspaceClient client, std::string_view project, std::string_view git_ref,
                  EphemeralBranchOptions options = {});
  /// Deletes the branch; an error is dropped here, so call `remove` to see it.
  ~EphemeralBranch();
  /// Takes over the branch.
  EphemeralBranch(EphemeralBranch&& other) noexcept;
  EphemeralBranch& operator=(EphemeralBranch&&) = delete;

  /// Full name, `projects/{p}/branches/{b}`.
  [[nodiscard]] std::string const& name() const& noexcept { return name_; }
  /// The name of a temporary, as a text of its own.
  [[nodiscard]] std::string name() const&& { return name_; }
  /// For pools and further connections.
  [[nodiscard]] ConnectionSource const& source() const& noexcept { return source_; }
  /// The same of a temporary, as a copy.
  [[nodiscard]] ConnectionSource source() const&& { return source_; }
  /// For other programs: with a token in it that is valid for the rest of its hour. Secret.
  [[nodiscard]] std::string url_with_token() const;
  /// A new connection.
  [[nodiscard]] Connection connect() const;

  /// Deletes the branch and waits for that. Does nothing the second time.
  void remove();
  /// Keeps the branch until its ttl.
  void keep() noexcept { exists_ = false; }

 private:
  WorkspaceClient client_;
  EphemeralBranchOptions options_;
  std::string name_;
  bool exists_ = false;
  ConnectionSource source_{};
};

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
