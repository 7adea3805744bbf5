#include <fmt/format.h>

#include "data_api/grammar/api_error.hpp"
#include "data_api/grammar/parser.hpp"
#include "data_api/serve/chosen_call.hpp"
#include "data_api/serve/served.hpp"

namespace lakebase::emulator::data_api {

HttpReply DatabaseApi::call_request(Served& served) {
  auto const& method = served.request.method;
  if (!served.is_read() && method != "POST") {
    throw ApiError{405, "PGRST101", fmt::format("Cannot use the {} method on RPC", method)};
  }
  auto tree = parse_query(decoded_pairs(served.request.query_text), served.is_read());
  auto const call = chosen_call(*served.catalog, served.schema, served.path[2], served.request, tree);
  auto const& function = *call.function;
  if (served.preferences.strict && served.preferences.max_affected && !function.returns_set) {
    throw ApiError{400, "PGRST128",
                   "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"};
  }
  auto const* const rows_of = served.catalog->find_table(function.row_schema, function.row_table);
  auto const value = function.returns_rows             ? one_value(rows_of, tree)
                     : function.return_type == "bytea" ? OneValue::bytes
                                                       : OneValue::text;
  auto const media = chosen_media(served.request.header("accept"), value);
  PlanOptions options{served.schema, served.settings.max_rows, served.settings.aggregates, media.form,
                      served.preferences.count_exact};
  if (media.form == BodyForm::array) {
    if (!function.returns_rows) options.form = BodyForm::scalar;
    if (function.returns_rows && !function.returns_set) options.form = BodyForm::object;
  }
  for (auto const& [path, scope] : tree.scopes) check_range(scope);
  if (method == "GET") apply_range(served.request.header("range"), tree.at({}));
  auto const offset = tree.at({}).offset.value_or(0);
  auto const outcome =
      served.run(plan_call(*served.catalog, options, function, call.arguments, tree), [&](auto const& one) {
        served.require_single(media, one);
        served.require_few(one);
      });
  HttpReply reply;
  if (function.returns_void) {
    reply.status = 204;
    reply.content_type.clear();
    return reply;
  }
  reply.content_type = media.type;
  bool const is_raw = options.form == BodyForm::text || options.form == BodyForm::bytes;
  reply.body = outcome.body.empty() && !is_raw ? "null" : outcome.body;
  if (function.returns_rows) reply.status = read_status(offset, outcome.rows, outcome.more);
  bool const counts_values = !function.returns_rows && served.preferences.count_exact;
  auto const total = counts_values ? std::to_string(outcome.rows) : outcome.more;
  reply.headers.emplace_back("Content-Range", content_range(offset, outcome.rows, total));
  return reply;
}

}  // namespace lakebase::emulator::data_api
