#include "engine/state_store.hpp"

#include <span>
#include <type_traits>

#include <fmt/format.h>

namespace lakebase::emulator {
namespace {

constexpr int format_version = 2;
constexpr int first_format_version = 1;

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
Json list_to_json(T const& values) {
  Json list = Json::array();
  for (auto const& value : values) list.push_back(to_json(value));
  return list;
}
template <class T>
Json value_to_json(std::vector<T> const& values) {
  return list_to_json(values);
}
template <class T>
Json value_to_json(Records<T> const& values) {
  return list_to_json(values);
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
  value.clear();
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
template <class T>
void value_from_json(Json const& json, std::vector<T>& values) {
  list_from_json(json, values);
}
template <class T>
void value_from_json(Json const& json, Records<T>& values) {
  list_from_json(json, values);
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

// Adds what has become of a record; null: it is new.
template <class Record>
void add_edits(Record const* before, Record const& after, Json const& at, Json& edits) {
  if (before == nullptr) {
    edits.push_back(Json{{"at", at}, {"set", to_json(after)}});
    return;
  }
  Json set = Json::object();
  Record::describe([&](char const* name, auto member) {
    if constexpr (!is_records<std::remove_cvref_t<decltype(after.*member)>>) {
      Json value = value_to_json(after.*member);
      if (value != value_to_json(before->*member)) set[name] = std::move(value);
    }
  });
  if (!set.empty()) edits.push_back(Json{{"at", at}, {"set", std::move(set)}});
  Record::describe([&](char const* name, auto member) {
    if constexpr (is_records<std::remove_cvref_t<decltype(after.*member)>>) {
      auto const place = [&](auto const& record) {
        Json below = at;
        below.push_back(name);
        below.push_back(key_of(record));
        return below;
      };
      (after.*member)
          .compare(
              before->*member,
              [&](auto const& gone) {
                edits.push_back(Json{{"at", place(gone)}, {"gone", true}});
              },
              [&](auto const* was, auto const& is) { add_edits(was, is, place(is), edits); });
    }
  });
}

template <class Record>
void apply(Json const& edit, std::span<std::string const> at, Record& record);

template <class Record>
void apply(Json const& edit, std::span<std::string const> at, Records<Record>& records) {
  auto const& key = at[1];
  if (at.size() == 2 && edit.contains("gone")) return records.erase(key);
  if (auto* const found = records.find(key)) return apply(edit, at.subspan(2), *found);
  if (at.size() > 2) throw std::runtime_error(fmt::format("it changes what is not there: {}", key));
  Record added;
  apply(edit, at.subspan(2), added);
  records.push_back(std::move(added));
}

// Carries out an edit of a record, or of something below it.
template <class Record>
void apply(Json const& edit, std::span<std::string const> at, Record& record) {
  if (at.empty()) return from_json(edit.at("set"), record);
  bool found = false;
  Record::describe([&](char const* name, auto member) {
    if constexpr (is_records<std::remove_cvref_t<decltype(record.*member)>>) {
      if (at.size() < 2 || at[0] != name) return;
      found = true;
      apply(edit, at, record.*member);
    }
  });
  if (!found) throw std::runtime_error(fmt::format("it changes a collection that is unknown: {}", at[0]));
}

void apply_change(std::string const& change, State& state) {
  for (auto const& edit : Json::parse(change)) {
    apply(edit, edit.at("at").get<std::vector<std::string>>(), state);
  }
}

std::string text_of(Json const& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

StateNotSaved::StateNotSaved(std::string const& why)
    : ServiceError(
          500, "INTERNAL_ERROR",
          fmt::format("The emulator cannot save its state ({}). Nothing was changed. Mend that, for example by "
                      "making room on the disk, and try again.",
                      why)) {}

State StateStore::load() {
  auto const contents = journal_.read();
  saved_ = {};
  if (contents.snapshot.empty()) return saved_;
  if (contents.torn != 0) {
    log_(fmt::format("{}: cut off {} bytes of a change that was not acknowledged", file_.string(), contents.torn));
  }
  try {
    Json const document = Json::parse(contents.snapshot);
    auto const format = document.at("format").get<int>();
    if (format < first_format_version || format > format_version) throw std::runtime_error("it has another format");
    if (format < format_version) journal_.require_snapshot();
    State state;
    from_json(document.at("state"), state);
    for (auto const& change : contents.changes) apply_change(change, state);
    saved_ = std::move(state);
  } catch (std::exception const& error) {
    throw std::runtime_error(fmt::format("{} cannot be read: {}", file_.string(), error.what()));
  }
  return saved_;
}

void StateStore::write_snapshot() {
  journal_.replace(text_of(Json{{"format", format_version}, {"state", to_json(saved_)}}));
}

void StateStore::save(State const& state) {
  Json edits = Json::array();
  add_edits(&saved_, state, Json::array(), edits);
  try {
    // Of what was saved before: it changes nothing, whether it gets there or not.
    if (journal_.needs_snapshot()) write_snapshot();
    if (!edits.empty()) journal_.append(text_of(edits));
  } catch (std::exception const& error) {
    throw StateNotSaved(error.what());
  }
  saved_ = state;
  if (!journal_.is_long()) return;
  try {
    write_snapshot();
  } catch (std::exception const& error) {
    log_(fmt::format("{} cannot be shortened: {}", file_.string(), error.what()));
  }
}

void StateStore::close() {
  if (is_temporary_ || journal_.needs_snapshot() || !journal_.has_changes()) return;
  try {
    write_snapshot();
  } catch (std::exception const&) {
    // Then the next life reads the changes, too.
  }
}

}  // namespace lakebase::emulator
