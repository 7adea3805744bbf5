// The program `lakebase`.

#include <string>
#include <string_view>
#include <vector>

#include "cli/program.hpp"
#include "cli/system/streams_posix.hpp"

int main(int count, char** arguments) {
  lakebase::cli::keep_closed_streams();
  lakebase::cli::notice_closed_pipes();
  std::string_view name = count > 0 ? arguments[0] : "lakebase";
  name.remove_prefix(name.rfind('/') + 1);
  return lakebase::cli::run_program(std::string{name}, {arguments + (count > 0 ? 1 : 0), arguments + count});
}
