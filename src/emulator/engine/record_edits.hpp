#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "engine/record_json.hpp"

// The differences between two records as a list of edits, and how to apply them. Each edit is of one record:
//
//     {"at":["projects","shop","branches","dev"],"set":{"is_protected":true}}
//     {"at":["operations","projects/shop/operations/8f3a"],"gone":true}
//
// `at` holds collections and keys, from the outermost record down; `set` holds the members that have changed, or all
// members if the record is new.
namespace lakebase::emulator::described {

// Adds the edits that turn one record into another; null: the record is new.
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

// Applies an edit to a record, or to something below it.
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

}  // namespace lakebase::emulator::described
