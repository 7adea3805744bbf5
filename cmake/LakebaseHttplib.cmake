# Sets LAKEBASE_HTTPLIB to the target of cpp-httplib: Debian ships it with a pkg-config file, vcpkg and Conan with a
# CMake package.
find_package(httplib CONFIG QUIET)
if(TARGET httplib::httplib)
  set(LAKEBASE_HTTPLIB httplib::httplib)
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(CPP_HTTPLIB REQUIRED QUIET IMPORTED_TARGET cpp-httplib)
  set(LAKEBASE_HTTPLIB PkgConfig::CPP_HTTPLIB)
endif()
