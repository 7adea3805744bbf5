#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/computes.hpp"
#include "common/json.hpp"
#include "sync/column_types.hpp"

namespace lakebase::emulator {

/// What is to be read of a source.
struct ReadPlan {
  /// Of those that the source has.
  std::vector<SourceColumn> columns;
  /// Those of the primary key: a row in which one of them is null is left out.
  std::vector<std::string> keys;
  /// Called now and then; throws if the emulator stops.
  std::function<void()> check{};
};

/// The rows of a source as of one moment. With a feed they are changes, and each has two cells in front: whether the
/// row is deleted, and a number that grows from change to change.
class SourceRows {
 public:
  virtual ~SourceRows() = default;

  virtual bool is_feed() const { return false; }
  /// Whether a feed goes on where the position that it was opened with ends. Otherwise it begins with its first change.
  virtual bool goes_on() const { return false; }
  /// @param known the columns so far: their types hold where the source names none
  virtual std::vector<SourceColumn> columns(std::vector<SourceColumn> const& known) = 0;
  /// @throws SyncError for a row that cannot be read, with its place
  virtual void read(ReadPlan const& plan, CopySink const& sink) = 0;
  /// Where the next reading begins, after `read`.
  virtual Json position() const { return Json::object(); }
  /// Where the n-th row is that `read` gives, the first being 1: `orders.csv, line 7`
  virtual std::string place_of(ReadPlan const& plan, std::uint64_t row) = 0;
};

/// Where the rows of a table of Unity Catalog come from.
class Source {
 public:
  virtual ~Source() = default;
  /// A text that is another one once the rows are others. @throws SyncError if there is no such source
  virtual std::string mark() = 0;
  /// @param position what the last reading left
  virtual std::unique_ptr<SourceRows> open(Json const& position) = 0;
};

}  // namespace lakebase::emulator
