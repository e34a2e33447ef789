// SPDX-License-Identifier: GPL-2.0
/*
 * Messages from the host, told a second time: see messages.h.
 *
 * Everything is written from the layouts of the protocol, in 64 bits, with
 * plain numbers for offsets. A mistake that the driver makes has to be made
 * here again to go unnoticed.
 */
#include "messages.h"

/* Whether a part lies in a body, behind its fixed fields. */
static bool inside(u64 offset, u64 len, u64 fixed, u64 body)
{
	return offset >= fixed && offset + len <= body;
}

static int message_ppi(const u8 *item, u64 left, struct rndis_rx_frame *frame)
{
	u64 size, offset;
	u32 type, word;

	if (left < 12)
		return -EBADMSG;
	size = fuzz_get32(item);
	type = fuzz_get32(item + 4);
	offset = fuzz_get32(item + 8);
	if (size < 12 || size > left || size % 4 || offset < 12 ||
	    offset > size)
		return -EBADMSG;
	if (offset + 4 > size)
		return type == 0 || type == 6 || type == 8 || type == 9 ||
		       type == 0x80000001 ? -EBADMSG : 0;

	word = fuzz_get32(item + offset);
	if (type == 0) {
		frame->flags |= RNDIS_RX_HAS_CSUM;
		frame->csum = word;
	} else if (type == 6 && word != 0xffffffff) {
		frame->flags |= RNDIS_RX_HAS_VLAN;
		frame->vlan = word;
	} else if (type == 8) {
		frame->flags |= RNDIS_RX_HAS_HASH_VALUE;
		frame->hash_value = word;
	} else if (type == 9) {
		frame->flags |= RNDIS_RX_HAS_HASH_INFO;
		frame->hash_info = word;
	} else if (type == 0x80000001) {
		if (word % 256 != 1)
			return -EBADMSG;
		frame->flags |= RNDIS_RX_HAS_PACKET_ID;
		frame->packet_flags = word / 256 % 256;
		frame->packet_id = word / 65536;
	}
	return 0;
}

/**
 * message_frame() - what rndis_rx_decode() has to make of a message
 * @msg: the message, in private memory
 * @len: bytes
 * @frame: the frame, if the result is 0
 *
 * Return: what rndis_rx_decode() has to return.
 */
int message_frame(const u8 *msg, u32 len, struct rndis_rx_frame *frame)
{
	u64 body, at, end;

	memset(frame, 0, sizeof(*frame));
	if (len < 8 || fuzz_get32(msg + 4) < 8 || fuzz_get32(msg + 4) > len)
		return -EBADMSG;
	if (fuzz_get32(msg) != 1)
		return -ENOMSG;
	body = fuzz_get32(msg + 4) - 8;
	if (body < 36)
		return -EBADMSG;

	frame->data_offset = fuzz_get32(msg + 8) + 8;
	frame->data_len = fuzz_get32(msg + 12);
	if (!frame->data_len || !inside(fuzz_get32(msg + 8), frame->data_len,
					36, body))
		return -EBADMSG;

	at = fuzz_get32(msg + 28);
	end = at + fuzz_get32(msg + 32);
	if (at == end)
		return 0;
	if (end - at > 512 || !inside(at, end - at, 36, body))
		return -EBADMSG;
	while (at < end) {
		if (message_ppi(msg + 8 + at, end - at, frame))
			return -EBADMSG;
		at += fuzz_get32(msg + 8 + at);
	}
	return 0;
}

/**
 * message_same_frame() - compare two frames
 * @a: one
 * @b: the other
 *
 * Return: true if all their fields are equal.
 */
bool message_same_frame(const struct rndis_rx_frame *a,
			const struct rndis_rx_frame *b)
{
	return a->data_offset == b->data_offset && a->data_len == b->data_len &&
	       a->flags == b->flags && a->packet_flags == b->packet_flags &&
	       a->packet_id == b->packet_id && a->csum == b->csum &&
	       a->vlan == b->vlan && a->hash_value == b->hash_value &&
	       a->hash_info == b->hash_info;
}

static int message_info(u64 offset, u64 len, u64 fixed, u64 body,
			struct rndis_control *ctl)
{
	if (!len)
		return 0;
	if (!inside(offset, len, fixed, body))
		return -EBADMSG;
	ctl->info_offset = offset + 8;
	ctl->info_len = len;
	return 0;
}

static int message_init(const u8 *msg, u64 body, struct rndis_control *ctl)
{
	u32 factor;

	if (body < 36)
		return -EBADMSG;
	factor = fuzz_get32(msg + 40);
	if (factor > 12)
		return -EBADMSG;
	ctl->request_id = fuzz_get32(msg + 8);
	ctl->status = fuzz_get32(msg + 12);
	ctl->init.major = fuzz_get32(msg + 16);
	ctl->init.minor = fuzz_get32(msg + 20);
	ctl->init.max_packets = fuzz_get32(msg + 32) ? fuzz_get32(msg + 32) : 1;
	ctl->init.max_transfer = fuzz_get32(msg + 36);
	ctl->init.alignment = 1u << factor;
	return 0;
}

/**
 * message_control() - what rndis_parse_control() has to make of a message
 * @msg: the message, in private memory
 * @len: bytes
 * @ctl: the message, if the result is 0
 *
 * Return: what rndis_parse_control() has to return.
 */
int message_control(const u8 *msg, u32 len, struct rndis_control *ctl)
{
	u64 body;

	memset(ctl, 0, sizeof(*ctl));
	if (len < 8 || fuzz_get32(msg + 4) < 8 || fuzz_get32(msg + 4) > len)
		return -EBADMSG;
	body = fuzz_get32(msg + 4) - 8;
	ctl->type = fuzz_get32(msg);

	switch (ctl->type) {
	case 0x80000002:
		return message_init(msg, body, ctl);
	case 0x80000004:
		if (body < 16)
			return -EBADMSG;
		ctl->request_id = fuzz_get32(msg + 8);
		ctl->status = fuzz_get32(msg + 12);
		if (ctl->status)
			return 0;
		return message_info(fuzz_get32(msg + 20), fuzz_get32(msg + 16),
				    16, body, ctl);
	case 0x80000005:
	case 0x80000008:
		if (body < 8)
			return -EBADMSG;
		ctl->request_id = fuzz_get32(msg + 8);
		ctl->status = fuzz_get32(msg + 12);
		return 0;
	case 0x80000006:
		if (body < 8)
			return -EBADMSG;
		ctl->status = fuzz_get32(msg + 8);
		return 0;
	case 7:
		if (body < 12)
			return -EBADMSG;
		ctl->status = fuzz_get32(msg + 8);
		return message_info(fuzz_get32(msg + 16), fuzz_get32(msg + 12),
				    12, body, ctl);
	case 8:
		if (body < 4)
			return -EBADMSG;
		ctl->request_id = fuzz_get32(msg + 8);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static void put_ppi(struct fuzz_out *out, u32 flags, u32 id)
{
	static const u32 types[] = { 0, 2, 6, 8, 9, 0x80000001, 0x80000002, 1 };
	u32 type = types[fuzz_random(out, 8)];
	u32 gap = fuzz_chance(out, 6) ? 4 * fuzz_random(out, 4) : 0;
	u32 data = fuzz_chance(out, 6) ? 4 * fuzz_random(out, 8) : 4;

	if (flags)
		type = 0x80000001;
	fuzz_put32(out, 12 + gap + data);
	fuzz_put32(out, type);
	fuzz_put32(out, 12 + gap);
	fuzz_put_random(out, gap);
	if (type == 0x80000001) {
		fuzz_put8(out, 1);
		fuzz_put8(out, flags ? flags : fuzz_random(out, 8));
		fuzz_put16(out, id);
	} else {
		fuzz_put32(out, type == 6 && fuzz_chance(out, 4) ?
			   0xffffffff : fuzz_random(out, 0x10000));
	}
	if (data > 4)
		fuzz_put_random(out, data - 4);
}

/**
 * message_put_frame() - append a data message
 * @out: the input in the making
 * @flags: if not 0, RNDIS_PACKET_ID_* of the piece that it is
 * @id: of its chain
 */
void message_put_frame(struct fuzz_out *out, u32 flags, u32 id)
{
	u32 start = out->len, items = fuzz_random(out, 5), ppis, data, i;

	fuzz_put32(out, 1);
	for (i = 0; i < 10; i++)
		fuzz_put32(out, 0);
	ppis = out->len;
	if (flags)
		put_ppi(out, flags, id);
	while (items--)
		put_ppi(out, 0, id);
	data = out->len;
	if (fuzz_chance(out, 4))
		fuzz_put_random(out, fuzz_random(out, 9));
	fuzz_patch32(out, start + 28, data > ppis ? ppis - start - 8 : 0);
	fuzz_patch32(out, start + 32, data - ppis);
	data = out->len;
	fuzz_put_random(out, 1 + fuzz_random(out, 24));
	fuzz_patch32(out, start + 8, data - start - 8);
	fuzz_patch32(out, start + 12, out->len - data);
	fuzz_patch32(out, start + 4, out->len - start);
}

static void put_offload(struct fuzz_out *out)
{
	static const u32 sizes[] = { 112, 144, 156, 168 };
	u32 size = sizes[fuzz_random(out, 4)], start = out->len;

	fuzz_put8(out, 0xa7);
	fuzz_put8(out, 1 + fuzz_random(out, 3));
	fuzz_put16(out, size);
	while (out->len < start + size && out->len < out->room)
		fuzz_put32(out, fuzz_chance(out, 3) ? fuzz_random(out, 0x10000)
						    : 2);
}

static void put_rss_caps(struct fuzz_out *out)
{
	u32 size = fuzz_chance(out, 3) ? 16 : 18;

	fuzz_put8(out, 0x88);
	fuzz_put8(out, 1 + fuzz_random(out, 2));
	fuzz_put16(out, size);
	fuzz_put32(out, 0x0f000f01);
	fuzz_put32(out, 64);
	fuzz_put32(out, fuzz_random(out, 70));
	if (size > 16)
		fuzz_put16(out, fuzz_random(out, 300));
}

static void put_info(struct fuzz_out *out)
{
	switch (fuzz_random(out, 5)) {
	case 0:
		put_offload(out);
		break;
	case 1:
		put_rss_caps(out);
		break;
	case 2:
		fuzz_put32(out, fuzz_random(out, 4));
		break;
	case 3:
		fuzz_put16(out, 0xd800 + fuzz_random(out, 0x800));
		fuzz_put16(out, 0xdc00 + fuzz_random(out, 0x400));
		fuzz_put16(out, 0x20 + fuzz_random(out, 0x1000));
		break;
	default:
		fuzz_put_random(out, fuzz_random(out, 12));
		break;
	}
}

/**
 * message_put_control() - append a control message
 * @out: the input in the making
 */
void message_put_control(struct fuzz_out *out)
{
	static const u32 types[] = { 0x80000002, 0x80000004, 0x80000004,
				     0x80000004, 0x80000005, 0x80000006, 7, 7,
				     8, 0x80000008 };
	static const u32 status[] = { 0x4001000b, 0x4001000c, 0x40010013,
				      0x40010018, 0x40020006 };
	u32 type = types[fuzz_random(out, 10)], start = out->len, info, i;

	fuzz_put32(out, type);
	fuzz_put32(out, 0);
	if (type == 7) {
		fuzz_put32(out, status[fuzz_random(out, 5)]);
		fuzz_put32(out, 0);
		fuzz_put32(out, 12);
	} else {
		fuzz_put32(out, fuzz_random(out, 0x100));
		fuzz_put32(out, fuzz_chance(out, 6) ? 0xc00000bb : 0);
	}
	if (type == 0x80000002) {
		for (i = 0; i < 9; i++)
			fuzz_put32(out, fuzz_random(out, 14));
	} else if (type == 0x80000004) {
		fuzz_put32(out, 0);
		fuzz_put32(out, 16);
	}
	info = out->len;
	if (type == 7 || type == 0x80000004) {
		put_info(out);
		fuzz_patch32(out, info - 8, out->len - info);
	}
	fuzz_patch32(out, start + 4, out->len - start);
}
