#pragma once

// Makes a Command of a method of the library: its parameters and its result are read from its type.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "cli/api/command.hpp"

namespace lakebase::cli {

/// A text as a template's parameter.
template <std::size_t Size>
struct Text {
  constexpr Text(char const (&text)[Size]) { std::copy_n(text, Size, characters); }  // NOLINT: Option<"name", …>
  [[nodiscard]] constexpr std::string_view view() const { return {characters, Size - 1}; }
  char characters[Size]{};
};

template <class T>
T value_of(Json const& json) {
  if constexpr (std::is_same_v<T, std::string> || std::is_arithmetic_v<T>) {
    return json.get<T>();
  } else if constexpr (is_list<T>) {
    T list;
    for (auto const& item : json) list.push_back(value_of<typename T::value_type>(item));
    return list;
  } else {
    return from_json<T>(json.dump());
  }
}

template <auto Member>
struct MemberOf;
template <class Options, class T, T Options::*Member>
struct MemberOf<Member> {
  using Type = typename Unwrapped<T>::Type;
  static void set(Options& options, Json const& value) { options.*Member = value_of<Type>(value); }
};

/// A member of a method's options, by its name in the API.
template <Text Name, auto Member>
struct Option {
  static constexpr std::string_view name = Name.view();
  static constexpr OptionField field{name, &shape_of<typename MemberOf<Member>::Type>};
  template <class Options>
  static void set(Options& options, Json const& all) {
    if (auto const found = all.find(name); found != all.end()) MemberOf<Member>::set(options, *found);
  }
};

template <class T>
inline constexpr bool is_text_parameter = std::is_same_v<T, std::string_view> || std::is_same_v<T, FieldMask>;

template <class T>
inline constexpr bool is_pager = false;
template <class T>
inline constexpr bool is_pager<Pager<T>> = true;
template <class T>
inline constexpr bool is_operation = false;
template <class T, class Metadata>
inline constexpr bool is_operation<Operation<T, Metadata>> = true;

inline PostgresClient const& client_in(WorkspaceClient const& client, PostgresClient const*) {
  return client.postgres;
}
inline DatabaseClient const& client_in(WorkspaceClient const& client, DatabaseClient const*) {
  return client.database;
}

template <class Result>
void hand_over(Result&& result, Outcome& outcome) {
  using T = std::remove_cvref_t<Result>;
  if constexpr (is_pager<T>) {
    for (auto const& page : result.pages()) {
      for (auto const& item : page.items) {
        if (!outcome.item(to_json(item))) return;
      }
    }
  } else if constexpr (is_operation<T>) {
    outcome.operation(result.name(), [result](WaitOptions const& options) -> std::string {
      if constexpr (std::is_void_v<typename T::Result>) {
        result.wait(options);
        return {};
      } else {
        return to_json(result.wait(options));
      }
    });
  } else {
    outcome.object(to_json(result));
  }
}

template <auto Method>
struct Signature;
template <class Client, class Returned, class... Parameters, Returned (Client::*Method)(Parameters...) const>
struct Signature<Method> {
  static constexpr std::size_t texts =
      (std::size_t{0} + ... + (is_text_parameter<std::remove_cvref_t<Parameters>> ? 1 : 0));

  static constexpr Command::Result result() {
    if constexpr (std::is_void_v<Returned>)
      return Command::Result::nothing;
    else if constexpr (is_pager<Returned>)
      return Command::Result::list;
    else if constexpr (is_operation<Returned>)
      return Command::Result::operation;
    else
      return Command::Result::object;
  }

  using ShapeFunction = Shape const& (*)();
  static constexpr ShapeFunction body() {
    ShapeFunction found = nullptr;
    auto const look = [&]<class Parameter>(Parameter*) {
      if constexpr (HasDescribe<Parameter>) found = &shape_of<Parameter>;
    };
    (look(static_cast<std::remove_cvref_t<Parameters>*>(nullptr)), ...);
    return found;
  }

  template <class... Options>
  static void run(WorkspaceClient const& client, Arguments const& arguments, Outcome& outcome) {
    auto text = arguments.texts.begin();
    auto const make = [&]<class Parameter>(Parameter*) -> Parameter {
      if constexpr (std::is_same_v<Parameter, std::string_view>) {
        return *text++;
      } else if constexpr (std::is_same_v<Parameter, FieldMask>) {
        return FieldMask::parse(*text++);
      } else if constexpr (HasDescribe<Parameter>) {
        return from_json<Parameter>(arguments.body.dump());
      } else {
        Parameter options;
        (Options::set(options, arguments.options), ...);
        return options;
      }
    };
    // In braces, so that they are made in their order.
    std::tuple<std::remove_cvref_t<Parameters>...> const values{
        make(static_cast<std::remove_cvref_t<Parameters>*>(nullptr))...};
    auto const& service = client_in(client, static_cast<Client const*>(nullptr));
    std::apply(
        [&](auto const&... each) {
          if constexpr (std::is_void_v<Returned>) {
            (service.*Method)(each...);
          } else {
            hand_over((service.*Method)(each...), outcome);
          }
        },
        values);
  }
};

template <class... Options>
inline constexpr std::array<OptionField, sizeof...(Options)> option_fields{Options::field...};

/// A line of a service's table; see Command for the texts.
template <auto Method, class... Options>
constexpr Command command(std::string_view service, std::string_view method, std::string_view positionals,
                          std::string_view body_flags, std::string_view summary) {
  using Of = Signature<Method>;
  return {service,      method,
          positionals,  body_flags,
          summary,      Of::texts,
          Of::body(),   option_fields<Options...>,
          Of::result(), &Of::template run<Options...>};
}

}  // namespace lakebase::cli
