// Functions that run once when the kernel starts. This kernel keeps them, and loads no modules: the start
// function of a driver runs after all devices of the device tree have been given to the drivers that were
// registered by module_platform_driver().
#pragma once

#include <linux/types.h>

#define __init
#define __exit
#define __initdata
#define __exitdata

#ifdef __cplusplus
extern "C" {
#endif

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

// Puts a pointer into a table that the linker collects; nothing else refers to it.
#define MEMIO_TABLE_ENTRY(section_name, type, name, value) \
  static const type name __attribute__((used, section(section_name))) = (value)

// Runs `function` at start; a negative error number is reported.
#define module_init(function) MEMIO_TABLE_ENTRY(".initcalls", initcall_t, initcall_##function, function)
// Never called, as in a driver built into a kernel.
#define module_exit(function) static const exitcall_t exitcall_##function __attribute__((unused)) = (function)

#ifdef __cplusplus
}
#endif
