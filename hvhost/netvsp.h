/* SPDX-License-Identifier: GPL-2.0 */
/* The synthetic NICs of the machine. */
#ifndef HVHOST_NETVSP_H
#define HVHOST_NETVSP_H

/*
 * Adds a NIC from its description on the command line (netvsp_options.h).
 * Returns 0, or -errno having complained.
 */
int netvsp_nic_add_option(const char *spec);

/*
 * Makes the back ends, hands the NICs to the VMBus server, and registers
 * commands and counters. To be called once. Returns 0, or -errno having
 * complained.
 */
int netvsp_start(void);

/* Ends all NICs: their back ends and captures. Counters are gone after it. */
void netvsp_stop(void);

#endif
