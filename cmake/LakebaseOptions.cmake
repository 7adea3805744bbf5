# The options of a build. As part of another project, the library is built without what that project does not use: the
# core only, no tests, nothing installed.

if(PROJECT_IS_TOP_LEVEL)  # a parent's own choice otherwise
  option(BUILD_SHARED_LIBS "Build the libraries as shared ones" OFF)
endif()

set(lakebase_emulator ${PROJECT_IS_TOP_LEVEL})
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  set(lakebase_emulator OFF)
endif()
option(LAKEBASE_BUILD_PQ "Build lakebase::pq, connections to PostgreSQL; needs libpq" ${PROJECT_IS_TOP_LEVEL})
set(lakebase_cli OFF)
if(PROJECT_IS_TOP_LEVEL AND LAKEBASE_BUILD_PQ)
  set(lakebase_cli ON)
endif()
option(LAKEBASE_BUILD_CLI "Build the program lakebase; needs LAKEBASE_BUILD_PQ and CLI11" ${lakebase_cli})
option(LAKEBASE_BUILD_EMULATOR "Build lakebase::emulator and the program lakebase-emulator; needs Linux" ${lakebase_emulator})

option(LAKEBASE_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(LAKEBASE_BUILD_MCP "Build the program lakebase-mcp; needs LAKEBASE_BUILD_PQ, CLI11 and cpp-httplib" ${LAKEBASE_BUILD_CLI})
option(LAKEBASE_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(LAKEBASE_BUILD_BENCHMARKS "Build the benchmarks, which need Google Benchmark" OFF)
option(LAKEBASE_BUILD_FUZZERS "Build the fuzzers, which need Clang; see scripts/fuzz" OFF)

option(LAKEBASE_INSTALL "Generate the install target" ${PROJECT_IS_TOP_LEVEL})

# On for those who build once; the preset `dev` compiles each source by itself, and only what changed.
option(LAKEBASE_UNITY "Compile sources of a kind together, for builds from scratch" ON)
option(LAKEBASE_PRECOMPILE "Precompile the headers that most sources include" ON)

# For the project's own developers and CI, by their presets: another compiler may find what ours do not.
option(LAKEBASE_WERROR "Take the compiler's warnings for errors" OFF)
set(LAKEBASE_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
