#include "engine/store.hpp"

namespace lakebase::emulator {
namespace {

constexpr int format_version = 2;
constexpr int first_format_version = 1;

// Text that is not UTF-8 must not prevent a state from being saved.
std::string line_of_json(Json const& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

StateNotSaved::StateNotSaved(std::string const& why)
    : ServiceError(500, "INTERNAL_ERROR",
                   fmt::format("The emulator cannot save its state ({}). Nothing was changed. Fix that, for example by "
                               "making room on the disk, and try again.",
                               why)) {}

Snapshot read_snapshot(std::string const& text) {
  Json const document = Json::parse(text);
  auto const format = document.at("format").get<int>();
  if (format < first_format_version || format > format_version) throw std::runtime_error("it has another format");
  return {document.at("state"), format < format_version};
}

std::string snapshot_text(Json const& state) {
  return line_of_json(Json{{"format", format_version}, {"state", state}});
}

std::string edits_text(Json const& edits) {
  return line_of_json(edits);
}

}  // namespace lakebase::emulator
