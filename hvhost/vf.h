/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual function of a network card, as a guest finds it on a vPCI bus: the
 * registers and rings of an Intel 82599 VF in the form that Hyper-V shows it in.
 * That form has no mailbox to the physical function: the MAC address stands in
 * configuration space, so the VF needs no more than rings and interrupts. One
 * receive queue, one transmit queue. Guests drive it with ixgbevf.
 */
#ifndef HVHOST_VF_H
#define HVHOST_VF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend.h"
#include "loop.h"
#include "vpci.h"

#define VF_REGISTERS 4096u		/* of 4 bytes each */
#define VF_VECTORS 3u

struct vf;

/* Whom the VF belongs to. */
struct vf_ops {
	/* The guest sent a frame; it is the VF's again on return. */
	void (*send)(void *owner, struct frame *frame);
	/* There are receive buffers again. */
	void (*resume)(void *owner);
	/* The guest let go of it. */
	void (*gone)(void *owner);
};

struct vf_vector {
	uint32_t address_low;
	uint32_t address_high;
	uint32_t data;
	uint32_t control;
};

/* The offload requests of the last context descriptor. */
struct vf_context {
	uint16_t vlan;
	uint16_t mac_len;
	uint16_t ip_len;
	uint16_t mss;
	uint8_t l4_len;
	bool ip4;
	bool tcp;
};

struct vf_counters {
	uint64_t tx_frames;
	uint64_t tx_bytes;
	uint64_t rx_frames;
	uint64_t rx_bytes;
	uint64_t rx_refused;		/* no buffers */
	uint64_t interrupts;
	uint64_t resets;
	uint64_t bad_descriptors;	/* what a card would choke on */
};

struct vf {
	struct vpci_bus bus;
	const struct vf_ops *ops;
	void *owner;
	uint8_t mac[6];
	bool link_up;
	bool memory;			/* decodes memory */
	bool master;			/* may use the guest's memory */
	uint32_t registers[VF_REGISTERS];
	struct vf_vector vectors[VF_VECTORS];
	struct vf_context context;
	bool refused;			/* a frame, for lack of buffers */
	struct loop_task transmit;
	uint8_t *tx_bytes;		/* the frame being gathered */
	uint32_t tx_len;
	bool tx_begun;
	uint32_t tx_command;		/* of its first descriptor, which */
	uint32_t tx_requests;		/* alone says what is asked for */
	struct vf_counters counters;
};

/* To be called once; serial names it to the guest. 0, or -ENOMEM. */
int vf_init(struct vf *vf, unsigned int index, const uint8_t mac[6],
	    uint32_t serial, const struct vf_ops *ops, void *owner);
void vf_destroy(struct vf *vf);

/* Hands a frame to the guest; false if it has no buffers: see ->resume(). */
bool vf_receive(struct vf *vf, struct frame *frame);

/* Whether the guest's driver has the VF and its receive queue running. */
bool vf_running(const struct vf *vf);

void vf_set_link(struct vf *vf, bool up);

/* As a JSON object. */
void vf_write_counters(const struct vf *vf, FILE *out);

#endif
