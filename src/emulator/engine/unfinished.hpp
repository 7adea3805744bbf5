#pragma once

#include <type_traits>

#include "engine/records.hpp"

namespace lakebase::emulator {

template <class Record>
void erase_unfinished(Record& record);

/// Removes the records that were being created, wherever they are: a record with a member `creating` is unfinished
/// while that is set.
template <class Record>
void erase_unfinished(Records<Record>& records) {
  if constexpr (requires(Record const& record) { record.creating; }) {
    records.erase_if([](Record const& record) { return record.creating; });
  }
  if (has_records<Record>()) records.change_all([](Record& record) { erase_unfinished(record); });
}

/// The same in all lists of records that a record describes.
template <class Record>
void erase_unfinished(Record& record) {
  Record::describe([&](char const*, auto member) {
    if constexpr (is_records<std::remove_cvref_t<decltype(record.*member)>>) erase_unfinished(record.*member);
  });
}

}  // namespace lakebase::emulator
