// SPDX-License-Identifier: GPL-2.0
/* The messages by which a guest shares memory, and takes it back. */
#include "vmbus_server.h"

#include <stdlib.h>

#include "log.h"

static struct gpadl *find(uint32_t relid, uint32_t id)
{
	struct gpadl *gpadl;

	for (gpadl = vmbus_server.gpadls; gpadl; gpadl = gpadl->next)
		if (gpadl->channel_relid == relid && gpadl->id == id)
			return gpadl;
	return NULL;
}

/* A body names no channel, so among the unfinished lists the id is unique. */
static struct gpadl *find_incomplete(uint32_t id)
{
	struct gpadl *gpadl;

	for (gpadl = vmbus_server.gpadls; gpadl; gpadl = gpadl->next)
		if (!gpadl->complete && gpadl->id == id)
			return gpadl;
	return NULL;
}

static void forget(struct gpadl *gpadl)
{
	struct gpadl **at = &vmbus_server.gpadls;

	while (*at && *at != gpadl)
		at = &(*at)->next;
	if (*at)
		*at = gpadl->next;
}

static void discard(struct gpadl *gpadl)
{
	forget(gpadl);
	if (gpadl->users)
		gpadl->idle = gpadl_free;	/* a device is late: its last unmap frees */
	else
		gpadl_free(gpadl);
}

void vmbus_gpadls_drop(uint32_t relid)
{
	struct gpadl *gpadl = vmbus_server.gpadls;

	while (gpadl) {
		struct gpadl *next = gpadl->next;

		if (!relid || gpadl->channel_relid == relid)
			discard(gpadl);
		gpadl = next;
	}
}

struct gpadl *vmbus_gpadl_find(struct vmbus_channel *channel, uint32_t id)
{
	struct gpadl *gpadl = find(channel->relid, id);

	return gpadl && gpadl->complete && !gpadl->teardown_pending ? gpadl : NULL;
}

static void send_created(uint32_t relid, uint32_t id, uint32_t status)
{
	struct vmbus_gpadl_created created = {
		.header.type = VMBUS_GPADL_CREATED,
		.relid = relid,
		.gpadl = id,
		.status = status,
	};

	log_line("vmbus", "host: GPADL_CREATED channel %u, gpadl 0x%x, status 0x%x",
		 relid, id, status);
	vmbus_send_about(vmbus_channel_find(relid), &created, sizeof(created));
}

/* Takes in what a message carries; if that was the last, answers. */
static void feed(struct gpadl *gpadl, const void *data, size_t len)
{
	uint32_t relid = gpadl->channel_relid, id = gpadl->id;

	if (!gpadl_feed(gpadl, data, len))
		return;
	if (gpadl_parse(gpadl)) {
		rule_broken("gpadl-ranges",
			    "gpadl 0x%x: %u ranges in %zu bytes are not sound",
			    id, gpadl->range_count, gpadl->bytes_wanted);
		discard(gpadl);
		send_created(relid, id, VMBUS_STATUS_FAILED);
		return;
	}
	send_created(relid, id, VMBUS_STATUS_OK);
}

void vmbus_on_gpadl_header(const void *message, size_t len)
{
	const struct vmbus_gpadl_header *header = message;
	struct gpadl *gpadl;

	log_line("vmbus",
		 "guest: GPADL_HEADER channel %u, gpadl 0x%x, %u bytes of %u ranges",
		 header->relid, header->gpadl, header->range_bytes,
		 header->range_count);
	if (!vmbus_channel_find(header->relid)) {
		rule_broken("vmbus-relid-unknown", "GPADL_HEADER for channel %u",
			    header->relid);
		return;
	}
	if (find(header->relid, header->gpadl) || find_incomplete(header->gpadl)) {
		rule_broken("gpadl-id-in-use", "gpadl 0x%x is there already",
			    header->gpadl);
		return;
	}
	gpadl = gpadl_new(header->relid, header->gpadl, header->range_bytes,
			  header->range_count);
	if (!gpadl) {
		send_created(header->relid, header->gpadl, VMBUS_STATUS_FAILED);
		return;
	}
	gpadl->next = vmbus_server.gpadls;
	vmbus_server.gpadls = gpadl;
	feed(gpadl, header->data, len - sizeof(*header));
}

void vmbus_on_gpadl_body(const void *message, size_t len)
{
	const struct vmbus_gpadl_body *body = message;
	struct gpadl *gpadl = find_incomplete(body->gpadl);

	if (!gpadl) {
		rule_broken("gpadl-unknown", "GPADL_BODY for gpadl 0x%x",
			    body->gpadl);
		return;
	}
	feed(gpadl, body->data, len - sizeof(*body));
}

static void send_torndown(struct gpadl *gpadl)
{
	struct vmbus_gpadl_torndown torndown = {
		.header.type = VMBUS_GPADL_TORNDOWN,
		.gpadl = gpadl->id,
	};

	forget(gpadl);
	if (vmbus_server.version) {
		log_line("vmbus", "host: GPADL_TORNDOWN gpadl 0x%x", gpadl->id);
		vmbus_send_about(vmbus_channel_find(gpadl->channel_relid),
				 &torndown, sizeof(torndown));
	}
	gpadl_free(gpadl);
}

void vmbus_on_gpadl_teardown(const void *message, size_t len)
{
	const struct vmbus_gpadl_teardown *teardown = message;
	struct gpadl *gpadl = find(teardown->relid, teardown->gpadl);

	log_line("vmbus", "guest: GPADL_TEARDOWN channel %u, gpadl 0x%x",
		 teardown->relid, teardown->gpadl);
	if (!gpadl || !gpadl->complete || gpadl->teardown_pending) {
		rule_broken("gpadl-unknown",
			    "GPADL_TEARDOWN for channel %u, gpadl 0x%x",
			    teardown->relid, teardown->gpadl);
		return;
	}
	if (!gpadl->users) {
		send_torndown(gpadl);
		return;
	}
	/* The device may still touch it: the guest must wait. */
	log_line("vmbus", "gpadl 0x%x is in use: TORNDOWN will follow the close",
		 gpadl->id);
	gpadl->teardown_pending = true;
	gpadl->idle = send_torndown;
}
