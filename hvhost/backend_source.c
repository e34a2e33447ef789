// SPDX-License-Identifier: GPL-2.0
/*
 * The source makes UDP or TCP frames at a given rate. Their payload is zero but
 * for the frame's number in a UDP payload, so a checksum costs the same at any size.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_common.h"
#include "json.h"
#include "packet.h"
#include "segment.h"

#define NS_PER_SEC 1000000000ull
#define STALL_MAX_NS (100 * NS_PER_SEC)
#define L4_OFFSET (ETH_HEADER_LEN + IP4_HEADER_MIN)
#define FIRST_PORT 10000u
#define TARGET_PORT 9u			/* discard */
#define NUMBER_LEN 8u
#define FLOWS_MAX 4096u
#define FRAME_LARGEST (UINT16_MAX + ETH_HEADER_LEN)

struct source {
	struct backend backend;
	struct loop_task task;
	struct loop_timer timer;
	bool running;

	uint64_t size;
	uint64_t flows;
	uint64_t rate;
	uint64_t count;
	uint64_t tcp;
	uint64_t asked;			/* the count grows on request alone */
	uint8_t source_ip[4];
	uint8_t target_ip[4];

	uint64_t clock_start;		/* of the pacing: so many were sent then */
	uint64_t clock_sent;
	uint32_t *sequence;		/* of each flow, if TCP */
	struct delivery answers;	/* to the guest's ARP */
	struct traffic given;
	struct traffic from_guest;
	uint64_t refused;
	uint64_t late;			/* frames never made: the NIC was too slow */
	uint8_t bytes[FRAME_LARGEST];
};

static void fill_ethernet_and_ip(struct source *source, uint32_t len)
{
	static const uint8_t broadcast[6] = { 255, 255, 255, 255, 255, 255 };
	static const uint8_t no_address[6];
	const uint8_t *target = source->backend.mac;
	uint8_t *ip = source->bytes + ETH_HEADER_LEN;
	uint16_t sum;

	if (!memcmp(target, no_address, ETH_ADDR_LEN))
		target = broadcast;
	memcpy(source->bytes, target, ETH_ADDR_LEN);
	memcpy(source->bytes + ETH_ADDR_LEN, backend_peer_mac, ETH_ADDR_LEN);
	put_be16(source->bytes + ETH_TYPE_OFFSET, ETH_TYPE_IP4);
	memset(ip, 0, IP4_HEADER_MIN);
	ip[0] = 0x45;
	put_be16(ip + IP4_LENGTH, len - ETH_HEADER_LEN);
	put_be16(ip + IP4_ID, (uint32_t)source->given.frames);
	ip[IP4_TTL] = 64;
	ip[IP4_PROTOCOL] = source->tcp ? IP_PROTO_TCP : IP_PROTO_UDP;
	memcpy(ip + IP4_SOURCE, source->source_ip, 4);
	memcpy(ip + IP4_TARGET, source->target_ip, 4);
	sum = checksum_finish(checksum_add(0, ip, IP4_HEADER_MIN));
	memcpy(ip + IP4_CHECKSUM, &sum, 2);
}

static void fill_udp(struct source *source, uint32_t len)
{
	uint8_t *udp = source->bytes + L4_OFFSET;

	memset(udp, 0, UDP_HEADER_LEN + NUMBER_LEN);
	put_be16(udp + UDP_LENGTH, len - L4_OFFSET);
	put_be32(udp + UDP_HEADER_LEN, (uint32_t)(source->given.frames >> 32));
	put_be32(udp + UDP_HEADER_LEN + 4, (uint32_t)source->given.frames);
}

static void fill_tcp(struct source *source, unsigned int flow)
{
	uint8_t *tcp = source->bytes + L4_OFFSET;

	memset(tcp, 0, TCP_HEADER_MIN);
	put_be32(tcp + TCP_SEQUENCE, source->sequence[flow]);
	tcp[TCP_DATA_OFFSET] = TCP_HEADER_MIN / 4 << 4;
	tcp[TCP_FLAGS] = TCP_ACK;
	put_be16(tcp + TCP_WINDOW, UINT16_MAX);
}

/* Only the first bytes can be other than zero, so only they are summed. */
static void fill_l4_checksum(struct source *source, uint32_t len)
{
	uint8_t *l4 = source->bytes + L4_OFFSET;
	uint32_t summed = source->tcp ? TCP_HEADER_MIN : UDP_HEADER_LEN + NUMBER_LEN;
	uint64_t sum = checksum_pseudo(source->bytes + ETH_HEADER_LEN, 4,
				       source->tcp ? IP_PROTO_TCP : IP_PROTO_UDP,
				       len - L4_OFFSET);
	uint16_t done = checksum_finish(checksum_add(sum, l4, summed));

	if (!done)
		done = 0xffff;
	memcpy(l4 + (source->tcp ? TCP_CHECKSUM : UDP_CHECKSUM), &done, 2);
}

static void make_frame(struct source *source, unsigned int flow,
		       struct frame *frame)
{
	uint32_t header_len = L4_OFFSET + TCP_HEADER_MIN;
	uint32_t whole = (uint32_t)source->size;
	uint32_t largest = source->backend.mtu + ETH_HEADER_LEN;
	bool gso = source->tcp && source->backend.gso_to_guest &&
		   source->backend.mtu && whole > largest;

	if (source->backend.mtu && whole > largest && !gso)
		whole = largest;
	fill_ethernet_and_ip(source, whole);
	if (source->tcp)
		fill_tcp(source, flow);
	else
		fill_udp(source, whole);
	put_be16(source->bytes + L4_OFFSET, FIRST_PORT + flow);
	put_be16(source->bytes + L4_OFFSET + 2, TARGET_PORT);
	fill_l4_checksum(source, whole);
	*frame = (struct frame){
		.data = source->bytes,
		.len = whole,
		.csum_good = true,
	};
	if (gso) {
		frame->gso = FRAME_GSO_TCP4;
		frame->gso_size = (uint16_t)(largest - header_len);
		frame->header_len = (uint16_t)header_len;
	}
}

/* One frame of the flow whose turn it is; false if the NIC refused it. */
static bool emit(struct source *source)
{
	unsigned int flow = (unsigned int)(source->given.frames % source->flows);
	struct frame frame;
	uint32_t len;

	make_frame(source, flow, &frame);
	len = frame.len;
	if (!source->backend.receive(source->backend.nic, &frame)) {
		source->refused++;
		return false;
	}
	if (source->tcp)
		source->sequence[flow] += len - L4_OFFSET - TCP_HEADER_MIN;
	source->given.frames++;
	source->given.bytes += len;
	return true;
}

static bool exhausted(const struct source *source)
{
	return (source->count || source->asked) &&
	       source->given.frames >= source->count;
}

static void restart_clock(struct source *source)
{
	source->clock_start = loop_now_ns();
	source->clock_sent = 0;
}

/*
 * How many frames the rate has made due, at most a batch. What a stalled NIC
 * missed by more than a tenth of a second is never made up for.
 */
static uint64_t frames_due(struct source *source)
{
	uint64_t elapsed = loop_now_ns() - source->clock_start;
	uint64_t slack = source->rate / 10 + BACKEND_BATCH, due;

	if (!source->rate)
		return BACKEND_BATCH;
	/* The product must stay within 64 bits: let the start follow. */
	if (elapsed > NS_PER_SEC) {
		source->clock_start += source->clock_sent * NS_PER_SEC /
				       source->rate;
		source->clock_sent = 0;
		elapsed = loop_now_ns() - source->clock_start;
	}
	if (elapsed > STALL_MAX_NS) {
		restart_clock(source);
		return BACKEND_BATCH;
	}
	due = elapsed * source->rate / NS_PER_SEC - source->clock_sent;
	if (due > slack) {
		source->late += due - slack;
		source->clock_sent += due - slack;
		due = slack;
	}
	return due < BACKEND_BATCH ? due : BACKEND_BATCH;
}

static void work(void *ctx, uint32_t events)
{
	struct source *source = ctx;
	uint64_t due;

	if (delivery_run(&source->answers, BACKEND_BATCH))
		loop_task_queue(&source->task);
	if (source->answers.blocked || exhausted(source))
		return;
	for (due = frames_due(source); due && !exhausted(source); due--) {
		if (!emit(source))
			return;		/* ->resume() goes on */
		source->clock_sent++;
	}
	if (exhausted(source))
		return;
	if (source->rate)
		loop_timer_start(&source->timer, NS_PER_SEC / source->rate);
	else
		loop_task_queue(&source->task);
}

static void source_resume(struct backend *backend)
{
	struct source *source = (struct source *)backend;

	if (!source->running)
		restart_clock(source);
	source->running = true;
	source->answers.blocked = false;
	loop_task_queue(&source->task);
}

static void source_stop(struct backend *backend)
{
	struct source *source = (struct source *)backend;

	source->running = false;
	loop_task_cancel(&source->task);
	loop_timer_stop(&source->timer);
	delivery_clear(&source->answers);
}

static void source_more(struct backend *backend, uint64_t count)
{
	struct source *source = (struct source *)backend;

	if (exhausted(source))
		restart_clock(source);
	if (source->count || source->asked)	/* else it has no end */
		source->count += count;
	if (source->running)
		loop_task_queue(&source->task);
}

static void source_send(struct backend *backend, unsigned int queue,
			struct frame *frame)
{
	struct source *source = (struct source *)backend;
	uint8_t bytes[ETH_MIN_FRAME];
	struct frame answer;

	traffic_count(&source->from_guest, frame);
	if (!source->running || source->answers.length >= BACKEND_BATCH ||
	    !backend_answer_arp(frame, bytes, &answer))
		return;
	delivery_push(&source->answers, &answer);
	loop_task_queue(&source->task);
}

static void source_counters(struct backend *backend, FILE *out)
{
	const struct source *source = (const struct source *)backend;

	fputs("{\"kind\": \"source\"", out);
	json_count(out, "to_guest_frames", source->given.frames);
	json_count(out, "to_guest_bytes", source->given.bytes);
	json_count(out, "to_guest_refused", source->refused);
	json_count(out, "late", source->late);
	json_count(out, "from_guest_frames", source->from_guest.frames);
	json_count(out, "from_guest_bytes", source->from_guest.bytes);
	fputs("}", out);
}

static void source_destroy(struct backend *backend)
{
	struct source *source = (struct source *)backend;

	source_stop(backend);
	free(source->sequence);
	free(source);
}

static const struct backend_ops source_ops = {
	.name = "source",
	.send = source_send,
	.resume = source_resume,
	.stop = source_stop,
	.counters = source_counters,
	.more = source_more,
	.destroy = source_destroy,
};

static bool parse(struct source *source, const char *options)
{
	const struct backend_option table[] = {
		{ .key = "size", .number = &source->size,
		  .least = ETH_MIN_FRAME, .most = FRAME_LARGEST },
		{ .key = "flows", .number = &source->flows,
		  .least = 1, .most = FLOWS_MAX },
		{ .key = "rate", .number = &source->rate,
		  .most = 10 * 1000 * 1000 },
		{ .key = "count", .number = &source->count,
		  .most = UINT64_MAX },
		{ .key = "tcp", .number = &source->tcp, .most = 1 },
		{ .key = "asked", .number = &source->asked, .most = 1 },
		{ .key = "src", .address = source->source_ip },
		{ .key = "dst", .address = source->target_ip },
		{ 0 },
	};

	return backend_options("source", options, table);
}

struct backend *backend_source_create(const char *options)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->size = 64;
	source->flows = 16;
	memcpy(source->source_ip, (uint8_t[]){ 10, 99, 0, 1 }, 4);
	memcpy(source->target_ip, (uint8_t[]){ 10, 99, 0, 2 }, 4);
	source->backend.ops = &source_ops;
	source->task = (struct loop_task){ .fn = work, .ctx = source };
	source->timer = (struct loop_timer){ .fn = work, .ctx = source };
	delivery_init(&source->answers, &source->backend);
	if (!parse(source, options)) {
		free(source);
		return NULL;
	}
	source->sequence = calloc(source->flows, sizeof(*source->sequence));
	if (!source->sequence) {
		free(source);
		return NULL;
	}
	return &source->backend;
}
