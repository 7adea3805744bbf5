#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "engine/fields.hpp"

namespace lakebase::emulator {

/// A member of a message in the service's own words: `str`, `bool`, `int`, `float`, `Duration`, `Timestamp`,
/// `List[...]`, `Dict[str, str]`, or a message. What has a value of an enum is a `str` here.
struct RequestMember {
  std::string_view name;
  std::string_view type;
};

using RequestMessage = std::vector<RequestMember>;

/// Messages by their names.
using RequestTypes = std::map<std::string_view, RequestMessage>;

/// What requests can carry, by messages; of resources, what a client may write. `tests/surface` has the whole manifest.
RequestTypes const& request_types();

/// Whether all that is known of a message has its type, also what the request does not change. What is unknown, or only
/// output, can be anything, as with the service. @throws ServiceError that names the member
/// @param types where the messages in it are
void check_types(Fields const& body, RequestMessage const& message, RequestTypes const& types = request_types());

}  // namespace lakebase::emulator
