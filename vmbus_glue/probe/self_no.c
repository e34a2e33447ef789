// SPDX-License-Identifier: GPL-2.0
/* Compiles with no kernel, or else the answers mean nothing. */
static inline void probe_self_no(void)
{
	nvb_no_kernel_has_this();
}
