// error: nodiscard
// errors: 2
#include <lakebase/testing/emulator.hpp>

void use(lakebase::testing::Emulator const& emulator) {
#ifdef WRONG
  emulator.host();
  lakebase::testing::Emulator();
#else
  lakebase::testing::Emulator const other{{.user_name = emulator.user_name()}};
#endif
}
