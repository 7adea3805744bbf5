// error: lakebase needs C++20: set CMAKE_CXX_STANDARD 20 or -std=c++20
// error: lakebase stops here
// errors: 2
// flags: -std=c++17
#ifdef WRONG
#include <lakebase/config.hpp>
#endif
