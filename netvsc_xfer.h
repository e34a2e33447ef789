/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transfer-page packets: which parts of the receive buffer hold messages.
 *
 * Everything here is pure. The same source is compiled into the driver and
 * into user-space tests and fuzzers. It is inline since it runs for every
 * range.
 */
#ifndef NETVSC_XFER_H
#define NETVSC_XFER_H

#include <linux/types.h>

#include "vmbus_glue/ring.h"
#include "wire/nvsp.h"

/**
 * netvsc_xfer_count() - the ranges of a packet that carries RNDIS messages
 * @pkt: a packet of type NVB_PACKET_XFER_PAGES
 *
 * Context: Any.
 * Return: how many follow struct nvb_xfer_hdr, all inside of @pkt->ext; 0 for
 * a packet that is not what it should be.
 */
static inline u32 netvsc_xfer_count(const struct nvb_packet *pkt)
{
	const struct nvb_xfer_hdr *hdr = pkt->ext;
	const struct nvsp_msg_hdr *msg = pkt->payload;
	u32 ranges;

	if (pkt->ext_len < sizeof(*hdr) || pkt->payload_len < sizeof(*msg) ||
	    le16_to_cpu(hdr->buffer_id) != NVSP_RECV_BUFFER_ID ||
	    le32_to_cpu(msg->type) != NVSP_MSG_SEND_RNDIS_PACKET)
		return 0;

	ranges = le32_to_cpu(hdr->range_count);
	if (ranges > (pkt->ext_len - sizeof(*hdr)) /
		     sizeof(struct nvb_xfer_range))
		return 0;

	return ranges;
}

/**
 * netvsc_xfer_range() - where one range of a packet is
 * @range: the range, in private memory
 * @slot: bytes of a slot of the receive buffer
 * @bytes: bytes of the receive buffer
 * @offset: set to where it starts in the receive buffer
 * @len: set to its bytes
 *
 * Context: Any.
 * Return: true if it is no longer than a slot and inside of the buffer.
 */
static inline bool netvsc_xfer_range(const struct nvb_xfer_range *range,
				     u32 slot, u32 bytes, u32 *offset,
				     u32 *len)
{
	*offset = le32_to_cpu(range->byte_offset);
	*len = le32_to_cpu(range->byte_count);

	return *len <= slot && *offset <= bytes && *len <= bytes - *offset;
}

#endif /* NETVSC_XFER_H */
