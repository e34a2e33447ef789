/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VMBus ring from the host's side. A ring is a control page and data pages
 * that need not be contiguous; each page is reached by its own pointer.
 *
 * The guest can write all of it at any time: every word is read once, checked,
 * and used from a local copy. A ring found corrupt stays dead until it is set up
 * anew, as the channel of a real host does.
 */
#ifndef HVHOST_RING_H
#define HVHOST_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_PACKET_MAX 16384u		/* largest packet of either direction */

enum ring_packet_type {
	RING_PACKET_INBAND = 6,
	RING_PACKET_TRANSFER_PAGES = 7,
	RING_PACKET_GPA_DIRECT = 9,
	RING_PACKET_COMPLETION = 11,
};

#define RING_FLAG_COMPLETION_REQUESTED 1

/* Common to both directions: where the memory is. */
struct ring_mem {
	uint8_t *control;		/* control page */
	uint8_t **data;			/* data pages */
	uint32_t size;			/* bytes of data */
};

struct ring_out;

/*
 * One who meddles with a ring to the guest (attack.h), in place of the functions
 * of the same names. Set after ring_out_init(); it is asked no more while it
 * writes itself.
 */
struct ring_meddler {
	int (*write)(struct ring_out *ring, uint16_t type, uint16_t flags,
		     uint64_t transaction_id, const void *extra,
		     uint32_t extra_len, const void *payload,
		     uint32_t payload_len);
	void (*published)(struct ring_out *ring);
};

/* Guest to host. */
struct ring_in {
	struct ring_mem mem;
	uint32_t read_index;		/* ours; published by ring_in_commit() */
	uint32_t published;		/* what the guest sees */
	bool masked;			/* interrupts from the guest masked */
	bool dead;			/* found corrupt */
	bool meddled;			/* the mask may be anybody's */
	uint32_t write_seen;		/* write index at the last read */
	uint64_t packets;
	uint64_t bytes;			/* that these packets took */
	uint64_t publishes;		/* different write indices that reads saw */
};

/* Host to guest. */
struct ring_out {
	struct ring_mem mem;
	uint32_t write_index;		/* ours */
	uint32_t published;		/* what the guest sees */
	uint32_t wanted;		/* pending send size that stands there */
	bool dead;			/* found corrupt */
	uint64_t wait_count;		/* times that space had to be waited for */
	uint64_t packets;
	uint64_t batches;		/* times that packets were published */
	const struct ring_meddler *meddler;	/* or NULL */
	void *meddler_ctx;
};

/* One packet as read, its bytes copied out of shared memory. */
struct ring_packet {
	uint16_t type;
	uint16_t flags;
	uint64_t transaction_id;
	const uint8_t *extra;		/* after the 16-byte descriptor */
	uint32_t extra_len;		/* up to data_offset8 */
	const uint8_t *payload;
	uint32_t payload_len;
	uint8_t bytes[RING_PACKET_MAX] __attribute__((aligned(8)));
};

/*
 * Set up a ring of page_count pages, the first of which is the control page;
 * the array of pointers must live as long as the ring. The indices that the
 * guest left there are taken over. Guest to host starts masked: whoever serves
 * it unmasks when he found it empty. 0, or -EINVAL (too small, bad indices).
 */
int ring_in_init(struct ring_in *ring, uint8_t **pages, size_t page_count);
int ring_out_init(struct ring_out *ring, uint8_t **pages, size_t page_count);

/* 1: a packet; 0: empty; -EPROTO: the ring is corrupt (a rule is named, once). */
int ring_in_read(struct ring_in *ring, struct ring_packet *packet);
/* Whether unread packets are there, as far as the indices tell. */
bool ring_in_pending(const struct ring_in *ring);
/* Publishes the read index; true if the guest waits for space and must be signalled. */
bool ring_in_commit(struct ring_in *ring);
/* Masks (host polls) or unmasks; unmasking returns true if packets came meanwhile. */
bool ring_in_mask(struct ring_in *ring, bool masked);

/* Bytes that a packet with these parts takes in the ring. */
uint32_t ring_packet_bytes(uint32_t extra_len, uint32_t payload_len);
/* Free bytes as of now; 0 if the ring is dead. */
uint32_t ring_out_space(struct ring_out *ring);
/*
 * Appends, not yet visible; extra_len is a multiple of 8. 0, or -EAGAIN (no
 * space: the pending size is set; publish, and try again when serviced),
 * -EMSGSIZE (will never fit), -EPROTO (dead).
 */
int ring_out_write(struct ring_out *ring, uint16_t type, uint16_t flags,
		   uint64_t transaction_id, const void *extra, uint32_t extra_len,
		   const void *payload, uint32_t payload_len);
/* Builds in to what the function above would write; returns its length. */
uint32_t ring_packet_build(uint8_t *to, uint32_t write_index, uint16_t type,
			   uint16_t flags, uint64_t transaction_id,
			   const void *extra, uint32_t extra_len,
			   const void *payload, uint32_t payload_len);
/* Appends bytes as they are, a multiple of 8. 0, or -EAGAIN. */
int ring_out_append(struct ring_out *ring, const uint8_t *bytes, uint32_t len);
/* Writes over bytes somewhere in the ring, from index on. */
void ring_out_poke(struct ring_out *ring, uint32_t index, const uint8_t *bytes,
		   uint32_t len);
/* Makes all appended packets visible; true if the guest must be signalled. */
bool ring_out_publish(struct ring_out *ring);
/* Asks the guest to signal when this many bytes are free (0: no longer). */
void ring_out_want(struct ring_out *ring, uint32_t bytes);
/* Whether the guest has packets to read and does not poll by itself. */
bool ring_out_unread(const struct ring_out *ring);

#endif
