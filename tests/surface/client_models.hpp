#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <lakebase/enum.hpp>
#include <lakebase/json.hpp>

#include "surface/arity.hpp"
#include "surface/fill.hpp"
#include "surface/service.hpp"
#include "surface/words.hpp"

// How a service lists its models.

namespace lakebase::tests {

template <class E, std::size_t... I>
EnumSurface enum_surface(std::index_sequence<I...>) {
  return {{std::string{enum_names(E{})[I]}...}, {enumerator_name<static_cast<E>(I)>()...}};
}

template <class T>
void collect_enum(Model&, T const*) {}
template <class E>
void collect_enum(Model& surface, Enum<E> const*) {
  surface.enums[type_name<E>()] = enum_surface<E>(std::make_index_sequence<enum_names(E{}).size()>{});
  if (enum_names(E{}).size() != static_cast<std::size_t>(E::unrecognized)) {
    surface.misplaced.push_back(type_name<E>() + ": another number of words than of enumerators");
  }
}
template <class T>
void collect_enum(Model& surface, std::optional<T> const*) {
  collect_enum(surface, static_cast<T const*>(nullptr));
}
template <class T>
void collect_enum(Model& surface, std::vector<T> const*) {
  collect_enum(surface, static_cast<T const*>(nullptr));
}

template <class T>
void collect_members(Model& surface) {
  T const model{};
  char const* last = nullptr;
  T::describe([&](std::string_view name, auto member) {
    auto const& field = model.*member;
    surface.fields.push_back({std::string{name}, WordOf<std::decay_t<decltype(field)>>::get()});
    collect_enum(surface, &field);
    // Addresses grow in the order of declaration: a member that is listed out of place, or twice, shows here.
    auto const* const address = reinterpret_cast<char const*>(&field);
    if (last != nullptr && address <= last) surface.misplaced.push_back(type_name<T>() + '.' + std::string{name});
    last = address;
  });
}

template <class T>
Trip trip(T const& model) {
  auto json = to_json(model);
  auto const survived = from_json<T>(json) == model;
  return {std::move(json), survived};
}

template <class T>
RoundTrips round_trips() {
  RoundTrips trips;
  for (int variant = 0; variant < Fill::variants; ++variant) trips.full.push_back(trip(filled<T>(variant)));
  T::describe([&](std::string_view name, auto member) {
    T value{};
    auto& field = value.*member;
    auto& into = trips.members.emplace_back(
        MemberTrips{std::string{name}, WordOf<std::remove_reference_t<decltype(field)>>::get().type, {}});
    for (int variant = 0; variant < Fill::variants; ++variant) {
      Fill{variant}(field);
      into.alone.push_back(trip(value));
    }
  });
  return trips;
}

/// Every member of the model is in its `describe`, or the build stops here and names the struct.
template <class T>
Model model_of() {
  static_assert(member_count<T>() == described_count<T>(), "describe does not list as many members as the struct has");
  Model model{.name = type_name<T>(),
              .fields = {},
              .enums = {},
              .misplaced = {},
              .filled = [] { return nlohmann::ordered_json::parse(to_json(filled<T>())); },
              .round_trips = round_trips<T>,
              .reread = [](std::string const& json) { return to_json(from_json<T>(json)); }};
  collect_members<T>(model);
  return model;
}

}  // namespace lakebase::tests
