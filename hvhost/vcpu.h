/* SPDX-License-Identifier: GPL-2.0 */
/* Virtual CPUs: one thread each, from exit to exit. */
#ifndef HVHOST_VCPU_H
#define HVHOST_VCPU_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Once, before anything else. */
void vcpus_init(void);

/* Creates the vCPUs; the first will start at entry. 0, or -errno (complained). */
int vcpus_create(bool hide_xsave, uint64_t entry);

/* Lets them run; 0, or -errno having complained. */
int vcpus_start(void);

/* The CPU time that each vCPU's thread has used, as a JSON list. */
void vcpus_write_cpu_times(FILE *out);

/* Ends their threads and waits for that. Without the host lock. */
void vcpus_stop(void);

/* Takes them away, once they are stopped. */
void vcpus_destroy(void);

#endif
