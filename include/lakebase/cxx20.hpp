#pragma once

// Said once, instead of an error for every line that an older C++ does not know.
#if defined(_MSVC_LANG)
#if _MSVC_LANG > 201703L
#define LAKEBASE_HAS_CXX20 1
#endif
#elif __cplusplus > 201703L
#define LAKEBASE_HAS_CXX20 1
#endif

#ifndef LAKEBASE_HAS_CXX20
#error lakebase needs C++20: set CMAKE_CXX_STANDARD 20 or -std=c++20
#endif
