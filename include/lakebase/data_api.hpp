#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <lakebase/config.hpp>
#include <lakebase/data_api/error.hpp>
#include <lakebase/data_api/expression.hpp>
#include <lakebase/data_api/rows.hpp>
#include <lakebase/data_api/transaction.hpp>
#include <lakebase/export.hpp>
#include <lakebase/json.hpp>
#include <lakebase/pager.hpp>
#include <lakebase/postgres/data_api.hpp>
#include <lakebase/workspace_client.hpp>

namespace lakebase {
inline namespace v0 {

/// Rows of a database over HTTP: the Data API, in the manner of PostgREST.
namespace data_api {

/// What `Table::upsert` does with a row whose key is there.
enum class Resolution {
  merge_duplicates,   ///< Update it.
  ignore_duplicates,  ///< Leave it as it is.
};

/// How rows are counted.
enum class Count {
  exact,      ///< One by one.
  planned,    ///< As PostgreSQL's planner estimates. Of `compat::postgrest` only.
  estimated,  ///< One by one up to the server's `db-max-rows`, and as planned beyond. Of `compat::postgrest` only.
};

/// A table and columns of it, for DataApiClient::check_names.
struct TableNames {
  /// A table or a view.
  std::string table{};
  /// Its columns, by their plain names.
  std::vector<std::string> columns{};
};

/// The names of the members of a struct with `describe`: `check_names({{"films", columns_of<Film>()}})`.
template <class T>
[[nodiscard]] std::vector<std::string> columns_of() {
  std::vector<std::string> names;
  T::describe([&](std::string_view name, auto) { names.emplace_back(name); });
  return names;
}

namespace detail {

/// The address of a Data API, and its credentials.
class Connection;

/// One request before it is sent.
struct Call {
  std::string verb = "GET";
  std::string schema{};
  std::string name{};
  bool is_function = false;
  std::string accept = "application/json";
  std::vector<Selected> selected{};
  std::vector<Condition> conditions{};
  std::vector<Column> on_conflict{};
  std::optional<Resolution> resolution{};
  std::vector<std::pair<std::string, std::string>> query{};  // other parameters
  std::vector<std::string> prefer{};
  std::string body{};
  bool is_idempotent = true;

  LAKEBASE_EXPORT void add(Condition const& condition);
  LAKEBASE_EXPORT void order(std::vector<Order> const& columns);
  /// All parameters of the query string.
  LAKEBASE_EXPORT std::vector<std::pair<std::string, std::string>> parameters() const;
};

LAKEBASE_EXPORT Rows send(Connection const& connection, Call const& call);
/// One row, or none; @throws DataApiError if there are several
LAKEBASE_EXPORT std::optional<std::string> send_for_one(Connection const& connection, Call call);
LAKEBASE_EXPORT std::int64_t send_for_count(Connection const& connection, Call call, Count how);
/// @throws InvalidArgument if the server does not know it
LAKEBASE_EXPORT std::string count_preference(Connection const& connection, Count how);

/// What a walk over pages has to know of a page.
struct RowPage {
  std::vector<std::string> rows{};
  std::string next{};
};
LAKEBASE_EXPORT RowPage send_for_page(Connection const& connection, Call call, std::size_t size,
                                      std::optional<Order> const& key, std::string const& token);

template <class T>
std::string body_of(T const& value) {
  std::string json;
  write_value(json, value);
  return json;
}

/// The members that are set in one of the rows.
template <class T>
std::string names_of(std::vector<T> const& rows) {
  std::string names;
  T::describe([&](std::string_view name, auto member) {
    bool is_set = true;
    if constexpr (is_optional<std::remove_cvref_t<decltype(std::declval<T const&>().*member)>>) {
      is_set = std::any_of(rows.begin(), rows.end(), [&](T const& row) { return (row.*member).has_value(); });
    }
    if (is_set) names += (names.empty() ? "" : ",") + Column{name}.path();
  });
  return names;
}

}  // namespace detail

/// A query of a table, a view, or the rows of a function. Each function returns another query, so that one can be kept.
///
/// Thread safety: a plain value; functions that send may be called in several threads at once.
/// Exceptions: those that send throw DataApiError, InvalidArgument, TransportError, AuthError and Cancelled.
/// Lifetime: independent of the client that made it.
class LAKEBASE_EXPORT Select {
 public:
  /// Made by Table::select and DataApiClient::rpc.
  Select(std::shared_ptr<detail::Connection const> connection, detail::Call call)
      : connection_(std::move(connection)), call_(std::move(call)) {}

  /// Only rows that meet this, and all conditions before.
  Select where(Condition const& condition) const {
    auto next = *this;
    next.call_.add(condition);
    return next;
  }
  /// Sorted by these.
  template <class... Columns>
  Select order(Columns const&... columns) const {
    auto next = *this;
    next.call_.order({Order{columns}...});
    return next;
  }
  /// This many rows at most.
  Select limit(std::int64_t rows) const { return with("limit", std::to_string(rows)); }
  /// Without the first rows.
  Select offset(std::int64_t rows) const { return with("offset", std::to_string(rows)); }
  /// Let `Rows::total` tell how many rows there are. @throws InvalidArgument for a count that the service does not know
  Select counted(Count how = Count::exact) const {
    auto next = *this;
    next.call_.prefer.push_back(detail::count_preference(*connection_, how));
    return next;
  }

  /// Sends it. The service may cut the rows off at its `db_max_rows`, without a word: `pages` gets all.
  [[nodiscard]] Rows get() const { return detail::send(*connection_, call_); }
  /// Sends it, and reads each row. @throws ParseError as Rows::as
  template <class T>
  [[nodiscard]] std::vector<T> get() const {
    return get().template as<T>();
  }
  /// The only row. @throws DataApiError `PGRST116` if there is none, or several; ParseError as Rows::as
  template <class T = JsonText>
  [[nodiscard]] T single() const {
    auto call = call_;
    call.accept = "application/vnd.pgrst.object+json";
    T row{};
    detail::read_value(std::string_view{detail::send(*connection_, call).json.text}, {}, row);
    return row;
  }
  /// The only row, or none. @throws DataApiError `PGRST116` if there are several; ParseError as Rows::as
  template <class T = JsonText>
  [[nodiscard]] std::optional<T> maybe_single() const {
    auto const text = detail::send_for_one(*connection_, call_);
    if (!text) return std::nullopt;
    T row{};
    detail::read_value(std::string_view{*text}, {}, row);
    return row;
  }
  /// The response as a whole, which is what a function returns that returns no rows: `rpc("add", …).value<int>()`.
  /// @throws ParseError as Rows::as
  template <class T>
  [[nodiscard]] T value() const {
    T whole{};
    auto const rows = get();
    detail::read_value(std::string_view{rows.json.text}, {}, whole);
    return whole;
  }
  /// The number of rows, without them. @throws InvalidArgument for a count that the service does not know
  [[nodiscard]] std::int64_t count(Count how = Count::exact) const {
    return detail::send_for_count(*connection_, call_, how);
  }
  /// As text with commas, its first line being the names of the columns.
  [[nodiscard]] std::string csv() const {
    auto call = call_;
    call.accept = "text/csv";
    return detail::send(*connection_, call).json.text;
  }

  /// All rows, fetched `size` at a time as they are read. The walk ends with an empty page, so that no `db_max_rows`
  /// cuts it short. Needs `order` by columns that tell any two rows apart; rows that come or go meanwhile shift the
  /// later pages, which `pages(size, key)` avoids.
  /// @throws InvalidArgument if there is no order, or a limit or an offset, or `size` is 0
  template <class T = JsonText>
  [[nodiscard]] Pager<T> pages(std::size_t size) const {
    return walk<T>(size, std::nullopt);
  }
  /// All rows in the order of `key`, a column that is unique and never null: each page begins after the last row of the
  /// one before. The column has to be among the selected ones.
  /// @throws InvalidArgument if there is another order, a limit or an offset, or `size` is 0
  template <class T = JsonText>
  [[nodiscard]] Pager<T> pages(std::size_t size, Order const& key) const {
    return walk<T>(size, key);
  }

 private:
  Select with(std::string name, std::string value) const {
    auto next = *this;
    next.call_.query.emplace_back(std::move(name), std::move(value));
    return next;
  }
  void check_pages(std::size_t size, bool has_key) const;

  template <class T>
  Pager<T> walk(std::size_t size, std::optional<Order> key) const {
    check_pages(size, key.has_value());
    return Pager<T>{[connection = connection_, call = call_, size, key](std::string const& token) {
      auto page = detail::send_for_page(*connection, call, size, key, token);
      Page<T> read{.items = {}, .next_page_token = std::move(page.next)};
      for (auto const& row : page.rows) detail::read_value(std::string_view{row}, {}, read.items.emplace_back());
      return read;
    }};
  }

  std::shared_ptr<detail::Connection const> connection_;
  detail::Call call_;
};

/// A change of rows that is ready to be sent. One request is one statement: all of it happens, or nothing.
///
/// Thread safety: a plain value; `execute` may be called in several threads at once, and each call is a change.
/// Exceptions: `execute` throws what Select describes.
/// Lifetime: independent of the client that made it.
class LAKEBASE_EXPORT Write {
 public:
  /// Made by Table.
  Write(std::shared_ptr<detail::Connection const> connection, detail::Call call)
      : connection_(std::move(connection)), call_(std::move(call)) {}

  /// Return the rows as they are then, with these columns; none: all columns.
  template <class... Columns>
  Write returning(Columns const&... columns) const {
    auto next = *this;
    next.call_.prefer.emplace_back("return=representation");
    next.call_.selected = {Selected{columns}...};
    return next;
  }
  /// Sending it twice is the same as sending it once, so that it is repeated after a fault.
  Write idempotent() const {
    auto next = *this;
    next.call_.is_idempotent = true;
    return next;
  }
  /// Sends it.
  Rows execute() const { return detail::send(*connection_, call_); }

 private:
  friend class Transaction;
  std::shared_ptr<detail::Connection const> connection_;
  detail::Call call_;
};

/// An update or a removal that does not say yet which rows are meant, and cannot be sent before.
///
/// Thread safety: a plain value.
/// Exceptions: none but std::bad_alloc.
/// Lifetime: independent of the client that made it.
class [[nodiscard]] Unfiltered {
 public:
  /// Made by Table.
  Unfiltered(std::shared_ptr<detail::Connection const> connection, detail::Call call)
      : connection_(std::move(connection)), call_(std::move(call)) {}

  /// The rows that meet this.
  Write where(Condition const& condition) const {
    auto call = call_;
    call.add(condition);
    return {connection_, std::move(call)};
  }
  /// All rows of the table. The service wants a condition in any case: one that always holds is made of `column`, which
  /// may be any.
  Write all_rows(std::string_view column) const { return where(Column{column}.is_null() || !Column{column}.is_null()); }

 private:
  std::shared_ptr<detail::Connection const> connection_;
  detail::Call call_;
};

/// A table or a view.
///
/// Thread safety: a plain value.
/// Exceptions: none but std::bad_alloc, and InvalidArgument for an empty name.
/// Lifetime: independent of the client that made it.
class [[nodiscard]] Table {
 public:
  /// Made by DataApiClient::from.
  Table(std::shared_ptr<detail::Connection const> connection, detail::Call call)
      : connection_(std::move(connection)), call_(std::move(call)) {}

  /// A query for these columns and relations; none: all columns.
  template <class... Columns>
  Select select(Columns const&... columns) const {
    auto call = call_;
    call.selected = {Selected{columns}...};
    return {connection_, std::move(call)};
  }

  /// New rows: a struct with `describe`, a std::vector of them, or JsonText with an object or an array. What a
  /// std::optional leaves unset becomes the column's default.
  template <class RowOrRows>
  Write insert(RowOrRows const& rows) const {
    return post(rows);
  }
  /// New rows, or changes of those whose key is there. `on_conflict`: columns that are unique together; none: the
  /// primary key. What no row sets stays as it is; what only some of a std::vector set becomes the column's default in
  /// the others, even in rows that are there already.
  template <class RowOrRows>
  Write upsert(RowOrRows const& rows, std::vector<std::string> const& on_conflict = {},
               Resolution resolution = Resolution::merge_duplicates) const {
    return post(rows, [&](detail::Call& call) {
      for (auto const& name : on_conflict) call.on_conflict.emplace_back(name);
      call.resolution = resolution;
      call.is_idempotent = true;
    });
  }
  /// Other values for rows: a struct with `describe`, of which unset members stay as they are, or JsonText with an
  /// object.
  template <class Patch>
  Unfiltered update(Patch const& patch) const {
    auto call = call_;
    call.verb = "PATCH";
    call.is_idempotent = false;
    call.body = detail::body_of(patch);
    return {connection_, std::move(call)};
  }
  /// Removes rows.
  Unfiltered remove() const {
    auto call = call_;
    call.verb = "DELETE";
    call.is_idempotent = false;
    return {connection_, std::move(call)};
  }

 private:
  template <class RowOrRows, class Change = void (*)(detail::Call&)>
  Write post(
      RowOrRows const& rows, Change const& change = [](detail::Call&) {}) const {
    auto call = call_;
    call.verb = "POST";
    call.is_idempotent = false;
    call.body = detail::body_of(rows);
    if constexpr (detail::is_list<RowOrRows>) {
      // Rows may differ in what is unset.
      if constexpr (detail::Described<typename RowOrRows::value_type>) {
        if (auto names = detail::names_of(rows); !names.empty()) call.query.emplace_back("columns", std::move(names));
        call.prefer.emplace_back("missing=default");
      }
    }
    change(call);
    return {connection_, std::move(call)};
  }

  std::shared_ptr<detail::Connection const> connection_;
  detail::Call call_;
};

/// Options of DataApiClient.
struct DataApiOptions {
  /// The schema of tables and functions; `DataApiClient::schema` changes it.
  std::string schema = "public";
  /// Of a branch: which database, by its name in SQL.
  std::string database = "databricks_postgres";
  /// Of a base URL: the endpoint that database credentials are requested for. Empty: the workspace's OAuth token is
  /// sent.
  std::string endpoint{};
};

/// The Data API of one database: `api.from("films").select("title").where(col("year") > 1990).get()`.
///
/// Requests are sent with a database credential if the endpoint is known, else with the workspace's OAuth token. Reads
/// are repeated after passing failures; writes, if the request cannot have reached the database, or is idempotent.
///
/// Thread safety: safe to share between threads; copies share tokens and connections.
/// Exceptions: the constructors throw what they name; requests throw what Select describes.
/// Lifetime: cheap to copy; independent of the WorkspaceClient.
class LAKEBASE_EXPORT DataApiClient {
 public:
  /// `target` is a base URL, which is `status.url` of the resource; or the name of a branch, a database or a Data API,
  /// `projects/p/branches/b/databases/d`, which is looked up here and now.
  /// @throws InvalidArgument for any other target; NotFound if there is no Data API; and as any call
  explicit DataApiClient(WorkspaceClient const& workspace, std::string_view target, DataApiOptions const& options = {});
  /// The Data API of this resource. @throws MissingField if it has no URL yet; and as any call
  explicit DataApiClient(WorkspaceClient const& workspace, postgres::DataApi const& resource,
                         DataApiOptions const& options = {});

  /// The same client with another schema.
  [[nodiscard]] DataApiClient schema(std::string_view name) const;
  /// A table or a view. @throws InvalidArgument if the name is empty
  [[nodiscard]] Table from(std::string_view table) const;
  /// A function, with its arguments by name: a struct with `describe`, or JsonText with an object. It is called once,
  /// by POST.
  template <class Arguments = JsonText>
  [[nodiscard]] Select rpc(std::string_view function, Arguments const& arguments = JsonText{"{}"}) const {
    return call_function(function, detail::body_of(arguments));
  }

  /// The same by GET, for functions that are stable or immutable: the service runs it in a read-only transaction, and
  /// it is repeated after passing failures, as other reads are. An array is sent as PostgreSQL writes one, so that an
  /// argument of type json cannot be one.
  /// @throws InvalidArgument for an argument that is null, an array of arrays, or what a query string has another
  /// meaning for: one that is called `limit`, or a text such as `eq.1`
  template <class Arguments = JsonText>
  [[nodiscard]] Select rpc_get(std::string_view function, Arguments const& arguments = JsonText{"{}"}) const {
    return read_function(function, detail::body_of(arguments));
  }

  /// Writes that happen all, or not at all: see Transaction. `runner` carries them out if the schema has no function
  /// for that: `api.transaction(lakebase::pq::transaction_runner(pool))`.
  [[nodiscard]] Transaction transaction(TransactionRunner runner = {}) const {
    return {connection_, schema_, std::move(runner)};
  }

  /// Holds names against what the schema has, in one request: at start-up, before a wrong one is met in a query.
  /// @throws InvalidArgument that lists the unknown names, each with the nearest one; DataApiError if the Data API's
  /// `openapi_mode` is not `OPEN_API_MODE_IGNORE_PRIVILEGES`; and as any request
  void check_names(std::vector<TableNames> const& tables) const;

  /// What all requests begin with.
  [[nodiscard]] std::string base_url() const;

 private:
  friend class Postgrest;
  DataApiClient(std::shared_ptr<detail::Connection const> connection, std::string schema);
  Select call_function(std::string_view function, std::string arguments) const;
  Select read_function(std::string_view function, std::string const& arguments) const;

  std::shared_ptr<detail::Connection const> connection_;
  std::string schema_;
};

/// Servers that are no Lakebase.
namespace compat {

/// A client of a plain PostgREST server, which takes the schema from a header instead of the path. `config` may set
/// `credentials_strategy`; without one, no token is sent.
/// @throws ConfigError, InvalidArgument
[[nodiscard]] LAKEBASE_EXPORT DataApiClient postgrest(std::string_view base_url, Config config = {},
                                                      std::string_view schema = "public");

}  // namespace compat

}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
