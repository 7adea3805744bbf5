#include "tools/branches.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <lakebase/error.hpp>
#include <lakebase/postgres/names.hpp>
#include <lakebase/pq/branch_kit.hpp>

#include "tools/errors.hpp"
#include "tools/target.hpp"

namespace lakebase::tools {
namespace {

std::string source_of(postgres::Branch const& branch) {
  return branch.status ? branch.status->source_branch.value_or("") : "";
}

struct Lines {
  std::string_view passing;
  std::string_view middle;
  std::string_view last;
  std::string_view none;
};

constexpr Lines drawn{"│  ", "├─ ", "└─ ", "   "};
constexpr Lines in_ascii{"|  ", "|- ", "`- ", "   "};

class Tree {
 public:
  Tree(std::vector<postgres::Branch> branches, Lines const& lines) : branches_(std::move(branches)), lines_(lines) {
    std::sort(branches_.begin(), branches_.end(),
              [](auto const& left, auto const& right) { return left.name < right.name; });
    std::set<std::string> names;
    for (auto const& branch : branches_) names.insert(branch.name.value_or(""));
    for (auto const& branch : branches_) {
      auto const source = source_of(branch);
      bool const is_root = !names.contains(source) || source == branch.name;
      children_[is_root ? std::string{} : source].push_back(&branch);
    }
  }

  std::vector<BranchNode> nodes() {
    for (auto const* root : children_[""]) add(*root, 0, "", "");
    return std::move(nodes_);
  }

 private:
  void add(postgres::Branch const& branch, std::size_t depth, std::string const& own, std::string const& below) {
    nodes_.push_back({branch, depth, own});
    auto const& children = children_[branch.name.value_or("")];
    for (auto const* child : children) {
      bool const is_last = child == children.back();
      add(*child, depth + 1, fmt::format("{}{}", below, is_last ? lines_.last : lines_.middle),
          fmt::format("{}{}", below, is_last ? lines_.none : lines_.passing));
    }
  }

  std::vector<postgres::Branch> branches_;
  Lines const& lines_;
  std::map<std::string, std::vector<postgres::Branch const*>> children_;
  std::vector<BranchNode> nodes_;
};

bool is_position(std::string_view text) {
  auto const slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return false;
  return std::all_of(text.begin(), text.end(), [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F') ||
           letter == '/';
  });
}

[[noreturn]] void refuse_reset(std::string_view name, std::string_view why) {
  throw InvalidArgument{fmt::format("cannot reset {}: {}", name, why)};
}

}  // namespace

std::vector<BranchNode> branch_tree(std::vector<postgres::Branch> branches, bool with_ascii_lines) {
  return Tree{std::move(branches), with_ascii_lines ? in_ascii : drawn}.nodes();
}

std::string size_text(std::int64_t bytes) {
  constexpr std::array units = {"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (size /= 1000; size >= 999.5 && unit + 1 < units.size(); size /= 1000) ++unit;
  return size < 9.95 ? fmt::format("{:.1f} {}", size, units[unit]) : fmt::format("{:.0f} {}", size, units[unit]);
}

std::string span_text(std::chrono::seconds span) {
  auto const seconds = span.count();
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  return seconds < 48 * 3600 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} d", seconds / 86400);
}

std::string valid_branch_id(std::string_view name) {
  return pq::branch_id_for(name);
}

postgres::Branch request_of(NewBranch const& wanted) {
  postgres::Branch branch;
  auto& spec = branch.spec.emplace();
  if (!wanted.source.empty()) spec.source_branch = wanted.source;
  if (is_position(wanted.moment)) {
    spec.source_branch_lsn = wanted.moment;
  } else if (!wanted.moment.empty()) {
    try {
      spec.source_branch_time = Timestamp::parse(wanted.moment);
    } catch (Error const&) {
      throw InvalidArgument{fmt::format(
          "'{}' is neither a time (2026-01-31T12:00:00Z) nor a position of the log (0/1A2B3C)", wanted.moment)};
    }
  }
  if (wanted.ttl) {
    spec.ttl = wanted.ttl;
  } else {
    spec.no_expiry = true;
  }
  return branch;
}

postgres::Branch check_reset(WorkspaceClient const& client, std::string_view name) {
  auto branch = client.postgres.get_branch(name);
  auto const status = branch.status.value_or(postgres::BranchStatus{});
  if (source_of(branch).empty())
    refuse_reset(name, "it is a root branch, so there is no parent to take the state from");
  if (status.is_protected.value_or(false)) {
    refuse_reset(name, "it is protected; set spec.is_protected to false first");
  }
  if (status.default_.value_or(false)) {
    refuse_reset(name, "it is the project's default branch; make another branch the default first");
  }
  std::string children;
  for (auto const& other : client.postgres.list_branches(postgres::BranchName::parse(name).project())) {
    if (source_of(other) == name) children += (children.empty() ? "" : ", ") + id_of(other.name.value_or(""));
  }
  if (!children.empty()) refuse_reset(name, "it has children; delete them first: " + children);
  return branch;
}

postgres::Branch reset_branch(WorkspaceClient const& client, postgres::Branch const& branch, WaitOptions const& wait,
                              std::function<void(std::string_view)> const& begins) {
  auto const name = branch.name.value_or("");
  auto const source = source_of(branch);
  auto request = request_of({.source = source});
  if (branch.status->expire_time) {
    request.spec->no_expiry.reset();
    request.spec->expire_time = branch.status->expire_time;
  }
  if (begins) begins("deleting");
  // For good: the id of a branch that can be restored stays taken.
  client.postgres.delete_branch(name, {.purge = true}).wait(wait);
  if (begins) begins("making");
  try {
    return client.postgres.create_branch(postgres::BranchName::parse(name).project(), request, id_of(name)).wait(wait);
  } catch (Error const& error) {
    throw Error{fmt::format("{} was deleted, but is not there again yet: {}\nIf it does not come, make it from {}.",
                            name, message_of(error), source)};
  }
}

std::string parent_of(WorkspaceClient const& client, std::string_view name) {
  auto source = source_of(client.postgres.get_branch(name));
  if (source.empty()) {
    throw InvalidArgument{fmt::format("{} is a root branch; name another one to compare it with", name)};
  }
  return source;
}

pq::SchemaDiff diff_targets(WorkspaceClient const& client, std::string_view before, std::string_view after,
                            pq::SourceOptions const& source, pq::ConnectOptions const& connect) {
  auto const read = [&](std::string_view target) {
    auto session = pq::connect(pq::source_for(client, target, source), connect);
    return pq::read_schema(session);
  };
  auto const first = read(before);
  return pq::diff_schemas(first, read(after));
}

}  // namespace lakebase::tools
