# Runs PROGRAM in the fresh FOLDER, twice: its second run finds the database there.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
file(READ ${EXPECTED} expected)
foreach(run first second)
  execute_process(COMMAND ${PROGRAM} WORKING_DIRECTORY ${FOLDER}
    OUTPUT_VARIABLE printed RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${run} run: exit code ${code}, printed:\n${printed}")
  endif()
  if(NOT printed STREQUAL expected)
    message(FATAL_ERROR "${run} run: printed:\n${printed}the document says:\n${expected}")
  endif()
endforeach()
