#pragma once

#include <string_view>

namespace lakebase::cli {

/// Prints a JSON array on standard output, an element at a time as they come.
class JsonArray {
 public:
  /// `json`: text that the library has written.
  void add(std::string_view json);
  /// The end; to be called once.
  void end();

 private:
  bool is_empty_ = true;
};

}  // namespace lakebase::cli
