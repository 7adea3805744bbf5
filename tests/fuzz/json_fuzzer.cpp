// Whatever the text: from_json gives a model or a ParseError, never a crash, and what it gives is written and read
// again as the same model. The first byte of the input chooses the model, the rest is the text.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include <lakebase/error.hpp>
#include <lakebase/postgres_client.hpp>

namespace {

using namespace lakebase;

template <class T>
void read_write_read(std::string_view text) {
  T model{};
  try {
    model = from_json<T>(text);
  } catch (ParseError const&) {
    return;
  }
  auto const json = to_json(model);
  if (!(from_json<T>(json) == model) || to_json(from_json<T>(json)) != json) {
    std::cerr << "read differently after it was written: " << json << '\n';
    std::abort();
  }
}

using Reader = void (*)(std::string_view);

// Between them these models have every kind of member there is.
constexpr Reader readers[] = {
    &read_write_read<postgres::ListProjectsResponse>,
    &read_write_read<postgres::Branch>,
    &read_write_read<postgres::Endpoint>,
    &read_write_read<postgres::Role>,
    &read_write_read<postgres::Operation>,
    &read_write_read<postgres::SyncedTable>,
    &read_write_read<postgres::ForwardEtlStatus>,
    &read_write_read<postgres::DataApi>,
    &read_write_read<postgres::SnapshotSchedule>,
    &read_write_read<postgres::BranchOperationMetadata>,
    &read_write_read<Duration>,
    &read_write_read<Timestamp>,
    &read_write_read<FieldMask>,
    &read_write_read<Enum<postgres::EndpointType>>,
    &read_write_read<JsonText>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t count = sizeof readers / sizeof readers[0];
  std::string_view const text{reinterpret_cast<char const*>(data) + 1, size - 1};
  // Digits choose themselves, so that a corpus can be typed.
  auto const choice = data[0] >= '0' ? static_cast<std::size_t>(data[0] - '0') : std::size_t{data[0]};
  readers[choice % count](text);
  return 0;
}
