# Every code block of a document that follows a marker `<!-- examples/NAME.cpp -->` is that file, to the letter; every
# example has such a block.
#   cmake -DSOURCE=… -P check_snippets.cmake

file(READ ${SOURCE}/README.md document)
file(GLOB examples RELATIVE ${SOURCE} ${SOURCE}/examples/*.cpp)
foreach(example IN LISTS examples)
  file(READ ${SOURCE}/${example} program)
  string(FIND "${document}" "<!-- ${example} -->\n```cpp\n${program}```\n" place)
  if(place EQUAL -1)
    message(SEND_ERROR "README.md does not show ${example} as it is: copy the file between \"<!-- ${example} -->\", "
                       "a line \"```cpp\" and a line \"```\".")
  endif()
endforeach()
string(REGEX MATCHALL "<!-- examples/[a-z_]+\\.cpp -->" markers "${document}")
list(LENGTH markers shown)
list(LENGTH examples existing)
if(NOT shown EQUAL existing)
  message(SEND_ERROR "README.md shows ${shown} examples, there are ${existing}")
endif()
