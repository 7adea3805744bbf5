#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// What a session knows about its prepared statements, by their names. On the server this may have changed: DISCARD and
/// DEALLOCATE drop names, and a migration elsewhere outdates plans. The texts are kept, so that a name can be prepared
/// again.
class PreparedNames {
 public:
  enum class State {
    ready,     ///< It was prepared, and nothing is known to have changed that.
    doubtful,  ///< It may be gone, or stand for something else.
    gone,      ///< The server does not have it.
    outdated,  ///< The server has it and refuses to run it.
  };
  struct Entry {
    std::string text{};
    State state = State::ready;
  };

  /// Null if nothing is known about it, as for the unnamed statement, which any other statement may replace.
  Entry* find(std::string const& name);
  void set(std::string const& name, std::string text, State state);
  void clear() noexcept { entries_.clear(); }
  /// Doubts all names, because the session was used by other code.
  void doubt_all() noexcept;
  /// Notes what a statement has done, by the server's command tag, e.g. `DISCARD ALL`.
  void note(std::string_view command_tag) noexcept {
    if (!entries_.empty() && command_tag.starts_with("D")) note_drop(command_tag);
  }

 private:
  void note_drop(std::string_view command_tag) noexcept;
  void replace_states(State to) noexcept;
  void forget_gone();

  std::map<std::string, Entry> entries_{};
};

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
