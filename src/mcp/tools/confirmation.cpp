#include "mcp/tools/confirmation.hpp"

#include <chrono>

#include <fmt/format.h>

namespace lakebase::mcp {
namespace {

constexpr auto life_of_code = std::chrono::minutes{10};

Question question_of(std::string const& text) {
  return {.key = "confirmation",
          .method = "elicitation/create",
          .params = {{"mode", "form"},
                     {"message", text},
                     {"requestedSchema",
                      {{"type", "object"},
                       {"properties", {{"confirm", {{"type", "boolean"}, {"title", "Go on"}, {"description", text}}}}},
                       {"required", {"confirm"}}}}},
          .bound = true};
}

}  // namespace

std::string Confirmation::subject_of(Call const& call) {
  Json arguments = call.arguments();
  arguments.erase("confirm");
  return json_line(
      {{"caller", call.client().principal}, {"tool", call.params().value("name", "")}, {"arguments", arguments}});
}

std::optional<Json> Confirmation::ask(Call& call, std::string const& question) {
  if (call.can_ask("elicitation/create")) {
    auto const response = call.ask(question_of(question));
    if (text_of(response, "action") == "accept" && member(member(response, "content"), "confirm") == true) {
      return std::nullopt;
    }
    return Json{{"status", "DECLINED"}, {"message", "It was not confirmed, and nothing was done."}};
  }
  auto const subject = subject_of(call);
  if (auto const code = text_of(call.arguments(), "confirm"); !code.empty()) {
    if (take(code, subject)) return std::nullopt;
    return Json{
        {"status", "NOT_CONFIRMED"},
        {"error",
         "The code is not of this call, is older than ten minutes, or was used: call again without `confirm` to "
         "get another."}};
  }
  auto const expires = std::chrono::system_clock::now() + life_of_code;
  return Json{{"status", "CONFIRMATION_REQUIRED"},
              {"message", fmt::format("{} Nothing was done yet. If the user agrees, call the tool again with the same "
                                      "arguments and `confirm` set to this code, within ten minutes.",
                                      question)},
              {"confirm", seal_.close({{"number", ++codes_}}, subject, expires)}};
}

bool Confirmation::take(std::string const& code, std::string const& subject) {
  auto const now = std::chrono::system_clock::now();
  if (!seal_.open(code, subject, now)) return false;
  std::lock_guard const lock{mutex_};
  std::erase_if(used_, [&](auto const& entry) { return entry.first < now; });
  for (auto const& [time, used] : used_) {
    if (used == code) return false;
  }
  used_.emplace(now + life_of_code, code);
  return true;
}

}  // namespace lakebase::mcp
