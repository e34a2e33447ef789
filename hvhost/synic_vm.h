/* SPDX-License-Identifier: GPL-2.0 */
/* The SynIC's side that faces KVM: exits of the vCPUs. */
#ifndef HVHOST_SYNIC_VM_H
#define HVHOST_SYNIC_VM_H

#include <stdbool.h>
#include <stdint.h>

/* Once, before anything else. */
void synic_init(void);

/*
 * Makes the interrupts of all vCPUs, which must exist. 0, or -errno having
 * complained.
 */
int synic_start(void);

/* Takes them away; nobody may have connected an event any more. */
void synic_stop(void);

/* A vCPU wrote SCONTROL, SIEFP or SIMP: these are their values now. */
void synic_pages_changed(unsigned int vp, uint64_t scontrol, uint64_t siefp,
			 uint64_t simp);

/* Signals a connection by hand; false if there is none of that id. */
bool synic_signal_connection(uint32_t connection_id);

/* Messages that wait for their slot, of all vCPUs. */
unsigned int synic_messages_waiting(void);

#endif
