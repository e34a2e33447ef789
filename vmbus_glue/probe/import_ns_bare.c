// SPDX-License-Identifier: GPL-2.0
/* MODULE_IMPORT_NS() takes the name of a symbol namespace without quotes. */
#include <linux/module.h>

MODULE_IMPORT_NS(PROBE_NAMESPACE);
