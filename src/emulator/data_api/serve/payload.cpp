#include "data_api/serve/payload.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "data_api/grammar/api_error.hpp"
#include "engine/fields.hpp"
#include "http/http_message.hpp"

namespace lakebase::emulator::data_api {
namespace {

// As deep as PostgreSQL goes, about.
constexpr int deepest_body = 1000;

ApiError bad_body(std::string const& message) {
  return {400, "PGRST102", message};
}

// The fields of the next line, which may have line ends in quotes; false at the end.
bool next_record(std::string_view& text, std::vector<std::pair<std::string, bool>>& fields) {
  fields.clear();
  if (text.empty()) return false;
  for (;;) {
    std::string field;
    bool const quoted = text.starts_with('"');
    if (quoted) {
      text.remove_prefix(1);
      for (;;) {
        auto const end = text.find('"');
        if (end == std::string_view::npos) throw bad_body("a quoted field of the CSV has no end");
        field += text.substr(0, end);
        text.remove_prefix(end + 1);
        if (!text.starts_with('"')) break;
        field += '"';
        text.remove_prefix(1);
      }
    } else {
      auto const end = std::min(text.find_first_of(",\r\n"), text.size());
      field = text.substr(0, end);
      text.remove_prefix(end);
    }
    fields.emplace_back(std::move(field), quoted);
    if (text.starts_with(',')) {
      text.remove_prefix(1);
      continue;
    }
    if (text.starts_with('\r')) text.remove_prefix(1);
    if (text.starts_with('\n')) text.remove_prefix(1);
    return true;
  }
}

Json rows_of_csv(std::string_view text) {
  std::vector<std::pair<std::string, bool>> header, fields;
  Json rows = Json::array();
  if (!next_record(text, header)) throw bad_body("the CSV has no header");
  while (next_record(text, fields)) {
    if (fields.size() != header.size()) throw bad_body("All lines must have same number of fields");
    Json row = Json::object();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      bool const is_null = !fields[i].second && fields[i].first == "NULL";
      row[header[i].first] = is_null ? Json(nullptr) : Json(fields[i].first);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// Sorted, for each row may have them in an order of its own.
std::vector<std::string> keys_of(Json const& row) {
  std::vector<std::string> keys;
  for (auto const& [key, value] : row.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

Json parse_json(std::string_view body) {
  if (is_nested_deeper(body, deepest_body)) throw bad_body("The body is nested too deeply");
  auto json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) throw bad_body("Empty or invalid json");
  return json;
}

Payload read_payload(std::string_view content_type, std::string const& body,
                     std::optional<std::vector<std::string>> const& columns, bool missing_as_default) {
  auto const type = to_lower(trimmed(content_type.substr(0, content_type.find(';'))));
  Payload payload{.json = body, .columns = {}, .missing_as_default = missing_as_default};
  Json rows;
  if (type == "text/csv") {
    rows = rows_of_csv(body);
    payload.json = rows.dump(-1, ' ', false, Json::error_handler_t::replace);
  } else if (type == "application/x-www-form-urlencoded") {
    Json row = Json::object();
    for (auto const& [name, value] : decoded_form(body)) row[name] = value;
    rows = Json::array({row});
    payload.json = rows.dump(-1, ' ', false, Json::error_handler_t::replace);
  } else if (type.empty() || type == "application/json" || type == "*/*") {
    rows = parse_json(body);
    if (!rows.is_object() && !rows.is_array()) throw bad_body("Empty or invalid json");
    if (rows.is_object()) {
      rows = Json::array({rows});
      payload.json = "[" + body + "]";
    }
  } else {
    throw ApiError{415, "PGRST102", fmt::format("Content-Type not acceptable: {}", content_type)};
  }
  if (!std::all_of(rows.begin(), rows.end(), [](Json const& row) { return row.is_object(); })) {
    throw bad_body("All elements of the array must be objects");
  }
  if (columns) {
    payload.columns = *columns;
    return payload;
  }
  payload.columns = common_keys(rows);
  if (rows.empty()) payload.json = "[]";
  return payload;
}

std::vector<std::string> common_keys(Json const& objects) {
  if (objects.empty()) return {};
  auto keys = keys_of(objects.front());
  for (auto const& one : objects) {
    if (keys_of(one) != keys) throw bad_body("All object keys must match");
  }
  return keys;
}

Payload single(Payload payload) {
  auto const rows = Json::parse(payload.json);
  if (rows.size() != 1) throw bad_body("The body must be one object");
  // What is between the brackets, so that no number changes.
  auto const begin = payload.json.find('[') + 1;
  payload.json = payload.json.substr(begin, payload.json.rfind(']') - begin);
  return payload;
}

}  // namespace lakebase::emulator::data_api
