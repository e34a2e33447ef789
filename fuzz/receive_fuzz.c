// SPDX-License-Identifier: GPL-2.0
/* links: rndis_codec netvsc_rsc messages */
/*
 * A transfer-page packet and the receive buffer that it points into: ranges,
 * the message in each, the frame or control message in that, the pieces of
 * coalesced frames. The buffer is shared with a host that changes it.
 *
 * Input: bytes of a slot, what the host does, the length of the packet's
 * ranges and of its payload, both, then the receive buffer.
 *
 * Whatever the packet says, ranges are read inside of it, messages inside of
 * the buffer and no longer than a slot, frames inside of their messages, and a
 * frame of several pieces has at most 65549 bytes.
 */
#include "messages.h"
#include "netvsc_rsc.h"
#include "netvsc_xfer.h"

#define BUFFER_BYTES	2048

static struct shared buffer;

/* A frame: returns the bytes of it that are delivered now. */
static u32 receive_frame(const struct rndis_rx_frame *frame,
			 struct netvsc_rsc *rsc)
{
	u32 pieces = rsc->pieces, bytes = rsc->bytes;
	bool broken;

	switch (netvsc_rsc_step(rsc, frame, &broken)) {
	case NETVSC_RSC_WHOLE:
		return frame->data_len;
	case NETVSC_RSC_LAST:
		FUZZ_ASSERT(!broken && pieces && pieces < 562);
		FUZZ_ASSERT(bytes + frame->data_len <= 65549);
		return bytes + frame->data_len;
	default:
		return 0;
	}
}

static void receive_control(u32 offset, u32 len)
{
	struct rndis_control ctl;
	u8 *scratch;

	/* As the driver does: a control message is copied, then parsed. */
	shared_begin();
	scratch = malloc(len);
	memcpy(scratch, buffer.address + offset, len);
	if (!rndis_parse_control(scratch, len, &ctl))
		FUZZ_ASSERT((u64)ctl.info_offset + ctl.info_len <= len);
	free(scratch);
}

static u32 receive_message(u32 offset, u32 len, struct netvsc_rsc *rsc)
{
	struct rndis_rx_frame frame, model;
	int ret;

	shared_begin();
	memcpy(buffer.seen, buffer.bytes, buffer.size);
	ret = rndis_rx_decode(buffer.address + offset, len, &frame);
	FUZZ_ASSERT(ret == message_frame(buffer.seen + offset, len, &model));
	if (ret == -ENOMSG)
		receive_control(offset, len);
	if (ret)
		return 0;
	FUZZ_ASSERT(message_same_frame(&frame, &model));
	FUZZ_ASSERT((u64)frame.data_offset + frame.data_len <= len);
	return receive_frame(&frame, rsc);
}

static void receive(const struct nvb_packet *pkt, u32 slot)
{
	const struct nvb_xfer_range *range = pkt->ext +
					     sizeof(struct nvb_xfer_hdr);
	u32 i, offset, len, count = netvsc_xfer_count(pkt);
	struct netvsc_rsc rsc = {};
	u64 bytes = 0, most = 0;

	FUZZ_ASSERT(!count || pkt->ext_len >= 8);
	FUZZ_ASSERT((u64)count * 8 <= pkt->ext_len);
	FUZZ_ASSERT(!count || fuzz_get32(pkt->ext + 4) == count);
	FUZZ_ASSERT(!count || fuzz_get16(pkt->ext) == 0xcafe);
	for (i = 0; i < count; i++, range++) {
		if (!netvsc_xfer_range(range, slot, buffer.size, &offset, &len))
			continue;
		FUZZ_ASSERT(len <= slot);
		FUZZ_ASSERT((u64)offset + len <= buffer.size);
		bytes += receive_message(offset, len, &rsc);
		most += len;
	}
	FUZZ_ASSERT(bytes <= most);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, data + size };
	u32 slot = fuzz_u16(&in), ext_len, payload_len, len;
	struct nvb_packet pkt = { .type = NVB_PACKET_XFER_PAGES };
	const u8 *ext, *payload, *rest;

	if (!buffer.address)
		shared_create(&buffer, BUFFER_BYTES, false);
	fuzz_chaos(&in);
	ext_len = fuzz_u16(&in) % 1024;
	payload_len = fuzz_u8(&in);
	ext = fuzz_bytes(&in, ext_len, &pkt.ext_len);
	payload = fuzz_bytes(&in, payload_len, &pkt.payload_len);
	rest = fuzz_bytes(&in, BUFFER_BYTES, &len);
	shared_fill(&buffer, rest, len);

	pkt.ext = fuzz_block(ext, pkt.ext_len);
	pkt.payload = fuzz_block(payload, pkt.payload_len);
	receive(&pkt, slot);
	free((void *)pkt.ext);
	free((void *)pkt.payload);
	return 0;
}

static void put_message(struct fuzz_out *out, u32 i, u32 ranges, bool chain)
{
	u32 flags = 1 | (i ? 0 : 2) | (i + 1 == ranges ? 4 : 0);

	if (fuzz_chance(out, 6))
		message_put_control(out);
	else
		message_put_frame(out, chain ? flags : 0, 7);
}

void fuzz_generate(struct fuzz_out *out)
{
	u32 ranges = 1 + fuzz_random(out, 6), i, table, payload, start, base;
	bool chain = fuzz_chance(out, 2);

	fuzz_put16(out, 200 + fuzz_random(out, 300));
	fuzz_put_chaos(out);
	fuzz_put16(out, 8 + 8 * ranges);
	fuzz_put8(out, 16);
	fuzz_put16(out, 0xcafe);
	fuzz_put16(out, 0);
	fuzz_put32(out, ranges);
	table = out->len;
	for (i = 0; i < 2 * ranges; i++)
		fuzz_put32(out, 0);
	payload = out->len;
	fuzz_put32(out, 107);
	fuzz_put32(out, 0);
	fuzz_put32(out, 0xffffffff);
	fuzz_put32(out, 0);
	base = payload + 16;
	for (i = 0; i < ranges; i++) {
		start = out->len;
		put_message(out, i, ranges, chain);
		fuzz_patch32(out, table + 8 * i, out->len - start);
		fuzz_patch32(out, table + 8 * i + 4, start - base);
		if (fuzz_chance(out, 3))
			fuzz_put_random(out, fuzz_random(out, 9));
	}
}
