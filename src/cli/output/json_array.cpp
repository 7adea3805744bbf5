#include "cli/output/json_array.hpp"

#include "cli/base/json.hpp"
#include "cli/system/streams_posix.hpp"

namespace lakebase::cli {

void JsonArray::add(std::string_view json) {
  write(Stream::out, (is_empty_ ? "[\n  " : ",\n  ") + pretty_text(json, 1));
  is_empty_ = false;
}

void JsonArray::end() {
  write(Stream::out, is_empty_ ? "[]\n" : "\n]\n");
}

}  // namespace lakebase::cli
