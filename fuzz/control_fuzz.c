// SPDX-License-Identifier: GPL-2.0
/* links: rndis_codec messages */
/*
 * A control message from the host, in memory that the host changes meanwhile,
 * and what its information buffer may be.
 *
 * Input: what the host does, then the message.
 *
 * rndis_parse_control() reads no byte twice and makes of the message what a
 * second parser makes of the bytes that were read. The information buffer lies
 * inside of the message. What it is parsed for obeys its limits: entries of
 * the RSS table, nothing offered that is not for Ethernet, text that is UTF-8
 * and terminated.
 */
#include "messages.h"

static struct shared memory;

static void check_offload(const u8 *info, u32 len)
{
	struct rndis_offload_caps caps = {};
	int ret = rndis_parse_offload(info, len, &caps);
	u32 size = len < 4 ? 0 : fuzz_get16(info + 2);

	if (len < 4 || info[0] != 0xa7 || !info[1] || size < 112 ||
	    size > len) {
		FUZZ_ASSERT(ret == -EBADMSG);
		return;
	}
	FUZZ_ASSERT(!ret);
	FUZZ_ASSERT(caps.tx_csum_ipv4 == (fuzz_get32(info + 4) & 2 ?
					  fuzz_get32(info + 8) : 0));
	FUZZ_ASSERT(caps.rx_csum_ipv4 == (fuzz_get32(info + 12) & 2 ?
					  fuzz_get32(info + 16) : 0));
	FUZZ_ASSERT(caps.tx_csum_ipv6 == (fuzz_get32(info + 20) & 2 ?
					  fuzz_get32(info + 24) : 0));
	FUZZ_ASSERT(caps.rx_csum_ipv6 == (fuzz_get32(info + 28) & 2 ?
					  fuzz_get32(info + 32) : 0));
	FUZZ_ASSERT(caps.lso_v2_ipv4_max == (fuzz_get32(info + 80) & 2 ?
					     fuzz_get32(info + 84) : 0));
	FUZZ_ASSERT(caps.lso_v2_ipv6_max == (fuzz_get32(info + 92) & 2 ?
					     fuzz_get32(info + 96) : 0));
	FUZZ_ASSERT(caps.rsc_ipv4 == (size > 144 && info[144]));
	FUZZ_ASSERT(caps.rsc_ipv6 == (size > 145 && info[145]));
}

static void check_rss_caps(const u8 *info, u32 len)
{
	struct rndis_rss_caps caps = {};
	int ret = rndis_parse_rss_caps(info, len, &caps);
	u32 size = len < 4 ? 0 : fuzz_get16(info + 2);
	u32 entries;

	if (len < 4 || info[0] != 0x88 || !info[1] || size < 16 || size > len) {
		FUZZ_ASSERT(ret == -EBADMSG);
		return;
	}
	FUZZ_ASSERT(!ret);
	FUZZ_ASSERT(caps.num_entries >= 1 && caps.num_entries <= 256);
	FUZZ_ASSERT(caps.num_queues == fuzz_get32(info + 12));
	entries = size >= 18 ? fuzz_get16(info + 16) : 0;
	if (entries && entries <= 256)
		FUZZ_ASSERT(caps.num_entries == entries);
}

/* Takes one character off @text; the bytes of its UTF-8 make sense. */
static const u8 *check_utf8(const u8 *text)
{
	u32 more, c, least;

	if (*text < 0x80) {
		FUZZ_ASSERT(*text >= 0x20 && *text != 0x7f);
		return text + 1;
	}
	FUZZ_ASSERT(*text >= 0xc2 && *text <= 0xf4);
	more = *text < 0xe0 ? 1 : *text < 0xf0 ? 2 : 3;
	least = *text < 0xe0 ? 0x80 : *text < 0xf0 ? 0x800 : 0x10000;
	c = *text++ & (0x3f >> more);
	while (more--) {
		FUZZ_ASSERT((*text & 0xc0) == 0x80);
		c = c << 6 | (*text++ & 0x3f);
	}
	FUZZ_ASSERT(c >= least && c <= 0x10ffff);
	FUZZ_ASSERT(c < 0xd800 || c > 0xdfff);
	return text;
}

static void check_name(const u8 *info, u32 len)
{
	u32 room = 1 + (len ? info[0] % 40 : 0);
	u8 *name = malloc(room);
	const u8 *at = name;

	rndis_parse_name(info, len, (char *)name, room);
	FUZZ_ASSERT(memchr(name, 0, room));
	while (*at)
		at = check_utf8(at);
	free(name);
}

static void check_info(const u8 *info, u32 len)
{
	u8 *alone = fuzz_block(info, len);
	u32 value = 0;

	check_offload(alone, len);
	check_rss_caps(alone, len);
	check_name(alone, len);
	if (len < 4) {
		FUZZ_ASSERT(rndis_parse_u32(alone, len, &value) == -EBADMSG);
	} else {
		FUZZ_ASSERT(!rndis_parse_u32(alone, len, &value));
		FUZZ_ASSERT(value == fuzz_get32(alone));
	}
	free(alone);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, data + size };
	struct rndis_control ctl, model;
	const u8 *message;
	int ret;
	u32 len;

	if (!memory.address)
		shared_create(&memory, 1024, false);
	fuzz_chaos(&in);
	message = fuzz_bytes(&in, 1024, &len);
	shared_fill(&memory, message, len);

	shared_begin();
	memset(&ctl, 0xa5, sizeof(ctl));
	ret = rndis_parse_control(memory.address, len, &ctl);
	FUZZ_ASSERT(ret == message_control(memory.seen, len, &model));
	if (ret)
		return 0;
	FUZZ_ASSERT(!memcmp(&ctl, &model, sizeof(ctl)));
	FUZZ_ASSERT((u64)ctl.info_offset + ctl.info_len <= len);
	FUZZ_ASSERT(!ctl.info_len || ctl.info_offset >= 20);
	FUZZ_ASSERT(ctl.init.alignment <= 4096);
	FUZZ_ASSERT(!(ctl.init.alignment & (ctl.init.alignment - 1)));
	if (ctl.info_len)
		check_info(message + ctl.info_offset, ctl.info_len);
	return 0;
}

void fuzz_generate(struct fuzz_out *out)
{
	fuzz_put_chaos(out);
	message_put_control(out);
}
