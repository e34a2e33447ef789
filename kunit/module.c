// SPDX-License-Identifier: GPL-2.0
/*
 * The module of all suites. They run when it is loaded.
 */
#include <linux/module.h>

#include "vmbus_glue/compat.h"

MODULE_DESCRIPTION("KUnit suites of hv_netvsc");
MODULE_LICENSE("GPL");
NVB_IMPORT_KUNIT_SYMBOLS();
