# For an overlay port: vcpkg install lakebase[pq] --overlay-ports=cmake/vcpkg-port. Builds the tree that it stands in.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS options FEATURES
  cli LAKEBASE_BUILD_CLI
  emulator LAKEBASE_BUILD_EMULATOR
  pq LAKEBASE_BUILD_PQ)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS ${options} -DLAKEBASE_BUILD_TESTS=OFF -DLAKEBASE_BUILD_EXAMPLES=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/lakebase)
vcpkg_fixup_pkgconfig()
set(tools "")
if("cli" IN_LIST FEATURES)
  list(APPEND tools lakebase)
endif()
if("emulator" IN_LIST FEATURES)
  list(APPEND tools lakebase-emulator)
endif()
if(tools)
  vcpkg_copy_tools(TOOL_NAMES ${tools} AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE" "${SOURCE_PATH}/THIRD_PARTY_NOTICES.md")
