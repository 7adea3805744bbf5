// Whatever the query string of the Data API: it is read, or refused as 400 PGRST100. The input is text in lines: names
// and values in turn.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include "data_api/grammar/api_error.hpp"
#include "data_api/grammar/parser.hpp"

namespace {

using namespace lakebase::emulator::data_api;

void check(bool holds, std::string_view what, std::string_view where) {
  if (holds) return;
  std::cerr << what << ": " << where << '\n';
  std::abort();
}

std::string take_line(std::string_view& rest) {
  auto const at = std::min(rest.find('\n'), rest.size());
  std::string line{rest.substr(0, at)};
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return line;
}

void read(QueryPairs const& pairs, bool is_call) {
  try {
    static_cast<void>(parse_query(pairs, is_call));
  } catch (ApiError const& error) {
    check(error.status() == 400 && error.code() == "PGRST100", "another error than for a query string", error.code());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<char const*>(data), size};
  QueryPairs pairs;
  while (!rest.empty()) {
    auto name = take_line(rest);
    pairs.emplace_back(std::move(name), take_line(rest));
  }
  read(pairs, false);
  read(pairs, true);
  return 0;
}
