# How each part of the tree is built: warnings, sanitizers, one function for components, one for
# test programs, one for fuzz targets.

add_library(plinth_flags INTERFACE)
target_compile_options(plinth_flags INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers $<$<CONFIG:RelWithDebInfo>:-g1>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 has this wrong in coroutines and variants; the sanitizers have it right.
  target_compile_options(plinth_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(PLINTH_SANITIZE)
  target_compile_options(plinth_flags INTERFACE
    -fsanitize=${PLINTH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(plinth_flags INTERFACE -fsanitize=${PLINTH_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(plinth_flags INTERFACE -Wno-tsan)  # fences, which it does not know
  elseif(PLINTH_SANITIZE MATCHES undefined)
    # This one check of clang 14 cannot be compiled into coroutines.
    target_compile_options(plinth_flags INTERFACE -fno-sanitize=function)
  endif()
endif()
if(PLINTH_FUZZ)
  target_compile_options(plinth_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_program(PLINTH_MOLD mold)
if(PLINTH_MOLD)
  target_link_options(plinth_flags INTERFACE -fuse-ld=mold)
endif()
find_program(PLINTH_CCACHE ccache)
if(PLINTH_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PLINTH_CCACHE})
endif()

# What the parts of Plinth itself are built with; they see each other's headers.
add_library(plinth_options INTERFACE)
target_link_libraries(plinth_options INTERFACE plinth_flags)
target_include_directories(plinth_options INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)

# plinth_component(NAME [DEPENDS libraries…]): the static library plinth_NAME of all *.cpp here and
# in the folders below.
# The foreign libraries among DEPENDS are kept in the property PLINTH_FOREIGN of the target, for
# packaging/.
function(plinth_component name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(plinth_${name} STATIC ${sources})
  target_link_libraries(plinth_${name} PUBLIC plinth_options ${ARG_DEPENDS})
  list(FILTER ARG_DEPENDS EXCLUDE REGEX "^plinth_")
  set_property(TARGET plinth_${name} PROPERTY PLINTH_FOREIGN ${ARG_DEPENDS})
endfunction()

# Begins the names of tests, so that the sanitizers' can be told apart.
if(PLINTH_SANITIZE MATCHES thread)
  set(PLINTH_TEST_PREFIX tsan.)
elseif(PLINTH_SANITIZE)
  set(PLINTH_TEST_PREFIX asan.)
endif()

# plinth_run_test(NAME COMMAND words… [LABELS labels…] [TIMEOUT seconds]): a ctest test, whose time is
# stretched where programs are slow or tests are long.
function(plinth_run_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "COMMAND;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(PLINTH_SANITIZE)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 4")
  endif()
  if(PLINTH_LONG)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 20")
  endif()
  add_test(NAME ${PLINTH_TEST_PREFIX}${name} COMMAND ${ARG_COMMAND})
  set_tests_properties(${PLINTH_TEST_PREFIX}${name} PROPERTIES
    TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# plinth_no_leak_check(NAME): for a test whose process loads libfdb_c.so at run time. There the
# leak check at the end of the process crashes now and then in its own tracer.
function(plinth_no_leak_check name)
  if(PLINTH_SANITIZE MATCHES address)
    set_tests_properties(${PLINTH_TEST_PREFIX}${name} PROPERTIES ENVIRONMENT
      "ASAN_OPTIONS=detect_leaks=0:strict_string_checks=1:detect_stack_use_after_return=1")
  endif()
endfunction()

# plinth_test(NAME SOURCES files… DEPENDS libraries… [FILTER pattern] [LABELS labels…]
# [TIMEOUT seconds]): a GoogleTest program, run as one ctest test. Includes are named from tests/
# too. With FILTER the ctest test is only of what matches; plinth_run_test() can run the rest.
function(plinth_test name)
  if(NOT PLINTH_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT;FILTER" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(ARG_FILTER)
    set(ARG_FILTER "--gtest_filter=${ARG_FILTER}")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gtest_main)
  plinth_run_test(${name} COMMAND ${name} ${ARG_FILTER} LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# plinth_fuzz(NAME SOURCES files… DEPENDS libraries…): a libFuzzer program, whose corpus is the
# folder corpus/NAME beside its source. With PLINTH_FUZZ it is built; other builds only get a test
# that runs it for a while from PLINTH_FUZZ_BIN, so that one run of ctest counts it with the rest.
if(PLINTH_FUZZ)
  add_custom_target(fuzzers)
endif()
function(plinth_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  if(PLINTH_FUZZ)
    add_executable(${name} ${ARG_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers ${name})
  elseif(PLINTH_FUZZ_BIN)
    set(seconds 10)
    if(PLINTH_LONG)
      set(seconds 300)
    endif()
    math(EXPR timeout "${seconds} + 120")
    # What the fuzzer finds on its way, and the input of a failure, are kept in the build folder.
    set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
    set(failures ${CMAKE_CURRENT_BINARY_DIR}/failures)
    file(MAKE_DIRECTORY ${found} ${failures})
    add_test(NAME ${name}
      COMMAND ${PLINTH_FUZZ_BIN}/${name} -max_total_time=${seconds} -timeout=10
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=${failures}/${name}-
        ${found} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS fuzz)
  endif()
endfunction()
