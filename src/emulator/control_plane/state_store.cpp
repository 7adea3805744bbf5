#include "state_store.hpp"

#include <type_traits>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

constexpr int format_version = 1;

template <class Record>
Json to_json(Record const& record);
template <class Record>
void from_json(Json const& json, Record& record);

// One overload a type of member: how it is written, and how it is read again.
template <class T>
requires std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Json> Json
value_to_json(T const& value) {
  return value;
}
Json value_to_json(TimePoint value) {
  return value.time_since_epoch().count();
}
Json value_to_json(Duration value) {
  return value.count();
}
Json value_to_json(std::map<std::string, std::string> const& value) {
  Json object = Json::object();
  for (auto const& [key, text] : value) object[key] = text;
  return object;
}
template <class T>
Json value_to_json(std::optional<T> const& value) {
  return value ? value_to_json(*value) : Json{};
}
Json value_to_json(std::vector<std::string> const& values) {
  return values;
}
template <class T>
Json value_to_json(std::vector<T> const& values) {
  Json list = Json::array();
  for (auto const& value : values) list.push_back(to_json(value));
  return list;
}
Json value_to_json(ComputeSpec const& value) {
  return to_json(value);
}

template <class T>
requires std::is_arithmetic_v<T> || std::is_same_v<T, std::string>
void value_from_json(Json const& json, T& value) {
  value = json.get<T>();
}
void value_from_json(Json const& json, Json& value) {
  value = json;
}
void value_from_json(Json const& json, TimePoint& value) {
  value = TimePoint{Duration{json.get<std::int64_t>()}};
}
void value_from_json(Json const& json, Duration& value) {
  value = Duration{json.get<std::int64_t>()};
}
void value_from_json(Json const& json, std::map<std::string, std::string>& value) {
  for (auto const& [key, text] : json.items()) value[key] = text.get<std::string>();
}
template <class T>
void value_from_json(Json const& json, std::optional<T>& value) {
  if (json.is_null()) {
    value.reset();
  } else {
    value_from_json(json, value.emplace());
  }
}
void value_from_json(Json const& json, std::vector<std::string>& values) {
  values = json.get<std::vector<std::string>>();
}
template <class T>
void value_from_json(Json const& json, std::vector<T>& values) {
  if (!json.is_array()) throw std::runtime_error("a list is missing");
  for (auto const& element : json) from_json(element, values.emplace_back());
}
void value_from_json(Json const& json, ComputeSpec& value) {
  from_json(json, value);
}

template <class Record>
Json to_json(Record const& record) {
  Json json = Json::object();
  Record::describe([&](char const* name, auto member) { json[name] = value_to_json(record.*member); });
  return json;
}

// A member that the file lacks keeps its default, so that an older file can be read.
template <class Record>
void from_json(Json const& json, Record& record) {
  Record::describe([&](char const* name, auto member) {
    if (auto const found = json.find(name); found != json.end()) value_from_json(*found, record.*member);
  });
}

}  // namespace

StateNotSaved::StateNotSaved(std::string const& why)
    : ServiceError(
          500, "INTERNAL_ERROR",
          fmt::format("The emulator cannot save its state ({}). Nothing was changed. Mend that, for example by "
                      "making room on the disk, and try again.",
                      why)) {}

State StateStore::load() {
  State state;
  saved_ = read_private_file(file_);
  if (saved_.empty()) return state;
  try {
    Json const document = Json::parse(saved_);
    if (document.at("format").get<int>() != format_version) throw std::runtime_error("it has another format");
    from_json(document.at("state"), state);
  } catch (std::exception const& error) {
    throw std::runtime_error(fmt::format("{} cannot be read: {}", file_.string(), error.what()));
  }
  return state;
}

void StateStore::save(State const& state) {
  Json const document{{"format", format_version}, {"state", to_json(state)}};
  std::string text = document.dump(1, ' ', false, Json::error_handler_t::replace);
  try {
    if (is_temporary_) {
      write_private_file(file_, text);
    } else {
      replace_durably(file_, text, saved_, step_);
    }
  } catch (std::exception const& error) {
    throw StateNotSaved(error.what());
  }
  saved_ = std::move(text);
}

}  // namespace lakebase::emulator
