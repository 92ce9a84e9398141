# Builds guest programs with the bare-metal RISC-V cross compiler, beside a host project that has a compiler
# of its own. One custom command a source file (with a dependency file) and one for the link.
#
#   memio_guest_program(NAME XLEN 32|64 SOURCES FILE... LINKER_SCRIPT FILE
#                       [OUTPUT FILE] [INCLUDES DIR...] [DEFINES DEF...] [OBJECT_SETS NAME...]
#                       [LINK_SYMBOLS NAME=VALUE...] [SYMBOL_TABLE])
#
# makes the target NAME and the file ${MEMIO_GUEST_OUTPUT}/NAME.elf (or OUTPUT). SYMBOL_TABLE links twice, to
# embed a table of the functions and their addresses (tools/ksyms.py). OBJECT_SETS adds files compiled once
# for several programs, by
#
#   memio_guest_objects(NAME XLEN 32|64 SOURCES FILE... [INCLUDES DIR...] [DEFINES DEF...])
#
#   memio_guest_initrd(NAME OUTPUT FILE FILES PATH=ELF... DEPENDS TARGET...)
#
# packs files into a cpio archive of the "newc" format (tools/mkcpio.py).

set(MEMIO_GUEST_PREFIX "riscv64-unknown-elf-" CACHE STRING "Prefix of the guest cross compiler's programs")
find_program(MEMIO_GUEST_CC ${MEMIO_GUEST_PREFIX}gcc REQUIRED)
find_program(MEMIO_GUEST_CXX ${MEMIO_GUEST_PREFIX}g++ REQUIRED)
find_program(MEMIO_GUEST_NM ${MEMIO_GUEST_PREFIX}nm REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

get_filename_component(MEMIO_SW_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
get_filename_component(MEMIO_SOURCE_ROOT "${MEMIO_SW_DIR}/.." ABSOLUTE)
set(MEMIO_GUEST_OUTPUT "${CMAKE_BINARY_DIR}/sw")

set(MEMIO_GUEST_FLAGS_32 -march=rv32imac_zicsr_zifencei -mabi=ilp32)
set(MEMIO_GUEST_FLAGS_64 -march=rv64imac_zicsr_zifencei -mabi=lp64)
# At the link the architecture only selects libgcc, whose folders know no Z extensions.
set(MEMIO_GUEST_LINK_FLAGS_32 -march=rv32imac -mabi=ilp32)
set(MEMIO_GUEST_LINK_FLAGS_64 -march=rv64imac -mabi=lp64)
# The frame pointer serves backtraces; the later prefix map wins where one folder lies inside the other.
set(MEMIO_GUEST_FLAGS
    -mcmodel=medany -ffreestanding -nostdlib -O2 -g -fno-omit-frame-pointer -fno-common -fno-pie
    -fno-stack-protector -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections
    -Wall -Wextra -Werror
    -ffile-prefix-map=${MEMIO_SOURCE_ROOT}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build
    # Only this one reaches the assembler.
    -fdebug-prefix-map=${MEMIO_SOURCE_ROOT}=. -fdebug-prefix-map=${CMAKE_BINARY_DIR}=build)
# Drivers written for other kernels leave arguments of their handlers unused.
set(MEMIO_GUEST_FLAGS_C -std=gnu11 -Wno-unused-parameter)
set(MEMIO_GUEST_FLAGS_CXX
    -std=gnu++17 -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-asynchronous-unwind-tables)

# Compiles one source of program `name`; appends the object to the list named by `object_list`.
function(memio_guest_compile name xlen source flags object_list)
  get_filename_component(source "${source}" ABSOLUTE)
  file(RELATIVE_PATH relative "${MEMIO_SOURCE_ROOT}" "${source}")
  if(relative MATCHES "^\\.\\.")
    get_filename_component(relative "${source}" NAME)
  endif()
  set(object "${MEMIO_GUEST_OUTPUT}/obj/${name}/${relative}.o")
  get_filename_component(folder "${object}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")
  if(source MATCHES "\\.(cpp|cc)$")
    set(compiler ${MEMIO_GUEST_CXX})
    list(APPEND flags ${MEMIO_GUEST_FLAGS_CXX})
  else()
    set(compiler ${MEMIO_GUEST_CC})
    list(APPEND flags ${MEMIO_GUEST_FLAGS_C})
  endif()
  add_custom_command(
    OUTPUT "${object}"
    COMMAND ${compiler} ${MEMIO_GUEST_FLAGS_${xlen}} ${MEMIO_GUEST_FLAGS} ${flags}
            -MD -MF "${object}.d" -MT "${object}" -c "${source}" -o "${object}"
    DEPENDS "${source}"
    DEPFILE "${object}.d"
    WORKING_DIRECTORY "${CMAKE_BINARY_DIR}"
    COMMENT "Guest rv${xlen} ${name}: ${relative}"
    VERBATIM)
  set(${object_list} ${${object_list}} "${object}" PARENT_SCOPE)
endfunction()

# Links `objects` into `output` by `script`, with `symbols` (NAME=VALUE...) defined for it.
function(memio_guest_link name xlen script symbols output objects)
  list(TRANSFORM symbols PREPEND "-Wl,--defsym=")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${MEMIO_GUEST_CXX} ${MEMIO_GUEST_LINK_FLAGS_${xlen}} -nostdlib -nostartfiles -static
            -Wl,--build-id=none -Wl,--gc-sections -Wl,--no-warn-rwx-segments
            ${symbols} -Wl,-T,${script}  # in this order: the script may ask which symbols are defined
            ${objects} -lgcc -o "${output}"
    DEPENDS ${objects} "${script}"
    COMMENT "Guest rv${xlen} ${name}: link"
    VERBATIM COMMAND_EXPAND_LISTS)
endfunction()

# The compiler's flags for INCLUDES and DEFINES, in the variable named by `flag_list`.
function(memio_guest_flags includes defines flag_list)
  set(flags "-I${MEMIO_SW_DIR}/include")
  foreach(include IN LISTS includes)
    get_filename_component(include "${include}" ABSOLUTE)
    list(APPEND flags "-I${include}")
  endforeach()
  foreach(define IN LISTS defines)
    list(APPEND flags "-D${define}")
  endforeach()
  set(${flag_list} "${flags}" PARENT_SCOPE)
endfunction()

function(memio_guest_objects name)
  cmake_parse_arguments(ARG "" "XLEN" "SOURCES;INCLUDES;DEFINES" ${ARGN})
  memio_guest_flags("${ARG_INCLUDES}" "${ARG_DEFINES}" flags)
  set(objects)
  foreach(source IN LISTS ARG_SOURCES)
    memio_guest_compile(${name} ${ARG_XLEN} "${source}" "${flags}" objects)
  endforeach()
  add_custom_target(${name} ALL DEPENDS ${objects})
  set_target_properties(${name} PROPERTIES MEMIO_GUEST_OBJECTS "${objects}")
endfunction()

function(memio_guest_program name)
  cmake_parse_arguments(ARG "SYMBOL_TABLE" "XLEN;LINKER_SCRIPT;OUTPUT"
                        "SOURCES;INCLUDES;DEFINES;OBJECT_SETS;LINK_SYMBOLS" ${ARGN})
  if(NOT ARG_OUTPUT)
    set(ARG_OUTPUT "${MEMIO_GUEST_OUTPUT}/${name}.elf")
  endif()
  get_filename_component(script "${ARG_LINKER_SCRIPT}" ABSOLUTE)
  get_filename_component(folder "${ARG_OUTPUT}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")

  memio_guest_flags("${ARG_INCLUDES}" "${ARG_DEFINES}" flags)
  set(objects)
  foreach(set IN LISTS ARG_OBJECT_SETS)
    get_target_property(set_objects ${set} MEMIO_GUEST_OBJECTS)
    list(APPEND objects ${set_objects})
  endforeach()
  foreach(source IN LISTS ARG_SOURCES)
    memio_guest_compile(${name} ${ARG_XLEN} "${source}" "${flags}" objects)
  endforeach()

  if(ARG_SYMBOL_TABLE)
    set(work "${MEMIO_GUEST_OUTPUT}/obj/${name}")
    set(tool "${MEMIO_SW_DIR}/tools/ksyms.py")
    set(first "${work}/without-symbols.elf")
    memio_guest_link(${name} ${ARG_XLEN} "${script}" "${ARG_LINK_SYMBOLS}" "${first}" "${objects}")
    add_custom_command(
      OUTPUT "${work}/symbols.S"
      COMMAND Python3::Interpreter "${tool}" ${MEMIO_GUEST_NM} "${first}" "${work}/symbols.S"
      DEPENDS "${first}" "${tool}"
      COMMENT "Guest rv${ARG_XLEN} ${name}: symbol table"
      VERBATIM)
    memio_guest_compile(${name} ${ARG_XLEN} "${work}/symbols.S" "${flags}" objects)
    memio_guest_link(${name} ${ARG_XLEN} "${script}" "${ARG_LINK_SYMBOLS}" "${ARG_OUTPUT}" "${objects}")
    # The table is right only if the second link left every function where the first had put it.
    add_custom_command(
      OUTPUT "${work}/symbols.checked"
      COMMAND Python3::Interpreter "${tool}" --check ${MEMIO_GUEST_NM} "${first}" "${ARG_OUTPUT}"
      COMMAND ${CMAKE_COMMAND} -E touch "${work}/symbols.checked"
      DEPENDS "${ARG_OUTPUT}"
      VERBATIM)
    add_custom_target(${name} ALL DEPENDS "${ARG_OUTPUT}" "${work}/symbols.checked")
  else()
    memio_guest_link(${name} ${ARG_XLEN} "${script}" "${ARG_LINK_SYMBOLS}" "${ARG_OUTPUT}" "${objects}")
    add_custom_target(${name} ALL DEPENDS "${ARG_OUTPUT}")
  endif()
  if(ARG_OBJECT_SETS)
    add_dependencies(${name} ${ARG_OBJECT_SETS})
  endif()
endfunction()

function(memio_guest_initrd name)
  cmake_parse_arguments(ARG "" "OUTPUT" "FILES;DEPENDS" ${ARGN})
  set(tool "${MEMIO_SW_DIR}/tools/mkcpio.py")
  set(inputs)
  foreach(entry IN LISTS ARG_FILES)
    string(REGEX REPLACE "^[^=]*=" "" input "${entry}")
    list(APPEND inputs "${input}")
  endforeach()
  add_custom_command(
    OUTPUT "${ARG_OUTPUT}"
    COMMAND Python3::Interpreter "${tool}" "${ARG_OUTPUT}" ${ARG_FILES}
    DEPENDS ${inputs} "${tool}"
    COMMENT "Guest ${name}"
    VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${ARG_OUTPUT}")
  add_dependencies(${name} ${ARG_DEPENDS})
endfunction()
