#include <array>
#include <utility>

#include <lakebase/data_api/error.hpp>

#include "base/ascii.hpp"
#include "base/json_text.hpp"
#include "data_api/connection.hpp"

namespace lakebase {
inline namespace v0 {
namespace data_api {

struct DataApiError::Said {
  std::string details{};
  std::string hint{};
};

DataApiError::DataApiError(ErrorFacts facts) : ApiError(std::move(facts)) {
  auto said = std::make_shared<Said>();
  if (auto const& bodies = this->facts().details.unknown; !bodies.empty()) {
    auto const body = lakebase::detail::parse_json(bodies.back().text);
    said->details = detail::details_of(body);
    said->hint = lakebase::detail::text_of(body, "hint");
  }
  said_ = std::move(said);
}

DataApiError::~DataApiError() = default;

std::string DataApiError::sqlstate() const {
  return code().size() == 5 && !code().starts_with("PGRST") ? code() : std::string{};
}

std::string const& DataApiError::database_details() const noexcept {
  return said_->details;
}

std::string const& DataApiError::database_hint() const noexcept {
  return said_->hint;
}

bool DataApiError::is_auth() const noexcept {
  return http_status() == 401 || code() == "42501" || code().starts_with("PGRST3") || code().starts_with("28");
}

bool DataApiError::is_conflict() const noexcept {
  return http_status() == 409 || code() == "23503" || code() == "23505" || code() == "PT409";
}

namespace detail {

namespace {

struct RemedyRow {
  std::string_view code{};
  std::string_view text{};  // part of the message; empty: any
  std::string_view remedy{};
};

constexpr std::array remedies{
    RemedyRow{"PGRST301",
              {},
              "Send an OAuth token or a database credential, and give the identity a PostgreSQL role: "
              "SELECT databricks_create_role('<identity>', 'USER')."},
    RemedyRow{"PGRST302", {}, "Send a token, or create the role that db_anon_role names and grant it what is read."},
    RemedyRow{
        "42501", "set role",
        "Run GRANT \"<identity>\" TO authenticator, as who made the role by databricks_create_role. The owner of a "
        "project cannot use the Data API."},
    RemedyRow{"42501", {}, "Grant the role USAGE of the schema, and SELECT, INSERT, UPDATE or DELETE of the table."},
    RemedyRow{"PGRST205",
              {},
              "Check the name and the schema; after a change of the schema, run NOTIFY pgrst, 'reload schema'."},
    RemedyRow{"PGRST202",
              {},
              "Check the function's name and the names of its arguments; after a change, run NOTIFY pgrst, 'reload "
              "schema'."},
    RemedyRow{"PT409", {}, "Nothing was changed: read the rows again, and decide anew."},
    RemedyRow{"PGRST204", {}, "Check the names of the columns; after a change, run NOTIFY pgrst, 'reload schema'."},
    RemedyRow{"42703", {}, "Check the names of the columns."},
    RemedyRow{"42P01", {}, "Check the name of the table, and its schema."},
    RemedyRow{"42P10", {}, "Name columns that are unique together, as those of on_conflict."},
    RemedyRow{"PGRST125", {}, "Name one table or view of the schema, or one function."},
    RemedyRow{"PGRST106", {}, "Add the schema to the Data API's db_schemas; that may take minutes to be known."},
    RemedyRow{
        "PGRST100",
        {},
        "A condition is COLUMN=OPERATOR.VALUE, e.g. year=gt.1990, with eq, neq, gt, gte, lt, lte, like, ilike, in, "
        "is and what else the Data API knows; not. before it is its opposite."},
    RemedyRow{"21000", "WHERE", "Say by where() which rows are meant, or by all_rows() that all are."},
    RemedyRow{"PGRST102", {}, "Send an object, or an array of objects that all have the same members."},
    RemedyRow{
        "PGRST108", {}, "Conditions and orders of a relation need it in select(), too: embed(\"<relation>\", …)."},
    RemedyRow{"PGRST116", {}, "Narrow the conditions to one row; maybe_single() also takes none."},
    RemedyRow{"PGRST103", {}, "Use an offset within the rows, or pages(); neither limit nor offset is negative."},
    RemedyRow{"PGRST123", {}, "Set db_aggregates_enabled of the Data API."},
    RemedyRow{"PGRST126", {}, "Set openapi_mode of the Data API to OPEN_API_MODE_IGNORE_PRIVILEGES."},
    RemedyRow{
        "PGRST200", {}, "Embed relations that a foreign key joins; after a change, run NOTIFY pgrst, 'reload schema'."},
    RemedyRow{"PGRST201", {}, "Tell by embed(…).hint(\"<foreign key>\") which relationship is meant."},
    RemedyRow{"PGRST003", {}, "All sessions are in use: send fewer requests at once, or enlarge the compute."},
    RemedyRow{"23505", {}, "The key is there already: use upsert, or another key."},
    RemedyRow{"23503", {}, "The row refers to one that is missing, or is referred to: write or remove that one first."},
};

}  // namespace

std::string details_of(lakebase::detail::Json const& body) {
  auto const found = body.find("details");
  bool const is_list = found != body.end() && found->is_structured();
  return is_list ? lakebase::detail::dump(*found) : lakebase::detail::text_of(body, "details");
}

bool take_error(ErrorFacts& facts, std::string const& text) {
  auto const body = lakebase::detail::parse_json(text);
  if (!body.is_object() || !body.contains("code")) return false;
  facts.error_code = lakebase::detail::text_of(body, "code");
  facts.message = lakebase::detail::text_of(body, "message");
  if (auto const details = details_of(body); !details.empty()) facts.notes.push_back("details: " + details);
  if (auto const hint = lakebase::detail::text_of(body, "hint"); !hint.empty()) facts.notes.push_back("hint: " + hint);
  facts.details.unknown.push_back({text});
  if (auto advice = remedy(facts); !advice.empty()) facts.hint = std::move(advice);
  return true;
}

std::string remedy(ErrorFacts const& facts) {
  for (auto const& row : remedies) {
    if (facts.error_code == row.code && (row.text.empty() || facts.message.find(row.text) != std::string::npos)) {
      return std::string{row.remedy};
    }
  }
  return {};
}

}  // namespace detail
}  // namespace data_api
}  // namespace v0
}  // namespace lakebase
