/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands behind a NIC: a TAP device, or one of the measuring back ends
 * inside the VMM (sink, source, echo). Everything runs on the service thread.
 */
#ifndef HVHOST_BACKEND_H
#define HVHOST_BACKEND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FRAME_MAX (65536u + 256u)

enum frame_gso {
	FRAME_GSO_NONE,
	FRAME_GSO_TCP4,
	FRAME_GSO_TCP6,
};

/* One Ethernet frame, whole and contiguous, without an inline VLAN tag. */
struct frame {
	uint8_t *data;
	uint32_t len;

	bool has_vlan;
	uint16_t vlan_tci;		/* as in the 802.1Q header */

	/* A checksum still to be computed over [csum_start, len). */
	bool csum_partial;
	uint16_t csum_start;
	uint16_t csum_offset;		/* from csum_start */
	bool ip_csum_partial;		/* the IPv4 header checksum too */

	enum frame_gso gso;
	uint16_t gso_size;		/* payload bytes of a segment */
	uint16_t header_len;		/* Ethernet to end of TCP header; if gso */

	/* To the guest only: what the host found out about it. */
	bool csum_good;
};

struct backend;

struct backend_ops {
	const char *name;
	/*
	 * Guest to world, from a queue. The frame is the caller's again on return,
	 * its headers perhaps edited (lengths and checksums finished). May come
	 * at any time, also while stopped; never calls back into the NIC.
	 */
	void (*send)(struct backend *backend, unsigned int queue, struct frame *frame);
	/*
	 * The NIC can take frames again (it refused one, or just became ready).
	 * Frames come from the service loop, not inside this call.
	 */
	void (*resume)(struct backend *backend);
	void (*stop)(struct backend *backend);	/* NIC not ready: produce nothing */
	void (*counters)(struct backend *backend, FILE *out);	/* JSON object */
	void (*more)(struct backend *backend, uint64_t count);	/* frames, or NULL */
	void (*destroy)(struct backend *backend);
};

/*
 * Hands a frame to the NIC: true if taken, false if it has no buffer now; then
 * ->resume() will be called, and the same frame may be offered again. The bytes
 * are the back end's again on return.
 * A GSO frame must only be offered if the NIC said that it takes them (RSC).
 */
typedef bool (*backend_receive_fn)(void *nic, struct frame *frame);

struct backend {
	const struct backend_ops *ops;
	backend_receive_fn receive;
	void *nic;
	bool gso_to_guest;		/* set by the NIC: RSC was agreed */
	uint16_t mtu;			/* of the NIC, without Ethernet header */
	uint8_t mac[6];			/* of the NIC; the source sends to it */
};

/*
 * Makes a back end from its description; on failure NULL, and one line of
 * complaint. It is stopped at first. The NIC fills in the fields above before it
 * calls ->resume(), and again when they change.
 *
 *   none            swallows what the guest sends
 *   sink            the same, counted by kind
 *   tap:ifname=tap0 a TAP device of the host, made if it is not there
 *   echo            swaps addresses and ports and sends it back; answers ARP and ping
 *   source:size=64,flows=16,rate=0,count=0,tcp=0,asked=0,src=10.99.0.1,dst=10.99.0.2
 *                   size: bytes of a frame, from 60 on (with tcp=1 and RSC agreed
 *                   it may be larger than the MTU: then it is a GSO frame); flows:
 *                   source ports, in turn; rate: frames a second, 0 as fast as
 *                   the NIC takes them; count: of all frames, 0 without end;
 *                   asked=1: none but those that ->more() asks for
 */
struct backend *backend_create(const char *description);

#endif
