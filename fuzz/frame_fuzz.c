// SPDX-License-Identifier: GPL-2.0
/* links: rndis_codec messages */
/*
 * A data message from the host, in memory that the host changes meanwhile.
 *
 * Input: what the host does, then the message.
 *
 * rndis_rx_decode() reads nothing but the header and the per-packet
 * information, no byte twice, and makes of it exactly what a second decoder
 * makes of the bytes that were read. The frame lies inside of the message.
 */
#include "messages.h"

static struct shared memory;

static void check_bounds(const struct rndis_rx_frame *frame, u32 len)
{
	FUZZ_ASSERT(frame->data_len);
	FUZZ_ASSERT(frame->data_offset >= 44);
	FUZZ_ASSERT((u64)frame->data_offset + frame->data_len <= len);
	FUZZ_ASSERT((frame->flags & RNDIS_RX_HAS_VLAN) || !frame->vlan);
	FUZZ_ASSERT((frame->flags & RNDIS_RX_HAS_CSUM) || !frame->csum);
	FUZZ_ASSERT((frame->flags & RNDIS_RX_HAS_PACKET_ID) ||
		    (!frame->packet_id && !frame->packet_flags));
	FUZZ_ASSERT(frame->vlan != U32_MAX);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, data + size };
	struct rndis_rx_frame frame, model;
	const u8 *message;
	int ret, expected;
	u32 len;

	if (!memory.address)
		shared_create(&memory, 4096, false);
	fuzz_chaos(&in);
	message = fuzz_bytes(&in, 4096, &len);
	shared_fill(&memory, message, len);

	shared_begin();
	memset(&frame, 0xa5, sizeof(frame));
	ret = rndis_rx_decode(memory.address, len, &frame);
	expected = message_frame(memory.seen, len, &model);
	FUZZ_ASSERT(ret == expected);
	if (!ret) {
		check_bounds(&frame, len);
		FUZZ_ASSERT(message_same_frame(&frame, &model));
	}
	return 0;
}

void fuzz_generate(struct fuzz_out *out)
{
	fuzz_put_chaos(out);
	message_put_frame(out, 0, 1);
}
