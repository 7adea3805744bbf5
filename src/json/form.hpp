#pragma once

#include <string>
#include <string_view>

#include <lakebase/error.hpp>

#include "json/reader.hpp"
#include "json/response.hpp"

// The parts of decode_response that are the same for all models.

namespace lakebase {
inline namespace v0 {
namespace detail {

/// Whether a response is a long-running operation: it has the name of one, or `done` beside `metadata`, `response` or
/// `error`. A name that `path` ends with is that of the resource which the call is about, as an id may be `operations`.
bool is_operation(JsonElement root, std::string_view path);

/// Whether there is a member of that name that is not null.
bool has_member(JsonElement root, std::string_view name);

/// Whether this is JSON of that shape: an object that has one of the members, or none if that is allowed. Members whose
/// names begin with `@` do not count.
bool has_shape(JsonElement root, Shape const& shape);

/// For a call that returns nothing: the response may be nothing, or the resource that the call was about.
/// @throws ParseError if it is neither
void accept_nothing(JsonElement root);

/// @throws ParseError: this is not what the call promises. `or_else` is what else may be wrong with the response, e.g.
/// `is a list, or `
[[noreturn]] void throw_misshapen(JsonElement root, Shape const& shape, std::string_view or_else = {});

/// A response without a body.
/// @throws ParseError if the call promises something
void accept_blank(Shape const& shape, ResponseTo const& call);

/// False if the response is a long-running operation.
/// @throws ParseError if it is neither that nor of the shape
bool accept(JsonElement root, Shape const& shape, ResponseTo const& call);

/// @throws ParseError: the given one, naming the operation in whose response the member is
[[noreturn]] void throw_misread_result(ParseError const& error, std::string const& operation_name);

/// @throws OperationFailed
[[noreturn]] void throw_no_result(std::string const& operation_name);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
