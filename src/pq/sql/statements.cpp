#include <lakebase/pq/statements.hpp>

#include <algorithm>
#include <memory>

#include <libpq-fe.h>

#include "pq/session/session.hpp"
#include "pq/session/watched.hpp"
#include "pq/sql/copy_state.hpp"
#include "pq/sql/param_array.hpp"
#include "pq/sql/prepared.hpp"
#include "pq/sql/row_stream_state.hpp"

namespace lakebase {
inline namespace v0 {
namespace pq {
namespace {

detail::Session& usable(detail::SessionHold const& session) {
  if (!session) throw InvalidArgument("the connection was moved from or released, or the transaction has ended");
  return *session;
}

int send_query(PGconn* connection, std::string const& sql, Params const& params, StatementOptions const& options) {
  detail::statement_text(sql);
  if (params.empty() && !options.binary_results) return PQsendQuery(connection, sql.c_str());
  detail::ParamArray const array{params};
  return PQsendQueryParams(connection, sql.c_str(), array.size(), array.types(), array.values(), array.lengths(),
                           array.formats(), options.binary_results ? 1 : 0);
}

}  // namespace

Result Statements::exec(std::string_view sql, Params const& params, StatementOptions const& options) {
  auto& session = usable(session_);
  return detail::watched(session, {.sql = sql, .parametrised = !params.empty()}, [&] {
    return session.run(options, [&](PGconn* c) { return send_query(c, std::string{sql}, params, options); });
  });
}

void Statements::prepare(std::string const& name, std::string_view sql, StatementOptions const& options) {
  auto& session = usable(session_);
  detail::without_nul(name, "the name of a statement");
  detail::StatementWait wait{session, options};
  detail::prepare_statement(session, name, std::string{detail::statement_text(sql)}, wait);
}

Result Statements::exec_prepared(std::string const& name, Params const& params, StatementOptions const& options) {
  auto& session = usable(session_);
  detail::without_nul(name, "the name of a statement");
  detail::ParamArray const array{params};
  detail::StatementWait wait{session, options};
  auto const send = [&](PGconn* c) {
    return PQsendQueryPrepared(c, name.c_str(), array.size(), array.values(), array.lengths(), array.formats(),
                               options.binary_results ? 1 : 0);
  };
  auto const text = detail::prepared_text(session, name);
  return detail::watched(session, {.sql = text, .parametrised = true}, [&] {
    return detail::with_name(session, name, wait, [&] { return session.run(wait, send); });
  });
}

RowStream Statements::stream(std::string_view sql, Params const& params, StatementOptions const& options) {
  auto& session = usable(session_);
  auto state = std::make_unique<detail::RowStreamState>(session_.share(), options);
  state->event.begin(session, {.sql = sql, .parametrised = !params.empty()}, [&] {
    session.start(
        [&](PGconn* c) { return send_query(c, std::string{sql}, params, options) != 0 && PQsetSingleRowMode(c) != 0; });
  });
  state->open = true;
  return RowStream{std::move(state)};
}

CopyIn Statements::copy_in(std::string_view sql, StatementOptions const& options) {
  usable(session_);
  return CopyIn{detail::start_copy(session_.share(), std::string{sql}, options, PGRES_COPY_IN)};
}

CopyOut Statements::copy_out(std::string_view sql, StatementOptions const& options) {
  usable(session_);
  return CopyOut{detail::start_copy(session_.share(), std::string{sql}, options, PGRES_COPY_OUT)};
}

std::string Statements::columns_of(std::string_view table, std::string_view const* columns, std::size_t count) const {
  std::string text;
  for (std::size_t begin = 0; begin <= table.size();) {
    auto const end = std::min(table.find('.', begin), table.size());
    if (begin > 0) text += '.';
    text += quote_identifier(table.substr(begin, end - begin));
    begin = end + 1;
  }
  for (std::size_t i = 0; i < count; ++i) {
    text += i == 0 ? " (" : ", ";
    text += quote_identifier(columns[i]);
  }
  return text + ')';
}

Pipeline Statements::pipeline() {
  usable(session_);
  return Pipeline{session_.share()};
}

namespace {

template <class Escape>
std::string escaped(detail::Session& session, std::string_view text, Escape escape) {
  session.require_usable();
  detail::without_nul(text, "a text to quote");
  std::unique_ptr<char, decltype(&PQfreemem)> const quoted{escape(session.native(), text.data(), text.size()),
                                                           &PQfreemem};
  if (!quoted) {
    auto failure = detail::failure_saying(detail::clean(PQerrorMessage(session.native())), session.host());
    throw PgError{std::move(failure.pg), std::move(failure.facts)};
  }
  return quoted.get();
}

}  // namespace

std::string Statements::quote_identifier(std::string_view name) const {
  return escaped(usable(session_), name, PQescapeIdentifier);
}

std::string Statements::quote_literal(std::string_view text) const {
  return escaped(usable(session_), text, PQescapeLiteral);
}

}  // namespace pq
}  // namespace v0
}  // namespace lakebase
