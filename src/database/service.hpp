#pragma once

#include <string>
#include <string_view>

#include <lakebase/error.hpp>

#include "call/service.hpp"

namespace lakebase {
inline namespace v0 {
namespace detail {

/// The request for the state of a long-running operation of that name. No call starts one so far, but a response may be
/// one.
/// @throws InvalidArgument if the name makes no request
Request poll_of_database(std::string_view operation_name);

/// The request for the instance of that name.
/// @throws InvalidArgument if no instance can have it
Request poll_of_instance(std::string_view name);
/// Reads the response to the creation of an instance: the instance.
/// @throws ParseError if it is none
OperationStatus read_instance_start(std::string_view body, std::string_view path, ExpectedResult const* result);
/// What an instance tells of its creation.
/// @throws ParseError if it is none
OperationStatus read_instance_state(std::string_view body, bool has_result);

/// How an instance is polled until it is AVAILABLE.
inline constexpr OperationProtocol instance_protocol{.poll = poll_of_instance,
                                                     .read_start = read_instance_start,
                                                     .read_state = read_instance_state,
                                                     .client = "w.database",
                                                     .gone = "is gone: it was deleted before it became AVAILABLE"};

/// What to do about an error of Lakebase Provisioned, in one sentence, for the well-known traps; empty for others.
std::string advice_of_database(ErrorFacts const& facts);

/// How `w.database` describes itself to the machinery below it.
inline constexpr Service database_service{
    .operations = {.poll = poll_of_database}, .advise = advice_of_database, .root = "/api/2.0/database/"};

}  // namespace detail
}  // namespace v0
}  // namespace lakebase
