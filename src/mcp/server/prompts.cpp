#include "mcp/server/prompts.hpp"

#include <fmt/format.h>

namespace lakebase::mcp {
namespace {

Json message(std::string const& text) {
  return Json::array({{{"role", "user"}, {"content", text_content(text)}}});
}

std::string target_of(Call const& call) {
  auto const target = text_of(call.arguments(), "target");
  return target.empty() ? "the only project there is" : target;
}

PromptArgument target() {
  return {.name = "target", .description = "projects/ID[/branches/ID], or the name of an instance"};
}

}  // namespace

std::vector<Prompt> prompts() {
  std::vector<Prompt> all;
  all.push_back(
      {.name = "inspect_database",
       .title = "Inspect a database",
       .description = "What is in a database, and what stands out",
       .arguments = {target()},
       .get = [](Call& call) {
         return message(fmt::format(
             "Inspect the Lakebase database of {}. Use describe_lakebase for its schemas, tables, keys and sizes. "
             "Tell what it is about in a few sentences, then what stands out: large tables, tables without a primary "
             "key, foreign keys without an index, columns whose type does not fit. Change nothing.",
             target_of(call)));
       }});
  all.push_back(
      {.name = "branch_for_a_change",
       .title = "Change a schema by way of a branch",
       .description = "Write a migration, try it on a branch, and run it once it is confirmed",
       .arguments = {target(), {.name = "change", .description = "What is to change", .required = true}},
       .get = [](Call& call) {
         return message(fmt::format(
             "On the Lakebase database of {}: {}. Look at the tables that are concerned with describe_lakebase, and "
             "write the SQL script of the migration. Run it by try_lakebase_change, which tries it on a branch of its "
             "own. Show me the difference of the schemas and the timings, and let me confirm before it runs on the "
             "target.",
             target_of(call), text_of(call.arguments(), "change")));
       }});
  all.push_back(
      {.name = "find_a_slow_query",
       .title = "Find a slow query",
       .description = "Which statements take the most time, and what would help",
       .arguments = {target()},
       .get = [](Call& call) {
         return message(fmt::format(
             "Find out which statements take the most time on the Lakebase database of {}. Use query_lakebase: first "
             "pg_stat_statements, if that extension is there (by total_exec_time), and pg_stat_activity for what runs "
             "now. Explain the worst ones with EXPLAIN, look at their tables with describe_lakebase, and say what "
             "would "
             "help, such as an index. Try that with try_lakebase_change and apply=false, and compare the plans.",
             target_of(call)));
       }});
  return all;
}

}  // namespace lakebase::mcp
