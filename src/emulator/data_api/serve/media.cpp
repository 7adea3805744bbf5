#include "data_api/serve/media.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "data_api/grammar/api_error.hpp"

namespace lakebase::emulator::data_api {
namespace {

// Values as they are: what comes back is no JSON, so there must be one of them a row.
std::optional<Media> raw_media(std::string const& type, OneValue value) {
  if (value == OneValue::no) return std::nullopt;
  if (type == "text/plain") return Media{BodyForm::text, type + "; charset=utf-8"};
  if (type != "application/octet-stream") return std::nullopt;
  return Media{value == OneValue::bytes ? BodyForm::bytes : BodyForm::text, type};
}

}  // namespace

Media chosen_media(std::string const& accept, OneValue value) {
  if (trimmed(accept).empty()) return {};
  std::string_view rest = accept;
  while (!rest.empty()) {
    auto const end = std::min(rest.find(','), rest.size());
    auto const one = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (one.find("nulls=stripped") != std::string_view::npos) continue;
    auto const type = to_lower(trimmed(one.substr(0, one.find(';'))));
    if (type == "application/json" || type == "*/*" || type == "application/*") return {};
    if (type == "application/vnd.pgrst.array+json") return {BodyForm::array, type + "; charset=utf-8"};
    if (type == "application/vnd.pgrst.object+json" || type == "application/vnd.pgrst.object") {
      return {BodyForm::object, "application/vnd.pgrst.object+json; charset=utf-8"};
    }
    if (type == "text/csv") return {BodyForm::csv, type + "; charset=utf-8"};
    if (auto raw = raw_media(type, value)) return *raw;
  }
  throw ApiError{406, "PGRST107", fmt::format("None of these media types are available: {}", accept)};
}

}  // namespace lakebase::emulator::data_api
