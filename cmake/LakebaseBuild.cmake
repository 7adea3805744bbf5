# Settings that every target of this project shares. They apply to the project's own targets only: nothing here reaches
# a consumer.

add_library(lakebase_build_settings INTERFACE)
target_compile_features(lakebase_build_settings INTERFACE cxx_std_20)
if(MSVC)
  target_compile_options(lakebase_build_settings INTERFACE /W4 /WX /utf-8)
  target_compile_definitions(lakebase_build_settings INTERFACE NOMINMAX WIN32_LEAN_AND_MEAN)
else()
  target_compile_options(lakebase_build_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror)
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
