# SystemC::systemc: Debian's library comes with pkg-config files only. Shared by our build and by the
# installed package's configuration.
if(NOT TARGET SystemC::systemc)
  find_package(PkgConfig REQUIRED)
  find_package(Threads REQUIRED)
  pkg_check_modules(memio_systemc REQUIRED IMPORTED_TARGET GLOBAL systemc)
  add_library(SystemC::systemc INTERFACE IMPORTED GLOBAL)
  set_property(TARGET SystemC::systemc PROPERTY
    INTERFACE_LINK_LIBRARIES PkgConfig::memio_systemc Threads::Threads)
endif()
