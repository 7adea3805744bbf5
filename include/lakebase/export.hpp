#pragma once

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
