#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <lakebase/described.hpp>

#include "mcp/protocol/json/json.hpp"

// JSON Schema (2020-12) of a C++ type that describes its members, and values of it out of and into JSON. A member is
// described as `field("name", &Type::name, "what it is")`, and may end with a `Choices`. One that is no std::optional
// is required; the value that an optional one has in a new object is its default.

namespace lakebase::mcp {

/// The texts that a member may have.
using Choices = std::vector<std::string>;

/// An argument that a tool cannot take: told to the model, which can fix it.
class BadArgument : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace schema_detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Value = T;
};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {
  using Value = T;
};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {
  using Value = T;
};

template <class T>
Json write(T const& value) {
  if constexpr (lakebase::detail::Described<T>) {
    Json object = Json::object();
    T::describe([&](std::string_view name, auto pointer, auto const&...) {
      using Member = std::remove_cvref_t<decltype(value.*pointer)>;
      if constexpr (IsOptional<Member>::value) {
        if (value.*pointer) object[std::string{name}] = write(*(value.*pointer));
      } else {
        object[std::string{name}] = write(value.*pointer);
      }
    });
    return object;
  } else if constexpr (IsVector<T>::value) {
    Json list = Json::array();
    for (auto const& item : value) list.push_back(write(item));
    return list;
  } else if constexpr (IsMap<T>::value) {
    Json object = Json::object();
    for (auto const& [name, item] : value) object[name] = write(item);
    return object;
  } else {
    return value;
  }
}

template <class T>
Json schema();

template <class T>
Json object_schema() {
  Json properties = Json::object();
  Json required = Json::array();
  T const fresh{};
  auto const add = [&](std::string_view name, auto pointer, std::string_view text = {}, Choices const& choices = {}) {
    using Member = std::remove_cv_t<std::remove_reference_t<decltype(fresh.*pointer)>>;
    Json property;
    if constexpr (IsOptional<Member>::value) {
      property = schema<typename IsOptional<Member>::Value>();
      if constexpr (!lakebase::detail::Described<typename IsOptional<Member>::Value>) {
        if (fresh.*pointer) property["default"] = write(*(fresh.*pointer));
      }
    } else {
      property = schema<Member>();
      required.push_back(std::string{name});
    }
    if (!text.empty()) property["description"] = std::string{text};
    if (!choices.empty()) property["enum"] = choices;
    properties[std::string{name}] = std::move(property);
  };
  T::describe(add);
  Json result{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) result["required"] = std::move(required);
  return result;
}

template <class T>
Json schema() {
  if constexpr (std::is_same_v<T, Json>) {
    return Json::object();
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_integral_v<T>) {
    return {{"type", "integer"}};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {{"type", "number"}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (IsVector<T>::value) {
    return {{"type", "array"}, {"items", schema<typename IsVector<T>::Value>()}};
  } else if constexpr (IsMap<T>::value) {
    return {{"type", "object"}, {"additionalProperties", schema<typename IsMap<T>::Value>()}};
  } else {
    static_assert(lakebase::detail::Described<T>, "a type of arguments lists its members by describe()");
    return object_schema<T>();
  }
}

[[noreturn]] inline void refuse(std::string const& path, std::string const& wanted) {
  throw BadArgument(path + " must be " + wanted);
}

template <class T>
void read(Json const& from, T& to, std::string const& path);

template <class T>
void read_object(Json const& from, T& to, std::string const& path) {
  if (!from.is_object()) refuse(path.empty() ? "arguments" : path, "an object");
  std::map<std::string, bool> known;
  auto const take = [&](std::string_view name, auto pointer, std::string_view = {}, Choices const& choices = {}) {
    auto const here = path.empty() ? std::string{name} : path + '.' + std::string{name};
    known[std::string{name}] = true;
    auto const& value = member(from, name);
    using Member = std::remove_reference_t<decltype(to.*pointer)>;
    if (value.is_null() && !std::is_same_v<Member, Json>) {
      if constexpr (!IsOptional<Member>::value) throw BadArgument(here + " is missing");
      return;
    }
    if (!choices.empty() && value.is_string() &&
        std::find(choices.begin(), choices.end(), value.template get<std::string>()) == choices.end()) {
      std::string list;
      for (auto const& choice : choices) list += (list.empty() ? "" : ", ") + choice;
      refuse(here, "one of " + list);
    }
    read(value, to.*pointer, here);
  };
  T::describe(take);
  for (auto const& [name, value] : from.items()) {
    if (!known.count(name)) throw BadArgument("there is no argument " + (path.empty() ? name : path + '.' + name));
  }
}

template <class T>
void read(Json const& from, T& to, std::string const& path) {
  if constexpr (IsOptional<T>::value) {
    typename IsOptional<T>::Value value{};
    read(from, value, path);
    to = std::move(value);
  } else if constexpr (std::is_same_v<T, Json>) {
    to = from;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!from.is_boolean()) refuse(path, "true or false");
    to = from.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    static_assert(std::is_same_v<T, std::int64_t>, "integers of arguments are std::int64_t");
    // 2.0 is an integer in JSON Schema.
    bool const whole = from.is_number_float() && from.get<double>() >= -9007199254740992.0 &&
                       from.get<double>() <= 9007199254740992.0 &&
                       from.get<double>() == static_cast<double>(static_cast<std::int64_t>(from.get<double>()));
    bool const small = !from.is_number_unsigned() || from.get<std::uint64_t>() <= std::uint64_t{INT64_MAX};
    if (!whole && (!from.is_number_integer() || !small)) refuse(path, "an integer");
    to = whole ? static_cast<std::int64_t>(from.get<double>()) : from.get<std::int64_t>();
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!from.is_number()) refuse(path, "a number");
    to = from.get<T>();
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!from.is_string()) refuse(path, "a string");
    to = from.get<std::string>();
  } else if constexpr (IsVector<T>::value) {
    if (!from.is_array()) refuse(path, "a list");
    for (auto const& item : from) {
      auto const here = path + '[' + std::to_string(to.size()) + ']';
      read(item, to.emplace_back(), here);
    }
  } else if constexpr (IsMap<T>::value) {
    if (!from.is_object()) refuse(path, "an object");
    for (auto const& [name, value] : from.items()) read(value, to[name], path + '.' + name);
  } else {
    read_object(from, to, path);
  }
}

}  // namespace schema_detail

/// A described value, without what is not set.
template <class T>
[[nodiscard]] Json json_of(T const& value) {
  return schema_detail::write(value);
}

/// The JSON Schema of `T`.
template <class T>
[[nodiscard]] Json schema_of() {
  return schema_detail::schema<T>();
}

/// A `T` out of the arguments of a call. @throws BadArgument that names the argument
template <class T>
[[nodiscard]] T read_arguments(Json const& arguments) {
  T result{};
  schema_detail::read_object(arguments, result, {});
  return result;
}

}  // namespace lakebase::mcp
