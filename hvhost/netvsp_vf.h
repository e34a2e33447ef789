/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A NIC's virtual function: its association, which the guest is told of over
 * NVSP, the function itself, which appears on a vPCI bus, and the data path, which
 * the guest moves from one to the other.
 *
 * A host tells of the association first and offers the function a second later.
 * Each of these steps can be commanded alone, so that tests may have them in any
 * order.
 */
#ifndef HVHOST_NETVSP_VF_H
#define HVHOST_NETVSP_VF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend.h"
#include "loop.h"
#include "vf.h"

struct netvsp_nic;
struct netvsp_channel;

enum netvsp_vf_switch {
	SWITCH_NONE,
	SWITCH_WAITING,			/* the switch takes its time */
	SWITCH_COMPLETE,		/* done, but the guest is not told yet */
};

struct netvsp_vf {
	struct vf device;
	struct netvsp_nic *nic;
	bool associated;
	bool announce_due;		/* the guest is to be told */
	bool active;			/* the data path leads through it */
	bool told_due;			/* "the data path is synthetic" */
	enum netvsp_vf_switch pending;
	bool wanted;			/* by the switch that is pending */
	bool asked;			/* for its completion */
	uint64_t transaction_id;	/* of it */
	bool never;			/* fault: switches have no end */
	uint32_t switch_ms;		/* what a switch takes */
	struct loop_timer switch_timer;
	struct loop_timer offer_timer;
	uint64_t switches;
};

/* Gives the NIC a VF that is not on its bus yet. 0, or -ENOMEM. */
int netvsp_vf_create(struct netvsp_nic *nic);
void netvsp_vf_destroy(struct netvsp_nic *nic);

/* The guest's RNDIS session begins: it is told of what is there. */
void netvsp_vf_session_ready(struct netvsp_nic *nic);
void netvsp_vf_session_end(struct netvsp_nic *nic);

/* The guest wants the data path moved, by the packet that is being handled. */
void netvsp_vf_switch(struct netvsp_channel *channel, bool to_vf);

/*
 * Write what waits for space in the ring; false if there still is none. What is
 * said of the data path goes between the two.
 */
bool netvsp_vf_settle(struct netvsp_channel *primary);
bool netvsp_vf_settle_association(struct netvsp_channel *primary);

/* Whether a frame for the guest goes to its VF. */
bool netvsp_vf_takes(const struct netvsp_nic *nic, const struct frame *frame);

/* The command "vf"; the first two words were looked at already. */
int netvsp_vf_command(struct netvsp_nic *nic, int argc, char **argv,
		      FILE *out);

#endif
