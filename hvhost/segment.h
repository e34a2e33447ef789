/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a NIC's hardware does to a frame: finishing checksums, and cutting a large
 * TCP frame into segments. Pure functions on struct frame.
 */
#ifndef HVHOST_SEGMENT_H
#define HVHOST_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"

/* Internet checksum: adds the bytes (from an even offset) to a running sum. */
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t len);
/* Ends it: the one's complement, in the byte order of the bytes summed. */
uint16_t checksum_finish(uint64_t sum);
/* Sum of the pseudo header of a TCP or UDP packet of l4_len bytes; ip_version 4 or 6. */
uint64_t checksum_pseudo(const uint8_t *ip, unsigned int ip_version,
			 uint8_t protocol, uint32_t l4_len);

/*
 * Computes what is left open in the frame: the IPv4 header checksum, and the
 * checksum over [csum_start, len), whose field holds the sum of the pseudo header
 * already. The marks are cleared. False, and nothing done, if a mark points
 * outside the frame.
 */
bool frame_finish_checksums(struct frame *frame);

/* Only the IPv4 header checksum; true if it was not open. */
bool frame_finish_ip_checksum(struct frame *frame);

/*
 * Makes a GSO frame complete and consistent. Its sender may have left the IP
 * lengths and checksums zero, and the length out of the TCP pseudo header sum, as
 * NDIS wants it. After it the lengths and the IPv4 header checksum are right, the
 * TCP checksum is open in the form that frame_finish_checksums() and a kernel
 * expect, and csum_start, csum_offset and header_len are set. False if the
 * frame is not the TCP packet that it says, or has no sound gso_size.
 */
bool frame_prepare_gso(struct frame *frame);

/*
 * Cuts a frame made ready by frame_prepare_gso() into frames of gso_size bytes of
 * payload, with all checksums good. Each is handed to emit(), its bytes valid
 * only there. Returns the number of segments.
 */
typedef void (*segment_fn)(void *ctx, struct frame *segment);
unsigned int frame_segment(const struct frame *frame, segment_fn emit, void *ctx);

#endif
