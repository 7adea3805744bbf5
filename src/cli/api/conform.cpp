#include "cli/api/conform.hpp"

#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <lakebase/error.hpp>

#include "cli/base/duration.hpp"
#include "cli/base/failure.hpp"
#include "cli/base/words.hpp"

namespace lakebase::cli {
namespace {

using Kind = Shape::Kind;

std::string_view found_name(Json const& value) {
  switch (value.type()) {
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    default:
      return "a number";
  }
}

[[noreturn]] void refuse(std::string const& path, Shape::Kind expected, Json const& value) {
  throw Failure{fmt::format("--json: {}: expected {}, found {}", path.empty() ? "the whole" : path, name_of(expected),
                            found_name(value))};
}

[[noreturn]] void refuse_text(std::string const& path, Shape::Kind expected, std::string_view text) {
  throw Failure{fmt::format("--json: {}: expected {}, found \"{}\"", path, name_of(expected), text)};
}

/// Nothing if the text is no number, or not of this kind.
std::optional<Json> number_of_kind(std::string_view text, Kind kind) {
  auto const number = number_in(text);
  bool const is_one = kind == Kind::integer ? number.is_number_integer() : number.is_number();
  return is_one ? std::optional{number} : std::nullopt;
}

std::optional<bool> boolean_in(std::string_view text) {
  for (std::string_view const yes : {"true", "yes", "on", "y", "t", "1"}) {
    if (text == yes) return true;
  }
  for (std::string_view const no : {"false", "no", "off", "n", "f", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::string inside(std::string const& path, std::string_view name) {
  return path.empty() ? std::string{name} : path + '.' + std::string{name};
}

Json object_of(Json const& value, Shape const& shape, std::vector<std::string>& warnings, std::string const& path) {
  if (!value.is_object()) refuse(path, shape.kind, value);
  auto result = Json::object();
  for (auto const& [name, member] : value.items()) {
    auto const* const known = shape.kind == Kind::map ? shape.item : shape.find(name);
    if (known == nullptr) {
      warnings.push_back(fmt::format("unknown field '{}' is left out{}", inside(path, name),
                                     suggestion(name, shape.names(), path.empty() ? "" : path + '.')));
    } else if (!member.is_null()) {
      result[name] = conform(member, *known, warnings, inside(path, name));
    }
  }
  return result;
}

Json list_of(Json const& value, Shape const& shape, std::vector<std::string>& warnings, std::string const& path) {
  if (!value.is_array()) refuse(path, shape.kind, value);
  auto result = Json::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    result.push_back(conform(value[i], *shape.item, warnings, fmt::format("{}[{}]", path, i)));
  }
  return result;
}

Json text_of(Json const& value, std::string const& path) {
  if (value.is_string()) return value;
  if (value.is_number() || value.is_boolean()) return value.dump();
  refuse(path, Kind::text, value);
}

Json integer_of(Json const& value, std::string const& path) {
  if (value.is_number_integer()) return value;
  if (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>() &&
      std::abs(value.get<double>()) < 9e15) {
    return static_cast<std::int64_t>(value.get<double>());
  }
  if (!value.is_string()) refuse(path, Kind::integer, value);
  auto const& text = value.get_ref<std::string const&>();
  if (auto const number = number_of_kind(text, Kind::integer)) return *number;
  refuse_text(path, Kind::integer, text);
}

Json number_of(Json const& value, std::string const& path) {
  if (value.is_number()) return value;
  if (!value.is_string()) refuse(path, Kind::number, value);
  auto const& text = value.get_ref<std::string const&>();
  if (auto const number = number_of_kind(text, Kind::number)) return *number;
  refuse_text(path, Kind::number, text);
}

Json boolean_of(Json const& value, std::string const& path) {
  if (value.is_boolean()) return value;
  if (!value.is_string()) refuse(path, Kind::boolean, value);
  auto const& text = value.get_ref<std::string const&>();
  if (auto const is_true = boolean_in(text)) return *is_true;
  refuse_text(path, Kind::boolean, text);
}

/// A string that a type of the library has to read.
template <class T>
Json parsed_text(Json const& value, std::string const& path, Kind kind) {
  if (!value.is_string()) refuse(path, kind, value);
  auto const& text = value.get_ref<std::string const&>();
  try {
    return T::parse(text).to_string();
  } catch (ParseError const&) {
    refuse_text(path, kind, text);
  }
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::text:
    case Kind::word:
    case Kind::mask:
      return "a string";
    case Kind::integer:
      return "a whole number";
    case Kind::number:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::duration:
      return "a duration such as \"900s\"";
    case Kind::timestamp:
      return "a time such as \"2026-01-31T12:00:00Z\"";
    case Kind::list:
      return "a list";
    case Kind::object:
    case Kind::map:
      return "an object";
    case Kind::any:
      break;
  }
  return "a value";
}

Json conform(Json const& value, Shape const& shape, std::vector<std::string>& warnings, std::string const& path) {
  switch (shape.kind) {
    case Kind::object:
    case Kind::map:
      return object_of(value, shape, warnings, path);
    case Kind::list:
      return list_of(value, shape, warnings, path);
    case Kind::integer:
      return integer_of(value, path);
    case Kind::number:
      return number_of(value, path);
    case Kind::boolean:
      return boolean_of(value, path);
    case Kind::duration:
      return parsed_text<Duration>(value, path, shape.kind);
    case Kind::timestamp:
      return parsed_text<Timestamp>(value, path, shape.kind);
    case Kind::text:
    case Kind::word:
    case Kind::mask:
      return text_of(value, path);
    case Kind::any:
      break;
  }
  return value;
}

Json flag_value(std::string const& text, Shape const& shape, std::string const& flag) {
  auto const refuse_flag = [&](std::string_view what) {
    throw Failure{fmt::format("invalid argument \"{}\" for \"--{}\" flag: expected {}", text, flag, what)};
  };
  switch (shape.kind) {
    case Kind::integer:
      if (auto const number = number_of_kind(text, Kind::integer)) return *number;
      refuse_flag(name_of(shape.kind));
      break;
    case Kind::number:
      if (auto const number = number_of_kind(text, Kind::number)) return *number;
      refuse_flag(name_of(shape.kind));
      break;
    case Kind::boolean:
      if (auto const is_true = boolean_in(text)) return *is_true;
      refuse_flag(name_of(shape.kind));
      break;
    case Kind::duration:
      return Duration{parse_duration(text, "--" + flag)}.to_string();
    case Kind::timestamp:
      try {
        return Timestamp::parse(text).to_string();
      } catch (ParseError const&) {
        refuse_flag(name_of(shape.kind));
      }
      break;
    case Kind::list: {
      auto list = Json::array();
      for (auto& item : split(text, ',')) list.push_back(flag_value(item, *shape.item, flag));
      return list;
    }
    default:
      break;
  }
  return text;
}

}  // namespace lakebase::cli
