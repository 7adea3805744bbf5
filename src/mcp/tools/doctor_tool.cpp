#include "mcp/tools/doctor_tool.hpp"

#include <fmt/format.h>

#include "tools/doctor.hpp"
#include "tools/target.hpp"

namespace lakebase::mcp {
namespace {

struct DoctorArguments {
  std::optional<std::string> target{};
  std::optional<std::string> database{};
  std::optional<std::string> schema{};
  std::optional<std::vector<std::string>> extensions{};
  std::optional<bool> read_only = false;

  template <class Field>
  static void describe(Field&& field) {
    field("target", &DoctorArguments::target,
          "projects/ID[/branches/ID[/endpoints/ID]], or the name of an instance; default: the only one");
    field("database", &DoctorArguments::database, "Default: databricks_postgres");
    field("schema", &DoctorArguments::schema, "Schema whose rights are looked at");
    field("extensions", &DoctorArguments::extensions, "Extensions that have to be there");
    field("read_only", &DoctorArguments::read_only, "Whether reading is all that is needed");
  }
};

struct Step {
  std::string step{};
  bool ok = true;
  double milliseconds = 0;
  std::string detail{};
  std::optional<std::string> remedy{};

  template <class Field>
  static void describe(Field&& field) {
    field("step", &Step::step);
    field("ok", &Step::ok);
    field("milliseconds", &Step::milliseconds);
    field("detail", &Step::detail, "What was found, or what is wrong");
    field("remedy", &Step::remedy, "What to do about it");
  }
};

struct DoctorOutcome {
  std::optional<bool> healthy{};
  std::optional<std::vector<Step>> steps{};
  std::optional<std::string> error{};

  template <class Field>
  static void describe(Field&& field) {
    field("healthy", &DoctorOutcome::healthy);
    field("steps", &DoctorOutcome::steps, "Up to the first that fails");
    field("error", &DoctorOutcome::error);
  }
};

}  // namespace

Tool doctor_tool(Workspace& workspace) {
  auto tool = typed_tool<DoctorArguments>(
      "doctor_lakebase",
      "Finds out why a Lakebase database cannot be used: goes from the settings over login, project, branch, endpoint, "
      "network and TLS to a row, and says what to do at the first step that fails.",
      [&workspace](Call& call, DoctorArguments const& arguments) {
        tools::DoctorOptions options;
        options.target = arguments.target.value_or("");
        auto const wanted = tools::parse_target(options.target);
        if (wanted.product == tools::Target::Product::provisioned) workspace.require_instances_in_scope();
        auto const& confined_to = workspace.options().project;
        if (options.target.empty() && !confined_to.empty()) options.target = "projects/" + confined_to;
        if (!wanted.project.empty()) workspace.require_in_scope(wanted.project);
        options.database = given(arguments.database);
        options.schema = arguments.schema.value_or("");
        options.extensions = arguments.extensions.value_or(std::vector<std::string>{});
        options.reads_only = arguments.read_only.value_or(false);
        options.stop = call.stop();
        options.on_step = [&call, count = 0](tools::DoctorStep const& step) mutable {
          call.progress(++count, {}, fmt::format("{}: {}", step.name, step.is_ok ? "ok" : "failed"));
        };
        DoctorOutcome outcome;
        outcome.healthy = true;
        outcome.steps.emplace();
        for (auto const& step : tools::examine([&] { return workspace.client(call); }, options)) {
          outcome.healthy = *outcome.healthy && step.is_ok;
          auto const milliseconds = std::chrono::duration<double, std::milli>{step.elapsed}.count();
          outcome.steps->push_back({step.name, step.is_ok, milliseconds, step.detail,
                                    step.is_ok ? std::nullopt : std::optional{step.remedy}});
        }
        return result_of(json_of(outcome));
      });
  tool.title = "Examine a Lakebase connection";
  tool.output_schema = schema_of<DoctorOutcome>();
  return tool;
}

}  // namespace lakebase::mcp
