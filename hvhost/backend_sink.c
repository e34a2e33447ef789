// SPDX-License-Identifier: GPL-2.0
/* The sink swallows and counts; "none" is a sink by another name. */
#include <stdlib.h>

#include "backend_common.h"
#include "json.h"

#define QUEUES_MAX 64

struct sink {
	struct backend backend;
	struct traffic traffic;
	uint64_t per_queue[QUEUES_MAX];
	uint64_t csum_partial;		/* frames that asked for a checksum */
	uint64_t gso;
	uint64_t tagged;
};

static void sink_send(struct backend *backend, unsigned int queue,
		      struct frame *frame)
{
	struct sink *sink = (struct sink *)backend;

	traffic_count(&sink->traffic, frame);
	sink->per_queue[queue % QUEUES_MAX]++;
	sink->csum_partial += frame->csum_partial;
	sink->gso += frame->gso != FRAME_GSO_NONE;
	sink->tagged += frame->has_vlan;
}

static void sink_resume(struct backend *backend)
{
	/* It never has a frame for the guest. */
}

static void sink_stop(struct backend *backend)
{
	/* The same. */
}

static void sink_counters(struct backend *backend, FILE *out)
{
	const struct sink *sink = (const struct sink *)backend;
	unsigned int queue, last = 0;

	for (queue = 0; queue < QUEUES_MAX; queue++)
		if (sink->per_queue[queue])
			last = queue;
	fprintf(out, "{\"kind\": \"%s\"", backend->ops->name);
	json_count(out, "from_guest_frames", sink->traffic.frames);
	json_count(out, "from_guest_bytes", sink->traffic.bytes);
	json_count(out, "from_guest_csum", sink->csum_partial);
	json_count(out, "from_guest_gso", sink->gso);
	json_count(out, "from_guest_tagged", sink->tagged);
	fputs(", \"from_guest_queues\": [", out);
	for (queue = 0; queue <= last; queue++)
		fprintf(out, "%s%" PRIu64, queue ? ", " : "",
			sink->per_queue[queue]);
	fputs("]}", out);
}

static void sink_destroy(struct backend *backend)
{
	free(backend);
}

static const struct backend_ops sink_ops = {
	.name = "sink",
	.send = sink_send,
	.resume = sink_resume,
	.stop = sink_stop,
	.counters = sink_counters,
	.destroy = sink_destroy,
};

static const struct backend_ops none_ops = {
	.name = "none",
	.send = sink_send,
	.resume = sink_resume,
	.stop = sink_stop,
	.counters = sink_counters,
	.destroy = sink_destroy,
};

static struct backend *create(const struct backend_ops *ops, const char *options)
{
	static const struct backend_option no_options[] = { { 0 } };
	struct sink *sink;

	if (!backend_options(ops->name, options, no_options))
		return NULL;
	sink = calloc(1, sizeof(*sink));
	if (!sink)
		return NULL;
	sink->backend.ops = ops;
	return &sink->backend;
}

struct backend *backend_sink_create(const char *options)
{
	return create(&sink_ops, options);
}

struct backend *backend_none_create(const char *options)
{
	return create(&none_ops, options);
}
