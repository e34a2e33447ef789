// SPDX-License-Identifier: GPL-2.0
/*
 * The VMBus server: the connection as a whole. A guest posts messages by a
 * hypercall and gets messages in its SynIC message slot. It first agrees on a
 * version, then asks for offers; each offered channel is then opened and closed
 * on its own (vmbus_channel.c), with memory shared by GPADLs (vmbus_gpadl.c).
 */
#include "vmbus.h"

#include <string.h>

#include "counters.h"
#include "log.h"
#include "synic.h"
#include "vmbus_server.h"

struct vmbus_server vmbus_server;

static const uint32_t known_versions[] = {
	VMBUS_VERSION_4_0, VMBUS_VERSION_4_1, VMBUS_VERSION_5_0,
	VMBUS_VERSION_5_1, VMBUS_VERSION_5_2, VMBUS_VERSION_5_3,
	VMBUS_VERSION_6_0,
};

static bool version_supported(uint32_t version)
{
	size_t i;

	for (i = 0; i < sizeof(known_versions) / sizeof(known_versions[0]); i++)
		if (known_versions[i] == version)
			return version <= vmbus_server.max_version;
	return false;
}

void vmbus_send(const void *message, size_t len)
{
	const struct vmbus_header *header = message;

	vmbus_server.sent[header->type]++;
	synic_post_message(vmbus_server.message_vp, SYNIC_SINT_VMBUS,
			   VMBUS_MESSAGE_TYPE, message, len);
}

void vmbus_send_about(struct vmbus_channel *channel, const void *message,
		      size_t len)
{
	uint64_t changed[SYNIC_MESSAGE_MAX / sizeof(uint64_t)];
	const struct vmbus_header *header = message;
	unsigned int count;

	if (!channel || !channel->meddler) {
		vmbus_send(message, len);
		return;
	}
	memcpy(changed, message, len);
	count = channel->meddler->message(channel, changed, len);
	while (count--) {
		vmbus_server.sent[header->type]++;
		synic_post_message(vmbus_server.message_vp, SYNIC_SINT_VMBUS,
				   VMBUS_MESSAGE_TYPE, changed, len);
	}
}

/* The guest left, or begins anew: nothing of the old connection stays. */
static void disconnect(void)
{
	vmbus_server.version = 0;
	vmbus_server.offers_requested = false;
	vmbus_channels_reset();
	vmbus_gpadls_drop(0);
	synic_drop_messages();
}

static void send_version_response(uint32_t version, bool supported,
				  enum vmbus_contact_state state)
{
	struct vmbus_version_response response = {
		.header.type = VMBUS_VERSION_RESPONSE,
		.supported = supported,
		.state = (uint8_t)state,
	};
	size_t len = VMBUS_VERSION_RESPONSE_SHORT;

	/* From 5.0 on the word tells the guest where to post from now on. */
	if (supported)
		response.selected = version >= VMBUS_VERSION_5_0 ?
				    VMBUS_CONNECTION_LEGACY : version;
	if (supported && version >= VMBUS_VERSION_6_0)
		len = sizeof(response);
	log_line("vmbus", "host: VERSION_RESPONSE %s, state %u, selected 0x%x",
		 supported ? "supported" : "not supported", state,
		 response.selected);
	vmbus_send(&response, len);
}

static void on_initiate_contact(const void *message, size_t len)
{
	const struct vmbus_contact *contact = message;
	enum vmbus_contact_state state = VMBUS_CONTACT_OK;
	bool supported = version_supported(contact->version);

	log_line("vmbus", "guest: INITIATE_CONTACT version %u.%u, vp %u",
		 contact->version >> 16, contact->version & 0xffff,
		 contact->target_vp);
	if (vmbus_server.version)
		log_line("vmbus", "the former connection ends by it");
	disconnect();
	vmbus_server.contacts++;
	vmbus_server.message_vp = contact->target_vp;
	if (contact->target_vp >= synic_vp_count()) {
		rule_broken("vmbus-target-vp", "messages to processor %u of %u",
			    contact->target_vp, synic_vp_count());
		vmbus_server.message_vp = 0;
		state = VMBUS_CONTACT_FAILED;
	}
	if (!contact->parent_to_child_monitor !=
	    !contact->child_to_parent_monitor) {
		rule_broken("vmbus-monitor-pages", "one monitor page, not two");
		state = VMBUS_CONTACT_FAILED;
	}
	if (supported && state == VMBUS_CONTACT_OK)
		vmbus_server.version = contact->version;
	send_version_response(contact->version, supported, state);
}

static void on_request_offers(const void *message, size_t len)
{
	struct vmbus_header done = { .type = VMBUS_ALL_OFFERS_DELIVERED };

	log_line("vmbus", "guest: REQUEST_OFFERS");
	if (vmbus_server.offers_requested) {
		rule_broken("vmbus-offers-twice",
			    "REQUEST_OFFERS twice in one connection");
		return;
	}
	vmbus_server.offers_requested = true;
	vmbus_channels_offer();
	log_line("vmbus", "host: ALL_OFFERS_DELIVERED");
	vmbus_send(&done, sizeof(done));
}

static void on_unload(const void *message, size_t len)
{
	struct vmbus_header done = { .type = VMBUS_UNLOAD_COMPLETE };

	log_line("vmbus", "guest: UNLOAD");
	disconnect();
	log_line("vmbus", "host: UNLOAD_COMPLETE");
	vmbus_send(&done, sizeof(done));
}

/* Sockets between guest and host: such a request finds nobody. */
static void on_tl_connect(const void *message, size_t len)
{
	log_line("vmbus", "guest: TL_CONNECT, ignored");
}

struct message_rule {
	const char *name;
	size_t size;			/* at least */
	uint32_t version;		/* at least */
	void (*handle)(const void *message, size_t len);
};

static const struct message_rule message_rules[VMBUS_MESSAGE_COUNT] = {
	[VMBUS_REQUEST_OFFERS] = {
		"REQUEST_OFFERS", sizeof(struct vmbus_header), 0,
		on_request_offers },
	[VMBUS_OPEN_CHANNEL] = {
		"OPEN_CHANNEL", sizeof(struct vmbus_open), 0, vmbus_on_open },
	[VMBUS_CLOSE_CHANNEL] = {
		"CLOSE_CHANNEL", sizeof(struct vmbus_relid), 0,
		vmbus_on_close },
	[VMBUS_GPADL_HEADER] = {
		"GPADL_HEADER", sizeof(struct vmbus_gpadl_header), 0,
		vmbus_on_gpadl_header },
	[VMBUS_GPADL_BODY] = {
		"GPADL_BODY", sizeof(struct vmbus_gpadl_body), 0,
		vmbus_on_gpadl_body },
	[VMBUS_GPADL_TEARDOWN] = {
		"GPADL_TEARDOWN", sizeof(struct vmbus_gpadl_teardown), 0,
		vmbus_on_gpadl_teardown },
	[VMBUS_RELID_RELEASED] = {
		"RELID_RELEASED", sizeof(struct vmbus_relid), 0,
		vmbus_on_relid_released },
	[VMBUS_INITIATE_CONTACT] = {
		"INITIATE_CONTACT", sizeof(struct vmbus_contact), 0,
		on_initiate_contact },
	[VMBUS_UNLOAD] = {
		"UNLOAD", sizeof(struct vmbus_header), 0, on_unload },
	[VMBUS_TL_CONNECT] = {
		"TL_CONNECT", sizeof(struct vmbus_header), 0, on_tl_connect },
	[VMBUS_MODIFY_CHANNEL] = {
		"MODIFY_CHANNEL", sizeof(struct vmbus_modify),
		VMBUS_VERSION_4_1, vmbus_on_modify },
};

static void dispatch(const struct vmbus_header *message, size_t len)
{
	const struct message_rule *rule = NULL;

	if (message->type < VMBUS_MESSAGE_COUNT)
		rule = &message_rules[message->type];
	if (!rule || !rule->handle) {
		rule_broken("vmbus-message-unknown", "message type %u",
			    message->type);
		return;
	}
	vmbus_server.received[message->type]++;
	if (len < rule->size) {
		rule_broken("vmbus-message-short", "%s of %zu bytes, not %zu",
			    rule->name, len, rule->size);
		return;
	}
	if (!vmbus_server.version && message->type != VMBUS_INITIATE_CONTACT) {
		/* A guest that unloads in a hurry may still say goodbye. */
		log_line("vmbus", "guest: %s without a connection: dropped",
			 rule->name);
		return;
	}
	if (vmbus_server.version < rule->version) {
		rule_broken("vmbus-message-unknown", "%s at version %u.%u",
			    rule->name, vmbus_server.version >> 16,
			    vmbus_server.version & 0xffff);
		return;
	}
	rule->handle(message, len);
}

enum hv_status vmbus_post(uint32_t connection_id, uint32_t type,
			  const void *payload, size_t len)
{
	/* Aligned, and behind its end zeros. */
	uint64_t message[SYNIC_MESSAGE_MAX / sizeof(uint64_t)] = { 0 };

	if (connection_id != VMBUS_CONNECTION_LEGACY &&
	    connection_id != VMBUS_CONNECTION_MULTI)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (len > SYNIC_MESSAGE_MAX)
		return HV_STATUS_INVALID_PARAMETER;
	if (type != VMBUS_MESSAGE_TYPE || len < sizeof(struct vmbus_header)) {
		rule_broken("vmbus-message-short",
			    "hypervisor message of type %u, %zu bytes", type, len);
		return HV_STATUS_SUCCESS;
	}
	memcpy(message, payload, len);
	/* Who is lied to about one channel may talk nonsense about it. */
	rules_excuse(vmbus_channels_meddled());
	dispatch((const struct vmbus_header *)message, len);
	rules_excuse(false);
	return HV_STATUS_SUCCESS;
}

static void write_message_counts(FILE *out, const char *name,
				 const uint64_t *counts)
{
	const char *separator = "";
	unsigned int i;

	fprintf(out, "\"%s\": {", name);
	for (i = 0; i < VMBUS_MESSAGE_COUNT; i++) {
		if (!counts[i])
			continue;
		fprintf(out, "%s\"%u\": %" PRIu64, separator, i, counts[i]);
		separator = ", ";
	}
	fputs("}", out);
}

static void write_counters(FILE *out)
{
	fprintf(out, "{\"version\": \"%u.%u\", \"contacts\": %" PRIu64 ", ",
		vmbus_server.version >> 16, vmbus_server.version & 0xffff,
		vmbus_server.contacts);
	write_message_counts(out, "messages_from_guest", vmbus_server.received);
	fputs(", ", out);
	write_message_counts(out, "messages_to_guest", vmbus_server.sent);
	fputs(", \"channels\": ", out);
	vmbus_channels_counters(out);
	fputs("}", out);
}

void vmbus_reset(void)
{
	if (vmbus_server.version)
		log_line("vmbus", "the connection ends with the guest's reset");
	disconnect();
}

void vmbus_init(const struct vmbus_config *config)
{
	memset(&vmbus_server, 0, sizeof(vmbus_server));
	vmbus_server.max_version = config->max_version;
	vmbus_server.fresh_relids = config->fresh_relids;
	counters_register("vmbus", write_counters);
}
