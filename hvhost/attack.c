// SPDX-License-Identifier: GPL-2.0
#include "attack.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nvsp_proto.h"
#include "ring.h"
#include "rndis_proto.h"
#include "vmbus_proto.h"

/* A step of a Weyl sequence, and its bits well mixed. */
uint64_t attack_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 32) * 0xd6e8feb86659fd93ull;
	z = (z ^ z >> 32) * 0xd6e8feb86659fd93ull;
	return z ^ z >> 32;
}

static uint32_t below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)((attack_random(state) >> 32) * limit >> 32);
}

/* Small numbers more often than large ones. */
static uint32_t small(uint64_t *state, uint32_t limit)
{
	return below(state, below(state, limit) + 1);
}

/* Numbers at the edges of what code takes for granted. */
static uint64_t edge(uint64_t *state)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 31, 32, 63, 64, 255, 256,
		1514, 4095, 4096, 0x7fff, 0x8000, 0xfff8, 0xffff, 0x10000,
		0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffff8, 0xfffffffc,
		0xfffffffd, 0xfffffffe, 0xffffffff,
		0x100000000ull, 0x7fffffffffffffffull, 0x8000000000000000ull,
		0xffffffffffffffffull,
	};

	if (!below(state, 4))
		return attack_random(state);
	return edges[below(state, sizeof(edges) / sizeof(edges[0]))];
}

static void choose_number(uint64_t *state, struct attack *attack)
{
	static const int64_t steps[] = {
		1, -1, 4, -4, 8, -8, 16, -16, 64, 1500, 4096, -4096,
		0x10000, 0x1000000,
	};

	switch (below(state, 4)) {
	case 0:
		attack->how = ATTACK_ADD;
		attack->value = (uint64_t)steps[below(state,
				sizeof(steps) / sizeof(steps[0]))];
		break;
	case 1:
		attack->how = ATTACK_XOR;
		attack->value = 1ull << below(state, 8 * attack->size);
		break;
	default:
		attack->how = ATTACK_SET;
		attack->value = edge(state);
		break;
	}
}

/*
 * Numbers of channel messages that a host may get wrong without harm to other
 * devices: none by which the VMBus core of a guest tells its channels apart,
 * since that code, not a driver's, is then what is attacked.
 */
static const struct {
	uint32_t type;
	uint32_t offset;
	uint32_t size;
} message_numbers[] = {
	{ VMBUS_OFFER_CHANNEL, offsetof(struct vmbus_offer, subchannel_index),
	  2 },
	{ VMBUS_OFFER_CHANNEL, offsetof(struct vmbus_offer, mmio_megabytes),
	  2 },
	{ VMBUS_OFFER_CHANNEL, offsetof(struct vmbus_offer, user_defined), 4 },
	{ VMBUS_OPEN_RESULT, offsetof(struct vmbus_open_result, open_id), 4 },
	{ VMBUS_OPEN_RESULT, offsetof(struct vmbus_open_result, status), 4 },
	{ VMBUS_OPEN_RESULT, offsetof(struct vmbus_open_result, status), 4 },
	{ VMBUS_GPADL_CREATED, offsetof(struct vmbus_gpadl_created, gpadl), 4 },
	{ VMBUS_GPADL_CREATED, offsetof(struct vmbus_gpadl_created, status),
	  4 },
	{ VMBUS_GPADL_CREATED, offsetof(struct vmbus_gpadl_created, status),
	  4 },
	{ VMBUS_GPADL_TORNDOWN, offsetof(struct vmbus_gpadl_torndown, gpadl),
	  4 },
	{ VMBUS_MODIFY_CHANNEL_RESPONSE,
	  offsetof(struct vmbus_modify_response, status), 4 },
};

static void choose_message(uint64_t *state, struct attack *attack)
{
	uint32_t i = below(state, sizeof(message_numbers) /
				  sizeof(message_numbers[0]));

	attack->type = message_numbers[i].type;
	attack->first = small(state, 4);
	attack->offset = message_numbers[i].offset;
	attack->size = message_numbers[i].size;
	choose_number(state, attack);
	/* A second offer of a number would confuse the bus, not the driver. */
	if (attack->type == VMBUS_OFFER_CHANNEL)
		return;
	/*
	 * The bus of a guest waits for this one for ever, with a lock held that
	 * a rescind needs, so no driver can do anything about its absence.
	 */
	if (attack->type == VMBUS_GPADL_TORNDOWN) {
		attack->action = ATTACK_REPEAT;
		attack->count = 1 + small(state, 8);
		return;
	}
	switch (below(state, 6)) {
	case 0:
		attack->action = ATTACK_DROP;
		break;
	case 1:
		attack->action = ATTACK_REPEAT;
		attack->count = 1 + small(state, 8);
		break;
	}
}

static void choose_packet_number(uint64_t *state, struct attack *attack)
{
	static const uint8_t descriptor[][2] = {
		{ 0, 2 }, { 2, 2 }, { 4, 2 }, { 6, 2 }, { 8, 8 }, { 8, 2 },
		{ 10, 4 }, { 14, 2 },
	};
	uint32_t i = below(state, 8);
	bool pages = attack->point == ATTACK_FRAMES ||
		     attack->point == ATTACK_REPLY;

	attack->size = 4;
	switch (below(state, pages ? 3 : 2)) {
	case 0:
		attack->part = ATTACK_DESCRIPTOR;
		attack->offset = descriptor[i][0];
		attack->size = descriptor[i][1];
		break;
	case 1:
		attack->part = ATTACK_PAYLOAD;
		attack->offset = 4 * small(state, 10);
		break;
	default:
		/* Buffer id, count, then length and offset of each range. */
		attack->part = ATTACK_EXTRA;
		attack->offset = 4 * small(state, 8);
		break;
	}
	choose_number(state, attack);
}

static void choose_forgery(uint64_t *state, struct attack *attack)
{
	static const uint32_t packets[] = {
		RING_PACKET_COMPLETION, RING_PACKET_COMPLETION,
		RING_PACKET_COMPLETION, RING_PACKET_INBAND,
		RING_PACKET_TRANSFER_PAGES, RING_PACKET_GPA_DIRECT,
	};
	static const uint32_t types[] = {
		NVSP_INIT_COMPLETE, NVSP_RECEIVE_BUFFER_COMPLETE,
		NVSP_SEND_BUFFER_COMPLETE, NVSP_RNDIS, NVSP_RNDIS_COMPLETE,
		NVSP_RNDIS_COMPLETE, NVSP_SUBCHANNEL_COMPLETE,
		NVSP_INDIRECTION_TABLE, NVSP_VF_ASSOCIATION,
		NVSP_SWITCH_DATA_PATH, 0, UINT32_MAX,
	};
	static const uint64_t steps[] = { 0, 0, 1, 0x10000, UINT64_MAX };

	attack->offset = packets[below(state, 6)];
	attack->count = types[below(state, 12)];
	attack->id = below(state, ATTACK_ID_COUNT);
	attack->value = attack->id == ATTACK_ID_VALUE ? edge(state) :
						       steps[below(state, 5)];
}

static void choose_packet(uint64_t *state, struct attack *attack)
{
	static const enum attack_action actions[] = {
		ATTACK_WRITE, ATTACK_WRITE, ATTACK_WRITE, ATTACK_WRITE,
		ATTACK_WRITE, ATTACK_WRITE, ATTACK_CUT, ATTACK_CUT,
		ATTACK_GROW, ATTACK_DROP, ATTACK_REPEAT, ATTACK_REPEAT,
		ATTACK_SWAP, ATTACK_OLD, ATTACK_OLD, ATTACK_FORGE,
		ATTACK_FORGE, ATTACK_FORGE, ATTACK_ASTRAY, ATTACK_FLICKER,
		ATTACK_FLICKER, ATTACK_RESCIND,
	};
	static const uint32_t most[ATTACK_POINTS] = {
		[ATTACK_ANSWER] = 5, [ATTACK_DONE] = 40, [ATTACK_TAKEN] = 16,
		[ATTACK_INBAND] = 2, [ATTACK_FRAMES] = 40, [ATTACK_REPLY] = 16,
	};

	attack->action = actions[below(state, sizeof(actions) /
					      sizeof(actions[0]))];
	attack->first = small(state, most[attack->point]);
	choose_packet_number(state, attack);
	switch (attack->action) {
	case ATTACK_CUT:
		attack->count = 4 * below(state, 8);
		break;
	case ATTACK_GROW:
		attack->count = 8u << below(state, 11);
		break;
	case ATTACK_REPEAT:
		attack->count = 1u << below(state, 9);
		break;
	case ATTACK_FLICKER:
		attack->count = 64;
		break;
	case ATTACK_FORGE:
		choose_forgery(state, attack);
		break;
	default:
		break;
	}
}

/* RNDIS messages: the words of the head are worth more than the rest. */
static void choose_slot(uint64_t *state, struct attack *attack)
{
	bool frame = attack->point == ATTACK_FRAME;
	uint32_t kind = below(state, 8);

	attack->first = small(state, frame ? 40 : 16);
	attack->size = below(state, 8) ? 4 : 1u << below(state, 4);
	attack->offset = 4 * below(state, frame ? 28 : 24);
	if (frame && kind == 0)
		/* Behind the head comes the frame itself. */
		attack->offset = 256 + below(state, 80);
	if (frame && kind < 3) {
		attack->action = ATTACK_PIECE;
		attack->value = attack_random(state) & 0xffffff;
		if (below(state, 2))
			attack->value &= 0x7;
		attack->times = 1u << below(state, 8);
		return;
	}
	choose_number(state, attack);
	if (kind == 3) {
		attack->action = ATTACK_FLICKER;
		attack->count = 64;
	}
}

static void choose_page(uint64_t *state, struct attack *attack)
{
	attack->action = ATTACK_WORD;
	attack->first = small(state, 60);
	attack->offset = below(state, ATTACK_WORD_COUNT);
	attack->size = 4;
	choose_number(state, attack);
}

static void choose_signal(uint64_t *state, struct attack *attack)
{
	attack->first = small(state, 30);
	attack->action = below(state, 2) ? ATTACK_STORM : ATTACK_DROP;
	attack->count = 1u << below(state, 9);
}

static const struct {
	uint32_t weight;
	void (*choose)(uint64_t *state, struct attack *attack);
} points[ATTACK_POINTS] = {
	[ATTACK_MESSAGE] = { 6, choose_message },
	[ATTACK_ANSWER] = { 10, choose_packet },
	[ATTACK_DONE] = { 14, choose_packet },
	[ATTACK_TAKEN] = { 8, choose_packet },
	[ATTACK_INBAND] = { 6, choose_packet },
	[ATTACK_FRAMES] = { 16, choose_packet },
	[ATTACK_REPLY] = { 10, choose_packet },
	[ATTACK_FRAME] = { 14, choose_slot },
	[ATTACK_CONTROL] = { 14, choose_slot },
	[ATTACK_PUBLISH] = { 8, choose_page },
	[ATTACK_SIGNAL] = { 3, choose_signal },
};

static void choose(uint64_t *state, struct attack *attack)
{
	uint32_t sum = 0, at, i;

	for (i = 0; i < ATTACK_POINTS; i++)
		sum += points[i].weight;
	at = below(state, sum);
	for (i = 0; at >= points[i].weight; i++)
		at -= points[i].weight;
	attack->point = i;
	switch (below(state, 8)) {
	case 0:
		attack->times = ATTACK_ALWAYS;
		break;
	case 1:
	case 2:
		attack->times = 1 + small(state, 16);
		break;
	default:
		attack->times = 1;
		break;
	}
	points[i].choose(state, attack);
}

static void from_seed(struct attack_list *list, uint64_t seed)
{
	unsigned int i;

	snprintf(list->name, sizeof(list->name), "%" PRIu64, seed);
	/* Most mistakes need one cause: short lists are more likely. */
	list->count = 1 + small(&seed, ATTACKS_MAX);
	for (i = 0; i < list->count; i++)
		choose(&seed, &list->attacks[i]);
}

/*
 * Attacks with a name: things that a driver is known to have fallen for.
 */
#define NUMBER(where, at, bytes, to) \
	.action = ATTACK_WRITE, .part = where, .offset = at, .size = bytes, \
	.how = ATTACK_SET, .value = to
#define FORGED(packet, message, of, to) \
	.action = ATTACK_FORGE, .offset = packet, .count = message, .id = of, \
	.value = to
#define PPI(field) \
	(RNDIS_PACKET_HEADER + offsetof(struct rndis_ppi, field))
/* What the first one says, which is the one about checksums. */
#define PPI_WORD (RNDIS_PACKET_HEADER + sizeof(struct rndis_ppi))
#define INFO(n) \
	(sizeof(struct rndis_header) + sizeof(struct rndis_query_complete) + (n))
#define QUERY(field) \
	(sizeof(struct rndis_header) + \
	 offsetof(struct rndis_query_complete, field))

#define PIECE(which) (RNDIS_PACKET_ID_SUBALLOC | (which) | 0x100)
#define ANSWERS (RNDIS_QUERY | RNDIS_COMPLETION)
#define SETTINGS (RNDIS_SET | RNDIS_COMPLETION)

static const struct {
	const char *name;
	unsigned int count;
	struct attack attacks[ATTACKS_MAX];
} named[] = {
	/* Completions of data that bear the id of something else. */
	{ "completion-of-request", 1, {
		{ ATTACK_DONE, .first = 2, .times = 8,
		  FORGED(RING_PACKET_COMPLETION, NVSP_RNDIS_COMPLETE,
			 ATTACK_ID_REQUEST, 0) } } },
	{ "completion-of-small-id", 3, {
		{ ATTACK_DONE, .first = 2, .times = 1,
		  FORGED(RING_PACKET_COMPLETION, NVSP_RNDIS_COMPLETE,
			 ATTACK_ID_VALUE, 1) },
		{ ATTACK_DONE, .first = 3, .times = 1,
		  FORGED(RING_PACKET_COMPLETION, NVSP_RNDIS_COMPLETE,
			 ATTACK_ID_VALUE, 2) },
		{ ATTACK_DONE, .first = 4, .times = 1,
		  FORGED(RING_PACKET_COMPLETION, NVSP_RNDIS_COMPLETE,
			 ATTACK_ID_VALUE, 3) } } },
	{ "completion-twice", 1, {
		{ ATTACK_DONE, .action = ATTACK_REPEAT, .first = 2,
		  .times = ATTACK_ALWAYS, .count = 2 } } },
	/* Completions without a message. */
	{ "completion-empty", 1, {
		{ ATTACK_DONE, .action = ATTACK_CUT, .first = 2, .times = 8 } } },
	{ "completion-empty-control", 1, {
		{ ATTACK_TAKEN, .action = ATTACK_CUT, .first = 2,
		  .times = 4 } } },
	/* Per-packet information without an end. */
	{ "ppi-size-0", 1, {
		{ ATTACK_FRAME, .first = 2, .times = 4,
		  NUMBER(ATTACK_BODY, PPI(size), 4, 0) } } },
	{ "ppi-offset", 2, {
		{ ATTACK_FRAME, .first = 2, .times = 2,
		  NUMBER(ATTACK_BODY, PPI(offset), 4, UINT32_MAX) },
		{ ATTACK_FRAME, .first = 5, .times = 2,
		  NUMBER(ATTACK_BODY, PPI(offset), 4, 0) } } },
	{ "ppi-short-tail", 1, {
		{ ATTACK_FRAME, .first = 2, .times = 4,
		  NUMBER(ATTACK_BODY, 8 + offsetof(struct rndis_packet,
						   ppi_len), 4, 1) } } },
	/* Answers that nobody waits for. */
	{ "unsolicited-answers", 4, {
		{ ATTACK_DONE, .first = 2, .times = 1,
		  FORGED(RING_PACKET_COMPLETION, NVSP_INIT_COMPLETE,
			 ATTACK_ID_VALUE, 0) },
		{ ATTACK_DONE, .first = 3, .times = 1,
		  FORGED(RING_PACKET_COMPLETION, NVSP_RECEIVE_BUFFER_COMPLETE,
			 ATTACK_ID_REQUEST, 0) },
		{ ATTACK_DONE, .first = 4, .times = 1,
		  FORGED(RING_PACKET_INBAND, NVSP_SUBCHANNEL_COMPLETE,
			 ATTACK_ID_VALUE, 0) },
		{ ATTACK_ANSWER, .first = 1, .times = 1,
		  FORGED(RING_PACKET_COMPLETION, NVSP_INIT_COMPLETE,
			 ATTACK_ID_VALUE, 0) } } },
	/* More ranges than there are. */
	{ "range-count-minus-1", 1, {
		{ ATTACK_FRAMES, .first = 2, .times = 1,
		  NUMBER(ATTACK_EXTRA, 4, 4, 0xffffffff) } } },
	{ "range-count-minus-3", 1, {
		{ ATTACK_FRAMES, .first = 2, .times = 1,
		  NUMBER(ATTACK_EXTRA, 4, 4, 0xfffffffd) } } },
	{ "range-count-many", 1, {
		{ ATTACK_FRAMES, .first = 2, .times = 2,
		  NUMBER(ATTACK_EXTRA, 4, 4, 1000) } } },
	{ "range-outside", 3, {
		{ ATTACK_FRAMES, .first = 2, .times = 1,
		  NUMBER(ATTACK_EXTRA, 12, 4, 0xffffff00) },
		{ ATTACK_FRAMES, .first = 3, .times = 1,
		  NUMBER(ATTACK_EXTRA, 8, 4, 0xffffffff) },
		{ ATTACK_FRAMES, .first = 4, .times = 1,
		  NUMBER(ATTACK_EXTRA, 8, 4, 3) } } },
	/* The same answer on two channels at once. */
	{ "answer-on-two-channels", 1, {
		{ ATTACK_REPLY, .action = ATTACK_ASTRAY, .times = ATTACK_ALWAYS } } },
	/* Answers that do not fit what was asked. */
	{ "set-answered-as-query", 1, {
		{ ATTACK_CONTROL, .type = SETTINGS, .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, 0, 4, ANSWERS) } } },
	{ "query-answered-as-set", 1, {
		{ ATTACK_CONTROL, .type = ANSWERS, .first = 2,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, 0, 4, SETTINGS) } } },
	{ "answer-short", 1, {
		{ ATTACK_CONTROL, .type = SETTINGS, .times = 1,
		  NUMBER(ATTACK_BODY, 4, 4, 12) } } },
	{ "answer-info-outside", 1, {
		{ ATTACK_CONTROL, .type = ANSWERS, .first = 1, .times = 1,
		  NUMBER(ATTACK_BODY, QUERY(info_offset), 4, 0xfffffff0) } } },
	{ "answer-info-long", 1, {
		{ ATTACK_CONTROL, .type = ANSWERS, .first = 2, .times = 1,
		  NUMBER(ATTACK_BODY, QUERY(info_len), 4, 0x7fffffff) } } },
	/* Numbers that the driver would work with: MTU, address, alignment. */
	{ "query-zero", 1, {
		{ ATTACK_CONTROL, .type = ANSWERS, .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, INFO(0), 4, 0) } } },
	{ "query-ones", 1, {
		{ ATTACK_CONTROL, .type = ANSWERS, .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, INFO(0), 4, 0xffffffff) } } },
	{ "query-empty", 1, {
		{ ATTACK_CONTROL, .type = ANSWERS, .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, QUERY(info_len), 4, 0) } } },
	{ "alignment", 1, {
		{ ATTACK_CONTROL, .type = RNDIS_INITIALIZE | RNDIS_COMPLETION,
		  .times = 1,
		  NUMBER(ATTACK_BODY, sizeof(struct rndis_header) +
			 offsetof(struct rndis_initialize_complete, alignment),
			 4, 0xffffffff) } } },
	/* Subchannels. */
	{ "subchannel-index-twice", 1, {
		{ ATTACK_MESSAGE, .type = VMBUS_OFFER_CHANNEL, .first = 1,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, offsetof(struct vmbus_offer,
					       subchannel_index), 2, 1) } } },
	{ "subchannel-index-high", 1, {
		{ ATTACK_MESSAGE, .type = VMBUS_OFFER_CHANNEL, .first = 1,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, offsetof(struct vmbus_offer,
					       subchannel_index), 2, 65535) } } },
	{ "subchannel-refused", 1, {
		{ ATTACK_MESSAGE, .type = VMBUS_OPEN_RESULT, .first = 1,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_BODY, offsetof(struct vmbus_open_result,
					       status), 4,
			 VMBUS_STATUS_FAILED) } } },
	{ "subchannels-many", 1, {
		{ ATTACK_ANSWER, .type = NVSP_SUBCHANNEL_COMPLETE,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_PAYLOAD, 8, 4, 0xffffffff) } } },
	/* The send table names channels that there are not. */
	{ "table-entries", 2, {
		{ ATTACK_INBAND, .type = NVSP_INDIRECTION_TABLE,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_PAYLOAD, 12, 4, 0xffffffff) },
		{ ATTACK_INBAND, .type = NVSP_INDIRECTION_TABLE,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_PAYLOAD, 16, 4, 65535) } } },
	{ "table-offset", 1, {
		{ ATTACK_INBAND, .type = NVSP_INDIRECTION_TABLE,
		  .times = ATTACK_ALWAYS,
		  NUMBER(ATTACK_PAYLOAD, 8, 4, 0xfffffff0) } } },
	/* Messages too short to hold what a trace would print. */
	{ "message-empty", 3, {
		{ ATTACK_INBAND, .action = ATTACK_CUT, .times = ATTACK_ALWAYS },
		{ ATTACK_FRAMES, .action = ATTACK_CUT, .first = 2, .times = 2 },
		{ ATTACK_FRAMES, .first = 5, .times = 2,
		  NUMBER(ATTACK_EXTRA, 8, 4, 1) } } },
	/*
	 * A frame whose IPv4 header is longer than the frame, and whose sum the
	 * guest is to mend.
	 */
	{ "ip-header-length", 3, {
		{ ATTACK_FRAME, .first = 2, .times = 16,
		  NUMBER(ATTACK_BODY, PPI_WORD, 4,
			 RNDIS_RX_CSUM_IP_OK | RNDIS_RX_CSUM_IP_VALUE_INVALID) },
		{ ATTACK_FRAME, .first = 2, .times = 16,
		  NUMBER(ATTACK_BODY, 256 + 14, 1, 0x4f) },
		{ ATTACK_FRAME, .first = 2, .times = 16,
		  NUMBER(ATTACK_BODY, 8 + offsetof(struct rndis_packet,
						   data_len), 4, 34) } } },
	/* More packets than there are slots to give back. */
	{ "packet-flood", 1, {
		{ ATTACK_FRAMES, .action = ATTACK_REPEAT, .first = 2,
		  .times = ATTACK_ALWAYS, .count = 512 } } },
	/* Packets longer than any that a host should send. */
	{ "packet-too-long", 1, {
		{ ATTACK_FRAMES, .action = ATTACK_GROW, .first = 2,
		  .times = 16, .count = 8192 } } },
	/* Parts of frames that never become whole ones. */
	{ "pieces", 1, {
		{ ATTACK_FRAME, .action = ATTACK_PIECE, .first = 2,
		  .times = ATTACK_ALWAYS, .value = 1 } } },
	/* Pairs of frames that claim to be two pieces of one. */
	{ "pieces-of-one-frame", 4, {
		{ ATTACK_FRAME, .action = ATTACK_PIECE, .first = 2, .times = 1,
		  .value = PIECE(RNDIS_PACKET_ID_FIRST) },
		{ ATTACK_FRAME, .action = ATTACK_PIECE, .first = 3, .times = 1,
		  .value = PIECE(RNDIS_PACKET_ID_LAST) },
		{ ATTACK_FRAME, .action = ATTACK_PIECE, .first = 4, .times = 1,
		  .value = PIECE(RNDIS_PACKET_ID_FIRST) },
		{ ATTACK_FRAME, .action = ATTACK_PIECE, .first = 5, .times = 1,
		  .value = PIECE(RNDIS_PACKET_ID_LAST) } } },
	/* Indices outside of the ring. */
	{ "write-index", 1, {
		{ ATTACK_PUBLISH, .action = ATTACK_WORD, .first = 40,
		  .times = 1, .offset = ATTACK_WORD_WRITE, .size = 4,
		  .how = ATTACK_SET, .value = 0xfffffff8 } } },
	{ "read-index", 1, {
		{ ATTACK_PUBLISH, .action = ATTACK_WORD, .first = 40,
		  .times = 1, .size = 4, .how = ATTACK_SET, .value = 0x7ffffff8,
		  .offset = ATTACK_WORD_FROM_GUEST + ATTACK_WORD_READ } } },
	{ "packet-length", 1, {
		{ ATTACK_FRAMES, .first = 2, .times = 1,
		  NUMBER(ATTACK_DESCRIPTOR, 4, 2, 0xffff) } } },
};

#define NAMED_COUNT (sizeof(named) / sizeof(named[0]))

const char *attack_name(unsigned int i)
{
	return i < NAMED_COUNT ? named[i].name : NULL;
}

static bool from_name(struct attack_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < NAMED_COUNT; i++) {
		if (strcmp(named[i].name, name))
			continue;
		snprintf(list->name, sizeof(list->name), "%s", name);
		list->count = named[i].count;
		memcpy(list->attacks, named[i].attacks, sizeof(list->attacks));
		return true;
	}
	return false;
}

bool attack_list_make(struct attack_list *list, const char *what,
		      uint32_t mask)
{
	unsigned long long seed;
	unsigned int i;
	char *end;

	memset(list, 0, sizeof(*list));
	if (isdigit((unsigned char)*what)) {
		errno = 0;
		seed = strtoull(what, &end, 10);
		if (errno || *end)
			return false;
		from_seed(list, seed);
	} else if (!from_name(list, what)) {
		return false;
	}
	for (i = 0; i < list->count; i++)
		if (!(mask & 1u << i))
			list->attacks[i].times = 0;
	return true;
}

static void describe_number(const struct attack *attack, FILE *out)
{
	static const char *const parts[] = { "byte", "descriptor", "extra",
					     "payload" };
	static const char *const hows[] = { "set to", "add", "xor" };

	fprintf(out, " %s+%u/%u %s 0x%" PRIx64, parts[attack->part],
		attack->offset, attack->size, hows[attack->how],
		attack->value);
}

static void describe_forgery(const struct attack *attack, FILE *out)
{
	static const char *const ids[] = { "", "request's", "data's",
					   "control message's" };

	fprintf(out, " packet of type %u, message %u, id %s+0x%" PRIx64,
		attack->offset, attack->count, ids[attack->id], attack->value);
}

static void describe_word(const struct attack *attack, FILE *out)
{
	static const char *const words[] = { "write index", "read index",
					     "interrupt mask", "pending size",
					     "features" };
	static const char *const hows[] = { "set to", "add", "xor" };

	fprintf(out, " %s of the ring %s %s 0x%x",
		words[attack->offset % ATTACK_WORD_FROM_GUEST],
		attack->offset < ATTACK_WORD_FROM_GUEST ? "to the guest," :
		"from the guest,", hows[attack->how], (uint32_t)attack->value);
}

void attack_describe(const struct attack *attack, FILE *out)
{
	static const char *const point_names[ATTACK_POINTS] = {
		"channel message", "answer", "data completion",
		"control completion", "inband message", "frames packet",
		"reply packet", "frame slot", "control slot", "publish",
		"signal",
	};
	static const char *const actions[ATTACK_ACTIONS] = {
		"write", "cut to", "grow by", "drop", "repeat", "swap", "old",
		"forge", "astray", "flicker", "piece", "word", "storm",
		"rescind",
	};

	fprintf(out, "%s", point_names[attack->point]);
	if (attack->type)
		fprintf(out, " of type 0x%x", attack->type);
	fprintf(out, " %u", attack->first);
	if (attack->times == ATTACK_ALWAYS)
		fputs(" and after", out);
	else if (attack->times != 1)
		fprintf(out, ", %u times", attack->times);
	fprintf(out, ": %s", actions[attack->action]);
	switch (attack->action) {
	case ATTACK_WRITE:
	case ATTACK_FLICKER:
		describe_number(attack, out);
		break;
	case ATTACK_FORGE:
		describe_forgery(attack, out);
		break;
	case ATTACK_WORD:
		describe_word(attack, out);
		break;
	case ATTACK_PIECE:
		fprintf(out, " 0x%" PRIx64, attack->value);
		break;
	case ATTACK_CUT:
	case ATTACK_GROW:
	case ATTACK_REPEAT:
	case ATTACK_STORM:
		fprintf(out, " %u", attack->count);
		break;
	default:
		break;
	}
}

void attack_list_print(const struct attack_list *list, FILE *out)
{
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		fprintf(out, "%u ", i);
		attack_describe(&list->attacks[i], out);
		fputc('\n', out);
	}
}

unsigned int attack_event(struct attack_list *list, enum attack_point point,
			  uint32_t type)
{
	unsigned int met = 0;
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		struct attack *attack = &list->attacks[i];
		uint32_t seen = attack->seen;

		if (attack->point != point ||
		    (attack->type && attack->type != type))
			continue;
		attack->seen++;
		if (seen >= attack->first &&
		    seen - attack->first < attack->times)
			met |= 1u << i;
	}
	return met;
}

bool attack_write(const struct attack *attack, uint8_t *bytes, size_t len,
		  size_t offset)
{
	uint64_t number = 0;

	if (offset > len || attack->size > len - offset)
		return false;
	memcpy(&number, bytes + offset, attack->size);
	switch (attack->how) {
	case ATTACK_SET:
		number = attack->value;
		break;
	case ATTACK_ADD:
		number += attack->value;
		break;
	case ATTACK_XOR:
		number ^= attack->value;
		break;
	}
	memcpy(bytes + offset, &number, attack->size);
	return true;
}
