// Access to device registers and ports, under the name that portable drivers include.
#pragma once

#include <asm/io.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// ioremap() for the time a driver is bound to `dev`. devm_iounmap() ends it earlier.
struct device;
struct resource;
void __iomem* devm_ioremap(struct device* dev, resource_size_t offset, unsigned long size);
void __iomem* devm_ioremap_nocache(struct device* dev, resource_size_t offset, unsigned long size);
void devm_iounmap(struct device* dev, void __iomem* addr);
// Claims the range and maps it; an ERR_PTR (linux/err.h) when either fails.
void __iomem* devm_ioremap_resource(struct device* dev, const struct resource* res);

#ifdef __cplusplus
}
#endif
