# A program without any configuration ends with one error that names every place that was looked at.
#   cmake -DPROGRAM=… -P no_configuration.cmake
execute_process(COMMAND env -i HOME=/nonexistent ${PROGRAM}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE error TIMEOUT 10)
if(NOT status EQUAL 1)
  message(FATAL_ERROR "ended with ${status} instead of 1\n${output}\n${error}")
endif()
foreach(place DATABRICKS_HOST DATABRICKS_TOKEN DATABRICKS_CLIENT_ID /nonexistent/.databrickscfg)
  if(NOT error MATCHES "${place}")
    message(SEND_ERROR "the error does not name ${place}:\n${error}")
  endif()
endforeach()
