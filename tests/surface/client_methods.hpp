#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include <lakebase/config.hpp>
#include <lakebase/json.hpp>

#include "surface/arguments.hpp"
#include "surface/arity.hpp"
#include "surface/fill.hpp"
#include "surface/service.hpp"
#include "surface/words.hpp"

// How a service lists the methods of its client, whatever that is.

namespace lakebase::tests {

template <std::size_t Count, class T, class Visit>
void visit_members(T const& value, Visit visit) {
  if constexpr (Count == 1) {
    auto const& [a] = value;
    visit(a);
  } else if constexpr (Count == 2) {
    auto const& [a, b] = value;
    visit(a), visit(b);
  } else if constexpr (Count == 3) {
    auto const& [a, b, c] = value;
    visit(a), visit(b), visit(c);
  } else if constexpr (Count == 4) {
    auto const& [a, b, c, d] = value;
    visit(a), visit(b), visit(c), visit(d);
  } else {
    static_assert(Count == 0, "an options aggregate of more members than this test knows");
  }
}

template <class T>
void add_parameter(Signature& signature) {
  using Plain = std::remove_cvref_t<T>;
  if (type_name<Plain>().ends_with("Options")) {
    signature.options = type_name<Plain>();
    if constexpr (std::is_aggregate_v<Plain> && !detail::Described<Plain>) {
      visit_members<member_count<Plain>()>(Plain{}, [&](auto const& member) {
        signature.option_types.push_back(WordOf<std::remove_cvref_t<decltype(member)>>::get().type);
      });
    }
  } else {
    signature.positional.push_back(WordOf<Plain>::get().type);
  }
}

template <class Client, class Result, class... Parameters>
Signature signature_of(Result (Client::*)(Parameters...) const) {
  Signature signature;
  signature.returns = WordOf<Result>::get().type;
  (add_parameter<Parameters>(signature), ...);
  return signature;
}

// Calls, walks a list to its end, and tells how many items it had.
template <class F>
std::size_t run(F&& call) {
  using Result = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<Result>) {
    call();
    return 0;
  } else {
    auto const result = call();
    std::size_t items = 0;
    if constexpr (requires { result.pages(); }) {
      for ([[maybe_unused]] auto const& item : result) ++items;
    }
    return items;
  }
}

// Calls, waits or walks to the end, and gives the JSON of what it gets.
template <class F>
std::string settle(F&& call) {
  using Result = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<Result>) {
    call();
    return {};
  } else if constexpr (requires(Result result) { result.wait(); }) {
    return settle([operation = call()] { return operation.wait(); });
  } else if constexpr (requires(Result result) { result.pages(); }) {
    auto items = nlohmann::ordered_json::array();
    for (auto const& item : call()) items.push_back(nlohmann::ordered_json::parse(to_json(item)));
    return items.dump();
  } else {
    return to_json(call());
  }
}

template <class Wrapper, class Client, class Result, class... Parameters>
constexpr bool returns(Result (Client::*)(Parameters...) const) {
  return std::is_same_v<Wrapper, Result>;
}

/// A method of `Client` with all its arguments, and with the required ones: `(text("parent"), {.page_size = …})`.
#define LAKEBASE_METHOD_WITH_OPTIONS(Client, name, full, minimal)                                     \
  ::lakebase::tests::Method {                                                                         \
#name, ::lakebase::tests::signature_of(&Client::name), #full,                                       \
        [](Config const& config) { return run([client = Client{config}] { return client.name full; }); },    \
        [](Config const& config) { return run([client = Client{config}] { return client.name minimal; }); }, \
        [](Config const& config) { return settle([client = Client{config}] { return client.name minimal; }); } \
  }

/// For the operation types of Python's names: the method returns that one.
#define LAKEBASE_CHECK_WRAPPER(Client, Wrapper, method) \
  static_assert(::lakebase::tests::returns<Wrapper>(&Client::method), #method " does not return " #Wrapper)

}  // namespace lakebase::tests
