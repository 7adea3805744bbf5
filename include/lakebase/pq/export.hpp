#pragma once

// Marks what lakebase::pq offers as a shared library. A static build needs no mark.
#if defined(LAKEBASE_SHARED) && defined(_WIN32)
#if defined(LAKEBASE_PQ_BUILDING)
#define LAKEBASE_PQ_EXPORT __declspec(dllexport)
#else
#define LAKEBASE_PQ_EXPORT __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define LAKEBASE_PQ_EXPORT [[gnu::visibility("default")]]
#else
#define LAKEBASE_PQ_EXPORT
#endif
