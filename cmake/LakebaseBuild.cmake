# Settings that every target of this project shares. They apply to the project's own targets only: nothing here reaches
# a consumer.

add_library(lakebase_build_settings INTERFACE)
target_compile_features(lakebase_build_settings INTERFACE cxx_std_20)
if(MSVC)
  target_compile_options(lakebase_build_settings INTERFACE /W4 /WX /utf-8)
  target_compile_definitions(lakebase_build_settings INTERFACE NOMINMAX WIN32_LEAN_AND_MEAN)
else()
  target_compile_options(lakebase_build_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 warns of its own std::string where the optimiser has inlined it.
    target_compile_options(lakebase_build_settings INTERFACE
      "$<$<NOT:$<CONFIG:Debug>>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>")
  endif()
endif()
if(LAKEBASE_SANITIZE)
  target_compile_options(lakebase_build_settings INTERFACE -fsanitize=${LAKEBASE_SANITIZE} -fno-omit-frame-pointer
                                                           -fno-sanitize-recover=all)
  target_link_options(lakebase_build_settings INTERFACE -fsanitize=${LAKEBASE_SANITIZE})
endif()

# Applies the shared settings to one of the project's own targets.
function(lakebase_own_target name)
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:lakebase_build_settings>)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# Precompiles headers of the standard library and of third parties for a target: half of the time of a build. Sources
# still include what they use; a build with -DLAKEBASE_PRECOMPILE=OFF proves it.
function(lakebase_precompile name)
  if(LAKEBASE_PRECOMPILE)
    target_precompile_headers(${name} PRIVATE <algorithm> <chrono> <functional> <map> <memory> <mutex> <optional> <stop_token>
                                              <string> <string_view> <thread> <vector> <fmt/format.h> ${ARGN})
  endif()
endfunction()

# With LAKEBASE_UNITY, sources of a target are compiled together: they are a few lines each, below the same headers. For
# builds from scratch; whoever edits one source would wait for all of them.

# These sources only, under a name.
function(lakebase_compile_together target group)
  if(LAKEBASE_UNITY)
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${group})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  endif()
endfunction()

# All sources but these, whose own names stand in other sources too.
function(lakebase_compile_together_except target)
  if(LAKEBASE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
