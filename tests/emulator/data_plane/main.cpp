#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "processes.hpp"

int main(int argc, char** argv) {
  // libpq takes what a connection string leaves out from these.
  for (char const* name : {"PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGOPTIONS",
                           "PGSERVICE", "PGSSLMODE", "PGSSLROOTCERT", "PGCHANNELBINDING"}) {
    ::unsetenv(name);
  }
  if (argc == 3 && std::string_view{argv[1]} == "--be-other-emulator") {
    return lakebase::emulator::be_other_emulator(argv[2]);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
