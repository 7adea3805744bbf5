# Sets LAKEBASE_HTTPLIB to the target of cpp-httplib: Debian ships it with a pkg-config file, vcpkg and Conan with a
# CMake package.
find_package(httplib CONFIG QUIET)
if(TARGET httplib::httplib)
  set(LAKEBASE_HTTPLIB httplib::httplib)
else()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(CPP_HTTPLIB QUIET IMPORTED_TARGET cpp-httplib)
  endif()
  if(NOT CPP_HTTPLIB_FOUND)
    message(FATAL_ERROR "The program lakebase-mcp and the tests need cpp-httplib, which was not found. Install it (Debian, Ubuntu: "
                        "libcpp-httplib-dev; Homebrew, vcpkg and Conan: cpp-httplib), or leave them out: -DLAKEBASE_BUILD_MCP=OFF "
                        "-DLAKEBASE_BUILD_TESTS=OFF")
  endif()
  set(LAKEBASE_HTTPLIB PkgConfig::CPP_HTTPLIB)
endif()
