# Every code block of the README that follows a marker `<!-- examples/NAME.cpp -->` is that file, to the letter; every
# example is shown or named.
#   cmake -DSOURCE=… -P check_snippets.cmake

file(READ ${SOURCE}/README.md document)
string(REGEX MATCHALL "<!-- examples/[a-z_]+\\.cpp -->" markers "${document}")
list(LENGTH markers shown)
if(shown LESS 5)
  message(SEND_ERROR "README.md shows ${shown} examples; there were 5")
endif()
foreach(marker IN LISTS markers)
  string(REGEX REPLACE "<!-- (.*) -->" "\\1" example "${marker}")
  file(READ ${SOURCE}/${example} program)
  string(FIND "${document}" "${marker}\n```cpp\n${program}```\n" place)
  if(place EQUAL -1)
    message(SEND_ERROR "README.md does not show ${example} as it is: copy the file between \"${marker}\", "
                       "a line \"```cpp\" and a line \"```\".")
  endif()
endforeach()

file(GLOB examples RELATIVE ${SOURCE} ${SOURCE}/examples/*.cpp)
foreach(example IN LISTS examples)
  string(FIND "${document}" "${example}" place)
  if(place EQUAL -1)
    message(SEND_ERROR "README.md neither shows nor names ${example}")
  endif()
endforeach()
