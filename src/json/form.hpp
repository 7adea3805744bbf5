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
/// `error`. A name that `path` ends with is that of the resource which the call is about: an id may be `operations`.
bool is_operation(JsonElement root, std::string_view path);

/// Whether a member of that name is there and not null.
bool has_member(JsonElement root, std::string_view name);

/// Whether this is JSON of that shape: an object that has one of the members, or one without any where that is allowed.
/// Members whose names begin with `@` do not count.
bool has_shape(JsonElement root, Shape const& shape);

/// For a call that promises nothing: nothing it is, or the resource that the call was about.
/// @throws ParseError where it is neither
void accept_nothing(JsonElement root);

/// @throws ParseError: this is not what the call promises; `or_else` is what the response may be instead, e.g.
/// `is a list, or `
[[noreturn]] void throw_misshapen(JsonElement root, Shape const& shape, std::string_view or_else = {});

/// A response without a body.
/// @throws ParseError where the call promises something
void accept_blank(Shape const& shape, ResponseTo const& call);

/// False where the response is a long-running operation.
/// @throws ParseError where it is neither that nor of the shape
bool accept(JsonElement root, Shape const& shape, ResponseTo const& call);

/// @throws ParseError: the same, with the operation in whose response the member is
[[noreturn]] void throw_misread_result(ParseError const& error, std::string const& operation_name);

/// @throws OperationFailed
[[noreturn]] void throw_no_result(std::string const& operation_name);

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
