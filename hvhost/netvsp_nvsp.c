// SPDX-License-Identifier: GPL-2.0
/*
 * NVSP. On the primary channel the guest first says INIT with one version; when
 * that is agreed it may configure the NIC and hand over its receive and send
 * buffer, each once. From then on messages carry RNDIS.
 */
#include "netvsp_nic.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "log.h"
#include "rndis.h"

#define nvsp_log(channel, fmt, ...) \
	log_line("nvsp", "nic %u channel %u: " fmt, (channel)->nic->index, \
		 (channel)->index, ##__VA_ARGS__)

uint32_t nvsp_message_bytes(const struct netvsp_nic *nic)
{
	return nic->session.version >= NVSP_V61 ? NVSP_MESSAGE_BYTES_V61 :
						  NVSP_MESSAGE_BYTES;
}

static bool write_completion(struct netvsp_channel *channel,
			     struct owed_completion *owed)
{
	int err = ring_out_write(&channel->vmbus.to_guest,
				 RING_PACKET_COMPLETION, 0,
				 owed->transaction_id, NULL, 0, owed->payload,
				 owed->len);

	owed->owed = err == -EAGAIN;
	return !owed->owed;
}

/*
 * Completes the packet being handled. The payload is padded to the size that
 * the version demands; without one the completion is empty.
 */
static void complete(struct netvsp_channel *channel, const void *payload,
		     uint32_t len, uint32_t padded)
{
	struct owed_completion *owed = &channel->owed;

	owed->transaction_id = channel->nic->packet.transaction_id;
	owed->len = padded;
	memset(owed->payload, 0, sizeof(owed->payload));
	if (len)
		memcpy(owed->payload, payload, len);
	if (!write_completion(channel, owed))
		channel->counters.ring_full++;
}

static void reply(struct netvsp_channel *channel, const void *payload,
		  uint32_t len)
{
	complete(channel, payload, len, nvsp_message_bytes(channel->nic));
}

static void reply_empty(struct netvsp_channel *channel)
{
	if (channel->nic->packet.flags & RING_FLAG_COMPLETION_REQUESTED)
		complete(channel, NULL, 0, 0);
}

/* Unsolicited messages of the host, once there is space for them. */
static bool send_table(struct netvsp_channel *primary)
{
	struct nvsp_session *session = &primary->nic->session;
	struct nvsp_indirection_table message = {
		.type = NVSP_INDIRECTION_TABLE,
		.count = NVSP_TABLE_ENTRIES,
		.offset = offsetof(struct nvsp_indirection_table, entries),
	};
	int err;

	memcpy(message.entries, session->table, sizeof(message.entries));
	err = ring_out_write(&primary->vmbus.to_guest, RING_PACKET_INBAND, 0, 0,
			     NULL, 0, &message, sizeof(message));
	if (err == -EAGAIN)
		return false;
	session->table_due = false;
	nvsp_log(primary, "host: SEND_INDIRECTION_TABLE %u %u %u %u ...",
		 message.entries[0], message.entries[1], message.entries[2],
		 message.entries[3]);
	return true;
}

static bool send_data_path(struct netvsp_channel *primary)
{
	const struct nvsp_switch_data_path message = {
		.type = NVSP_SWITCH_DATA_PATH,
		.active = NVSP_DATA_PATH_SYNTHETIC,
	};
	int err;

	err = ring_out_write(&primary->vmbus.to_guest, RING_PACKET_INBAND,
			     RING_FLAG_COMPLETION_REQUESTED,
			     NVSP_TRANSACTION_DATA_PATH, NULL, 0, &message,
			     sizeof(message));
	if (err == -EAGAIN)
		return false;
	primary->nic->session.data_path_due = false;
	nvsp_log(primary, "host: SWITCH_DATA_PATH synthetic");
	return true;
}

/* A completion that comes after all those which are withheld. */
static void complete_data(struct netvsp_channel *channel, uint32_t status)
{
	const struct nvsp_rndis_complete answer = {
		.type = NVSP_RNDIS_COMPLETE,
		.status = status,
	};

	if (!fault_withholds(&channel->nic->faults, WITHHOLD_COMPLETIONS)) {
		channel->counters.tx_completions++;
		reply(channel, &answer, sizeof(answer));
		return;
	}
	withheld_put(&channel->withheld, channel->nic->packet.transaction_id,
		     status);
}

/* Writes what was withheld, or sees to it that there is room for one more. */
static bool settle_withheld(struct netvsp_channel *channel)
{
	const struct withheld_completion *first;
	struct nvsp_rndis_complete answer = { .type = NVSP_RNDIS_COMPLETE };
	int err;

	if (fault_withholds(&channel->nic->faults, WITHHOLD_COMPLETIONS))
		return withheld_reserve(&channel->withheld);
	while ((first = withheld_first(&channel->withheld))) {
		uint8_t payload[NVSP_MESSAGE_BYTES_V61] = { 0 };

		answer.status = first->status;
		memcpy(payload, &answer, sizeof(answer));
		err = ring_out_write(&channel->vmbus.to_guest,
				     RING_PACKET_COMPLETION, 0,
				     first->transaction_id, NULL, 0, payload,
				     nvsp_message_bytes(channel->nic));
		if (err == -EAGAIN)
			return false;
		channel->counters.tx_completions++;
		withheld_drop(&channel->withheld);
	}
	return true;
}

bool nvsp_blocked(const struct netvsp_channel *channel)
{
	if (channel->owed.owed)
		return true;
	if (fault_withholds(&channel->nic->faults, WITHHOLD_COMPLETIONS))
		return channel->withheld.count == WITHHELD_MAX;
	return channel->withheld.count;
}

bool nvsp_settle(struct netvsp_channel *channel)
{
	struct nvsp_session *session = &channel->nic->session;

	if (channel->owed.owed && !write_completion(channel, &channel->owed))
		return false;
	if (!settle_withheld(channel))
		return false;
	if (channel->index)
		return true;
	if (!netvsp_vf_settle(channel))
		return false;
	if (session->table_due && !send_table(channel))
		return false;
	if (session->data_path_due && !send_data_path(channel))
		return false;
	return netvsp_vf_settle_association(channel);
}

void nvsp_session_end(struct netvsp_nic *nic)
{
	struct nvsp_session *session = &nic->session;

	gpadl_unmap(&session->receive_buffer);
	gpadl_unmap(&session->send_buffer);
	rx_slots_destroy(&session->slots);
	memset(session, 0, sizeof(*session));
}

static void out_of_order(struct netvsp_channel *channel, const char *what)
{
	netvsp_fatal(channel, "nvsp-order", "%s", what);
}

/* Everything is there: from here on RNDIS flows. */
static void become_ready(struct netvsp_channel *primary)
{
	struct nvsp_session *session = &primary->nic->session;

	session->ready = true;
	nvsp_log(primary, "ready: version 0x%x, %u receive slots of %u bytes",
		 session->version, session->slots.count, session->slot_size);
}

static bool has_essentials(const struct nvsp_session *session)
{
	return session->have_ndis_version && session->receive_buffer.gpadl &&
	       (session->have_config || session->version < NVSP_V2);
}

static void check_ready(struct netvsp_channel *primary)
{
	struct nvsp_session *session = &primary->nic->session;

	if (has_essentials(session) && session->send_buffer.gpadl)
		become_ready(primary);
}

static bool version_known(uint32_t version)
{
	switch (version) {
	case NVSP_V1:
	case NVSP_V2:
	case NVSP_V4:
	case NVSP_V5:
	case NVSP_V6:
	case NVSP_V61:
		return true;
	}
	return false;
}

static void on_init(struct netvsp_channel *channel, const void *payload)
{
	struct nvsp_session *session = &channel->nic->session;
	struct nvsp_init_complete answer = {
		.type = NVSP_INIT_COMPLETE,
		.deprecated = UINT32_MAX,
		.max_mdl_chain = NVSP_MAX_MDL_CHAIN,
		.status = NVSP_STATUS_NONE,
	};
	struct nvsp_init init;

	memcpy(&init, payload, sizeof(init));
	nvsp_log(channel, "guest: INIT version 0x%x", init.version);
	if (session->version) {
		out_of_order(channel, "INIT after a version was agreed on");
		return;
	}
	if (version_known(init.version) &&
	    init.version <= channel->nic->options.nvsp_version) {
		answer.status = NVSP_STATUS_SUCCESS;
		if (init.version == NVSP_V1)
			answer.deprecated = 2;
	}
	/* The answer to INIT has the short form, whatever was agreed on. */
	complete(channel, &answer, sizeof(answer), NVSP_MESSAGE_BYTES);
	if (answer.status == NVSP_STATUS_SUCCESS)
		session->version = init.version;
	nvsp_log(channel, "host: INIT_COMPLETE status %u", answer.status);
}

static void on_ndis_version(struct netvsp_channel *channel,
			    const void *payload)
{
	struct nvsp_session *session = &channel->nic->session;
	struct nvsp_ndis_version message;

	memcpy(&message, payload, sizeof(message));
	nvsp_log(channel, "guest: SEND_NDIS_VERSION %u.%u", message.major,
		 message.minor);
	if (session->have_ndis_version || session->ready) {
		out_of_order(channel, "SEND_NDIS_VERSION out of order");
		return;
	}
	session->have_ndis_version = true;
	channel->nic->oid.ndis_version =
		NDIS_VERSION(message.major, message.minor & 0xffff);
	reply_empty(channel);
	check_ready(channel);
}

static void on_ndis_config(struct netvsp_channel *channel, const void *payload)
{
	struct netvsp_nic *nic = channel->nic;
	struct nvsp_session *session = &nic->session;
	struct nvsp_ndis_config message;

	memcpy(&message, payload, sizeof(message));
	nvsp_log(channel, "guest: SEND_NDIS_CONFIG mtu %u, caps 0x%" PRIx64,
		 message.mtu, message.caps);
	if (session->have_config || session->ready ||
	    session->receive_buffer.gpadl) {
		out_of_order(channel, "SEND_NDIS_CONFIG out of order");
		return;
	}
	session->have_config = true;
	session->caps = message.caps;
	if (message.mtu >= NETVSP_FRAME_MIN &&
	    message.mtu <= nic->options.frame_max)
		nic->oid.frame_max = message.mtu;
	reply_empty(channel);
	check_ready(channel);
}

/* Maps the buffer that a message names; 0, or the channel is dead. */
static int map_buffer(struct netvsp_channel *channel, const char *name,
		      const struct nvsp_buffer *message, struct gpadl_map *map)
{
	struct gpadl *gpadl = vmbus_gpadl_find(&channel->vmbus, message->gpadl);
	int err = gpadl ? gpadl_map(gpadl, map) : -ENOENT;

	nvsp_log(channel, "guest: %s gpadl 0x%x, id 0x%x, %zu bytes", name,
		 message->gpadl, message->id, err ? 0 : map->length);
	if (err)
		netvsp_fatal(channel, "nvsp-buffer",
			     "%s: gpadl 0x%x is no buffer: %s", name,
			     message->gpadl, strerror(-err));
	return err;
}

static void on_receive_buffer(struct netvsp_channel *channel,
			      const void *payload)
{
	struct netvsp_nic *nic = channel->nic;
	struct nvsp_session *session = &nic->session;
	struct nvsp_receive_buffer_complete answer = {
		.type = NVSP_RECEIVE_BUFFER_COMPLETE,
		.status = NVSP_STATUS_SUCCESS,
		.sections = 1,
	};
	struct nvsp_buffer message;

	memcpy(&message, payload, sizeof(message));
	if (session->receive_buffer.gpadl || session->ready ||
	    (session->version >= NVSP_V2 && !session->have_config)) {
		out_of_order(channel, "SEND_RECEIVE_BUFFER out of order");
		return;
	}
	if (map_buffer(channel, "SEND_RECEIVE_BUFFER", &message,
		       &session->receive_buffer))
		return;
	session->receive_buffer_id = message.id;
	session->slot_size = RNDIS_RX_DATA_OFFSET + nic->oid.frame_max +
			     RNDIS_RX_FOOTER;
	answer.slot_size = session->slot_size;
	answer.slots = session->receive_buffer.length / session->slot_size;
	answer.end = answer.slots * answer.slot_size;
	if (rx_slots_init(&session->slots, answer.slots,
			  nic->options.rx_slots)) {
		netvsp_fatal(channel, "nvsp-receive-buffer-small",
			     "%zu bytes are %u slots of %u",
			     session->receive_buffer.length, answer.slots,
			     answer.slot_size);
		return;
	}
	reply(channel, &answer, sizeof(answer));
	nvsp_log(channel, "host: SEND_RECEIVE_BUFFER_COMPLETE %u slots of %u bytes",
		 answer.slots, answer.slot_size);
	check_ready(channel);
}

static void on_send_buffer(struct netvsp_channel *channel, const void *payload)
{
	struct nvsp_session *session = &channel->nic->session;
	const struct nvsp_send_buffer_complete answer = {
		.type = NVSP_SEND_BUFFER_COMPLETE,
		.status = NVSP_STATUS_SUCCESS,
		.section_size = channel->nic->options.section_size,
	};
	struct nvsp_buffer message;

	memcpy(&message, payload, sizeof(message));
	if (session->send_buffer.gpadl || session->ready) {
		out_of_order(channel, "SEND_SEND_BUFFER out of order");
		return;
	}
	if (map_buffer(channel, "SEND_SEND_BUFFER", &message,
		       &session->send_buffer))
		return;
	reply(channel, &answer, sizeof(answer));
	nvsp_log(channel, "host: SEND_SEND_BUFFER_COMPLETE sections of %u bytes",
		 answer.section_size);
	check_ready(channel);
}

/* No answer, and nothing more on this channel: what follows is its closing. */
static void on_revoke(struct netvsp_channel *channel, const void *payload)
{
	uint32_t type;

	memcpy(&type, payload, sizeof(type));
	nvsp_log(channel, "guest: %s", type == NVSP_REVOKE_SEND_BUFFER ?
		 "REVOKE_SEND_BUFFER" : "REVOKE_RECEIVE_BUFFER");
	netvsp_channel_stop(channel);
}

/*
 * Where there is no VF behind the NIC, its data path stays where it is: the
 * request is completed, and one for the VF is taken back at once.
 */
static void on_switch_data_path(struct netvsp_channel *channel,
				const void *payload)
{
	struct nvsp_switch_data_path message;

	memcpy(&message, payload, sizeof(message));
	nvsp_log(channel, "guest: SWITCH_DATA_PATH %s",
		 message.active == NVSP_DATA_PATH_VF ? "VF" : "synthetic");
	if (channel->nic->vf) {
		netvsp_vf_switch(channel, message.active == NVSP_DATA_PATH_VF);
		return;
	}
	reply_empty(channel);
	if (message.active == NVSP_DATA_PATH_VF)
		channel->nic->session.data_path_due = true;
}

static void on_oid_query_ex(struct netvsp_channel *channel,
			    const void *payload)
{
	const struct nvsp_oid_query_ex_complete answer = {
		.type = NVSP_OID_QUERY_EX_COMPLETE,
		.status = RNDIS_STATUS_NOT_SUPPORTED,
	};

	nvsp_log(channel, "guest: OID_QUERY_EX, not supported");
	reply(channel, &answer, sizeof(answer));
}

/* All or nothing: enough queues, and a receive slot for each at least. */
static bool can_grant(const struct netvsp_nic *nic, uint32_t count)
{
	const struct nvsp_session *session = &nic->session;

	return session->ready && count < nic->options.queues &&
	       (session->slots.count - RX_SLOTS_CONTROL) / (count + 1) >= 1;
}

/*
 * Offers the subchannels that were granted; those above them, if there are any
 * from an earlier request, are taken back.
 */
void nvsp_offer_subchannels(struct netvsp_nic *nic)
{
	unsigned int count = nic->session.subchannels;
	unsigned int i;
	int err;

	if (!nic->session.offers_due)
		return;
	nic->session.offers_due = false;
	if (netvsp_silent_at_nvsp(nic, NETVSP_STEP_OFFERS))
		return;
	for (i = nic->options.queues - 1; i > count; i--)
		vmbus_channel_rescind(&nic->channels[i].vmbus);
	for (i = 1; i <= count; i++) {
		err = vmbus_channel_add(&nic->channels[i].vmbus);
		if (err && err != -EBUSY)
			complain("nic %u: subchannel %u cannot be offered: %s",
				 nic->index, i, strerror(-err));
	}
	/* They may be open from before. */
	nvsp_subchannel_opened(nic);
}

static void on_subchannel(struct netvsp_channel *channel, const void *payload)
{
	struct nvsp_subchannel_complete answer = {
		.type = NVSP_SUBCHANNEL_COMPLETE,
		.status = NVSP_STATUS_FAILURE,
	};
	struct nvsp_subchannel message;

	memcpy(&message, payload, sizeof(message));
	nvsp_log(channel, "guest: SUB_CHANNEL operation %u, %u channels",
		 message.operation, message.count);
	if (message.operation == NVSP_SUBCHANNEL_ALLOCATE &&
	    can_grant(channel->nic, message.count)) {
		answer.status = NVSP_STATUS_SUCCESS;
		answer.count = message.count;
	}
	reply(channel, &answer, sizeof(answer));
	nvsp_log(channel, "host: SUB_CHANNEL status %u, %u channels",
		 answer.status, answer.count);
	if (!answer.count)
		return;
	/* The guest must see the completion first, so they follow later. */
	channel->nic->session.subchannels = answer.count;
	channel->nic->session.offers_due = true;
	vmbus_channel_kick(&channel->vmbus);
}

void nvsp_subchannel_opened(struct netvsp_nic *nic)
{
	struct nvsp_session *session = &nic->session;
	unsigned int channels = session->subchannels + 1;
	unsigned int i;

	if (!session->subchannels || netvsp_open_channels(nic) != channels)
		return;
	for (i = 0; i < NVSP_TABLE_ENTRIES; i++)
		session->table[i] = i % channels;
	session->table_due = true;
	vmbus_channel_kick(&netvsp_primary(nic)->vmbus);
}

static void on_rndis(struct netvsp_channel *channel, const void *payload)
{
	struct nvsp_session *session = &channel->nic->session;
	struct nvsp_rndis_complete answer = { .type = NVSP_RNDIS_COMPLETE };
	bool control;

	/* A send buffer is a convenience: RNDIS may begin without one. */
	if (!session->ready) {
		if (!has_essentials(session)) {
			out_of_order(channel, "RNDIS before the buffers");
			return;
		}
		become_ready(channel);
	}
	answer.status = netvsp_transmit(channel, &channel->nic->packet,
					&control);
	if (channel->stopped)
		return;
	if (!(channel->nic->packet.flags & RING_FLAG_COMPLETION_REQUESTED)) {
		rule_broken("nvsp-completion-flag",
			    "nic %u channel %u: RNDIS without a completion asked for",
			    channel->nic->index, channel->index);
		return;
	}
	if (!control) {
		complete_data(channel, answer.status);
		return;
	}
	channel->counters.tx_completions++;
	reply(channel, &answer, sizeof(answer));
}

struct message_rule {
	uint32_t type;
	uint32_t since;
	uint32_t size;			/* at least; zero padding not counted */
	bool on_subchannels;
	void (*handle)(struct netvsp_channel *channel, const void *payload);
};

static const struct message_rule message_rules[] = {
	{ NVSP_RNDIS, NVSP_V1, sizeof(struct nvsp_rndis), true, on_rndis },
	{ NVSP_INIT, 0, sizeof(struct nvsp_init), false, on_init },
	{ NVSP_NDIS_VERSION, NVSP_V1, sizeof(struct nvsp_ndis_version), false,
	  on_ndis_version },
	{ NVSP_RECEIVE_BUFFER, NVSP_V1, sizeof(struct nvsp_buffer), false,
	  on_receive_buffer },
	{ NVSP_REVOKE_RECEIVE_BUFFER, NVSP_V1, 6, false, on_revoke },
	{ NVSP_SEND_BUFFER, NVSP_V1, sizeof(struct nvsp_buffer), false,
	  on_send_buffer },
	{ NVSP_REVOKE_SEND_BUFFER, NVSP_V1, 6, false, on_revoke },
	{ NVSP_NDIS_CONFIG, NVSP_V2, sizeof(struct nvsp_ndis_config), false,
	  on_ndis_config },
	{ NVSP_SWITCH_DATA_PATH, NVSP_V4,
	  sizeof(struct nvsp_switch_data_path), false, on_switch_data_path },
	{ NVSP_OID_QUERY_EX, NVSP_V5, 12, true, on_oid_query_ex },
	{ NVSP_SUBCHANNEL, NVSP_V5, sizeof(struct nvsp_subchannel), false,
	  on_subchannel },
};

static const struct message_rule *find_rule(uint32_t type, uint32_t version)
{
	size_t i;

	for (i = 0; i < sizeof(message_rules) / sizeof(message_rules[0]); i++)
		if (message_rules[i].type == type)
			return message_rules[i].since <= version ?
			       &message_rules[i] : NULL;
	return NULL;
}

static void handle_message(struct netvsp_channel *channel,
			   const struct ring_packet *packet)
{
	uint32_t version = channel->nic->session.version;
	const struct message_rule *rule;
	uint32_t type;

	if (packet->payload_len < sizeof(type)) {
		netvsp_fatal(channel, "nvsp-message-short", "%u bytes",
			     packet->payload_len);
		return;
	}
	memcpy(&type, packet->payload, sizeof(type));
	channel->counters.nvsp_messages++;
	rule = find_rule(type, version);
	if (!rule) {
		netvsp_fatal(channel, version ? "nvsp-message-unknown" :
			     "nvsp-order", "message type %u at version 0x%x",
			     type, version);
		return;
	}
	if (channel->index && !rule->on_subchannels) {
		netvsp_fatal(channel, "nvsp-message-on-subchannel",
			     "message type %u", type);
		return;
	}
	if (packet->payload_len < rule->size) {
		netvsp_fatal(channel, "nvsp-message-short",
			     "type %u in %u bytes", type, packet->payload_len);
		return;
	}
	/* Some hosts do not answer what is not padded. */
	if (packet->payload_len < nvsp_message_bytes(channel->nic))
		rule_broken("nvsp-message-padding",
			    "nic %u channel %u: type %u in %u bytes, not %u",
			    channel->nic->index, channel->index, type,
			    packet->payload_len,
			    nvsp_message_bytes(channel->nic));
	if (!netvsp_silent_at_nvsp(channel->nic, type))
		rule->handle(channel, packet->payload);
}

static void handle_completion(struct netvsp_channel *channel,
			      const struct ring_packet *packet)
{
	struct nvsp_rndis_complete message;

	/* What guests make of these two differs; anything is fine. */
	if (packet->transaction_id == NVSP_TRANSACTION_VF_ASSOCIATION ||
	    packet->transaction_id == NVSP_TRANSACTION_DATA_PATH)
		return;
	if (packet->payload_len < sizeof(message)) {
		netvsp_fatal(channel, "rx-completion-short", "%u bytes",
			     packet->payload_len);
		return;
	}
	memcpy(&message, packet->payload, sizeof(message));
	if (message.type != NVSP_RNDIS_COMPLETE) {
		netvsp_fatal(channel, "rx-completion-type",
			     "completion of type %u", message.type);
		return;
	}
	netvsp_rx_completed(channel, packet->transaction_id);
}

void nvsp_handle_packet(struct netvsp_channel *channel,
			const struct ring_packet *packet)
{
	netvsp_attack_learn(channel, packet);
	switch (packet->type) {
	case RING_PACKET_INBAND:
	case RING_PACKET_GPA_DIRECT:
		handle_message(channel, packet);
		break;
	case RING_PACKET_COMPLETION:
		handle_completion(channel, packet);
		break;
	default:
		netvsp_fatal(channel, "nvsp-packet-type",
			     "VMBus packet of type %u", packet->type);
		break;
	}
}
