/* SPDX-License-Identifier: GPL-2.0 */
/* Hypercalls that KVM hands out to us. */
#ifndef HVHOST_HYPERCALL_H
#define HVHOST_HYPERCALL_H

#include <linux/types.h>
#include <stdint.h>

/* HvModifySparseGpaPageHostVisibility: an isolated guest shows pages. */
#define HYPERCALL_MODIFY_VISIBILITY 0xdb

/* Runs one: its input value and two parameters; returns its result value. */
uint64_t hypercall(uint64_t input, const __u64 params[2]);

#endif
