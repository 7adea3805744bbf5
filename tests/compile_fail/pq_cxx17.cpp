// error: lakebase needs C++20: set CMAKE_CXX_STANDARD 20 or -std=c++20
// errors: 1
// flags: -std=c++17
#ifdef WRONG
#include <lakebase/pq/pq.hpp>
#endif
