#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "mcp/protocol/dispatch/call.hpp"
#include "mcp/protocol/dispatch/seal.hpp"

namespace lakebase::mcp {

/// Asks people before something is done: in their client if that can ask, and else by a code that the next call of the
/// tool brings back in its argument `confirm`. A code is good once, for ten minutes, for the same caller and the same
/// arguments. Any thread may use it.
class Confirmation {
 public:
  /// Nothing if it may be done; otherwise what to respond with: `status`, `message`, and the code or the `error`. It
  /// may leave by an exception of the protocol, and the tool be run again: nothing may be done before that must not be
  /// done twice.
  [[nodiscard]] std::optional<Json> ask(Call& call, std::string const& question);

  /// The call without the code: what was asked about is what is done. Also who calls is in it.
  [[nodiscard]] static std::string subject_of(Call const& call);

 private:
  [[nodiscard]] bool take(std::string const& code, std::string const& subject);

  Seal const seal_;
  std::atomic<int> codes_ = 0;
  std::mutex mutex_;
  std::set<std::pair<Seal::Time, std::string>> used_;
};

}  // namespace lakebase::mcp
