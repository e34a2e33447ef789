// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a channel: offered, opened, serviced, closed, rescinded, released.
 *
 *	UNOFFERED --offer--> OFFERED <--close/open--> OPEN
 *	    ^                   |                       |
 *	    |                rescind                 rescind
 *	    +----release--- RESCINDED <-----------------+
 */
#include "vmbus_server.h"

#include <errno.h>
#include <string.h>

#include "guest_mem.h"
#include "json.h"
#include "log.h"
#include "synic.h"

/* Some guests miss interrupts that come before OPEN_RESULT: look once more. */
#define UNSTICK_DELAY_NS (100 * 1000000ull)

static void service(struct vmbus_channel *channel)
{
	if (channel->state != VMBUS_CHANNEL_OPEN || channel->dead ||
	    fault_silences(&channel->faults))
		return;
	channel->ops->service(channel);
	if (channel->from_guest.dead || channel->to_guest.dead) {
		log_line("vmbus", "channel %u is dead: corrupt ring",
			 channel->relid);
		channel->dead = true;
	}
}

static void on_service_task(void *ctx, uint32_t events)
{
	service(ctx);
}

/*
 * A guest should signal a ring that the host does not poll, when it put the
 * first packet there or made the space that the host waits for. Races make some
 * strays legal, so they are counted and no more.
 */
static void judge_signals(struct vmbus_channel *channel)
{
	uint64_t fresh = channel->signals_from_guest - channel->signals_seen;

	channel->signals_seen = channel->signals_from_guest;
	if (fresh > 1)
		channel->stray_signals.repeated += fresh - 1;
	if (channel->from_guest.masked)
		channel->stray_signals.masked++;
	else if (!ring_in_pending(&channel->from_guest) &&
		 !channel->to_guest.wanted)
		channel->stray_signals.empty++;
}

static void on_event(void *ctx, uint32_t events)
{
	struct vmbus_channel *channel = ctx;

	if (channel->state != VMBUS_CHANNEL_OPEN)
		return;
	judge_signals(channel);
	service(channel);
}

static void on_unstick_timer(void *ctx, uint32_t events)
{
	struct vmbus_channel *channel = ctx;

	if (channel->state != VMBUS_CHANNEL_OPEN || channel->dead)
		return;
	if (ring_out_unread(&channel->to_guest))
		vmbus_channel_signal(channel);
	if (ring_in_pending(&channel->from_guest))
		vmbus_channel_kick(channel);
}

void vmbus_channel_signal(struct vmbus_channel *channel)
{
	if (channel->state != VMBUS_CHANNEL_OPEN ||
	    channel->target_vp == VMBUS_VP_NONE)
		return;
	if (channel->meddler && !channel->meddler->signal(channel))
		return;
	channel->signals_to_guest++;
	synic_signal_event(channel->target_vp, SYNIC_SINT_VMBUS, channel->relid);
}

void vmbus_channel_kick(struct vmbus_channel *channel)
{
	if (channel->state == VMBUS_CHANNEL_OPEN)
		loop_task_queue(&channel->service_task);
}

void vmbus_channel_silence(struct vmbus_channel *channel, bool on)
{
	log_line("vmbus", "channel %u: silence %s", channel->relid,
		 on ? "on" : "off");
	channel->faults.silence = on;
	vmbus_channel_kick(channel);
}

/* The guest's channel of that rel-id, or NULL if it was offered none. */
struct vmbus_channel *vmbus_channel_find(uint32_t relid)
{
	struct vmbus_channel *channel;

	for (channel = vmbus_server.channels; channel; channel = channel->next)
		if (channel->relid == relid &&
		    channel->state != VMBUS_CHANNEL_UNOFFERED)
			return channel;
	return NULL;
}

bool vmbus_channels_meddled(void)
{
	const struct vmbus_channel *channel;

	for (channel = vmbus_server.channels; channel; channel = channel->next)
		if (channel->meddler)
			return true;
	return false;
}

static struct vmbus_channel *find_for(const char *message, uint32_t relid)
{
	struct vmbus_channel *channel = vmbus_channel_find(relid);

	log_line("vmbus", "guest: %s channel %u", message, relid);
	if (!channel)
		rule_broken("vmbus-relid-unknown", "%s for channel %u", message,
			    relid);
	return channel;
}

/* Lowest free rel-id, or the next one that is; 0 if there is none. */
static uint32_t free_relid(void)
{
	uint32_t i, relid = vmbus_server.fresh_relids ?
			    vmbus_server.last_relid : 0;
	uint8_t used[VMBUS_RELID_MAX + 1] = { 0 };
	struct vmbus_channel *channel;

	for (channel = vmbus_server.channels; channel; channel = channel->next)
		used[channel->relid] = 1;
	for (i = 0; i < VMBUS_RELID_MAX; i++) {
		relid = relid % VMBUS_RELID_MAX + 1;
		if (used[relid])
			continue;
		vmbus_server.last_relid = relid;
		return relid;
	}
	return 0;
}

static int offer(struct vmbus_channel *channel)
{
	struct vmbus_offer message = {
		.header.type = VMBUS_OFFER_CHANNEL,
		.interface_id = channel->interface_id,
		.instance_id = channel->instance_id,
		.subchannel_index = channel->subchannel_index,
		.monitor_id = 0xff,
		.is_dedicated = 1,
	};
	char instance[GUID_TEXT_SIZE];

	if (!channel->relid)
		channel->relid = free_relid();
	if (!channel->relid)
		return -ENOSPC;
	channel->connection_id = VMBUS_EVENT_CONNECTION | channel->relid;
	channel->state = VMBUS_CHANNEL_OFFERED;
	channel->close_owed = false;
	message.relid = channel->relid;
	message.connection_id = channel->connection_id;
	log_line("vmbus",
		 "host: OFFER_CHANNEL channel %u, instance %s, index %u, connection 0x%x",
		 channel->relid, guid_format(&channel->instance_id, instance),
		 channel->subchannel_index, channel->connection_id);
	vmbus_send_about(channel, &message, sizeof(message));
	return 0;
}

static int offer_if_due(struct vmbus_channel *channel)
{
	if (!vmbus_server.offers_requested || !channel->wanted ||
	    channel->state != VMBUS_CHANNEL_UNOFFERED)
		return 0;
	return offer(channel);
}

void vmbus_channels_offer(void)
{
	struct vmbus_channel *channel;

	for (channel = vmbus_server.channels; channel; channel = channel->next)
		if (offer_if_due(channel))
			log_line("vmbus", "no rel-id is left for a channel");
}

static bool sorts_before(const struct vmbus_channel *a,
			 const struct vmbus_channel *b)
{
	int order = guid_compare(&a->interface_id, &b->interface_id);

	if (!order)
		order = guid_compare(&a->instance_id, &b->instance_id);
	return order ? order < 0 : a->subchannel_index < b->subchannel_index;
}

static void make_known(struct vmbus_channel *channel)
{
	struct vmbus_channel **at = &vmbus_server.channels;

	channel->service_task = (struct loop_task){
		.fn = on_service_task, .ctx = channel,
	};
	channel->unstick_timer = (struct loop_timer){
		.fn = on_unstick_timer, .ctx = channel,
	};
	while (*at && !sorts_before(channel, *at))
		at = &(*at)->next;
	channel->next = *at;
	*at = channel;
	channel->known = true;
}

int vmbus_channel_add(struct vmbus_channel *channel)
{
	if (!channel->known)
		make_known(channel);
	else if (channel->state == VMBUS_CHANNEL_OFFERED ||
		 channel->state == VMBUS_CHANNEL_OPEN)
		return -EBUSY;
	channel->wanted = true;
	return offer_if_due(channel);
}

void vmbus_channel_remove(struct vmbus_channel *channel)
{
	struct vmbus_channel **at = &vmbus_server.channels;

	if (channel->state != VMBUS_CHANNEL_UNOFFERED) {
		log_line("vmbus", "channel %u is offered and stays",
			 channel->relid);
		return;
	}
	while (*at && *at != channel)
		at = &(*at)->next;
	if (*at)
		*at = channel->next;
	channel->known = false;
	channel->wanted = false;
	channel->relid = 0;
}

static bool same_device(const struct vmbus_channel *a,
			const struct vmbus_channel *b)
{
	return guid_equal(&a->interface_id, &b->interface_id) &&
	       guid_equal(&a->instance_id, &b->instance_id);
}

/* Adds what the rings counted since they were opened. */
static void count_traffic(struct vmbus_traffic *traffic,
			  const struct vmbus_channel *channel)
{
	traffic->packets_from_guest += channel->from_guest.packets;
	traffic->packets_to_guest += channel->to_guest.packets;
	traffic->batches_to_guest += channel->to_guest.batches;
	traffic->ring_full += channel->to_guest.wait_count;
}

/* Gives up the rings of an open channel; the guest is not told. */
static void close_rings(struct vmbus_channel *channel)
{
	synic_disconnect_event(channel->connection_id);
	loop_task_cancel(&channel->service_task);
	loop_timer_stop(&channel->unstick_timer);
	gpadl_unmap(&channel->ring_map);
	count_traffic(&channel->traffic, channel);
	memset(&channel->from_guest, 0, sizeof(channel->from_guest));
	memset(&channel->to_guest, 0, sizeof(channel->to_guest));
	channel->from_guest.dead = true;
	channel->to_guest.dead = true;
}

static void close_channel(struct vmbus_channel *channel)
{
	channel->ops->close(channel);
	channel->state = VMBUS_CHANNEL_OFFERED;
	close_rings(channel);
}

static void rescind_one(struct vmbus_channel *channel)
{
	struct vmbus_relid message = {
		.header.type = VMBUS_RESCIND_OFFER,
		.relid = channel->relid,
	};
	bool was_wanted = channel->wanted;

	channel->wanted = false;
	if (channel->state == VMBUS_CHANNEL_RESCINDED)
		return;
	if (channel->state == VMBUS_CHANNEL_UNOFFERED) {
		if (was_wanted && channel->ops->released)
			channel->ops->released(channel);
		return;
	}
	if (channel->state == VMBUS_CHANNEL_OPEN) {
		close_channel(channel);
		channel->close_owed = true;
	}
	channel->state = VMBUS_CHANNEL_RESCINDED;
	log_line("vmbus", "host: RESCIND_OFFER channel %u", channel->relid);
	vmbus_send_about(channel, &message, sizeof(message));
}

/* A subchannel of the device that is, or would be, offered. */
static struct vmbus_channel *live_subchannel(const struct vmbus_channel *primary)
{
	struct vmbus_channel *channel;

	for (channel = vmbus_server.channels; channel; channel = channel->next)
		if (channel->subchannel_index && same_device(channel, primary) &&
		    (channel->wanted ||
		     channel->state == VMBUS_CHANNEL_OFFERED ||
		     channel->state == VMBUS_CHANNEL_OPEN))
			return channel;
	return NULL;
}

/* A device may free a channel meanwhile, so each round looks from the start. */
static void rescind_subchannels(const struct vmbus_channel *primary)
{
	struct vmbus_channel *channel;

	while ((channel = live_subchannel(primary)))
		rescind_one(channel);
}

void vmbus_channel_rescind(struct vmbus_channel *channel)
{
	if (!channel->known)
		return;
	if (!channel->subchannel_index)
		rescind_subchannels(channel);
	rescind_one(channel);
}

/* Maps the ring GPADL and sets up both rings; 0, or the flaw's -errno. */
static int map_rings(struct vmbus_channel *channel,
		     const struct vmbus_open *request)
{
	struct gpadl *gpadl = vmbus_gpadl_find(channel, request->ring_gpadl);
	struct gpadl_map *map = &channel->ring_map;
	uint32_t split = request->downstream_page;
	size_t pages;
	int err;

	if (!gpadl)
		return -ENOENT;
	err = gpadl_map(gpadl, map);
	if (err)
		return err;
	pages = map->length / HV_PAGE_SIZE;
	if (split >= pages)
		err = -EINVAL;
	if (!err)
		err = ring_in_init(&channel->from_guest, map->pages, split);
	if (!err)
		err = ring_out_init(&channel->to_guest, map->pages + split,
				    pages - split);
	if (err)
		gpadl_unmap(map);
	return err;
}

/* Everything that may fail; then the channel is open. 0 or -errno. */
static int open_channel(struct vmbus_channel *channel,
			const struct vmbus_open *request)
{
	int err;

	if (request->target_vp != VMBUS_VP_NONE &&
	    request->target_vp >= synic_vp_count()) {
		rule_broken("vmbus-target-vp", "OPEN_CHANNEL to processor %u of %u",
			    request->target_vp, synic_vp_count());
		return -EINVAL;
	}
	err = map_rings(channel, request);
	if (err) {
		rule_broken("vmbus-open-ring",
			    "gpadl 0x%x, split at page %u, is no pair of rings: %s",
			    request->ring_gpadl, request->downstream_page,
			    strerror(-err));
		return err;
	}
	channel->target_vp = request->target_vp;
	channel->dead = false;
	channel->signals_seen = channel->signals_from_guest;
	channel->state = VMBUS_CHANNEL_OPEN;
	err = synic_connect_event(channel->connection_id, on_event, channel,
				  &channel->signals_from_guest);
	if (!err)
		err = channel->ops->open(channel);
	if (err) {
		channel->state = VMBUS_CHANNEL_OFFERED;
		close_rings(channel);
	}
	return err;
}

void vmbus_on_open(const void *message, size_t len)
{
	const struct vmbus_open *request = message;
	struct vmbus_open_result result = {
		.header.type = VMBUS_OPEN_RESULT,
		.relid = request->relid,
		.open_id = request->open_id,
	};
	struct vmbus_channel *channel;

	channel = find_for("OPEN_CHANNEL", request->relid);
	if (!channel || channel->state == VMBUS_CHANNEL_RESCINDED)
		return;
	if (channel->state == VMBUS_CHANNEL_OPEN) {
		rule_broken("vmbus-open-twice", "channel %u is open",
			    request->relid);
		return;
	}
	if (open_channel(channel, request))
		result.status = VMBUS_STATUS_FAILED;
	log_line("vmbus",
		 "host: OPEN_RESULT channel %u, ring gpadl 0x%x, split %u, vp %d, status 0x%x",
		 request->relid, request->ring_gpadl, request->downstream_page,
		 (int)request->target_vp, result.status);
	vmbus_send_about(channel, &result, sizeof(result));
	if (result.status)
		return;
	channel->opens++;
	vmbus_channel_kick(channel);
	loop_timer_start(&channel->unstick_timer, UNSTICK_DELAY_NS);
}

void vmbus_on_close(const void *message, size_t len)
{
	const struct vmbus_relid *request = message;
	struct vmbus_channel *channel;

	channel = find_for("CLOSE_CHANNEL", request->relid);
	if (!channel)
		return;
	if (channel->state == VMBUS_CHANNEL_RESCINDED && channel->close_owed) {
		channel->close_owed = false;
		return;
	}
	if (channel->state != VMBUS_CHANNEL_OPEN) {
		rule_broken("vmbus-close-closed", "channel %u is not open",
			    request->relid);
		return;
	}
	close_channel(channel);
	if (!channel->subchannel_index)
		rescind_subchannels(channel);
}

void vmbus_on_relid_released(const void *message, size_t len)
{
	const struct vmbus_relid *request = message;
	struct vmbus_channel *channel;
	bool again;

	channel = find_for("RELID_RELEASED", request->relid);
	if (!channel)
		return;
	if (channel->state == VMBUS_CHANNEL_OPEN) {
		rule_broken("vmbus-release-open", "channel %u is open",
			    request->relid);
		return;
	}
	/* One that gives back a good offer does not want to see it again. */
	again = channel->wanted && channel->state == VMBUS_CHANNEL_RESCINDED;
	channel->state = VMBUS_CHANNEL_UNOFFERED;
	vmbus_gpadls_drop(request->relid);
	if (channel->ops->released)
		channel->ops->released(channel);
	if (again)
		offer_if_due(channel);
}

void vmbus_on_modify(const void *message, size_t len)
{
	const struct vmbus_modify *request = message;
	struct vmbus_modify_response response = {
		.header.type = VMBUS_MODIFY_CHANNEL_RESPONSE,
		.relid = request->relid,
	};
	struct vmbus_channel *channel;

	channel = find_for("MODIFY_CHANNEL", request->relid);
	if (!channel)
		return;
	if (channel->state == VMBUS_CHANNEL_RESCINDED) {
		response.status = VMBUS_STATUS_FAILED;	/* it could not know yet */
	} else if (channel->state != VMBUS_CHANNEL_OPEN ||
		   request->target_vp >= synic_vp_count()) {
		rule_broken("vmbus-modify", "channel %u, to processor %u of %u, %s",
			    request->relid, request->target_vp, synic_vp_count(),
			    channel->state == VMBUS_CHANNEL_OPEN ? "open" : "closed");
		response.status = VMBUS_STATUS_FAILED;
	} else {
		channel->target_vp = request->target_vp;
	}
	if (vmbus_server.version < VMBUS_VERSION_5_3)
		return;
	log_line("vmbus", "host: MODIFY_CHANNEL_RESPONSE channel %u, vp %u, status 0x%x",
		 request->relid, request->target_vp, response.status);
	vmbus_send_about(channel, &response, sizeof(response));
}

static void reset_one(struct vmbus_channel *channel)
{
	if (channel->state == VMBUS_CHANNEL_OPEN)
		close_channel(channel);
}

/* One whose device must hear that it was released, or NULL. */
static struct vmbus_channel *next_to_release(void)
{
	struct vmbus_channel *channel;

	for (channel = vmbus_server.channels; channel; channel = channel->next)
		if (channel->state == VMBUS_CHANNEL_RESCINDED ||
		    (channel->subchannel_index &&
		     channel->state == VMBUS_CHANNEL_OFFERED))
			return channel;
	return NULL;
}

void vmbus_channels_reset(void)
{
	struct vmbus_channel *channel;

	/* Subchannels lean on their primary, so they go first. */
	for (channel = vmbus_server.channels; channel; channel = channel->next)
		if (channel->subchannel_index)
			reset_one(channel);
	for (channel = vmbus_server.channels; channel; channel = channel->next)
		reset_one(channel);
	while ((channel = next_to_release())) {
		if (channel->subchannel_index)
			channel->wanted = false;
		channel->state = VMBUS_CHANNEL_UNOFFERED;
		if (channel->ops->released)
			channel->ops->released(channel);
	}
	for (channel = vmbus_server.channels; channel; channel = channel->next) {
		channel->state = VMBUS_CHANNEL_UNOFFERED;
		channel->relid = 0;
	}
}

static void write_channel(FILE *out, const struct vmbus_channel *channel)
{
	static const char *const states[] = {
		[VMBUS_CHANNEL_UNOFFERED] = "unoffered",
		[VMBUS_CHANNEL_OFFERED] = "offered",
		[VMBUS_CHANNEL_OPEN] = "open",
		[VMBUS_CHANNEL_RESCINDED] = "rescinded",
	};
	struct vmbus_traffic traffic = channel->traffic;
	char instance[GUID_TEXT_SIZE];

	count_traffic(&traffic, channel);
	fprintf(out, "{\"instance\": \"%s\", \"state\": \"%s\"",
		guid_format(&channel->instance_id, instance),
		states[channel->state]);
	json_count(out, "relid", channel->relid);
	json_count(out, "index", channel->subchannel_index);
	json_count(out, "opens", channel->opens);
	json_count(out, "target_vp", channel->target_vp);
	json_count(out, "signals_from_guest", channel->signals_from_guest);
	json_count(out, "signals_to_guest", channel->signals_to_guest);
	json_count(out, "signals_masked", channel->stray_signals.masked);
	json_count(out, "signals_empty", channel->stray_signals.empty);
	json_count(out, "signals_repeated", channel->stray_signals.repeated);
	json_count(out, "packets_from_guest", traffic.packets_from_guest);
	json_count(out, "packets_to_guest", traffic.packets_to_guest);
	json_count(out, "batches_to_guest", traffic.batches_to_guest);
	json_count(out, "ring_full", traffic.ring_full);
	fputs("}", out);
}

void vmbus_channels_counters(FILE *out)
{
	const struct vmbus_channel *channel;

	fputs("[", out);
	for (channel = vmbus_server.channels; channel; channel = channel->next) {
		fputs(channel == vmbus_server.channels ? "" : ", ", out);
		write_channel(out, channel);
	}
	fputs("]", out);
}
