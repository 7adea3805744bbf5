# What `cmake --install` writes, and the package that find_package(lakebase) finds.

include(CMakePackageConfigHelpers)

set(lakebase_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lakebase)
set(lakebase_installed_targets lakebase)
if(LAKEBASE_BUILD_PQ)
  list(APPEND lakebase_installed_targets lakebase_pq)
endif()
if(LAKEBASE_BUILD_EMULATOR)
  list(APPEND lakebase_installed_targets lakebase_emulator lakebase-emulator)
endif()

install(TARGETS ${lakebase_installed_targets} EXPORT lakebase-targets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT lakebase-targets NAMESPACE lakebase:: DESTINATION ${lakebase_package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lakebase DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_BINARY_DIR}/generated/include/lakebase/version.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lakebase)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/lakebaseConfig.cmake.in
  ${PROJECT_BINARY_DIR}/lakebaseConfig.cmake INSTALL_DESTINATION ${lakebase_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lakebaseConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/lakebaseConfig.cmake ${PROJECT_BINARY_DIR}/lakebaseConfigVersion.cmake
  DESTINATION ${lakebase_package_dir})
