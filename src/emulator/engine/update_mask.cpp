#include "engine/update_mask.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/ascii.hpp"
#include "engine/errors.hpp"

namespace lakebase::emulator {
namespace {

// Whether the body carries a value at a dotted path.
bool carries(Fields const& body, std::string_view path) {
  auto const dot = path.find('.');
  if (dot == std::string_view::npos) return body.has(path);
  auto const head = path.substr(0, dot);
  return body.has(head) && carries(body.message(head), path.substr(dot + 1));
}

bool carries(Fields const& body, MaskPath const& rule) {
  if (rule.kind != MaskPath::Kind::oneof) return carries(body, rule.path);
  auto const parent = rule.path.substr(0, rule.path.rfind('.'));
  return std::any_of(rule.members.begin(), rule.members.end(),
                     [&](std::string_view member) { return carries(body, fmt::format("{}.{}", parent, member)); });
}

ServiceError not_provided(std::string_view path) {
  return invalid(fmt::format("Field '{}' is in update_mask but not provided in request", path));
}

std::vector<std::string_view> split(std::string_view mask) {
  std::vector<std::string_view> paths;
  while (!mask.empty()) {
    auto const comma = std::min(mask.find(','), mask.size());
    if (auto const path = trimmed(mask.substr(0, comma)); !path.empty()) paths.push_back(path);
    mask.remove_prefix(std::min(comma + 1, mask.size()));
  }
  return paths;
}

bool is_below(std::string_view path, std::string_view message) {
  return path.size() > message.size() && path.starts_with(message) && path[message.size()] == '.';
}

void touch(Touched& touched, MaskPath const& rule, Fields const& body, std::string_view named_as) {
  if (rule.kind == MaskPath::Kind::ignored) return;
  if (rule.kind != MaskPath::Kind::list && !carries(body, rule)) throw not_provided(named_as);
  touched.insert(rule.path);
}

void touch_message(Touched& touched, MaskMessage const& message, Fields const& body, MaskRules const& rules) {
  if (!carries(body, message.path)) throw not_provided(message.path);
  for (auto const& rule : rules.paths) {
    if (!is_below(rule.path, message.path)) continue;
    if (message.wants_all) touch(touched, rule, body, rule.path);
    touched.insert(rule.path);
  }
}

void touch_everything(Touched& touched, Fields const& body, MaskRules const& rules) {
  for (auto const& rule : rules.paths) {
    if (rule.kind == MaskPath::Kind::ignored) continue;
    bool const required = rule.part_of_everything && rule.kind != MaskPath::Kind::fixed;
    if (!required && !carries(body, rule)) continue;
    touch(touched, rule, body, rule.path);
  }
}

bool has_spec(MaskRules const& rules) {
  return std::any_of(rules.paths.begin(), rules.paths.end(),
                     [](MaskPath const& rule) { return is_below(rule.path, "spec"); });
}

void touch_carried(Touched& touched, Fields const& body, MaskRules const& rules) {
  for (auto const& rule : rules.paths) {
    if (rule.kind != MaskPath::Kind::ignored && carries(body, rule)) touched.insert(rule.path);
  }
}

}  // namespace

Touched carried_by(Fields const& body, MaskRules const& rules) {
  Touched touched;
  touch_carried(touched, body, rules);
  return touched;
}

Touched named_by(std::string_view mask, Fields const& body, MaskRules const& rules) {
  Touched touched;
  auto const paths = split(mask);
  if (paths.empty()) throw required_field("update_mask");
  for (auto const path : paths) {
    auto const is_named = [&](auto const& known) { return known.path == path; };
    auto const rule = std::find_if(rules.paths.begin(), rules.paths.end(), [&](MaskPath const& known) {
      return is_named(known) && known.kind != MaskPath::Kind::fixed;
    });
    auto const message = std::find_if(rules.messages.begin(), rules.messages.end(), is_named);
    if (rule != rules.paths.end()) {
      touch(touched, *rule, body, path);
    } else if (path == "*") {
      touch_everything(touched, body, rules);
    } else if (path == "spec" && has_spec(rules)) {
      if (!body.has("spec")) throw not_provided(path);
      touch_carried(touched, body, rules);
    } else if (message != rules.messages.end()) {
      touch_message(touched, *message, body, rules);
    } else {
      throw invalid(fmt::format("Unknown field path in update_mask: '{}'", path));
    }
  }
  return touched;
}

}  // namespace lakebase::emulator
