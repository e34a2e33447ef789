/* SPDX-License-Identifier: GPL-2.0 */
/* The description of one NIC on the command line. */
#ifndef HVHOST_NETVSP_OPTIONS_H
#define HVHOST_NETVSP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "faults.h"

#define NETVSP_QUEUES_MAX 64u
#define NETVSP_RANGES_MAX 375u		/* in one transfer-page packet */

#define NETVSP_FRAME_MIN 1514u		/* least "MTU" that a guest may ask for */

/* Offloads that a NIC offers to its guest. */
enum netvsp_offload {
	NETVSP_OFFLOAD_TX_CSUM = 1 << 0,
	NETVSP_OFFLOAD_RX_CSUM = 1 << 1,
	NETVSP_OFFLOAD_LSO = 1 << 2,	/* needs TX_CSUM */
	NETVSP_OFFLOAD_ALL = 7,
};

#define NETVSP_DELAY_US_MAX 10000000u

struct netvsp_options {
	char *backend;			/* as for backend_create() */
	char *pcap;			/* file, or NULL */
	char *attack;			/* seed or name, or NULL */
	uint8_t mac[6];
	uint32_t nvsp_version;		/* highest that is accepted */
	unsigned int queues;		/* most channels, the primary included */
	uint32_t frame_max;		/* highest "MTU" that is accepted */
	unsigned int offloads;		/* enum netvsp_offload */
	bool rsc;			/* offers receive segment coalescing */
	bool udp_hash;			/* offers to spread UDP by its ports */
	bool fixed_mac;			/* refuses another address */
	unsigned int delay_us;		/* from a signal to its service */
	uint32_t rx_slots;		/* receive buffers used; 0: all */
	uint32_t section_size;		/* of the send buffer; 0: of no use */
	bool header_page;		/* rule: headers do not cross a page */
	unsigned int ranges;		/* most in a transfer-page packet */
	uint64_t link_mbps;
	bool present;			/* offered from the start */
	bool vf;			/* there can be a VF */
	bool vf_offer;			/* and there is one from the start */
	struct nic_faults faults;	/* from the start */
};

#define NETVSP_OPTIONS_ERROR_SIZE 160u

/*
 * Fills in options from spec, "KEY=VALUE[;KEY=VALUE...]", defaults included;
 * index is the number of the NIC, from 0. Returns 0, or -errno and a complaint
 * in error. Either way options may be handed to netvsp_options_free().
 */
int netvsp_options_parse(const char *spec, unsigned int index,
			 struct netvsp_options *options,
			 char error[NETVSP_OPTIONS_ERROR_SIZE]);
void netvsp_options_free(struct netvsp_options *options);

/* What a word means: an enum nic_withholding, or 0 if nothing. */
unsigned int netvsp_withholding(const char *word, size_t len);

#endif
