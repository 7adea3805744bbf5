#include "cli/api/run_command.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/api/conform.hpp"
#include "cli/api/examples.hpp"
#include "cli/base/duration.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"
#include "cli/output/json_array.hpp"
#include "cli/output/text.hpp"
#include "cli/parse/json_argument.hpp"
#include "cli/session/session.hpp"
#include "cli/session/wait.hpp"
#include "cli/system/interrupt_posix.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {
namespace {

using Kind = Shape::Kind;

/// Names of positionals: those that always stand on the command line, and those that `--json` may hold instead.
struct Positionals {
  std::vector<std::string> fixed;
  std::vector<std::string> or_json;

  explicit Positionals(Command const& command) {
    auto const bar = std::min(command.positionals.find('|'), command.positionals.size());
    fixed = split(command.positionals.substr(0, bar), ' ');
    if (bar < command.positionals.size()) or_json = split(command.positionals.substr(bar + 1), ' ');
  }

  [[nodiscard]] std::vector<std::string> all() const {
    auto names = fixed;
    names.insert(names.end(), or_json.begin(), or_json.end());
    return names;
  }
};

/// A member of the model that has a flag.
struct BodyFlag {
  std::string name;  ///< `ttl`
  std::string path;  ///< `spec.ttl`
  Shape const* shape;
};

std::vector<BodyFlag> body_flags(Command const& command) {
  std::vector<BodyFlag> flags;
  for (auto const& entry : split(command.body_flags, ' ')) {
    auto const equals = entry.find('=');
    BodyFlag flag{entry.substr(0, equals), equals == std::string::npos ? entry : entry.substr(equals + 1), nullptr};
    auto const* shape = &command.body();
    for (auto const& part : split(flag.path, '.')) shape = shape == nullptr ? nullptr : shape->find(part);
    if (shape == nullptr) throw std::logic_error{fmt::format("{} has no member {}", command.method, flag.path)};
    flag.shape = shape;
    flags.push_back(std::move(flag));
  }
  return flags;
}

bool has_flag(Shape const& shape) {
  if (shape.kind == Kind::list) return has_flag(*shape.item) && shape.item->kind != Kind::list;
  return shape.kind != Kind::object && shape.kind != Kind::map && shape.kind != Kind::any;
}

std::string placeholder(Shape const& shape) {
  switch (shape.kind) {
    case Kind::boolean:
      return "";
    case Kind::integer:
    case Kind::number:
      return "N";
    case Kind::duration:
      return "DURATION";
    case Kind::timestamp:
      return "TIME";
    case Kind::list:
      return "LIST";
    default:
      return "TEXT";
  }
}

std::string word_list(Shape const& shape) {
  std::string list;
  for (auto const word : shape.words) list += (list.empty() ? "one of " : ", ") + std::string{word};
  return list;
}

Flag flag_of(std::string const& name, Shape const& shape) {
  std::string help{flag_help(name)};
  if (help.empty()) help = word_list(shape);
  return {kebab(name), std::move(help), placeholder(shape), 0, name == "page_token"};
}

bool is_waited_for(Command const& command) {
  return command.result == Command::Result::operation;
}

constexpr std::string_view instance_limit = "20m";

std::string_view default_timeout(Command const& command) {
  return command.service == "database" ? instance_limit : "";
}

/// The positionals as they are named in messages: `'name', 'database_name'`.
std::string quoted(std::vector<std::string> const& names) {
  std::string list;
  for (auto const& name : names) list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name);
  return list;
}

std::string upper_list(std::vector<std::string> const& names, std::string_view separator) {
  std::string list;
  for (auto const& name : names) list += fmt::format("{}{}", list.empty() ? "" : separator, upper(name));
  return list;
}

void check_positionals(Positionals const& names, CommandLine const& line, bool has_json, Usage const& usage) {
  auto const expected = names.fixed.size() + (has_json ? 0 : names.or_json.size());
  if (line.positionals().size() == expected) return;
  if (!has_json || names.or_json.empty()) expect_positionals(line, usage, expected, expected);
  auto const allowed = names.fixed.empty()
                           ? std::string{"no positional arguments are allowed"}
                           : fmt::format("provide only {} as positional arguments", upper_list(names.fixed, ", "));
  throw Failure{
      fmt::format("when --json flag is specified, {}. Provide {} in your JSON input", allowed, quoted(names.or_json))};
}

void refuse_wrapped_role(Command const& command, Json const& body) {
  if (command.method != "create_role" || !body.is_object() || !body.contains("role")) return;
  throw Failure{
      "--json should NOT be wrapped in '{\"role\": ...}'.\n\nIt is the role itself: --json '{\"spec\": "
      "{\"postgres_role\": …}}'"};
}

/// Older samples say `type`.
void take_older_type(Command const& command, Json& body) {
  if (!command.method.ends_with("_endpoint") || !body.is_object() || !body.contains("spec")) return;
  auto& spec = body["spec"];
  if (!spec.is_object() || !spec.contains("type") || spec.contains("endpoint_type")) return;
  spec["endpoint_type"] = spec["type"];
  spec.erase("type");
  say("Note: today's name of 'spec.type' is 'spec.endpoint_type'.");
}

/// The members that `--json` has for a method that takes no model.
Shape shape_without_model(Command const& command, Positionals const& names) {
  Shape shape{.kind = Kind::object};
  for (auto const& name : names.or_json) {
    auto const at = command.positionals.find(name);
    shape.members.push_back({command.positionals.substr(at, name.size()), &shape_of<std::string>()});
  }
  for (auto const& option : command.options) shape.members.push_back({option.name, &option.shape()});
  return shape;
}

void set_at(Json& body, std::string const& path, Json value) {
  auto* place = &body;
  for (auto const& part : split(path, '.')) place = &(*place)[part];
  *place = std::move(value);
}

bool is_set_at(Json const& body, std::string const& path) {
  auto const* place = &body;
  for (auto const& part : split(path, '.')) {
    if (!place->is_object() || !place->contains(part)) return false;
    place = &(*place)[part];
  }
  return true;
}

/// Reads a command line into what the method takes.
class Reader {
 public:
  Reader(Command const& command, CommandLine const& line, Usage const& usage)
      : command_(command), line_(line), usage_(usage), names_(command) {}

  Arguments read() {
    auto const json = command_.takes_json() ? line_.value("json") : std::nullopt;
    check_positionals(names_, line_, json.has_value(), usage_);
    if (json) read_json(*json);
    read_options();
    if (command_.body != nullptr) read_body_flags();
    read_positionals();
    for (auto const& warning : warnings_) say("Warning: --json: " + warning);
    return std::move(arguments_);
  }

 private:
  void read_json(std::string const& argument) {
    std::string source;
    auto const text = json_argument(argument, source);
    auto value = parse_json(text, source);
    refuse_wrapped_role(command_, value);
    take_older_type(command_, value);
    if (command_.body != nullptr) {
      arguments_.body = conform(value, command_.body(), warnings_);
      return;
    }
    auto const members = conform(value, shape_without_model(command_, names_), warnings_);
    for (auto const& [name, member] : members.items()) {
      bool const is_text = std::find(names_.or_json.begin(), names_.or_json.end(), name) != names_.or_json.end();
      (is_text ? from_json_ : arguments_.options)[name] = member;
    }
  }

  void read_options() {
    for (auto const& option : command_.options) {
      auto const flag = kebab(option.name);
      auto const text = line_.value(flag);
      std::string const name{option.name};
      if (text && !arguments_.options.contains(name)) {
        arguments_.options[name] = flag_value(*text, option.shape(), flag);
      }
    }
  }

  void read_body_flags() {
    for (auto const& flag : body_flags(command_)) {
      auto const text = line_.value(kebab(flag.name));
      if (text && !is_set_at(arguments_.body, flag.path)) {
        set_at(arguments_.body, flag.path, flag_value(*text, *flag.shape, kebab(flag.name)));
      }
    }
  }

  void read_positionals() {
    auto const all = names_.all();
    auto const& given = line_.positionals();
    for (std::size_t i = 0; i < all.size(); ++i) {
      bool const is_text = arguments_.texts.size() < command_.texts;
      if (i < given.size()) {
        if (is_text) {
          arguments_.texts.push_back(given[i]);
        } else {
          arguments_.body[all[i]] = given[i];
        }
      } else if (is_text) {
        auto const found = from_json_.find(all[i]);
        if (found == from_json_.end()) throw Failure{fmt::format("--json: {} is missing", all[i])};
        arguments_.texts.push_back(found->get<std::string>());
      }
    }
  }

  Command const& command_;
  CommandLine const& line_;
  Usage const& usage_;
  Positionals names_;
  Arguments arguments_;
  Json from_json_ = Json::object();
  std::vector<std::string> warnings_;
};

std::optional<std::int64_t> limit_of(CommandLine const& line) {
  auto const text = line.value("limit");
  if (!text) return std::nullopt;
  auto const limit = flag_value(*text, shape_of<std::int64_t>(), "limit").get<std::int64_t>();
  if (limit < 0) throw Failure{fmt::format("--limit must be a non-negative integer, got {}", limit)};
  return limit == 0 ? std::nullopt : std::optional{limit};
}

/// How a command goes on once it is valid.
struct Plan {
  bool waits = true;
  std::optional<std::chrono::nanoseconds> timeout{};
  std::optional<std::int64_t> limit{};
};

/// Prints what a command gives, and waits for what it starts.
class Printer : public Outcome {
 public:
  Printer(Command const& command, Settings const& settings, Plan const& plan, WorkspaceClient const& client,
          std::stop_token stop)
      : command_(command), settings_(settings), plan_(plan), client_(client), stop_(std::move(stop)) {}

  void object(std::string json) override {
    write(Stream::out, settings_.is_json ? pretty_text(json) + '\n' : fields_text(read_json(json)));
  }

  bool item(std::string json) override {
    if (settings_.is_json) {
      array_.add(json);
    } else {
      rows_.push_back(read_json(json));
    }
    ++count_;
    return !plan_.limit || count_ < *plan_.limit;
  }

  void operation(std::string name, std::function<std::string(WaitOptions const&)> wait) override {
    if (!plan_.waits) return print_operation(name);
    await({name, fmt::format("waiting for {}", name.empty() ? kebab(command_.method) : name), look()},
          [&] { result_ = wait({.timeout = plan_.timeout, .stop = stop_}); });
    if (!result_.empty()) object(result_);
  }

  void finish() {
    if (command_.result != Command::Result::list) return;
    if (settings_.is_json) {
      array_.end();
    } else if (count_ > 0) {
      write(Stream::out, table_text(rows_));
    }
  }

 private:
  [[nodiscard]] bool is_of_instances() const { return command_.service == "database"; }

  void print_operation(std::string const& name) {
    if (name.empty()) return;  // done at once
    object(is_of_instances() ? to_json(client_.database.get_database_instance(name))
                             : to_json(client_.postgres.get_operation(name)));
  }

  /// An operation is known by its name, or by the instance that it creates.
  [[nodiscard]] std::string look() const {
    return fmt::format("{} {}", settings_.program,
                       is_of_instances() ? "database get-database-instance" : "postgres get-operation");
  }

  Command const& command_;
  Settings const& settings_;
  Plan const& plan_;
  WorkspaceClient const& client_;
  std::stop_token stop_;
  std::int64_t count_ = 0;
  JsonArray array_{};
  std::vector<Json> rows_;
  std::string result_;
};

Plan plan_of(Command const& command, CommandLine const& line) {
  Plan plan;
  if (command.result == Command::Result::list) plan.limit = limit_of(line);
  if (!is_waited_for(command)) return plan;
  plan.waits = !line.is_on("no-wait");
  auto const text = line.value("timeout").value_or(std::string{default_timeout(command)});
  if (!text.empty()) {
    auto const timeout = parse_duration(text, "--timeout");
    if (timeout.count() > 0) plan.timeout = timeout;
  }
  return plan;
}

}  // namespace

Usage usage_of(Command const& command, std::string const& program) {
  Positionals const names{command};
  auto const words = fmt::format("{} {} {}", program, command.service, kebab(command.method));
  Usage usage{.command = words,
              .positionals = upper_list(names.all(), " "),
              .summary = std::string{command.summary} + ".",
              .example = words + example_of(command)};
  if (command.takes_json()) usage.flags.push_back({"json", "request as JSON, @FILE, or - for standard input", "JSON"});
  for (auto const& option : command.options) {
    if (has_flag(option.shape())) usage.flags.push_back(flag_of(std::string{option.name}, option.shape()));
  }
  if (command.body != nullptr) {
    for (auto const& flag : body_flags(command)) {
      auto added = flag_of(flag.name, *flag.shape);
      added.hidden = flag.name == "name" || flag.name == "instance_name";  // the service sets it
      usage.flags.push_back(std::move(added));
    }
  }
  if (command.result == Command::Result::list) {
    usage.flags.push_back({"limit", "at most so many results; 0: all", "N"});
  }
  if (is_waited_for(command)) {
    usage.flags.push_back({"no-wait", "print the operation instead of waiting for it", ""});
    usage.flags.push_back({"timeout",
                           fmt::format("the longest wait (default {})",
                                       default_timeout(command).empty() ? "no limit" : default_timeout(command)),
                           "DURATION"});
  }
  return usage;
}

int run_command(Command const& command, std::string const& program, std::vector<std::string> const& arguments) {
  auto const usage = usage_of(command, program);
  CommandLine const line{usage, arguments};
  auto const settings = settings_of(line, usage, program);
  auto const plan = plan_of(command, line);
  auto const read = Reader{command, line, usage}.read();

  std::optional<Interrupt> interrupt;
  if (is_waited_for(command)) interrupt.emplace();
  auto const stop = interrupt ? interrupt->token() : std::stop_token{};
  auto const client = workspace(settings, stop);
  Printer printer{command, settings, plan, client, stop};
  try {
    command.run(client, read, printer);
  } catch (Cancelled const&) {
    throw Failure{"interrupted before the service had responded; it may have started the operation",
                  interrupted_status};
  }
  printer.finish();
  return 0;
}

}  // namespace lakebase::cli
