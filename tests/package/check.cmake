# Installs the project into a folder of its own, then configures, builds and runs a consumer of it.
#   cmake -DSOURCE=… -DWORK=… -DSHARED=ON|OFF [-DBUILD=…] -P check.cmake
# BUILD is a build tree to install from; without it, one is made.

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${output}")
  endif()
endfunction()

set(common -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Debug -DBUILD_SHARED_LIBS=${SHARED})
file(REMOVE_RECURSE ${WORK})
if(NOT BUILD)
  set(BUILD ${WORK}/build)
  run(${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} ${common} -DLAKEBASE_BUILD_TESTS=OFF -DLAKEBASE_BUILD_EXAMPLES=OFF
      -DLAKEBASE_BUILD_EMULATOR=OFF -DLAKEBASE_UNITY=ON -DCMAKE_CXX_FLAGS_DEBUG=)  # nobody debugs this build
  run(${CMAKE_COMMAND} --build ${BUILD})
endif()
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/tests/package/consumer -B ${WORK}/consumer ${common}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/consumer)
run(${WORK}/consumer/consumer)
if(EXISTS ${WORK}/consumer/pq_consumer)
  run(${WORK}/consumer/pq_consumer)
endif()
file(REMOVE_RECURSE ${WORK})
