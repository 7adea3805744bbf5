#pragma once

#include <lakebase/cxx20.hpp>
#ifndef LAKEBASE_HAS_CXX20
// Compilers continue after an error, but not after this.
#include "lakebase stops here, without C++20"
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
