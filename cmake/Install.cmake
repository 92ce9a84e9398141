# The installed package: find_package(memio) gives memio::core, memio::mmu, memio::bus, ... (one for each
# folder of models/); beside it the memio program with its guest images and configurations.
include(CMakePackageConfigHelpers)
set(MEMIO_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/memio)
set(MEMIO_DATA_DIR ${CMAKE_INSTALL_DATADIR}/memio)

get_property(models GLOBAL PROPERTY MEMIO_MODELS)
install(TARGETS ${models} EXPORT memioTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT memioTargets NAMESPACE memio:: DESTINATION ${MEMIO_CMAKE_DIR})
install(DIRECTORY models/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/memio FILES_MATCHING PATTERN "*.h")

configure_package_config_file(cmake/memioConfig.cmake.in ${CMAKE_BINARY_DIR}/memioConfig.cmake
  INSTALL_DESTINATION ${MEMIO_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/memioConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/memioConfig.cmake ${CMAKE_BINARY_DIR}/memioConfigVersion.cmake
  cmake/SystemC.cmake DESTINATION ${MEMIO_CMAKE_DIR})

install(TARGETS memio RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY configs traces DESTINATION ${MEMIO_DATA_DIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(MEMIO_SW)
  foreach(xlen IN ITEMS 32 64)
    foreach(image IN ITEMS firmware kernel kernel-debug kernel-tests kernel-nommu)
      install(FILES ${CMAKE_BINARY_DIR}/sw/${image}-rv${xlen}.elf DESTINATION ${MEMIO_DATA_DIR})
    endforeach()
    foreach(archive IN ITEMS initrd initrd-memory initrd-misaligned)
      install(FILES ${CMAKE_BINARY_DIR}/sw/${archive}-rv${xlen}.cpio DESTINATION ${MEMIO_DATA_DIR})
    endforeach()
  endforeach()
  install(FILES ${CMAKE_BINARY_DIR}/sw/kernel-2g-rv32.elf DESTINATION ${MEMIO_DATA_DIR})
  install(DIRECTORY sw/include DESTINATION ${MEMIO_DATA_DIR})
  # What a user's own bare program is built with.
  install(FILES sw/examples/bare.ld sw/examples/crt0.S sw/examples/bare.c sw/examples/bare.h
    DESTINATION ${MEMIO_DATA_DIR}/bare)
endif()
