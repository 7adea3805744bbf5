#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Writes models as JSON text. Members that are unset are left out; so are empty lists and maps, except those that an
/// update mask names: there an empty list means "clear it".
class JsonWriter {
 public:
  JsonWriter() = default;
  explicit JsonWriter(FieldMask const& cleared) : mask_(&cleared) {}

  void write(std::string_view text);
  void write(std::string const& text) { write(std::string_view{text}); }
  void write(bool value);
  void write(std::int64_t value);
  void write(double value);
  void write(JsonText const& json);
  void write(Duration const& value) { write(value.to_string()); }
  void write(Timestamp const& value) { write(value.to_string()); }
  void write(FieldMask const& value) { write(value.to_string()); }

  template <class E>
  void write(Enum<E> const& value) {
    write(value.wire());
  }

  template <class T>
  void write(std::optional<T> const& value) {
    write(*value);
  }

  template <class T>
  void write(std::vector<T> const& list) {
    char separator = '[';
    for (auto const& item : list) {
      out_ += separator;
      write(item);
      separator = ',';
    }
    if (list.empty()) out_ += '[';
    out_ += ']';
  }

  template <class T>
  void write(std::map<std::string, T> const& map) {
    char separator = '{';
    for (auto const& [key, item] : map) {
      out_ += separator;
      write(key);
      out_ += ':';
      write(item);
      separator = ',';
    }
    if (map.empty()) out_ += '{';
    out_ += '}';
  }

  template <Described T>
  void write(T const& model) {
    char separator = '{';
    T::describe([&](std::string_view name, auto member) {
      auto const& field = model.*member;
      auto const outer = path_.size();
      enter(name);
      if (is_set(field)) {
        out_ += separator;
        write(name);
        out_ += ':';
        write(field);
        separator = ',';
      }
      path_.resize(outer);
    });
    if (separator == '{') out_ += '{';
    out_ += '}';
  }

  std::string take() && { return std::move(out_); }

 private:
  template <class T>
  bool is_set(std::optional<T> const& field) const {
    return field.has_value();
  }
  template <class Container>
  bool is_set(Container const& field) const {
    return !field.empty() || mask_names_path();
  }

  void enter(std::string_view name) {
    if (mask_ == nullptr) return;
    if (!path_.empty()) path_ += '.';
    path_ += name;
  }
  bool mask_names_path() const;

  std::string out_;
  FieldMask const* mask_ = nullptr;
  std::string path_;
};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
