/* SPDX-License-Identifier: GPL-2.0 */
/* What the back ends share: their options, and the way of frames to the guest. */
#ifndef HVHOST_BACKEND_COMMON_H
#define HVHOST_BACKEND_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "loop.h"

/* Frames or packets that one call of the loop may handle, so that others get a turn. */
#define BACKEND_BATCH 64u

struct backend_option {
	const char *key;		/* NULL ends a table */
	uint64_t *number;		/* in [least, most] */
	uint64_t least;
	uint64_t most;
	uint8_t *address;		/* or: IPv4 address, 4 bytes */
	char *text;			/* or: a word of less than text_size bytes */
	size_t text_size;
};

/* Parses "key=value,..."; false after a complaint that begins with name. */
bool backend_options(const char *name, const char *text,
		     const struct backend_option *table);

struct traffic {
	uint64_t frames;
	uint64_t bytes;
};

void traffic_count(struct traffic *traffic, const struct frame *frame);

/*
 * Frames on their way to the guest. What the NIC refuses is kept in order until
 * the back end offers it again.
 */
struct delivery_entry;

struct delivery {
	struct backend *backend;
	struct delivery_entry *first;
	struct delivery_entry **end;
	unsigned int length;
	bool direct;			/* pushing may offer at once */
	bool blocked;			/* the NIC refused, and did not resume yet */
	struct traffic given;		/* to the NIC */
	uint64_t refused;		/* offers that the NIC did not take */
	uint64_t dropped;		/* malformed, or out of memory */
};

void delivery_init(struct delivery *delivery, struct backend *backend);
/*
 * Finishes what is open in a frame (checksums; a GSO frame is cut up, unless
 * the guest takes them whole), and appends it. The bytes are copied. With direct
 * set, and none before it in the way, the NIC gets it at once, without a copy.
 */
void delivery_push(struct delivery *delivery, struct frame *frame);
/*
 * Offers up to limit frames, unless blocked. True if it should be called again
 * soon: some remain that the NIC did not refuse.
 */
bool delivery_run(struct delivery *delivery, unsigned int limit);
void delivery_clear(struct delivery *delivery);
/* Members of a JSON object, behind its first one. */
void delivery_counters(const struct delivery *delivery, FILE *out);

/* Address of the peer that echo and source play. */
extern const uint8_t backend_peer_mac[6];

/*
 * If the frame is an ARP request for any address, fills in the answer (in
 * bytes, of at least ETH_MIN_FRAME) as from the peer and returns true.
 */
bool backend_answer_arp(const struct frame *request, uint8_t *bytes,
			struct frame *answer);

struct backend *backend_tap_create(const char *options);
struct backend *backend_sink_create(const char *options);
struct backend *backend_none_create(const char *options);
struct backend *backend_source_create(const char *options);
struct backend *backend_echo_create(const char *options);

#endif
