#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/field_mask.hpp>
#include <lakebase/json.hpp>
#include <lakebase/operation.hpp>
#include <lakebase/pager.hpp>
#include <lakebase/time.hpp>

// Our types in the manifest's words: `std::optional<std::int64_t>` is `int`, `Pager<Branch>` is `Iterator[Branch]`.

namespace lakebase::tests {

template <class T>
constexpr std::string_view function_text() {
  return __PRETTY_FUNCTION__;
}

// A type's name without its namespaces. Compilers write it into the text of a function, at a place that does not depend
// on the type.
template <class T>
std::string type_name() {
  auto const prefix = function_text<int>().find("int");
  auto const suffix = function_text<int>().size() - prefix - 3;
  auto name = function_text<T>().substr(prefix, function_text<T>().size() - prefix - suffix);
  return std::string{name.substr(name.rfind(':') + 1)};
}

// The name of an enumerator without its type.
template <auto Value>
std::string enumerator_name() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;
  auto const end = text.find_first_of(";]", text.find("Value"));
  auto const begin = text.rfind(':', end) + 1;
  return std::string{text.substr(begin, end - begin)};
}

// A member's type as the manifest has it, and how it stands in JSON.
struct Word {
  std::string type;
  std::string wire;
};

template <class T>
struct WordOf {
  static Word get() {
    if constexpr (detail::Described<T>) {
      return {type_name<T>(), "from_dict"};
    } else {
      return {"(" + type_name<T>() + ")", "(unknown)"};
    }
  }
};

#define LAKEBASE_WORD(Type, type_word, wire_word)        \
  template <>                                            \
  struct WordOf<Type> {                                  \
    static Word get() { return {type_word, wire_word}; } \
  }
LAKEBASE_WORD(std::string, "str", "plain");
LAKEBASE_WORD(std::string_view, "str", "plain");
LAKEBASE_WORD(bool, "bool", "plain");
LAKEBASE_WORD(std::int64_t, "int", "int64");
LAKEBASE_WORD(double, "float", "plain");
LAKEBASE_WORD(JsonText, "dict", "plain");
LAKEBASE_WORD(Duration, "Duration", "duration");
LAKEBASE_WORD(Timestamp, "Timestamp", "timestamp");
LAKEBASE_WORD(FieldMask, "FieldMask", "fieldmask");
LAKEBASE_WORD(void, "", "");
#undef LAKEBASE_WORD

template <class E>
struct WordOf<Enum<E>> {
  static Word get() { return {type_name<E>(), "enum"}; }
};

template <class T>
struct WordOf<std::optional<T>> : WordOf<T> {};

template <class T>
struct WordOf<std::vector<T>> {
  static Word get() {
    auto const item = WordOf<T>::get();
    return {"List[" + item.type + "]", item.wire == "from_dict" ? "repeated_dict"
                                       : item.wire == "enum"    ? "repeated_enum"
                                                                : "plain"};
  }
};

template <class T>
struct WordOf<std::map<std::string, T>> {
  static Word get() { return {"Dict[str, " + WordOf<T>::get().type + "]", "plain"}; }
};

template <class T>
struct WordOf<Pager<T>> {
  static Word get() { return {"Iterator[" + WordOf<T>::get().type + "]", "plain"}; }
};

template <class T, class Metadata>
struct WordOf<Operation<T, Metadata>> {
  static Word get() { return {"Operation[" + WordOf<T>::get().type + ", " + type_name<Metadata>() + "]", "operation"}; }
};

// What is polled itself is its own metadata.
template <class T>
struct WordOf<Operation<T, T>> {
  static Word get() { return {"Wait[" + WordOf<T>::get().type + "]", "operation"}; }
};

}  // namespace lakebase::tests
