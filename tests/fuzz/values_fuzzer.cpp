// Whatever a server sends as a value, in text or in binary: it is read or it is a ParseError, never a crash; and what
// is read is written and read again as the same. The first byte of the input chooses the type; for binary, the next two
// are the number of the server's type.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <lakebase/pq/types.hpp>

namespace {

using namespace lakebase::pq;
using namespace std::chrono;

enum class Mood { sad, happy };
[[maybe_unused]] constexpr auto enum_names(Mood) {
  return std::array<std::string_view, 2>{"sad", "happy"};
}

template <class T>
std::string written(T const& value) {
  std::string text;
  TypeText<T>::write(value, text);
  return text;
}

template <class T>
void write_and_read(T const& value) {
  std::string text;
  try {
    text = written(value);
  } catch (lakebase::InvalidArgument const&) {
    return;  // beyond what PostgreSQL has
  }
  if (written(TypeText<T>::read(text)) == text) return;
  std::cerr << "read differently after it was written: " << text << '\n';
  std::abort();
}

template <class T>
void read_text(std::string_view text) {
  try {
    write_and_read(TypeText<T>::read(text));
  } catch (lakebase::ParseError const&) {
  }
}

template <class T>
void read_bytes(unsigned oid, std::string_view bytes) {
  try {
    write_and_read(lakebase::pq::detail::read_binary<T>(oid, bytes));
  } catch (lakebase::ParseError const&) {
  }
}

struct Reader {
  void (*text)(std::string_view);
  void (*bytes)(unsigned, std::string_view);
};
template <class T>
constexpr Reader reader{&read_text<T>, &read_bytes<T>};

// Between them these have every reader there is.
constexpr Reader readers[] = {
    reader<bool>,
    reader<int>,
    reader<double>,
    reader<std::string>,
    reader<Numeric>,
    reader<std::vector<std::byte>>,
    reader<Uuid>,
    reader<lakebase::Timestamp>,
    reader<sys_time<microseconds>>,
    reader<local_time<nanoseconds>>,
    reader<year_month_day>,
    reader<OrInfinity<sys_days>>,
    reader<TimeOfDay>,
    reader<Interval>,
    reader<seconds>,
    reader<std::vector<int>>,
    reader<std::vector<std::optional<std::string>>>,
    reader<std::vector<std::vector<Numeric>>>,
    reader<Range<int>>,
    reader<std::vector<Range<sys_time<microseconds>>>>,
    reader<std::tuple<int, std::optional<std::string>, std::vector<Interval>>>,
    reader<Mood>,
    reader<lakebase::JsonText>,
    reader<std::vector<Mood>>,
    reader<std::vector<std::vector<std::optional<std::tuple<std::int64_t, std::optional<Mood>>>>>>,
    reader<std::vector<std::vector<std::byte>>>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t count = sizeof readers / sizeof readers[0];
  std::string_view const input{reinterpret_cast<char const*>(data), size};
  // Letters choose themselves, so that a corpus can be typed.
  auto const choice = data[0] >= 'a' ? static_cast<std::size_t>(data[0] - 'a') : std::size_t{data[0]};
  readers[choice % count].text(input.substr(1));
  if (size < 3) return 0;
  readers[choice % count].bytes(data[1] * 256U + data[2], input.substr(3));
  return 0;
}
