#include "data_api/connection.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <lakebase/at.hpp>

#include "base/json_text.hpp"
#include "base/redaction.hpp"
#include "base/text/url.hpp"
#include "call/http_call.hpp"
#include "call/session.hpp"
#include "data_api/joined.hpp"
#include "http/error_mapping.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {
namespace detail {

namespace {

using lakebase::detail::CallResponse;
using lakebase::detail::Failure;
using lakebase::detail::HttpCall;
using lakebase::detail::HttpService;
using lakebase::detail::Idempotency;
using lakebase::detail::Request;
using lakebase::detail::Segment;
using lakebase::detail::Session;

// Gateways and servers refuse what is longer.
constexpr std::size_t longest_target = 8000;

std::optional<Failure> read_rows_error(Session const& session, HttpResponse const& response, HttpCall const& call) {
  if (response.status < 300) {
    if (lakebase::detail::is_html(response)) lakebase::detail::refuse_html(response, call.url(), call.facts(""));
    return std::nullopt;
  }
  auto facts = lakebase::detail::facts_of_response(response, session.clock()->system_now(), call.request().method(),
                                                   call.request().path());
  take_error(facts, response.body);
  return Failure{.facts = std::move(facts)};
}

[[noreturn]] void raise_rows_error(ErrorFacts facts) {
  throw DataApiError{std::move(facts)};
}

std::optional<std::int64_t> total_of(HttpResponse const& response) {
  auto const field = find_header(response.headers, "Content-Range");
  if (!field) return std::nullopt;
  auto const slash = field->find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto const digits = field->substr(slash + 1);
  std::int64_t total = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), total);
  return error == std::errc{} && end == digits.data() + digits.size() ? std::optional{total} : std::nullopt;
}

bool has_parameter(Call const& call, std::string_view name) {
  auto const parameters = call.parameters();
  return std::any_of(parameters.begin(), parameters.end(), [&](auto const& pair) { return pair.first == name; });
}

}  // namespace

Connection::Connection(std::shared_ptr<lakebase::detail::ApiClient const> api, std::string_view base_url,
                       std::shared_ptr<CredentialsStrategy> credentials, bool is_postgrest)
    : api_(std::move(api)),
      origin_(lakebase::detail::origin_of(base_url)),
      path_(lakebase::detail::target_of(base_url)),
      credentials_(std::move(credentials)),
      is_postgrest_(is_postgrest) {
  while (path_.ends_with('/')) path_.pop_back();
  auto const url = lakebase::detail::split_url(base_url);
  bool const is_safe =
      url.scheme == "https" ||
      (url.scheme == "http" && (lakebase::detail::is_loopback(url.host) || api_->config().allow_plain_http == true));
  if (!is_safe || url.host.empty() || path_.find_first_of("?#") != std::string::npos) {
    throw InvalidArgument{ErrorFacts{
        .message = fmt::format("the base URL \"{}\" of a Data API is not valid",
                               lakebase::detail::one_line(lakebase::detail::shorten(base_url, 128))),
        .hint = "It looks like https://<host>/api/2.0/workspace/<id>/rest/<database>; http is for this machine only."}};
  }
}

CallResponse Connection::run(Call const& call) const {
  auto path = path_;
  if (!is_postgrest_) path += lakebase::detail::fill_path("/{}", {Segment{call.schema}});
  if (call.name.empty()) {
    if (is_postgrest_) path += '/';  // the root
  } else {
    path += lakebase::detail::fill_path(call.is_function ? "/rpc/{}" : "/{}", {Segment{call.name}});
  }
  auto request = Request::of(call.verb, std::move(path), call.is_idempotent ? Idempotency::safe : Idempotency::unsafe);
  for (auto const& [name, value] : call.parameters()) {
    request = Request{std::move(request).query(name, std::string_view{value})};
  }
  if (request.target().size() > longest_target) {
    throw InvalidArgument{
        ErrorFacts{.message = fmt::format("the conditions make a URL of {} bytes, and servers take about {}",
                                          request.target().size(), longest_target),
                   .hint = "Split a long list of in() over several requests, or call a function that takes an array."}};
  }
  Headers headers{{"Accept", call.accept}};
  if (!call.body.empty()) {
    request = Request{std::move(request).json_body(call.body)};
    headers.emplace_back("Content-Type", "application/json");
  }
  auto prefer = call.prefer;
  if (call.resolution) {
    prefer.emplace_back(*call.resolution == Resolution::merge_duplicates ? "resolution=merge-duplicates"
                                                                         : "resolution=ignore-duplicates");
  }
  if (!prefer.empty()) headers.emplace_back("Prefer", fmt::format("{}", fmt::join(prefer, ", ")));
  if (is_postgrest_) {
    bool const reads = call.verb == "GET" || call.verb == "HEAD";
    headers.emplace_back(reads ? "Accept-Profile" : "Content-Profile", call.schema);
  }
  auto& session = api_->session();
  HttpService service{
      .base_url = [this] { return origin_; },
      .authentication = credentials_.get(),
      .read_error = [&session](HttpResponse const& response,
                               HttpCall const& http) { return read_rows_error(session, response, http); },
      .has_choices = true,
      .judge = lakebase::detail::judge_rows,
      .raise = raise_rows_error};
  HttpCall http{session, std::move(service), request, std::move(headers), api_->options()};
  if (call.verb != "HEAD") return http.run();
  try {
    return http.run();
  } catch (DataApiError const& error) {
    if (error.http_status() >= 500) throw;
  }
  // A response to HEAD has no body, which would tell what is wrong: one to a request for no rows has.
  auto in_words = call;
  in_words.verb = "GET";
  std::erase_if(in_words.query, [](auto const& pair) { return pair.first == "limit"; });
  in_words.query.emplace_back("limit", "0");
  return run(in_words);
}

void Call::add(Condition const& condition) {
  static_cast<void>(condition.parameters());  // what cannot be sent fails here
  conditions.push_back(condition);
}

void Call::order(std::vector<Order> const& columns) {
  auto text = order_text(columns);
  if (!text.empty()) query.emplace_back("order", std::move(text));
}

std::vector<std::pair<std::string, std::string>> Call::parameters() const {
  std::vector<std::pair<std::string, std::string>> all;
  if (!selected.empty()) {
    all.emplace_back("select", joined(selected, [](Selected const& part) { return part.text(); }));
  }
  for (auto const& part : selected) all.insert(all.end(), part.parameters().begin(), part.parameters().end());
  for (auto const& condition : conditions) {
    for (auto& parameter : condition.parameters()) all.push_back(std::move(parameter));
  }
  if (!on_conflict.empty()) {
    all.emplace_back("on_conflict", joined(on_conflict, [](Column const& column) { return column.path(); }));
  }
  all.insert(all.end(), query.begin(), query.end());
  return all;
}

Rows send(Connection const& connection, Call const& call) {
  auto response = connection.run(call).http;
  Rows rows{.json = {std::move(response.body)}, .total = total_of(response)};
  if (rows.json.text.empty() && call.accept != "text/csv") rows.json.text = "[]";
  return rows;
}

std::optional<std::string> send_for_one(Connection const& connection, Call call) {
  call.accept = "application/vnd.pgrst.object+json";
  try {
    return connection.run(call).http.body;
  } catch (DataApiError const& error) {
    if (error.code() == "PGRST116" && error.database_details().find(" 0 rows") != std::string::npos) {
      return std::nullopt;
    }
    throw;
  }
}

std::string count_preference(Connection const& connection, Count how) {
  if (how == Count::exact) return "count=exact";
  std::string_view const name = how == Count::planned ? "planned" : "estimated";
  if (!connection.is_postgrest()) {
    throw InvalidArgument{ErrorFacts{.message = fmt::format("the Data API has no {} count, only the exact one", name),
                                     .hint = "Use Count::exact, or count by a function of your own; compat::postgrest "
                                             "is for servers that estimate."}};
  }
  return fmt::format("count={}", name);
}

std::int64_t send_for_count(Connection const& connection, Call call, Count how) {
  if (call.verb == "POST") {
    throw InvalidArgument{
        ErrorFacts{.message = fmt::format("the rows of the function {} cannot be counted alone", call.name),
                   .hint = "Use rpc_get(), or counted().get(), whose total tells the number."}};
  }
  call.verb = "HEAD";
  call.prefer.push_back(count_preference(connection, how));
  auto const total = total_of(connection.run(call).http);
  if (!total) throw ParseError{{}, ErrorFacts{.message = "the response to a count has no Content-Range with a total"}};
  return *total;
}

// A page's token is `o` and the number of rows before it, or `k` and the last key before it.
RowPage send_for_page(Connection const& connection, Call call, std::size_t size, std::optional<Order> const& key,
                      std::string const& token) {
  call.query.emplace_back("limit", std::to_string(size));
  std::size_t before = 0;
  if (key) {
    call.order({*key});
    if (!token.empty()) {
      auto const last = token.substr(1);
      call.add(key->is_descending() ? key->column() < last : key->column() > last);
    }
  } else if (!token.empty()) {
    std::from_chars(token.data() + 1, token.data() + token.size(), before);
    call.query.emplace_back("offset", std::to_string(before));
  }
  RowPage page;
  std::string body;
  try {
    body = connection.run(call).http.body;
  } catch (DataApiError const& error) {
    if (before > 0 && error.code() == "PGRST103") return page;
    throw;
  }
  for (auto const row : elements_of(body)) page.rows.emplace_back(row);
  if (page.rows.empty()) return page;
  if (!key) {
    page.next = 'o' + std::to_string(before + page.rows.size());
    return page;
  }
  auto const name = key->column().name();
  for (auto const& [member, value] : members_of(page.rows.back())) {
    if (member == name && value != "null") page.next = 'k' + scalar_text(value);
  }
  if (page.next.empty()) {
    throw InvalidArgument{
        ErrorFacts{.message = fmt::format("the rows have no value of {}, by which the pages follow each other", name),
                   .hint = "Select the column under its own name, and take one that is unique and never null."}};
  }
  return page;
}

}  // namespace detail

void Select::check_pages(std::size_t size, bool has_key) const {
  auto const refuse = [](std::string what, std::string hint) {
    throw InvalidArgument{ErrorFacts{.message = std::move(what), .hint = std::move(hint)}};
  };
  if (size == 0) refuse("pages of no rows have no end", "Use at least 1, e.g. 1000.");
  if (detail::has_parameter(call_, "limit") || detail::has_parameter(call_, "offset")) {
    refuse("pages come with their own limit and offset", "Leave limit() and offset() out, and stop reading instead.");
  }
  bool const has_order = detail::has_parameter(call_, "order");
  if (has_key && has_order) refuse("pages by a key are in its order", "Leave order() out.");
  if (!has_key && !has_order) {
    refuse("pages of rows in no order may miss some", "Name a unique column, pages(n, \"id\"), or use order().");
  }
}

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
