#include "mcp/tools/diff_tool.hpp"

#include "tools/branches.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

struct DiffArguments {
  std::string before{};
  std::optional<std::string> after{};
  std::optional<std::string> database{};

  template <class Field>
  static void describe(Field&& field) {
    field("before", &DiffArguments::before, "A branch or endpoint by its full name, or an instance");
    field("after", &DiffArguments::after,
          "Another one; default: `before` is it, and is compared with its parent branch");
    field("database", &DiffArguments::database, "Of both; default: databricks_postgres");
  }
};

struct Object {
  std::string kind{};
  std::string name{};
  std::string definition{};

  template <class Field>
  static void describe(Field&& field) {
    field("kind", &Object::kind, "schema, table, column, constraint, index and so on");
    field("name", &Object::name);
    field("definition", &Object::definition);
  }
};

struct Change {
  std::string kind{};
  std::string name{};
  std::string before{};
  std::string after{};

  template <class Field>
  static void describe(Field&& field) {
    field("kind", &Change::kind);
    field("name", &Change::name);
    field("before", &Change::before, "Its definition there");
    field("after", &Change::after);
  }
};

struct Diff {
  bool equal = true;
  std::vector<Object> added{};
  std::vector<Object> removed{};
  std::vector<Change> changed{};

  template <class Field>
  static void describe(Field&& field) {
    field("equal", &Diff::equal);
    field("added", &Diff::added, "What `after` has and `before` lacks");
    field("removed", &Diff::removed);
    field("changed", &Diff::changed);
  }
};

struct DiffOutcome {
  std::optional<std::string> before{};
  std::optional<std::string> after{};
  std::optional<Diff> diff{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("before", &DiffOutcome::before);
    field("after", &DiffOutcome::after);
    field("diff", &DiffOutcome::diff);
    field("error", &DiffOutcome::error);
  }
};

}  // namespace

Json json_of(pq::SchemaDiff const& diff) {
  Diff result;
  result.equal = diff.empty();
  for (auto const& object : diff.added) result.added.push_back({object.kind, object.name, object.definition});
  for (auto const& object : diff.removed) result.removed.push_back({object.kind, object.name, object.definition});
  for (auto const& [before, after] : diff.changed) {
    result.changed.push_back({before.kind, before.name, before.definition, after.definition});
  }
  return json_of<Diff>(result);
}

Tool diff_tool(Workspace& workspace) {
  auto tool = typed_tool<DiffArguments>(
      "diff_lakebase_schemas", "Compares the schemas of two Lakebase databases, such as a branch with its parent.",
      [&workspace](Call& call, DiffArguments const& arguments) {
        auto const w = workspace.client(call);
        auto const first = workspace.place(call, arguments.before);
        auto const other = given(arguments.after);
        auto const before = other ? first : tools::parent_of(w, first);
        auto const after = other ? workspace.place(call, *other) : first;
        auto const diff =
            tools::diff_targets(w, before, after, {.dbname = given(arguments.database)}, {.stop = call.stop()});
        return result_of({{"before", before}, {"after", after}, {"diff", json_of(diff)}});
      });
  tool.title = "Compare Lakebase schemas";
  tool.output_schema = schema_of<DiffOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
