#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fields.hpp"

namespace lakebase::emulator {

/// One path that an update mask may name, and where the body carries its value.
struct MaskPath {
  enum class Kind {
    value,    ///< Must be in the body if the mask names it.
    oneof,    ///< Named as a group; one of `members` must be in the body.
    list,     ///< A list or map: absent is empty, so the mask alone clears it.
    ignored,  ///< Accepted without effect, e.g. what only creation reads.
    fixed     ///< Cannot be changed, so that it has no path; `spec` and `*` name it if it is in the body.
  };
  std::string_view path;
  Kind kind = Kind::value;
  std::vector<std::string_view> members{};
  /// `*` requires it in the body.
  bool part_of_everything = true;
};

/// A message that a mask may name as a whole, besides `spec` and `*`. It must be in the body.
struct MaskMessage {
  std::string_view path;
  /// Whether the body must carry all values below it; if not, what it leaves out takes its default.
  bool wants_all = false;
};

/// The paths of one kind of resource.
struct MaskRules {
  std::vector<MaskPath> paths;
  std::vector<MaskMessage> messages;
};

/// Which of the paths a request changes: those that its mask names, or that its body carries.
class Touched {
 public:
  bool contains(std::string_view path) const { return paths_.find(path) != paths_.end(); }
  void insert(std::string_view path) { paths_.emplace(path); }
  bool empty() const { return paths_.empty(); }

 private:
  std::set<std::string, std::less<>> paths_;
};

/// The paths that the body carries: what a create call sets.
Touched carried_by(Fields const& body, MaskRules const& rules);

/// The paths that an update changes. @throws ServiceError for unknown paths, and for values that the body lacks
Touched named_by(std::string_view mask, Fields const& body, MaskRules const& rules);

}  // namespace lakebase::emulator
