// SPDX-License-Identifier: GPL-2.0
/* links: nvsp_codec */
/*
 * NVSP messages from the host, already in private memory.
 *
 * Input: a choice, a version, a number that the guest has chosen (bytes of a
 * buffer, or channels wanted), then the message.
 *
 * What the parsers of nvsp_codec.c accept holds together: slots and sections
 * fit into their buffers, there is at least one, no more channels are granted
 * than were wanted, and the table is the bytes of the message. What is said of a
 * virtual function is what stands there.
 */
#include "fuzz.h"
#include "nvsp_codec.h"

#define TABLE_BYTES	64

static void table(const u8 *msg, u32 len, u32 version)
{
	u32 channels[16], i, offset = len < 12 ? 0 : fuzz_get32(msg + 8);
	bool ok = len >= 12 && fuzz_get32(msg + 4) == 16;

	if (version <= 0x60000 && len >= 40 + TABLE_BYTES)
		offset = 40;
	ok = ok && offset >= 12 && (u64)offset + TABLE_BYTES <= len;

	memset(channels, 0xa5, sizeof(channels));
	FUZZ_ASSERT(nvsp_parse_table(msg, len, version, channels) ==
		    (ok ? 0 : -EPROTO));
	for (i = 0; ok && i < 16; i++)
		FUZZ_ASSERT(channels[i] == fuzz_get32(msg + offset + 4 * i));
}

static void recv_buffer(const u8 *msg, u32 bytes)
{
	u32 slot = 0xa5a5a5a5, num = 0xa5a5a5a5;
	int ret;

	ret = nvsp_parse_recv_buffer((const void *)msg, bytes, &slot, &num);
	if (ret) {
		FUZZ_ASSERT(slot == 0xa5a5a5a5 && num == 0xa5a5a5a5);
		FUZZ_ASSERT((ret == -EIO) == (fuzz_get32(msg + 4) != 1));
		return;
	}
	FUZZ_ASSERT(fuzz_get32(msg + 8) == 1 && !fuzz_get32(msg + 12));
	FUZZ_ASSERT(slot >= 58 && num >= 1 && (u64)slot * num <= bytes);
	FUZZ_ASSERT(slot == fuzz_get32(msg + 16));
	FUZZ_ASSERT(num == fuzz_get32(msg + 20));
}

static void send_buffer(const u8 *msg, u32 bytes)
{
	u32 size = 0, num = 0;

	if (nvsp_parse_send_buffer((const void *)msg, bytes, &size, &num)) {
		FUZZ_ASSERT(!size && !num);
		return;
	}
	FUZZ_ASSERT(fuzz_get32(msg + 4) == 1 && size == fuzz_get32(msg + 8));
	FUZZ_ASSERT(size >= 256 && size % 4 == 0);
	FUZZ_ASSERT(num >= 1 && (u64)size * num <= bytes);
}

static void subchannels(const u8 *msg, u32 want)
{
	u32 granted = 0;
	int ret = nvsp_parse_subchannels((const void *)msg, want, &granted);

	FUZZ_ASSERT(granted <= want);
	FUZZ_ASSERT(!ret == (fuzz_get32(msg + 4) != 1 ||
			     fuzz_get32(msg + 8) <= want));
	FUZZ_ASSERT(!granted || granted == fuzz_get32(msg + 8));
}

/* Every message is one of these two as well. */
static void virtual_function(const u8 *msg, u32 len)
{
	bool allocated = false, vf = false;
	u32 serial = 0;

	FUZZ_ASSERT(!nvsp_parse_association(msg, len, &allocated, &serial) ==
		    (len >= 12));
	FUZZ_ASSERT(!nvsp_parse_data_path(msg, len, &vf) == (len >= 8));
	if (len >= 8)
		FUZZ_ASSERT(vf == (fuzz_get32(msg + 4) == 1));
	if (len >= 12)
		FUZZ_ASSERT(allocated == !!fuzz_get32(msg + 4) &&
			    serial == fuzz_get32(msg + 8));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u32 versions[] = { 0x2, 0x30002, 0x40000, 0x50000, 0x60000,
					0x60001 };
	struct fuzz_in in = { data, data + size };
	u32 choice = fuzz_u8(&in) % 4, number, version, len;
	const u8 *rest;
	u8 *msg;

	version = versions[fuzz_u8(&in) % 6];
	number = fuzz_u32(&in);
	rest = fuzz_bytes(&in, 256, &len);
	msg = fuzz_block(rest, len);
	virtual_function(msg, len);
	if (choice == 0)
		table(msg, len, version);
	else if (choice == 1 && len >= 28)
		recv_buffer(msg, number);
	else if (choice == 2 && len >= 12)
		send_buffer(msg, number);
	else if (choice == 3 && len >= 12)
		subchannels(msg, number);
	free(msg);
	return 0;
}

static void put_table(struct fuzz_out *out)
{
	u32 pad = fuzz_chance(out, 2) ? 28 : 0, i;

	fuzz_put32(out, 134);
	fuzz_put32(out, 16);
	fuzz_put32(out, fuzz_chance(out, 2) ? 12 : 12 + pad);
	fuzz_put_random(out, pad);
	for (i = 0; i < 16; i++)
		fuzz_put32(out, fuzz_random(out, 8));
}

void fuzz_generate(struct fuzz_out *out)
{
	u32 choice = fuzz_random(out, 4);
	u32 unit = 256 + 4 * fuzz_random(out, 64), num = fuzz_random(out, 64);

	fuzz_put8(out, choice);
	fuzz_put8(out, fuzz_random(out, 6));
	fuzz_put32(out, choice == 3 ? num + fuzz_random(out, 3) : unit * num);
	if (choice == 0) {
		put_table(out);
		return;
	}
	fuzz_put32(out, 100 + choice);
	fuzz_put32(out, fuzz_chance(out, 6) ? 2 : 1);
	if (choice == 1) {
		fuzz_put32(out, 1);
		fuzz_put32(out, 0);
		fuzz_put32(out, unit);
		fuzz_put32(out, num);
		fuzz_put32(out, unit * num);
	} else {
		fuzz_put32(out, choice == 2 ? unit : num);
	}
}
