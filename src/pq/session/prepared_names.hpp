#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lakebase {
inline namespace v0 {
namespace pq::detail {

/// What a session knows of its prepared statements, by their names. The server may know better: names go by DISCARD and
/// DEALLOCATE, and plans by a migration elsewhere. The texts are kept, so that a name can be prepared anew.
class PreparedNames {
 public:
  enum class State {
    ready,     ///< It was prepared, and nothing has been heard since.
    doubtful,  ///< It may be gone, or stand for something else.
    gone,      ///< The server does not have it.
    outdated,  ///< The server has it and refuses to run it.
  };
  struct Entry {
    std::string text{};
    State state = State::ready;
  };

  /// Null where nothing is known of it, as of the unnamed statement, which every other statement may replace.
  Entry* find(std::string const& name);
  void set(std::string const& name, std::string text, State state);
  void clear() noexcept { entries_.clear(); }
  /// The session was in other hands.
  void doubt_all() noexcept;
  /// Reads the server's word for what it has done, e.g. `DISCARD ALL`.
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
