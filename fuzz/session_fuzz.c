// SPDX-License-Identifier: GPL-2.0
/* links: nvsp nvsp_codec rndis_filter rndis_codec ring messages */
/*
 * Whole sessions: the driver asks, and while it waits for the answer the host
 * sends whatever it likes, in whatever order.
 *
 * Input: what the guest asks for, one byte each, and what the host does during
 * each wait.
 *
 * An answer is taken only under the id of the one request that waits, by its
 * type, and once; after a wrong one there is no right one any more. The page of
 * a request is not used again while the host has it. Nobody holds a lock while
 * waiting. Whatever a request returns with lies inside of the room that was given
 * for it.
 */
#include "messages.h"
#include "nvsp.h"
#include "rndis_filter.h"

#define RING_BYTES	4096
#define STEPS_MAX	40
#define TURNS_MAX	12
#define SEEN_MAX	1024
#define BUFFER_BYTES	0x10000

unsigned long jiffies;
u32 session_locks;
void (*kshim_at_barrier)(void);

static struct nvb_channel channel;
static struct nvb_ring_ctrl ctrl;
static struct nvsp nvsp;
static struct rndis_filter filter;
static struct device device;
static struct fuzz_in in;
static bool rescinded;

/* Where the host has looked so far, and whether it gives no room back. */
static u32 looked;
static bool deaf;

/* All ids that the guest has used, and the pages that the host has by them. */
static struct {
	u64 xid;
	u64 page;
} seen[SEEN_MAX];
static u32 num_seen;

/* The one NVSP request and the one RNDIS request that may be answered. */
static u64 open_xid;
static u32 open_type;
static const u8 *open_page;

int nvb_pages_alloc(struct nvb_pages *pages, u32 bytes, int node, bool hidden)
{
	void *page = aligned_alloc(4096, 4096);

	FUZZ_ASSERT(page && bytes <= 4096);
	pages->va = memset(page, 0, 4096);
	pages->phys = (uintptr_t)page;
	return 0;
}

void nvb_pages_free(struct nvb_pages *pages)
{
	free(pages->va);
	pages->va = NULL;
}

bool nvb_guest_isolated(void)
{
	return false;
}

bool is_valid_ether_addr(const u8 *mac)
{
	u32 i, any = 0;

	for (i = 0; i < ETH_ALEN; i++)
		any |= mac[i];
	return any && !(mac[0] & 1);
}

bool nvb_channel_rescinded(const struct nvb_channel *ch)
{
	return rescinded;
}

void nvb_channel_signal(struct nvb_channel *ch)
{
	/* The host looks when it gets to it: see host_look(). */
}

/* A packet that wraps is in one piece behind the end of the ring. */
static void host_look(void)
{
	u32 write = fuzz_get32((u8 *)&ctrl.write_index), i, at;
	const u8 *p;

	for (; looked != write; looked = at % RING_BYTES) {
		p = channel.out.data + looked;
		at = looked + fuzz_get16(p + 4) * 8 + 8;
		if (num_seen == SEEN_MAX || !fuzz_get64(p + 8))
			continue;
		seen[num_seen].xid = fuzz_get64(p + 8);
		seen[num_seen].page = 0;
		if (fuzz_get16(p) == NVB_PACKET_GPA_DIRECT) {
			seen[num_seen].page = fuzz_get64(p + 32);
			open_page = (void *)(seen[num_seen].page * 4096);
			for (i = 0; i < num_seen; i++)
				FUZZ_ASSERT(seen[i].page !=
					    seen[num_seen].page);
		} else {
			open_xid = seen[num_seen].xid;
			open_type = fuzz_get32(p + 16);
		}
		num_seen++;
	}
	if (!deaf)
		ctrl.read_index = ctrl.write_index;
}

static u64 some_xid(void)
{
	u32 choice = fuzz_u8(&in);
	u64 xid = num_seen ? seen[num_seen - 1].xid : 0;

	if (choice < 0xc0)
		return xid;
	if (choice < 0xe0 && num_seen)
		return seen[choice % num_seen].xid;
	if (choice < 0xf0)
		return xid ^ 1ULL << fuzz_u8(&in) % 56;
	return fuzz_u32(&in) | (u64)fuzz_u8(&in) << 48;
}

/* The guest has taken a completion: it had to be the one. */
static void check_rndis_receipt(u64 xid)
{
	u32 i;

	for (i = 0; i < num_seen; i++) {
		if (seen[i].xid == xid && seen[i].page) {
			seen[i].page = 0;
			return;
		}
	}
	FUZZ_ASSERT(!"the receipt of a page that the host had");
}

static void host_completion(u32 type, const u8 *rest, u32 len)
{
	u8 *payload = malloc(4 + len);
	struct nvb_packet pkt = {
		.type = NVB_PACKET_COMPLETION,
		.trans_id = some_xid(),
		.payload = payload,
		.payload_len = 4 + len,
	};
	int ret;

	type = cpu_to_le32(type);
	memcpy(payload, &type, sizeof(type));
	memcpy(payload + 4, rest, len);
	if (pkt.trans_id >> 48 == NVSP_XID_REQUEST) {
		ret = nvsp_receive_completion(&nvsp, &pkt);
		FUZZ_ASSERT(!ret || ret == -EPROTO);
		FUZZ_ASSERT(ret || pkt.trans_id == open_xid);
		/* Right or wrong, it was the answer. */
		if (pkt.trans_id == open_xid)
			open_xid = 0;
	} else if (pkt.trans_id >> 48 == NVSP_XID_RNDIS) {
		ret = rndis_filter_receive_completion(&filter, &pkt);
		FUZZ_ASSERT(!ret || ret == -EPROTO);
		if (!ret)
			check_rndis_receipt(pkt.trans_id);
	}
	free(payload);
}

/* The type that answers a request of NVSP. */
static u32 answer_type(void)
{
	return open_type == 133 ? 133 : open_type + 1;
}

static void host_message(const u8 *msg, u32 len)
{
	u8 *alone = fuzz_block(msg, len);
	int ret = rndis_filter_receive(&filter, alone, len);
	u32 type = len >= 8 ? fuzz_get32(alone) : 0;

	if (!ret && type != 7) {
		FUZZ_ASSERT(open_page && len >= 16);
		FUZZ_ASSERT(type == (fuzz_get32(open_page) | 0x80000000));
		FUZZ_ASSERT(fuzz_get32(alone + 8) ==
			    fuzz_get32(open_page + 8));
		open_page = NULL;
	} else if (open_page && len >= 12 && type & 0x80000000 &&
		   fuzz_get32(alone + 8) == fuzz_get32(open_page + 8)) {
		/* What claims to be the answer, and is none, was it all the same. */
		open_page = NULL;
	}
	free(alone);
}

/* An answer to the last request: a head that fits, and a body as it comes. */
static void host_answer(const u8 *rest, u32 len)
{
	u8 msg[16 + 256] = {};
	u32 head[4] = { 0, 16 + len, 0, 0 };

	if (!open_page)
		return;
	head[0] = fuzz_get32(open_page) | 0x80000000;
	head[2] = fuzz_get32(open_page + 8);
	if (fuzz_u8(&in) >= 0xf0)
		head[2] ^= 1u << fuzz_u8(&in) % 32;
	memcpy(msg, head, sizeof(head));
	memcpy(msg + 16, rest, len);
	host_message(msg, 16 + len);
}

static void host_inband(const u8 *rest, u32 len)
{
	u8 *payload = fuzz_block(rest, len);
	struct nvb_packet pkt = {
		.type = NVB_PACKET_INBAND,
		.payload = payload,
		.payload_len = len,
	};

	nvsp_receive_inband(&nvsp, &pkt);
	free(payload);
}

/* Returns an error to end the wait with. */
static int host_turn(void)
{
	static const u8 success[4] = { 1 };
	u32 what = fuzz_u8(&in) % 16, len;
	const u8 *rest = fuzz_bytes(&in, what < 11 ? fuzz_u8(&in) : 0, &len);

	host_look();
	switch (what) {
	case 0:
	case 1:
	case 2:
		host_completion(answer_type(), rest, len);
		return 0;
	case 3:
	case 4:
	case 5:
		host_answer(rest, len);
		return 0;
	case 6:
		host_message(rest, len);
		return 0;
	case 7:
		host_inband(rest, len);
		return 0;
	case 8:
		host_completion(len ? rest[0] : 0, rest, len);
		return 0;
	case 13:
		deaf = fuzz_u8(&in) & 1;
		return 0;
	case 14:
		rescinded = fuzz_u8(&in) > 0xc0;
		return rescinded ? -ENODEV : 0;
	case 15:
		return -ETIMEDOUT;
	default:
		host_completion(108, success, sizeof(success));
		return 0;
	}
}

int nvb_channel_wait(const struct nvb_channel *ch, struct completion *done,
		     unsigned int timeout_ms)
{
	u32 turns = 0;
	int err = 0;

	FUZZ_ASSERT(!session_locks);
	while (!done->done && !err)
		err = in.at < in.end && turns++ < TURNS_MAX ? host_turn() :
							      -ETIMEDOUT;
	if (!done->done)
		return err;
	done->done--;
	return 0;
}

static void send_table(void *ctx, const u32 *channels, unsigned int n)
{
	FUZZ_ASSERT(n == 16);
}

static void link_event(void *ctx, enum rndis_link_event event, u32 speed)
{
	FUZZ_ASSERT(!session_locks && event <= RNDIS_LINK_SPEED);
}

static void vf_association(void *ctx, bool allocated, u32 serial)
{
	FUZZ_ASSERT(!session_locks && nvsp_can_have_vf(&nvsp));
}

static void data_path_back(void *ctx)
{
	FUZZ_ASSERT(!session_locks && nvsp_can_have_vf(&nvsp));
}

static void start(void)
{
	static const struct nvsp_ops nvsp_ops = {
		send_table, vf_association, data_path_back,
	};
	static const struct rndis_filter_ops rndis_ops = { link_event };
	const struct nvb_ring_counters counters = {};

	memset(&ctrl, 0, sizeof(ctrl));
	FUZZ_ASSERT(!nvb_out_init(&channel.out, &ctrl, channel.out.data,
				  RING_BYTES, &counters));
	rescinded = false;
	deaf = false;
	looked = 0;
	num_seen = 0;
	open_xid = 0;
	open_page = NULL;
	nvsp_init(&nvsp, &device, &channel, &nvsp_ops, NULL);
	rndis_filter_start(&filter, &device, &nvsp, &rndis_ops, NULL);
}

static void guest_buffers(void)
{
	FUZZ_ASSERT(nvsp_recv_buffer_limit(&nvsp, BUFFER_BYTES) ==
		    BUFFER_BYTES);
	if (!nvsp_share_recv_buffer(&nvsp, 1, BUFFER_BYTES)) {
		FUZZ_ASSERT(nvsp.recv.num_slots && nvsp.recv.slot_size >= 58);
		FUZZ_ASSERT((u64)nvsp.recv.num_slots * nvsp.recv.slot_size <=
			    BUFFER_BYTES);
	}
	if (!nvsp_share_send_buffer(&nvsp, 2, BUFFER_BYTES))
		FUZZ_ASSERT((u64)nvsp.send.num_sections *
			    nvsp.send.section_size <= BUFFER_BYTES);
}

static void guest_query(void)
{
	u32 room = fuzz_u8(&in), len = room;
	u8 *info = malloc(room);

	if (!rndis_filter_query(&filter, 0x00010106, NULL, 0, info, &len))
		FUZZ_ASSERT(len <= room);
	free(info);
}

static void guest_numbers(void)
{
	u8 mac[ETH_ALEN] = {};
	u32 value, granted;

	rndis_filter_query_u32(&filter, 0x00010107, &value);
	if (!rndis_filter_query_mac(&filter, mac))
		FUZZ_ASSERT(is_valid_ether_addr(mac));
	if (!nvsp_request_subchannels(&nvsp, 7, &granted))
		FUZZ_ASSERT(granted <= 7);
}

static void guest_name(void)
{
	char *name = malloc(16);

	if (!rndis_filter_query_name(&filter, name, 16))
		FUZZ_ASSERT(memchr(name, 0, 16));
	free(name);
}

static void guest_caps(void)
{
	struct rndis_offload_caps offload;
	struct rndis_rss_caps rss;

	rndis_filter_query_offload(&filter, &offload);
	if (!rndis_filter_query_rss(&filter, &rss))
		FUZZ_ASSERT(rss.num_entries >= 1 && rss.num_entries <= 256);
}

static void guest_set(void)
{
	static const u32 table[4];
	static const u8 key[40];
	struct rndis_rss_config rss = {
		.hash_types = 0x300,
		.key = key,
		.table = table,
		.num_entries = 4,
	};
	struct ndis_offload_params params = {};

	rndis_filter_set_packet_filter(&filter, fuzz_u8(&in) & 1);
	rndis_filter_set_rss(&filter, &rss);
	rndis_filter_set_offload(&filter, &params);
}

/* The channel is closed, which gives all pages back, and opened again. */
static void guest_reopen(void)
{
	nvsp_abort(&nvsp);
	rndis_filter_abort(&filter);
	FUZZ_ASSERT(!nvsp_usable(&nvsp));
	rndis_filter_halt_device(&filter);
	rndis_filter_closed(&filter);
	start();
}

static void step(void)
{
	switch (fuzz_u8(&in) % 10) {
	case 0:
		if (!nvsp_negotiate(&nvsp))
			FUZZ_ASSERT(nvsp.version && nvsp_version_name(&nvsp));
		nvsp_configure(&nvsp, 1514);
		break;
	case 1:
		guest_buffers();
		break;
	case 2:
		if (!rndis_filter_init_device(&filter))
			FUZZ_ASSERT(filter.max_packets && filter.alignment &&
				    filter.alignment <= 4096);
		break;
	case 3:
		guest_query();
		break;
	case 4:
		guest_numbers();
		break;
	case 5:
		guest_name();
		break;
	case 6:
		guest_caps();
		break;
	case 7:
		guest_set();
		break;
	case 8:
		guest_reopen();
		break;
	default:
		host_turn();
		break;
	}
	FUZZ_ASSERT(!session_locks);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 steps = 0;

	in = (struct fuzz_in){ data, data + size };
	/* A packet at the end goes on where a ring would be mapped again. */
	channel.out.data = malloc(2 * RING_BYTES);
	memset(&nvsp, 0, sizeof(nvsp));
	memset(&filter, 0, sizeof(filter));
	FUZZ_ASSERT(!rndis_filter_create(&filter, false));
	start();
	while (in.at < in.end && steps++ < STEPS_MAX)
		step();
	rndis_filter_halt_device(&filter);
	nvsp_revoke_buffers(&nvsp);
	rndis_filter_destroy(&filter);
	free(channel.out.data);
	return 0;
}

static void put_turn(struct fuzz_out *out)
{
	u32 what = fuzz_random(out, 16), start, len;

	fuzz_put8(out, what);
	if (what >= 11) {
		fuzz_put8(out, fuzz_random(out, 256));
		return;
	}
	start = out->len;
	fuzz_put8(out, 0);
	if (what == 6) {
		message_put_control(out);
	} else if (what == 7) {
		fuzz_put32(out, 128 + fuzz_random(out, 7));
		fuzz_put32(out, 16);
		fuzz_put32(out, 12);
		fuzz_put_random(out, 64);
	} else {
		fuzz_put32(out, 1);
		fuzz_put32(out, fuzz_chance(out, 2) ? 1 : 0);
		fuzz_put32(out, 0x100);
		fuzz_put32(out, 0x10);
		fuzz_put_random(out, fuzz_random(out, 24));
	}
	len = out->len - start - 1;
	if (start < out->len)
		out->at[start] = len < 256 ? len : 255;
	fuzz_put8(out, fuzz_random(out, 256));
}

void fuzz_generate(struct fuzz_out *out)
{
	u32 steps = 1 + fuzz_random(out, 8), turns;

	while (steps--) {
		fuzz_put8(out, fuzz_random(out, 10));
		for (turns = fuzz_random(out, 5); turns; turns--)
			put_turn(out);
	}
}
