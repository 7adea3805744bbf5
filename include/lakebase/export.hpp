#pragma once

// An older C++ gets one error instead of a hundred that follow from it: a header that is not there ends the compiling.
#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 202002L
#error "lakebase needs C++20: compile with -std=c++20, or in CMake target_compile_features(TARGET PRIVATE cxx_std_20)"
#include <lakebase/compile-with-c++20>
#endif

// Marks what the shared library offers. A static build needs no mark.
#if defined(LAKEBASE_SHARED) && defined(_WIN32)
#if defined(LAKEBASE_BUILDING)
#define LAKEBASE_EXPORT __declspec(dllexport)
#else
#define LAKEBASE_EXPORT __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define LAKEBASE_EXPORT __attribute__((visibility("default")))
#else
#define LAKEBASE_EXPORT
#endif
