# The library's dependencies. A target that a parent project has already is used as it is. A missing one ends the
# configuration with one line that says what to install. `lakebase_version_of_<PACKAGE>` is the version that was found,
# for the bill of materials.

# lakebase_need(TARGET PACKAGE USER APT BREW VCPKG [OPTION]): finds PACKAGE, which has TARGET; USER needs it; the next three
# are its names with Debian's apt, Homebrew and vcpkg; OPTION is what to switch off to do without.
macro(lakebase_need target package user apt brew vcpkg)
  if(NOT TARGET ${target})
    find_package(${package} QUIET)
  endif()
  if(NOT TARGET ${target})
    set(lakebase_way_out "")
    if(${ARGC} GREATER 6)
      set(lakebase_way_out "; or do without it: -D${ARGV6}=OFF")
    endif()
    message(FATAL_ERROR "${user} needs ${package}, which was not found. Install ${apt} (Debian, Ubuntu), ${brew} (Homebrew) "
                        "or ${vcpkg} (vcpkg), or name its folder: -D${package}_ROOT=DIR${lakebase_way_out}")
  endif()
  string(TOUPPER ${package} lakebase_upper)
  foreach(lakebase_name IN ITEMS ${package}_VERSION ${package}_VERSION_STRING
                                 ${lakebase_upper}_VERSION ${lakebase_upper}_VERSION_STRING)
    if(${lakebase_name})
      set(lakebase_version_of_${package} ${${lakebase_name}})
      break()
    endif()
  endforeach()
endmacro()

# Found for the whole of a parent project, whose programs link them with the static library.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
find_package(Threads REQUIRED)
lakebase_need(OpenSSL::SSL OpenSSL lakebase libssl-dev openssl@3 openssl)
lakebase_need(CURL::libcurl CURL lakebase libcurl4-openssl-dev curl curl)
lakebase_need(fmt::fmt fmt lakebase libfmt-dev fmt fmt)
lakebase_need(nlohmann_json::nlohmann_json nlohmann_json lakebase nlohmann-json3-dev nlohmann-json nlohmann-json)
lakebase_need(simdjson::simdjson simdjson lakebase libsimdjson-dev simdjson simdjson)
if(LAKEBASE_BUILD_PQ)
  lakebase_need(PostgreSQL::PostgreSQL PostgreSQL lakebase::pq libpq-dev libpq libpq LAKEBASE_BUILD_PQ)
endif()
if(LAKEBASE_BUILD_CLI)
  lakebase_need(CLI11::CLI11 CLI11 "the program lakebase" libcli11-dev cli11 cli11 LAKEBASE_BUILD_CLI)
endif()
if(LAKEBASE_BUILD_MCP)
  lakebase_need(CLI11::CLI11 CLI11 "the program lakebase-mcp" libcli11-dev cli11 cli11 LAKEBASE_BUILD_MCP)
endif()
if(LAKEBASE_BUILD_EXAMPLES)
  lakebase_need(PostgreSQL::PostgreSQL PostgreSQL "the examples" libpq-dev libpq libpq LAKEBASE_BUILD_EXAMPLES)
endif()
if(LAKEBASE_BUILD_TESTS)
  lakebase_need(GTest::gmock GTest "the tests" libgmock-dev googletest gtest LAKEBASE_BUILD_TESTS)
endif()
