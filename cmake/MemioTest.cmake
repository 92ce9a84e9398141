# memio_test(NAME SOURCES ... [LIBS ...] [SYSTEMC] [LABELS ...])
#
# One test executable, registered with CTest under NAME (CTest runs the whole executable: SystemC
# allows one elaboration per process, so a SystemC test that needs several machines is several
# executables or uses one bench). SYSTEMC tests get an sc_main that runs GoogleTest.
#
# A test's own sources are not optimised: GoogleTest's checks would take half of the build, and what
# takes time in a run is the code under test.
set(MEMIO_TEST_OPTIONS -O0)
function(memio_test name)
  cmake_parse_arguments(ARG "SYSTEMC" "" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gmock memio_warnings)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_options(${name} PRIVATE ${MEMIO_TEST_OPTIONS})
  if(ARG_SYSTEMC)
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/gtest_sc_main.cpp)
    target_link_libraries(${name} PRIVATE SystemC::systemc)
  else()
    target_link_libraries(${name} PRIVATE GTest::gtest_main)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
endfunction()
