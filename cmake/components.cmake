# How each part of the tree is built: warnings, sanitizers, one function for components, one for
# test programs.

add_library(plinth_options INTERFACE)
target_include_directories(plinth_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
target_compile_options(plinth_options INTERFACE
  -Wall -Wextra -Werror -Wno-missing-field-initializers $<$<CONFIG:RelWithDebInfo>:-g1>)
# Sanitizers make g++ warn of what is not there.
if(PLINTH_SANITIZE)
  target_compile_options(plinth_options INTERFACE
    -fsanitize=${PLINTH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    -Wno-maybe-uninitialized -Wno-tsan)
  target_link_options(plinth_options INTERFACE -fsanitize=${PLINTH_SANITIZE})
endif()
if(PLINTH_FUZZ)
  target_compile_options(plinth_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(PLINTH_MOLD mold)
if(PLINTH_MOLD)
  target_link_options(plinth_options INTERFACE -fuse-ld=mold)
endif()
find_program(PLINTH_CCACHE ccache)
if(PLINTH_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PLINTH_CCACHE})
endif()

# plinth_component(NAME [DEPENDS libraries…]): the static library plinth_NAME of all *.cpp here.
function(plinth_component name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(plinth_${name} STATIC ${sources})
  target_link_libraries(plinth_${name} PUBLIC plinth_options ${ARG_DEPENDS})
endfunction()

# plinth_test(NAME SOURCES files… DEPENDS libraries… [LABELS labels…] [TIMEOUT seconds]):
# a GoogleTest program, run as one ctest test.
function(plinth_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# plinth_fuzz(NAME SOURCES files… DEPENDS libraries…): a libFuzzer program; its corpus is the folder
# NAME beside the source under corpus/.
function(plinth_fuzz name)
  if(NOT PLINTH_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
