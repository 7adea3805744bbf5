#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <lakebase/pq/type_array.hpp>
#include <lakebase/pq/type_bytes.hpp>
#include <lakebase/pq/type_interval.hpp>
#include <lakebase/pq/type_range.hpp>
#include <lakebase/pq/type_time.hpp>

#include "pq/types/binary_reader.hpp"
#include "pq/types/binary_time.hpp"
#include "pq/types/oids.hpp"

// Values in binary as the text that would be read as the same, though not always as the one that PostgreSQL writes.
// What is nested deeper than any value of a program is refused, so that no bytes exhaust the stack.

namespace lakebase {
inline namespace v0 {
namespace pq::detail {
namespace {

constexpr int deepest = 32;

void append_value_of(unsigned oid, std::string_view bytes, std::string& text, int depth);

void append_numeric(BinaryReader reader, std::string& text) {
  constexpr int positive = 0x0000, negative = 0x4000, nan = 0xC000, infinity = 0xD000, minus_infinity = 0xF000;
  auto const count = reader.integer<std::int16_t>();
  auto const weight = reader.integer<std::int16_t>();  // of the first digit, in powers of 10,000
  auto const sign = static_cast<std::uint16_t>(reader.integer<std::int16_t>());
  auto const scale = reader.integer<std::int16_t>();  // decimal digits after the point
  if (sign == nan) text += "NaN";
  if (sign == infinity) text += "Infinity";
  if (sign == minus_infinity) text += "-Infinity";
  if (sign != positive && sign != negative) {
    if (sign != nan && sign != infinity && sign != minus_infinity) bad_text("it is no numeric");
    return;
  }
  if (count < 0 || scale < 0 || reader.rest().size() != 2 * static_cast<std::size_t>(count))
    bad_text("it is no numeric");
  if (sign == negative) text += '-';
  auto const begin = text.size();
  int place = weight;
  auto const append_group = [&](bool present) {
    int const group = present ? reader.integer<std::int16_t>() : 0;
    if (group < 0 || group > 9999) bad_text("it is no numeric");
    for (int divisor = 1000; divisor > 0; divisor /= 10) text += static_cast<char>('0' + group / divisor % 10);
    --place;
  };
  int left = count;
  while (place >= 0) append_group(left-- > 0);
  text.erase(begin, std::min(text.find_first_not_of('0', begin), text.size()) - begin);
  if (text.size() == begin) text += '0';
  if (scale == 0) return;
  text += '.';
  auto const fraction = text.size();
  // Groups of the fraction that are left out because they are 0.
  for (int group = -1; group > weight && text.size() - fraction < static_cast<std::size_t>(scale); --group)
    text += "0000";
  place = std::min(place, -1);
  while (left > 0) {
    append_group(true);
    --left;
  }
  text.resize(fraction + static_cast<std::size_t>(scale), '0');
}

void append_array(BinaryReader reader, std::string& text, int depth) {
  struct Dimension {
    std::int32_t size;
    std::int32_t begin;
  };
  auto const dimensions = reader.integer<std::int32_t>();
  reader.integer<std::int32_t>();  // whether there is a NULL
  auto const type = static_cast<std::uint32_t>(reader.integer<std::int32_t>());
  constexpr int most = 6;
  if (dimensions < 0 || dimensions > most) bad_text("it is no array");
  Dimension all[most] = {};
  std::size_t elements = dimensions == 0 ? 0 : 1;
  bool bounds = false;
  for (int i = 0; i < dimensions; ++i) {
    all[i] = {reader.integer<std::int32_t>(), reader.integer<std::int32_t>()};
    bounds = bounds || all[i].begin != 1;
    if (all[i].size <= 0 || static_cast<std::size_t>(all[i].size) > reader.rest().size() / elements) {
      bad_text("its bytes are cut short");
    }
    elements *= static_cast<std::size_t>(all[i].size);
  }
  if (elements == 0) {
    reader.end();
    text += "{}";
    return;
  }
  for (int i = 0; bounds && i < dimensions; ++i) {
    text += '[';
    append_number(all[i].begin, text);
    text += ':';
    append_number(std::int64_t{all[i].begin} + all[i].size - 1, text);
    text += i + 1 == dimensions ? "]=" : "]";
  }
  auto const append_level = [&](auto const& self, int level) -> void {
    text += '{';
    for (std::int32_t i = 0; i < all[level].size; ++i) {
      if (i > 0) text += ',';
      if (level + 1 < dimensions) {
        self(self, level + 1);
        continue;
      }
      auto const length = reader.integer<std::int32_t>();
      if (length == -1) {
        text += "NULL";
        continue;
      }
      auto const begin = text.size();
      if (length < 0) bad_text("its bytes are cut short");
      append_value_of(type, reader.bytes(static_cast<std::size_t>(length)), text, depth);
      quote_element(text, begin);
    }
    text += '}';
  };
  append_level(append_level, 0);
  reader.end();
}

void append_part(BinaryReader& reader, unsigned type, std::string& text, int depth) {
  auto const length = reader.integer<std::int32_t>();
  if (length == -1) return;
  if (length < 0) bad_text("its bytes are cut short");
  auto const begin = text.size();
  append_value_of(type, reader.bytes(static_cast<std::size_t>(length)), text, depth);
  quote_part(text, begin);
}

void append_range(BinaryReader reader, unsigned bound, std::string& text, int depth) {
  constexpr int empty = 0x01, lower_inclusive = 0x02, upper_inclusive = 0x04, no_lower = 0x08, no_upper = 0x10;
  auto const flags = reader.integer<signed char>();
  if ((flags & empty) != 0) {
    text += "empty";
  } else {
    text += (flags & lower_inclusive) != 0 ? '[' : '(';
    if ((flags & no_lower) == 0) append_part(reader, bound, text, depth);
    text += ',';
    if ((flags & no_upper) == 0) append_part(reader, bound, text, depth);
    text += (flags & upper_inclusive) != 0 ? ']' : ')';
  }
  reader.end();
}

void append_row(BinaryReader reader, std::string& text, int depth) {
  auto const parts = reader.integer<std::int32_t>();
  if (parts < 0) bad_text("it is no row");
  text += '(';
  for (std::int32_t i = 0; i < parts; ++i) {
    if (i > 0) text += ',';
    auto const type = static_cast<std::uint32_t>(reader.integer<std::int32_t>());
    append_part(reader, type, text, depth);
  }
  text += ')';
  reader.end();
}

std::int64_t floor_seconds(std::int64_t microseconds) {
  return microseconds / 1'000'000 - (microseconds % 1'000'000 < 0 ? 1 : 0);
}

void append_moment(unsigned oid, std::int64_t since_2000, std::string& text) {
  if (auto const infinity = infinity_of(since_2000); infinity != Infinity::none) return write_infinity(infinity, text);
  auto const microseconds = microseconds_since_1970(since_2000);
  auto const seconds = floor_seconds(microseconds);
  auto const nanoseconds = static_cast<std::int32_t>((microseconds - seconds * 1'000'000) * 1000);
  (oid == oids::timestamptz ? write_instant : write_wall_clock)(seconds, nanoseconds, text);
}

void append_interval(BinaryReader reader, std::string& text) {
  auto const time = reader.integer<std::int64_t>();
  auto const days = reader.integer<std::int32_t>();
  auto const months = reader.integer<std::int32_t>();
  reader.end();
  auto const infinity = infinity_of(time);
  if (infinity != Infinity::none && infinity_of(days) == infinity && infinity_of(months) == infinity) {
    write_infinity(infinity, text);
  } else {
    write_interval({.months = months, .days = days, .time = std::chrono::microseconds{time}}, text);
  }
}

// Of types without parts. False if the type is another one.
bool append_scalar(unsigned oid, std::string_view bytes, std::string& text) {
  if (auto const plain = binary_text(oid, bytes)) {
    text += *plain;
    return true;
  }
  if (auto const number = binary_integer(oid, bytes)) {
    append_number(*number, text);
    return true;
  }
  BinaryReader reader{bytes};
  switch (oid) {
    case oids::boolean:
      TypeText<bool>::write(*binary_bool(oid, bytes), text);
      return true;
    case oids::float4:
      TypeText<float>::write(*binary_float4(oid, bytes), text);
      return true;
    case oids::float8:
      TypeText<double>::write(*binary_float8(oid, bytes), text);
      return true;
    case oids::bytea:
      write_bytea(bytes, text);
      return true;
    case oids::uuid:
      text += binary_uuid(oid, bytes)->to_string();
      return true;
    case oids::numeric:
      append_numeric(reader, text);
      return true;
    case oids::interval:
      append_interval(reader, text);
      return true;
    default:
      return false;
  }
}

bool append_time(unsigned oid, std::string_view bytes, std::string& text) {
  BinaryReader reader{bytes};
  switch (oid) {
    case oids::timestamp:
    case oids::timestamptz:
      append_moment(oid, reader.integer<std::int64_t>(), text);
      break;
    case oids::date: {
      auto const days = reader.integer<std::int32_t>();
      if (auto const infinity = infinity_of(days); infinity != Infinity::none) {
        write_infinity(infinity, text);
      } else {
        write_date(days + days_to_2000, text);
      }
      break;
    }
    case oids::time:
      write_time_of_day(reader.integer<std::int64_t>(), text);
      break;
    default:
      return false;
  }
  reader.end();
  return true;
}

void append_value_of(unsigned oid, std::string_view bytes, std::string& text, int depth) {
  if (depth == 0) bad_text("it is nested too deep");
  if (append_scalar(oid, bytes, text) || append_time(oid, bytes, text)) return;
  if (oid == oids::record) return append_row(BinaryReader{bytes}, text, depth - 1);
  if (auto const bound = bound_of_range(oid); bound != 0) {
    return append_range(BinaryReader{bytes}, bound, text, depth - 1);
  }
  if (element_of_array(oid) == 0) {
    bad_text("the binary format of its type is not known: cast it to text, or read without binary_results");
  }
  append_array(BinaryReader{bytes}, text, depth - 1);
}

}  // namespace

std::string text_of_binary(unsigned oid, std::string_view bytes) {
  std::string text;
  try {
    append_value_of(oid, bytes, text, deepest);
  } catch (InvalidArgument const&) {  // of what writes values of programs
    bad_text("it is out of range");
  }
  return text;
}

}  // namespace pq::detail
}  // namespace v0
}  // namespace lakebase
