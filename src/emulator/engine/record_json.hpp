#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "common/json.hpp"
#include "common/time.hpp"
#include "engine/records.hpp"

// Records to JSON and back. A record lists its members in `describe`.
namespace lakebase::emulator::described {

struct NoField {
  template <class Member>
  void operator()(char const*, Member) const {}
};
template <class T>
concept Described = requires {
  T::describe(NoField{});
};

template <class Record>
Json to_json(Record const& record);
template <class Record>
void from_json(Json const& json, Record& record);

// Writes and reads a member: one pair of overloads for each type.
template <class T>
requires std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Json> Json
value_to_json(T const& value) {
  return value;
}
inline Json value_to_json(TimePoint value) {
  return value.time_since_epoch().count();
}
inline Json value_to_json(Duration value) {
  return value.count();
}
inline Json value_to_json(std::map<std::string, std::string> const& value) {
  Json object = Json::object();
  for (auto const& [key, text] : value) object[key] = text;
  return object;
}
template <Described T>
Json value_to_json(T const& value);
template <class T>
Json value_to_json(std::optional<T> const& value) {
  return value ? value_to_json(*value) : Json{};
}
inline Json value_to_json(std::vector<std::string> const& values) {
  return values;
}
template <class T>
Json list_to_json(T const& values) {
  Json list = Json::array();
  for (auto const& value : values) list.push_back(to_json(value));
  return list;
}
template <Described T>
Json value_to_json(std::vector<T> const& values) {
  return list_to_json(values);
}
inline Json value_to_json(std::vector<Json> const& values) {
  return values;
}
template <class T>
Json value_to_json(Records<T> const& values) {
  return list_to_json(values);
}
template <Described T>
Json value_to_json(T const& value) {
  return to_json(value);
}

template <class T>
requires std::is_arithmetic_v<T> || std::is_same_v<T, std::string>
void value_from_json(Json const& json, T& value) {
  value = json.get<T>();
}
inline void value_from_json(Json const& json, Json& value) {
  value = json;
}
inline void value_from_json(Json const& json, TimePoint& value) {
  value = TimePoint{Duration{json.get<std::int64_t>()}};
}
inline void value_from_json(Json const& json, Duration& value) {
  value = Duration{json.get<std::int64_t>()};
}
inline void value_from_json(Json const& json, std::map<std::string, std::string>& value) {
  value.clear();
  for (auto const& [key, text] : json.items()) value[key] = text.get<std::string>();
}
template <Described T>
void value_from_json(Json const& json, T& value);
template <class T>
void value_from_json(Json const& json, std::optional<T>& value) {
  if (json.is_null()) {
    value.reset();
  } else {
    value_from_json(json, value.emplace());
  }
}
inline void value_from_json(Json const& json, std::vector<std::string>& values) {
  values = json.get<std::vector<std::string>>();
}
template <class List>
void list_from_json(Json const& json, List& values) {
  if (!json.is_array()) throw std::runtime_error("a list is missing");
  values = {};
  for (auto const& element : json) {
    typename List::value_type value;
    from_json(element, value);
    values.push_back(std::move(value));
  }
}
template <Described T>
void value_from_json(Json const& json, std::vector<T>& values) {
  list_from_json(json, values);
}
inline void value_from_json(Json const& json, std::vector<Json>& values) {
  if (!json.is_array()) throw std::runtime_error("a list is missing");
  values.assign(json.begin(), json.end());
}
template <class T>
void value_from_json(Json const& json, Records<T>& values) {
  list_from_json(json, values);
}
template <Described T>
void value_from_json(Json const& json, T& value) {
  from_json(json, value);
}

template <class Record>
Json to_json(Record const& record) {
  Json json = Json::object();
  Record::describe([&](char const* name, auto member) { json[name] = value_to_json(record.*member); });
  return json;
}

// A member that the file lacks keeps its default, so that older files can be read.
template <class Record>
void from_json(Json const& json, Record& record) {
  Record::describe([&](char const* name, auto member) {
    if (auto const found = json.find(name); found != json.end()) value_from_json(*found, record.*member);
  });
}

}  // namespace lakebase::emulator::described
