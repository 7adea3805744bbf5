#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "processes.hpp"
#include "support/postgres_major.hpp"

namespace {

/// Has the tests run on the wanted major version. False: it is not there.
bool use_wanted_major() {
  auto const major = lakebase::tests::wanted_major();
  if (!major || std::getenv("LAKEBASE_POSTGRES_BIN") != nullptr) return true;
  auto const programs = lakebase::tests::programs_of(*major);
  return programs && ::setenv("LAKEBASE_POSTGRES_BIN", programs->c_str(), 1) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  // libpq takes what a connection string leaves out from these.
  for (char const* name : {"PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGOPTIONS",
                           "PGSERVICE", "PGSSLMODE", "PGSSLROOTCERT", "PGCHANNELBINDING"}) {
    ::unsetenv(name);
  }
  if (argc == 3 && std::string_view{argv[1]} == "--be-other-emulator") {
    return lakebase::emulator::be_other_emulator(argv[2]);
  }
  if (!use_wanted_major()) {
    std::cout << "skipped: scripts/install-postgres " << *lakebase::tests::wanted_major() << " was not run\n";
    return 0;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
