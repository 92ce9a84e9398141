// What a driver's source says about itself. Drivers are linked into the kernel, so this is for the reader
// only.
#pragma once

#include <linux/init.h>
#include <linux/kernel.h>

struct module;
#define THIS_MODULE ((struct module*)0)

#define MODULE_LICENSE(text) struct module
#define MODULE_AUTHOR(text) struct module
#define MODULE_DESCRIPTION(text) struct module
#define MODULE_VERSION(text) struct module
#define MODULE_ALIAS(text) struct module
#define MODULE_DEVICE_TABLE(type, table) struct module
#define EXPORT_SYMBOL(symbol) struct module
#define EXPORT_SYMBOL_GPL(symbol) EXPORT_SYMBOL(symbol)
