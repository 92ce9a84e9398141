# memio_model(NAME SOURCES ... [DEPENDS ...] [SYSTEMC])
#
# One folder of models/ as a library of its own: target memio_NAME, alias memio::NAME, installed and
# exported under the same name. Headers are included as "folder/file.h" from models/. DEPENDS are
# public; SYSTEMC links the SystemC library.
function(memio_model name)
  cmake_parse_arguments(ARG "SYSTEMC" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(memio_${name} STATIC ${ARG_SOURCES})
  add_library(memio::${name} ALIAS memio_${name})
  set_target_properties(memio_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_include_directories(memio_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/models>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/memio>)
  target_compile_features(memio_${name} PUBLIC cxx_std_17)
  # Options only, no link: a link would follow the library into the installed package.
  target_compile_options(memio_${name} PRIVATE $<TARGET_PROPERTY:memio_warnings,INTERFACE_COMPILE_OPTIONS>)
  target_link_libraries(memio_${name} PUBLIC ${ARG_DEPENDS})
  if(ARG_SYSTEMC)
    target_link_libraries(memio_${name} PUBLIC SystemC::systemc)
  endif()
  set_property(GLOBAL APPEND PROPERTY MEMIO_MODELS memio_${name})
endfunction()
