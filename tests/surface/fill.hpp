#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lakebase/described.hpp>
#include <lakebase/enum.hpp>
#include <lakebase/json.hpp>
#include <lakebase/time.hpp>

namespace lakebase::tests {

// Sets every member of a model, at all depths, to a value of `variant`, 0 to `variants - 1`: ordinary ones and ones at
// the edges of what can be.
class Fill {
 public:
  static constexpr int variants = 9;

  explicit Fill(int variant) : variant_(variant) {}

  template <detail::Described T>
  void operator()(T& model) const {
    T::describe([&](std::string_view, auto member) { (*this)(model.*member); });
  }
  template <class T>
  void operator()(std::optional<T>& field) const {
    (*this)(field.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& list) const {
    list.resize(static_cast<std::size_t>(1 + variant_ % 3));
    for (auto& item : list) (*this)(item);
  }
  template <class T>
  void operator()(std::map<std::string, T>& map) const {
    (*this)(map["key"]);
    (*this)(map[text()]);
    (*this)(map[""]);
  }
  template <class E>
  void operator()(Enum<E>& value) const {
    static constexpr auto words = enum_names(E{});
    auto const index = static_cast<std::size_t>(variant_) % (words.size() + 2);
    value = index < words.size() ? Enum<E>::from_wire(words[index])
                                 : Enum<E>::from_wire(index == words.size() ? "A_VALUE_OF_TOMORROW \"ü\"" : "");
  }
  void operator()(std::string& value) const { value = text(); }
  void operator()(bool& value) const { value = variant_ % 2 == 0; }
  void operator()(std::int64_t& value) const;
  void operator()(double& value) const;
  void operator()(Duration& value) const;
  void operator()(Timestamp& value) const;
  void operator()(JsonText& value) const;

 private:
  std::string text() const;

  int variant_;
};

template <class T>
T filled(int variant = 0) {
  T model{};
  Fill{variant}(model);
  return model;
}

}  // namespace lakebase::tests
