// SPDX-License-Identifier: GPL-2.0
/*
 * Echo: every unicast frame goes back to where it came from, as if the peer had
 * sent the same. Swapping addresses and ports leaves all checksums as they are.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_common.h"
#include "json.h"
#include "packet.h"

/* More than a guest's ring holds means that it does not read: drop. */
#define BACKLOG_MAX 1024u

struct echo {
	struct backend backend;
	struct delivery delivery;
	struct loop_task task;
	bool running;
	struct traffic from_guest;
	uint64_t ignored;		/* neither unicast nor ARP */
	uint64_t overrun;
};

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	while (len--) {
		uint8_t kept = *a;

		*a++ = *b;
		*b++ = kept;
	}
}

/* An echo request becomes its reply; the sum changes by the type alone. */
static void answer_ping(uint8_t *icmp)
{
	uint32_t sum;

	if (icmp[0] != ICMP_ECHO_REQUEST)
		return;
	icmp[0] = ICMP_ECHO_REPLY;
	sum = get_be16(icmp + ICMP_CHECKSUM) + (ICMP_ECHO_REQUEST << 8);
	put_be16(icmp + ICMP_CHECKSUM, (sum & 0xffff) + (sum >> 16));
}

static void turn_around(struct frame *frame)
{
	uint8_t *ip = frame->data + ETH_HEADER_LEN;
	struct packet_view view;
	uint8_t *l4;

	swap(frame->data, frame->data + ETH_ADDR_LEN, ETH_ADDR_LEN);
	if (!packet_parse(frame->data, frame->len, &view))
		return;
	if (view.ip_version == 4)
		swap(ip + IP4_SOURCE, ip + IP4_TARGET, 4);
	else
		swap(ip + IP6_SOURCE, ip + IP6_TARGET, 16);
	if (view.fragment || view.l4 + (uint32_t)UDP_HEADER_LEN > frame->len)
		return;
	l4 = frame->data + view.l4;
	if (view.protocol == IP_PROTO_TCP || view.protocol == IP_PROTO_UDP)
		swap(l4, l4 + 2, 2);
	else if (view.ip_version == 4 && view.protocol == IP_PROTO_ICMP)
		answer_ping(l4);
}

static void echo_send(struct backend *backend, unsigned int queue,
		      struct frame *frame)
{
	struct echo *echo = (struct echo *)backend;
	uint8_t bytes[ETH_MIN_FRAME];
	struct frame answer;

	traffic_count(&echo->from_guest, frame);
	if (echo->delivery.length >= BACKLOG_MAX) {
		echo->overrun++;
		return;
	}
	if (backend_answer_arp(frame, bytes, &answer)) {
		delivery_push(&echo->delivery, &answer);
	} else if (frame->len < ETH_HEADER_LEN || frame->data[0] & 1) {
		echo->ignored++;
		return;
	} else {
		turn_around(frame);
		delivery_push(&echo->delivery, frame);
	}
	if (echo->running && !echo->delivery.blocked)
		loop_task_queue(&echo->task);
}

static void deliver(void *ctx, uint32_t events)
{
	struct echo *echo = ctx;

	if (delivery_run(&echo->delivery, BACKEND_BATCH))
		loop_task_queue(&echo->task);
}

static void echo_resume(struct backend *backend)
{
	struct echo *echo = (struct echo *)backend;

	echo->running = true;
	echo->delivery.blocked = false;
	loop_task_queue(&echo->task);
}

static void echo_stop(struct backend *backend)
{
	struct echo *echo = (struct echo *)backend;

	echo->running = false;
	loop_task_cancel(&echo->task);
	delivery_clear(&echo->delivery);
}

static void echo_counters(struct backend *backend, FILE *out)
{
	const struct echo *echo = (const struct echo *)backend;

	fputs("{\"kind\": \"echo\"", out);
	json_count(out, "from_guest_frames", echo->from_guest.frames);
	json_count(out, "from_guest_bytes", echo->from_guest.bytes);
	json_count(out, "ignored", echo->ignored);
	json_count(out, "overrun", echo->overrun);
	delivery_counters(&echo->delivery, out);
	fputs("}", out);
}

static void echo_destroy(struct backend *backend)
{
	echo_stop(backend);
	free(backend);
}

static const struct backend_ops echo_ops = {
	.name = "echo",
	.send = echo_send,
	.resume = echo_resume,
	.stop = echo_stop,
	.counters = echo_counters,
	.destroy = echo_destroy,
};

struct backend *backend_echo_create(const char *options)
{
	static const struct backend_option no_options[] = { { 0 } };
	struct echo *echo;

	if (!backend_options("echo", options, no_options))
		return NULL;
	echo = calloc(1, sizeof(*echo));
	if (!echo)
		return NULL;
	echo->backend.ops = &echo_ops;
	echo->task = (struct loop_task){ .fn = deliver, .ctx = echo };
	delivery_init(&echo->delivery, &echo->backend);
	return &echo->backend;
}
