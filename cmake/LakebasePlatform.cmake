# Ends the configuration with one line if the compiler or the system lacks what the sources use.

if(NOT UNIX)
  message(FATAL_ERROR "lakebase builds on Linux and macOS. What its files *_posix.cpp do is not written for ${CMAKE_SYSTEM_NAME} "
                      "yet: build it for Linux, on Windows in WSL.")
endif()
if(LAKEBASE_BUILD_EMULATOR AND NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  message(FATAL_ERROR "LAKEBASE_BUILD_EMULATOR: the emulator needs Linux, and this is a build for ${CMAKE_SYSTEM_NAME}. "
                      "Leave it out: -DLAKEBASE_BUILD_EMULATOR=OFF")
endif()

foreach(program IN ITEMS CLI MCP)
  if(LAKEBASE_BUILD_${program} AND NOT LAKEBASE_BUILD_PQ)
    message(FATAL_ERROR "LAKEBASE_BUILD_${program}: this program connects to databases, and so needs -DLAKEBASE_BUILD_PQ=ON. "
                        "Or leave it out: -DLAKEBASE_BUILD_${program}=OFF")
  endif()
endforeach()

function(lakebase_need_compiler id least)
  if(CMAKE_CXX_COMPILER_ID STREQUAL id AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS least)
    message(FATAL_ERROR "lakebase needs ${id} ${least} or later, for C++20; this is ${CMAKE_CXX_COMPILER_VERSION}. "
                        "Name another compiler in a new build folder: -DCMAKE_CXX_COMPILER=PROGRAM")
  endif()
endfunction()

lakebase_need_compiler(GNU 12)
lakebase_need_compiler(Clang 14)
lakebase_need_compiler(AppleClang 15)
lakebase_need_compiler(MSVC 19.34)

if(NOT "cxx_std_20" IN_LIST CMAKE_CXX_COMPILE_FEATURES)
  message(FATAL_ERROR "lakebase needs C++20, which ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} does not offer. "
                      "Name another compiler in a new build folder: -DCMAKE_CXX_COMPILER=PROGRAM")
endif()
