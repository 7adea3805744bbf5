# Settings that every target of this project shares. They apply to the project's own targets only: nothing here reaches
# a consumer.

add_library(lakebase_build_settings INTERFACE)
target_compile_features(lakebase_build_settings INTERFACE cxx_std_20)
if(MSVC)
  target_compile_options(lakebase_build_settings INTERFACE /W4 /utf-8)
  target_compile_definitions(lakebase_build_settings INTERFACE NOMINMAX WIN32_LEAN_AND_MEAN)
elseif(NOT PROJECT_IS_TOP_LEVEL AND NOT LAKEBASE_WERROR)
  # A parent's flags are for its own code. A warning here would stop its build, and it could not fix it.
  target_compile_options(lakebase_build_settings INTERFACE -w)
else()
  target_compile_options(lakebase_build_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 warns about its own std::string if the optimiser has inlined it.
    target_compile_options(lakebase_build_settings INTERFACE
      "$<$<NOT:$<CONFIG:Debug>>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>")
  endif()
endif()
if(LAKEBASE_WERROR)
  target_compile_options(lakebase_build_settings INTERFACE $<IF:$<CXX_COMPILER_ID:MSVC>,/WX,-Werror>)
endif()
if(LAKEBASE_SANITIZE)
  target_compile_options(lakebase_build_settings INTERFACE -fsanitize=${LAKEBASE_SANITIZE} -fno-omit-frame-pointer
                                                           -fno-sanitize-recover=all)
  target_compile_definitions(lakebase_build_settings INTERFACE LAKEBASE_SANITIZED)  # compilers differ in how they say so
  target_link_options(lakebase_build_settings INTERFACE -fsanitize=${LAKEBASE_SANITIZE})
endif()

# Applies the shared settings to one of the project's own targets.
function(lakebase_own_target name)
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:lakebase_build_settings>)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# Applies the settings of code in a library, static or shared: it can be linked into a plugin, and nothing in it
# prevents the system from unloading that plugin, as symbols would that GCC marks as unique in the whole process.
function(lakebase_own_code name)
  lakebase_own_target(${name})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  # So that a program's linker can leave out what it does not call, if it is told to (--gc-sections).
  target_compile_options(${name} PRIVATE
    $<$<AND:$<NOT:$<CONFIG:Debug>>,$<CXX_COMPILER_ID:GNU,Clang,AppleClang>>:-ffunction-sections;-fdata-sections>)
endfunction()

include(CheckLinkerFlag)
check_linker_flag(CXX LINKER:--exclude-libs,ALL LAKEBASE_LINKER_EXCLUDES_LIBS)

# Applies the settings of a library that users link, as lakebase::PART. Call it after target_link_libraries.
function(lakebase_own_library name part)
  lakebase_own_code(${name})
  # The shared library's SOVERSION is the major version. It is compiled like the static one, so that a compiler cache
  # serves both.
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${part} DEFINE_SYMBOL "" VERSION ${PROJECT_VERSION}
                                           SOVERSION ${PROJECT_VERSION_MAJOR})
  lakebase_find_libraries_beside(${name} ${CMAKE_INSTALL_LIBDIR})
  if(LAKEBASE_LINKER_EXCLUDES_LIBS)  # symbols of static libraries are not ours to export
    target_link_options(${name} PRIVATE LINKER:--exclude-libs,ALL)
  endif()
  lakebase_alias(${name} ${part})
endfunction()

# Lets what is installed in FOLDER find the project's shared libraries relative to itself, so that the prefix can be
# moved.
function(lakebase_find_libraries_beside name folder)
  set(origin $<IF:$<PLATFORM_ID:Darwin>,@loader_path,$ORIGIN>)
  cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY /prefix)
  cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY /prefix OUTPUT_VARIABLE libraries)
  cmake_path(RELATIVE_PATH libraries BASE_DIRECTORY ${folder})
  cmake_path(APPEND origin ${libraries})
  string(REGEX REPLACE "/\\.$" "" origin ${origin})
  set_target_properties(${name} PROPERTIES INSTALL_RPATH "${origin};${CMAKE_INSTALL_RPATH}")
endfunction()

# lakebase::PART. A shared library exports its interface only, and tests need more: they link the same objects as a
# static library.
function(lakebase_alias name part)
  if(BUILD_SHARED_LIBS AND (LAKEBASE_BUILD_TESTS OR LAKEBASE_BUILD_BENCHMARKS OR LAKEBASE_BUILD_FUZZERS))
    get_target_property(libraries ${name} LINK_LIBRARIES)
    list(TRANSFORM libraries REPLACE "^lakebase$" lakebase::lakebase)
    get_target_property(objects ${name} SOURCES)
    list(FILTER objects INCLUDE REGEX "TARGET_OBJECTS")
    add_library(${name}_inside STATIC $<TARGET_OBJECTS:${name}> ${objects})
    set_target_properties(${name}_inside PROPERTIES LINKER_LANGUAGE CXX)
    target_link_libraries(${name}_inside PUBLIC ${libraries})
    target_include_directories(${name}_inside INTERFACE $<TARGET_PROPERTY:${name},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_features(${name}_inside INTERFACE cxx_std_20)
    set(name ${name}_inside)
  endif()
  add_library(lakebase::${part} ALIAS ${name})
endfunction()

# Precompiles headers of the standard library and of third parties for a target, which halves the time of a build.
# Sources still include what they use; a build with -DLAKEBASE_PRECOMPILE=OFF proves it.
function(lakebase_precompile name)
  if(LAKEBASE_PRECOMPILE)
    target_precompile_headers(${name} PRIVATE <algorithm> <chrono> <functional> <map> <memory> <mutex> <optional> <stop_token>
                                              <string> <string_view> <thread> <vector> <fmt/format.h> ${ARGN})
  endif()
endfunction()

# With LAKEBASE_UNITY, sources of a target are compiled together: they are short, and include the same headers. For
# builds from scratch; after an edit of one source, all of them are compiled again.

# These sources only, under a name.
function(lakebase_compile_together target group)
  if(LAKEBASE_UNITY)
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${group})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  endif()
endfunction()

# All sources but these, because other sources define the same local names.
function(lakebase_compile_together_except target)
  if(LAKEBASE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    lakebase_compile_alone(${target} ${ARGN})
  endif()
endfunction()

# Sources of the calling folder, of a target that compiles its others together.
function(lakebase_compile_alone target)
  if(ARGN)
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
