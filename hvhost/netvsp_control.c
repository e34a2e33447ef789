// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS control messages. The guest's requests and the host's indications wait
 * in one queue. Each that goes to the guest takes one of the control slots of
 * the receive buffer, which is free again when the guest has completed it.
 */
#include "netvsp_nic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define REQUEST_BYTES_MAX (100u * 1024)
#define INDICATIONS_MAX 64u

#define MESSAGE_MAX (sizeof(struct rndis_header) + \
		     sizeof(struct rndis_query_complete) + OID_ANSWER_MAX)

#define rndis_log(nic, fmt, ...) \
	log_line("rndis", "nic %u: " fmt, (nic)->index, ##__VA_ARGS__)

/* An answer or an indication being built. */
struct reply {
	uint32_t len;			/* 0: there is none */
	uint8_t bytes[MESSAGE_MAX];
};

static struct control_item *new_item(const uint8_t *bytes, uint32_t len)
{
	struct control_item *item = malloc(sizeof(*item) + len);

	if (!item)
		return NULL;
	item->next = NULL;
	item->is_indication = false;
	item->len = len;
	memcpy(item->bytes, bytes, len);
	return item;
}

static void append(struct control_queue *queue, struct control_item *item)
{
	*queue->end = item;
	queue->end = &item->next;
	if (item->is_indication)
		queue->indications++;
	else
		queue->request_bytes += item->len;
}

static void drop_first(struct control_queue *queue)
{
	struct control_item *item = queue->first;

	queue->first = item->next;
	if (!queue->first)
		queue->end = &queue->first;
	if (item->is_indication)
		queue->indications--;
	else
		queue->request_bytes -= item->len;
	free(item);
}

void netvsp_control_clear(struct netvsp_nic *nic)
{
	while (nic->control.first)
		drop_first(&nic->control);
}

bool netvsp_control_queue(struct netvsp_nic *nic, const uint8_t *bytes,
			  uint32_t len)
{
	struct control_item *item;

	if (len > REQUEST_BYTES_MAX - nic->control.request_bytes)
		return false;
	item = new_item(bytes, len);
	if (!item)
		return false;
	append(&nic->control, item);
	return true;
}

static void build(struct reply *reply, uint32_t type, const void *body,
		  uint32_t body_len, const void *data, uint32_t data_len)
{
	const struct rndis_header header = {
		.type = type,
		.len = sizeof(header) + body_len + data_len,
	};
	uint8_t *to = reply->bytes;

	memcpy(to, &header, sizeof(header));
	memcpy(to + sizeof(header), body, body_len);
	if (data_len)
		memcpy(to + sizeof(header) + body_len, data, data_len);
	reply->len = header.len;
}

int netvsp_indicate(struct netvsp_nic *nic, uint32_t status,
		    const void *buffer, uint32_t len)
{
	const struct rndis_indicate_status body = {
		.status = status,
		.buffer_len = len,
		.buffer_offset = len ? sizeof(body) : 0,
	};
	struct control_item *item;
	struct reply reply;

	if (!nic->session.rndis_initialized)
		return -ENOTCONN;
	if (nic->control.indications == INDICATIONS_MAX)
		return -EBUSY;
	build(&reply, RNDIS_INDICATE_STATUS, &body, sizeof(body), buffer, len);
	item = new_item(reply.bytes, reply.len);
	if (!item)
		return -ENOMEM;
	item->is_indication = true;
	append(&nic->control, item);
	vmbus_channel_kick(&netvsp_primary(nic)->vmbus);
	return 0;
}

/*
 * Requests. body is what follows the header, of len bytes; the body that the
 * type has at least is there. Each builds its reply, if it has one.
 */

static void on_initialize(struct netvsp_nic *nic, const uint8_t *body,
			  uint32_t len, struct reply *reply)
{
	struct rndis_initialize request;
	struct rndis_initialize_complete answer = {
		.major = 1,
		.device_flags = RNDIS_DEVICE_CONNECTIONLESS,
		.max_packets = RNDIS_MAX_PACKETS_PER_MESSAGE,
		.max_transfer = RNDIS_MAX_TRANSFER,
		.alignment = RNDIS_ALIGNMENT_EXPONENT,
	};

	memcpy(&request, body, sizeof(request));
	rndis_log(nic, "guest: INITIALIZE #%u version %u.%u, max transfer %u",
		  request.request_id, request.major, request.minor,
		  request.max_transfer);
	if (nic->session.rndis_initialized) {
		netvsp_fatal(netvsp_primary(nic), "rndis-initialize-twice",
			     "second INITIALIZE of a session");
		return;
	}
	nic->session.rndis_initialized = true;
	netvsp_vf_session_ready(nic);
	answer.request_id = request.request_id;
	build(reply, RNDIS_INITIALIZE | RNDIS_COMPLETION, &answer,
	      sizeof(answer), NULL, 0);
	rndis_log(nic, "host: INITIALIZE_CMPLT #%u", answer.request_id);
}

static void on_halt(struct netvsp_nic *nic, const uint8_t *body, uint32_t len,
		    struct reply *reply)
{
	rndis_log(nic, "guest: HALT");
}

static void on_query(struct netvsp_nic *nic, const uint8_t *body, uint32_t len,
		     struct reply *reply)
{
	struct rndis_oid_request request;
	struct rndis_query_complete answer = { .info_offset = sizeof(answer) };
	uint8_t info[OID_ANSWER_MAX];
	uint32_t info_len;

	memcpy(&request, body, sizeof(request));
	answer.request_id = request.request_id;
	answer.status = oid_query(&nic->oid, request.oid, info, &info_len);
	answer.info_len = info_len;
	build(reply, RNDIS_QUERY | RNDIS_COMPLETION, &answer, sizeof(answer),
	      info, info_len);
	rndis_log(nic, "guest: QUERY #%u %08x %s; host: status 0x%x, %u bytes",
		  request.request_id, request.oid, oid_name(request.oid),
		  answer.status, answer.info_len);
	/* There are hosts that refuse such a query, be there data or not. */
	if (!request.info_offset)
		rule_broken("rndis-query-offset",
			    "nic %u: query of %08x without a buffer offset",
			    nic->index, request.oid);
}

static void log_set(struct netvsp_nic *nic,
		    const struct rndis_oid_request *request, uint32_t status)
{
	const struct rss_config *rss = &nic->oid.rss;

	rndis_log(nic, "guest: SET #%u %08x %s, %u bytes; host: status 0x%x",
		  request->request_id, request->oid, oid_name(request->oid),
		  request->info_len, status);
	if (request->oid == OID_GEN_CURRENT_PACKET_FILTER)
		rndis_log(nic, "packet filter 0x%x", nic->oid.filter);
	else if (request->oid == OID_GEN_RECEIVE_SCALE_PARAMETERS)
		rndis_log(nic, "RSS %s, hash types 0x%x, table %u %u %u %u ...",
			  rss->enabled ? "on" : "off", rss->hash_types,
			  rss->table[0], rss->table[1], rss->table[2],
			  rss->table[3]);
}

static void apply(struct netvsp_nic *nic, unsigned int effects)
{
	struct ndis_offload offload;

	if (effects & OID_CHANGED_RSS && nic->oid.rss.enabled)
		toeplitz_init(&nic->toeplitz, nic->oid.rss.key);
	if (effects & OID_CHANGED_OFFLOAD) {
		oid_build_offload(&nic->oid.current, &offload);
		netvsp_indicate(nic, RNDIS_STATUS_OFFLOAD_CURRENT_CONFIG,
				&offload, sizeof(offload));
		netvsp_rx_update_rsc(nic);
	}
	if (effects & OID_CHANGED_FILTER)
		netvsp_update_running(nic);
}

static void on_set(struct netvsp_nic *nic, const uint8_t *body, uint32_t len,
		   struct reply *reply)
{
	struct rndis_oid_request request;
	struct rndis_status_complete answer;
	uint32_t data_len = len - sizeof(request);
	unsigned int effects = 0;

	memcpy(&request, body, sizeof(request));
	answer.request_id = request.request_id;
	/* The host takes the data that follow, whatever the offset says. */
	if (request.info_offset != sizeof(request) ||
	    request.info_len > data_len) {
		rule_broken("rndis-set-buffer",
			    "nic %u: set of %08x: %u bytes at %u, %u there",
			    nic->index, request.oid, request.info_len,
			    request.info_offset, data_len);
		answer.status = RNDIS_STATUS_INVALID_DATA;
	} else {
		answer.status = oid_set(&nic->oid, request.oid,
					body + sizeof(request),
					request.info_len, &effects);
	}
	build(reply, RNDIS_SET | RNDIS_COMPLETION, &answer, sizeof(answer),
	      NULL, 0);
	log_set(nic, &request, answer.status);
	apply(nic, effects);
}

static void on_keepalive(struct netvsp_nic *nic, const uint8_t *body,
			 uint32_t len, struct reply *reply)
{
	struct rndis_status_complete answer = {
		.status = RNDIS_STATUS_SUCCESS,
	};

	memcpy(&answer.request_id, body, sizeof(answer.request_id));
	build(reply, RNDIS_KEEPALIVE | RNDIS_COMPLETION, &answer,
	      sizeof(answer), NULL, 0);
	rndis_log(nic, "guest: KEEPALIVE #%u", answer.request_id);
}

struct request_rule {
	uint32_t type;
	uint32_t size;			/* of the body, at least */
	void (*handle)(struct netvsp_nic *nic, const uint8_t *body,
		       uint32_t len, struct reply *reply);
};

static const struct request_rule request_rules[] = {
	{ RNDIS_INITIALIZE, sizeof(struct rndis_initialize), on_initialize },
	{ RNDIS_HALT, sizeof(uint32_t), on_halt },
	{ RNDIS_QUERY, sizeof(struct rndis_oid_request), on_query },
	{ RNDIS_SET, sizeof(struct rndis_oid_request), on_set },
	{ RNDIS_KEEPALIVE, sizeof(uint32_t), on_keepalive },
};

static void handle_request(struct netvsp_nic *nic,
			   const struct control_item *item, struct reply *reply)
{
	struct netvsp_channel *primary = netvsp_primary(nic);
	const struct request_rule *rule = NULL;
	struct rndis_header header;
	uint32_t len = item->len - sizeof(header);
	size_t i;

	memcpy(&header, item->bytes, sizeof(header));
	for (i = 0; i < sizeof(request_rules) / sizeof(request_rules[0]); i++)
		if (request_rules[i].type == header.type)
			rule = &request_rules[i];
	if (!rule) {
		netvsp_fatal(primary, "rndis-control-unknown",
			     "RNDIS message of type 0x%x", header.type);
		return;
	}
	if (len < rule->size) {
		netvsp_fatal(primary, "rndis-control-short",
			     "RNDIS message of type 0x%x in %u bytes",
			     header.type, item->len);
		return;
	}
	if (header.len > item->len)
		rule_broken("rndis-control-length",
			    "nic %u: type 0x%x says %u bytes, %u are there",
			    nic->index, header.type, header.len, item->len);
	if (!netvsp_silent_at_rndis(nic, header.type,
				    item->bytes + sizeof(header)))
		rule->handle(nic, item->bytes + sizeof(header), len, reply);
}

static void take_indication(struct netvsp_nic *nic,
			    const struct control_item *item,
			    struct reply *reply)
{
	struct rndis_indicate_status body;

	memcpy(reply->bytes, item->bytes, item->len);
	reply->len = item->len;
	memcpy(&body, item->bytes + sizeof(struct rndis_header), sizeof(body));
	rndis_log(nic, "host: INDICATE_STATUS 0x%x, %u bytes", body.status,
		  body.buffer_len);
}

/* Ring bytes of a control message to the guest. */
static uint32_t ring_bytes(const struct netvsp_nic *nic)
{
	return ring_packet_bytes(sizeof(struct vmbus_transfer_pages) +
				 sizeof(struct vmbus_transfer_range),
				 nvsp_message_bytes(nic));
}

static void send_reply(struct netvsp_nic *nic, const struct reply *reply)
{
	struct netvsp_channel *primary = netvsp_primary(nic);
	struct nvsp_session *session = &nic->session;
	uint32_t slot = rx_slots_take_control(&session->slots, 0);
	struct {
		struct vmbus_transfer_pages header;
		struct vmbus_transfer_range range;
	} extra = {
		.header.set_id = session->receive_buffer_id,
		.header.count = 1,
		.range.len = reply->len,
		.range.offset = slot * session->slot_size,
	};
	const struct nvsp_rndis rndis = {
		.type = NVSP_RNDIS,
		.channel_type = NVSP_CHANNEL_CONTROL,
		.section_index = NVSP_NO_SECTION,
	};
	uint8_t payload[NVSP_MESSAGE_BYTES_V61] = { 0 };
	struct rndis_header header;

	gpadl_write(&session->receive_buffer, extra.range.offset, reply->bytes,
		    reply->len);
	memcpy(&header, reply->bytes, sizeof(header));
	netvsp_attack_control_slot(primary, extra.range.offset, header.type);
	memcpy(payload, &rndis, sizeof(rndis));
	ring_out_write(&primary->vmbus.to_guest, RING_PACKET_TRANSFER_PAGES,
		       RING_FLAG_COMPLETION_REQUESTED, slot, &extra,
		       sizeof(extra), payload, nvsp_message_bytes(nic));
}

/* Both a slot and the ring's space are there, before a request takes effect. */
static bool can_reply(struct netvsp_nic *nic)
{
	struct ring_out *ring = &netvsp_primary(nic)->vmbus.to_guest;

	if (nic->session.slots.free_control == RX_SLOT_NONE)
		return false;
	if (ring_out_space(ring) >= ring_bytes(nic))
		return true;
	ring_out_want(ring, ring_bytes(nic));
	return ring_out_space(ring) >= ring_bytes(nic);
}

void netvsp_control_run(struct netvsp_nic *nic)
{
	struct control_queue *queue = &nic->control;
	struct reply reply;

	while (queue->first && !netvsp_primary(nic)->stopped && !nic->silent &&
	       can_reply(nic)) {
		reply.len = 0;
		if (queue->first->is_indication)
			take_indication(nic, queue->first, &reply);
		else
			handle_request(nic, queue->first, &reply);
		drop_first(queue);
		if (reply.len)
			send_reply(nic, &reply);
	}
}
