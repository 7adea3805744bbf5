# What `cmake --install` writes, and the packages that find_package(lakebase) and pkg-config find. Its components:
# lakebase-runtime (shared libraries), lakebase-dev (headers, static libraries, package files), lakebase-programs.

include(CMakePackageConfigHelpers)
include(LakebaseBillOfMaterials)

set(lakebase_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lakebase)
set(lakebase_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# lakebase_install_part(TARGET PART DESCRIPTION REQUIRES…): a library with an export set and a pkg-config file of its own,
# so that a package may leave it out. REQUIRES is what users of a static library have to link, by the names of
# pkg-config.
function(lakebase_install_part target part description)
  set(suffix -${part})
  if(part STREQUAL "lakebase")
    set(suffix "")
  endif()
  install(TARGETS ${target} EXPORT lakebase${suffix}-targets
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT lakebase-runtime
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lakebase-runtime NAMELINK_COMPONENT lakebase-dev
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lakebase-dev)
  install(EXPORT lakebase${suffix}-targets NAMESPACE lakebase:: DESTINATION ${lakebase_package_dir}
    COMPONENT lakebase-dev)

  # Relative to the file, so that the prefix can be moved.
  cmake_path(ABSOLUTE_PATH lakebase_pc_dir BASE_DIRECTORY /prefix OUTPUT_VARIABLE from)
  foreach(kind IN ITEMS INCLUDE LIB)
    set(folder ${CMAKE_INSTALL_${kind}DIR})
    if(NOT IS_ABSOLUTE ${folder})
      cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY /prefix)
      cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${from})
      set(folder \${pcfiledir}/${folder})
    endif()
    set(pc_${kind} ${folder})
  endforeach()
  set(pc_requires "")
  if(suffix)
    set(pc_requires "lakebase = ${PROJECT_VERSION}")
  endif()
  if(NOT BUILD_SHARED_LIBS)
    # Not Requires.private: there is no shared library that would do without them, so they belong to every link.
    list(APPEND pc_requires ${ARGN})
  endif()
  list(JOIN pc_requires ", " pc_requires)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/lakebase.pc.in ${PROJECT_BINARY_DIR}/lakebase${suffix}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/lakebase${suffix}.pc DESTINATION ${lakebase_pc_dir} COMPONENT lakebase-dev)
endfunction()

lakebase_install_part(lakebase lakebase "${PROJECT_DESCRIPTION}" libcurl openssl fmt simdjson)
set(lakebase_headers_left_out "")
if(LAKEBASE_BUILD_PQ)
  lakebase_install_part(lakebase_pq pq "PostgreSQL connections to Databricks Lakebase" libpq openssl fmt)
else()
  list(APPEND lakebase_headers_left_out PATTERN pq EXCLUDE)
endif()
if(LAKEBASE_BUILD_EMULATOR)
  lakebase_install_part(lakebase_emulator emulator "A local emulator of Databricks Lakebase" openssl fmt)
  # Without an export: a package of the library works without the program.
  install(TARGETS lakebase-emulator RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT lakebase-programs)
else()
  list(APPEND lakebase_headers_left_out REGEX "testing/(emulator|gtest)\\.hpp$" EXCLUDE)
endif()

if(LAKEBASE_BUILD_CLI)
  install(TARGETS lakebase_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT lakebase-programs)
  if(TARGET lakebase_man)
    install(FILES ${PROJECT_BINARY_DIR}/lakebase.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT lakebase-programs)
  endif()
endif()
if(LAKEBASE_BUILD_MCP)
  install(TARGETS lakebase_mcp RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT lakebase-programs)
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lakebase DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT lakebase-dev FILES_MATCHING PATTERN "*.hpp" ${lakebase_headers_left_out})
install(FILES ${PROJECT_BINARY_DIR}/generated/include/lakebase/version.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lakebase COMPONENT lakebase-dev)

set(lakebase_docs ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/THIRD_PARTY_NOTICES.md
                  ${PROJECT_BINARY_DIR}/lakebase.spdx.json)
lakebase_write_bill_of_materials(${PROJECT_BINARY_DIR}/lakebase.spdx.json)
install(FILES ${lakebase_docs} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT lakebase-dev)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/lakebaseConfig.cmake.in
  ${PROJECT_BINARY_DIR}/lakebaseConfig.cmake INSTALL_DESTINATION ${lakebase_package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lakebaseConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/lakebaseConfig.cmake ${PROJECT_BINARY_DIR}/lakebaseConfigVersion.cmake
  DESTINATION ${lakebase_package_dir} COMPONENT lakebase-dev)
