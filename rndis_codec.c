// SPDX-License-Identifier: GPL-2.0
/*
 * Encoding and decoding of RNDIS messages. Pure: see rndis_codec.h.
 *
 * Memory that a decoder is given may be shared with the host. Each decoder
 * copies what it needs into a variable of its own, tells the compiler that
 * the copy is all there is, and looks at nothing else from then on.
 */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>

#include <asm/byteorder.h>

#include "rndis_codec.h"

#define RNDIS_HDR_BYTES		sizeof(struct rndis_msg_hdr)

/* The exponent of the largest alignment between packets that makes sense. */
#define RNDIS_ALIGN_FACTOR_MAX	12

/* One copy; afterwards, @to cannot be traded for @shared any more. */
static void rndis_fetch(void *to, const void *shared, u32 len)
{
	memcpy(to, shared, len);
	barrier_data(to);
}

/* Data packets to the host */

/**
 * rndis_tx_header_len() - what a frame's header takes
 * @meta: what the frame comes with
 *
 * Context: Any.
 * Return: bytes, at most RNDIS_TX_HEADER_MAX, a multiple of 4.
 */
u32 rndis_tx_header_len(const struct rndis_tx_meta *meta)
{
	u32 items = meta->has_csum + meta->has_lso + meta->has_vlan +
		    meta->has_hash;

	return RNDIS_HDR_BYTES + sizeof(struct rndis_packet) +
	       items * RNDIS_PPI_BYTES;
}

/* A field of a message that is built where it is going to be read. */
static inline void rndis_put(u8 *to, size_t offset, u32 value)
{
	__le32 field = cpu_to_le32(value);

	memcpy(to + offset, &field, sizeof(field));
}

static u8 *rndis_put_ppi(u8 *to, u32 type, u32 value)
{
	rndis_put(to, offsetof(struct rndis_ppi, size), RNDIS_PPI_BYTES);
	rndis_put(to, offsetof(struct rndis_ppi, type), type);
	rndis_put(to, offsetof(struct rndis_ppi, offset),
		  sizeof(struct rndis_ppi));
	rndis_put(to, sizeof(struct rndis_ppi), value);

	return to + RNDIS_PPI_BYTES;
}

#define RNDIS_PACKET_FIELD(name) \
	(RNDIS_HDR_BYTES + offsetof(struct rndis_packet, name))

/* Field by field: a structure would be built aside, then copied. */
static void rndis_put_packet(u8 *to, u32 header_len, u32 ppi_len, u32 data_len)
{
	rndis_put(to, offsetof(struct rndis_msg_hdr, type), RNDIS_MSG_PACKET);
	rndis_put(to, offsetof(struct rndis_msg_hdr, length),
		  header_len + data_len);
	rndis_put(to, RNDIS_PACKET_FIELD(data_offset),
		  header_len - RNDIS_HDR_BYTES);
	rndis_put(to, RNDIS_PACKET_FIELD(data_length), data_len);
	rndis_put(to, RNDIS_PACKET_FIELD(oob_offset), 0);
	rndis_put(to, RNDIS_PACKET_FIELD(oob_length), 0);
	rndis_put(to, RNDIS_PACKET_FIELD(oob_count), 0);
	rndis_put(to, RNDIS_PACKET_FIELD(ppi_offset),
		  ppi_len ? sizeof(struct rndis_packet) : 0);
	rndis_put(to, RNDIS_PACKET_FIELD(ppi_length), ppi_len);
	rndis_put(to, RNDIS_PACKET_FIELD(vc_handle), 0);
	rndis_put(to, RNDIS_PACKET_FIELD(reserved), 0);
}

/**
 * rndis_tx_encode() - write what goes before a frame
 * @to: room for rndis_tx_header_len() bytes; written once, never read. The
 *	host needs them within one page
 * @meta: what the frame comes with
 *
 * Context: Any.
 * Return: bytes written; the frame follows them.
 */
u32 rndis_tx_encode(void *to, const struct rndis_tx_meta *meta)
{
	u32 header_len = rndis_tx_header_len(meta);
	u32 ppi_len = header_len - RNDIS_HDR_BYTES -
		      sizeof(struct rndis_packet);
	u8 *pos = to;

	rndis_put_packet(to, header_len, ppi_len, meta->data_len);
	pos += RNDIS_HDR_BYTES + sizeof(struct rndis_packet);

	if (meta->has_hash)
		pos = rndis_put_ppi(pos, RNDIS_PPI_HASH_VALUE, meta->hash);
	if (meta->has_vlan)
		pos = rndis_put_ppi(pos, RNDIS_PPI_VLAN, meta->vlan);
	if (meta->has_lso)
		pos = rndis_put_ppi(pos, RNDIS_PPI_LSO, meta->lso);
	if (meta->has_csum)
		rndis_put_ppi(pos, RNDIS_PPI_CSUM, meta->csum);
	return header_len;
}

/**
 * rndis_tx_set_length() - make a data message longer than its frame needs
 * @message: what rndis_tx_encode() has written; not read
 * @bytes: from there to the next message in the same buffer
 *
 * Context: Any.
 */
void rndis_tx_set_length(void *message, u32 bytes)
{
	rndis_put(message, offsetof(struct rndis_msg_hdr, length), bytes);
}

/* Data packets from the host */

/*
 * One word, read once: the compiler cannot trade the copy for @shared. Words
 * that are looked at one by one cost less than a copy of all of them, unless
 * each is a call.
 */
static __always_inline u32 rndis_fetch_word(const u8 *shared)
{
	__le32 word;

	memcpy(&word, shared, sizeof(word));
	OPTIMIZER_HIDE_VAR(word);
	return le32_to_cpu(word);
}

/* A field of the body of a data packet. */
#define RNDIS_FETCH_FIELD(shared, field)				\
	rndis_fetch_word((shared) + RNDIS_HDR_BYTES +			\
			 offsetof(struct rndis_packet, field))

/* Whether a part of a body lies behind its fixed fields and inside of it. */
static bool rndis_part_ok(u32 offset, u32 len, u32 fixed, u32 body_len)
{
	return offset >= fixed && offset <= body_len &&
	       len <= body_len - offset;
}

static int rndis_rx_packet_id(u32 value, struct rndis_rx_frame *frame)
{
	/* As struct rndis_packet_id, in one little-endian word. */
	if ((value & 0xff) != RNDIS_PACKET_ID_VERSION)
		return -EBADMSG;
	frame->packet_flags = value >> 8 & 0xff;
	frame->packet_id = value >> 16;
	frame->flags |= RNDIS_RX_HAS_PACKET_ID;
	return 0;
}

/* In the order in which they are likely. */
static int rndis_rx_ppi(u32 type, u32 value, struct rndis_rx_frame *frame)
{
	switch (type) {
	case RNDIS_PPI_CSUM:
		frame->csum = value;
		frame->flags |= RNDIS_RX_HAS_CSUM;
		return 0;
	case RNDIS_PPI_HASH_VALUE:
		frame->hash_value = value;
		frame->flags |= RNDIS_RX_HAS_HASH_VALUE;
		return 0;
	case RNDIS_PPI_HASH_INFO:
		frame->hash_info = value;
		frame->flags |= RNDIS_RX_HAS_HASH_INFO;
		return 0;
	case RNDIS_PPI_PACKET_ID:
		return rndis_rx_packet_id(value, frame);
	case RNDIS_PPI_VLAN:
		/* All ones is how a host says that there is none. */
		if (value == U32_MAX)
			return 0;
		frame->vlan = value;
		frame->flags |= RNDIS_RX_HAS_VLAN;
		return 0;
	default:
		return 0;
	}
}

static bool rndis_rx_ppi_known(u32 type)
{
	return type == RNDIS_PPI_CSUM || type == RNDIS_PPI_VLAN ||
	       type == RNDIS_PPI_HASH_VALUE || type == RNDIS_PPI_HASH_INFO ||
	       type == RNDIS_PPI_PACKET_ID;
}

/* An item that is not of the usual shape; @size is what is left at most. */
static bool rndis_rx_ppi_ok(u32 size, u32 type, u32 offset, u32 left)
{
	if (size < sizeof(struct rndis_ppi) || size > left || size % 4 ||
	    offset < sizeof(struct rndis_ppi) || offset > size)
		return false;
	return !rndis_rx_ppi_known(type) || size - offset >= sizeof(__le32);
}

/* Every step takes at least the size of an item's header off @len. */
static int rndis_rx_ppis(const u8 *pos, u32 len, struct rndis_rx_frame *frame)
{
	while (len) {
		u32 size, type, offset;
		int ret;

		if (len < sizeof(struct rndis_ppi))
			return -EBADMSG;
		size = rndis_fetch_word(pos);
		type = rndis_fetch_word(pos + offsetof(struct rndis_ppi, type));
		offset = rndis_fetch_word(pos + offsetof(struct rndis_ppi,
							 offset));
		if ((size != RNDIS_PPI_BYTES || size > len ||
		     offset != sizeof(struct rndis_ppi)) &&
		    !rndis_rx_ppi_ok(size, type, offset, len))
			return -EBADMSG;

		if (size - offset >= sizeof(__le32)) {
			ret = rndis_rx_ppi(type, rndis_fetch_word(pos + offset),
					   frame);
			if (ret)
				return ret;
		}
		pos += size;
		len -= size;
	}
	return 0;
}

/**
 * rndis_rx_decode() - take apart what precedes a frame from the host
 * @shared: the message; may be shared with the host
 * @len: bytes that may be read
 * @frame: filled in if the result is 0
 *
 * The frame itself, @frame->data_len bytes at @shared + @frame->data_offset,
 * lies inside of @len bytes; nothing has been read of it.
 *
 * Context: Any.
 * Return: 0, -ENOMSG if this is a message of another type, which is as long as
 * it says, or -EBADMSG for anything that is malformed.
 */
int rndis_rx_decode(const void *shared, u32 len, struct rndis_rx_frame *frame)
{
	u32 type, msg_len, body_len, data_offset, data_len, ppi_offset, ppi_len;
	const u8 *from = shared;

	if (len < RNDIS_HDR_BYTES)
		return -EBADMSG;
	type = rndis_fetch_word(from);
	msg_len = rndis_fetch_word(from + offsetof(struct rndis_msg_hdr,
						   length));
	if (msg_len < RNDIS_HDR_BYTES || msg_len > len)
		return -EBADMSG;
	if (type != RNDIS_MSG_PACKET)
		return -ENOMSG;
	body_len = msg_len - RNDIS_HDR_BYTES;
	if (body_len < sizeof(struct rndis_packet))
		return -EBADMSG;

	data_offset = RNDIS_FETCH_FIELD(from, data_offset);
	data_len = RNDIS_FETCH_FIELD(from, data_length);
	if (!data_len || !rndis_part_ok(data_offset, data_len,
					sizeof(struct rndis_packet), body_len))
		return -EBADMSG;
	memset(frame, 0, sizeof(*frame));
	frame->data_len = data_len;
	frame->data_offset = RNDIS_HDR_BYTES + data_offset;

	ppi_len = RNDIS_FETCH_FIELD(from, ppi_length);
	if (!ppi_len)
		return 0;
	ppi_offset = RNDIS_FETCH_FIELD(from, ppi_offset);
	if (ppi_len > RNDIS_RX_PPI_MAX_BYTES ||
	    !rndis_part_ok(ppi_offset, ppi_len, sizeof(struct rndis_packet),
			   body_len))
		return -EBADMSG;
	return rndis_rx_ppis(from + RNDIS_HDR_BYTES + ppi_offset, ppi_len,
			     frame);
}

/* Control messages to the host */

static int rndis_build(void *to, u32 room, u32 type, const void *body,
		       u32 body_len, const void *info, u32 info_len)
{
	u32 fixed_len = RNDIS_HDR_BYTES + body_len;
	struct rndis_msg_hdr hdr = {
		.type = cpu_to_le32(type),
		.length = cpu_to_le32(fixed_len + info_len),
	};

	if (room < fixed_len || info_len > room - fixed_len)
		return -ENOSPC;
	memcpy(to, &hdr, sizeof(hdr));
	memcpy(to + sizeof(hdr), body, body_len);
	if (info_len)
		memcpy(to + fixed_len, info, info_len);
	return fixed_len + info_len;
}

/**
 * rndis_build_init() - the request that begins a session
 * @to: where to
 * @room: bytes at @to
 * @request_id: comes back with the answer
 * @max_transfer: longest message, in bytes, that the guest takes
 *
 * Context: Any.
 * Return: bytes written, or -ENOSPC.
 */
int rndis_build_init(void *to, u32 room, u32 request_id, u32 max_transfer)
{
	struct rndis_init_request body = {
		.request_id = cpu_to_le32(request_id),
		.major = cpu_to_le32(RNDIS_MAJOR_VERSION),
		.minor = cpu_to_le32(RNDIS_MINOR_VERSION),
		.max_transfer = cpu_to_le32(max_transfer),
	};

	return rndis_build(to, room, RNDIS_MSG_INIT, &body, sizeof(body),
			   NULL, 0);
}

/**
 * rndis_build_halt() - the request that ends a session; it has no answer
 * @to: where to
 * @room: bytes at @to
 * @request_id: any
 *
 * Context: Any.
 * Return: bytes written, or -ENOSPC.
 */
int rndis_build_halt(void *to, u32 room, u32 request_id)
{
	struct rndis_halt_request body = {
		.request_id = cpu_to_le32(request_id),
	};

	return rndis_build(to, room, RNDIS_MSG_HALT, &body, sizeof(body),
			   NULL, 0);
}

/**
 * rndis_build_query() - ask for an object
 * @to: where to
 * @room: bytes at @to
 * @request_id: comes back with the answer
 * @oid: OID_*
 * @info: input of the query; may be NULL if @info_len is 0
 * @info_len: bytes of @info
 *
 * Context: Any.
 * Return: bytes written, or -ENOSPC.
 */
int rndis_build_query(void *to, u32 room, u32 request_id, u32 oid,
		      const void *info, u32 info_len)
{
	/* Hosts want an offset even where there is no input. */
	struct rndis_query_request body = {
		.request_id = cpu_to_le32(request_id),
		.oid = cpu_to_le32(oid),
		.info_length = cpu_to_le32(info_len),
		.info_offset = cpu_to_le32(sizeof(body)),
	};

	return rndis_build(to, room, RNDIS_MSG_QUERY, &body, sizeof(body),
			   info, info_len);
}

/**
 * rndis_build_set() - set an object
 * @to: where to
 * @room: bytes at @to
 * @request_id: comes back with the answer
 * @oid: OID_*
 * @info: its new value
 * @info_len: bytes of @info
 *
 * Context: Any.
 * Return: bytes written, or -ENOSPC.
 */
int rndis_build_set(void *to, u32 room, u32 request_id, u32 oid,
		    const void *info, u32 info_len)
{
	struct rndis_set_request body = {
		.request_id = cpu_to_le32(request_id),
		.oid = cpu_to_le32(oid),
		.info_length = cpu_to_le32(info_len),
		.info_offset = cpu_to_le32(sizeof(body)),
	};

	return rndis_build(to, room, RNDIS_MSG_SET, &body, sizeof(body),
			   info, info_len);
}

/**
 * rndis_build_keepalive_complete() - answer a keepalive of the host
 * @to: where to
 * @room: bytes at @to
 * @request_id: of the host's request
 * @status: RNDIS_STATUS_*
 *
 * Context: Any.
 * Return: bytes written, or -ENOSPC.
 */
int rndis_build_keepalive_complete(void *to, u32 room, u32 request_id,
				   u32 status)
{
	struct rndis_keepalive_complete body = {
		.request_id = cpu_to_le32(request_id),
		.status = cpu_to_le32(status),
	};

	return rndis_build(to, room, RNDIS_MSG_KEEPALIVE_COMPLETE, &body,
			   sizeof(body), NULL, 0);
}

/**
 * rndis_build_rss_params() - the value of OID_GEN_RECEIVE_SCALE_PARAMETERS
 * @to: where to
 * @room: bytes at @to
 * @rss: what to set
 *
 * The whole configuration is sent each time: the flags that would leave parts
 * of it alone are not kept by every host.
 *
 * Context: Any.
 * Return: bytes written, -ENOSPC, or -EINVAL for a table without entries or
 * with too many.
 */
int rndis_build_rss_params(void *to, u32 room,
			   const struct rndis_rss_config *rss)
{
	u32 table_bytes = rss->num_entries * sizeof(__le32);
	u32 fixed = NDIS_RSS_PARAMS_SIZE_REV2;
	u32 hash_info = rss->hash_types ?
			rss->hash_types | NDIS_HASH_TOEPLITZ : 0;
	struct ndis_rss_params params = {
		.hdr.type = NDIS_OBJECT_RSS_PARAMS,
		.hdr.revision = 2,
		.hdr.size = cpu_to_le16(fixed),
		.flags = cpu_to_le16(hash_info ? 0 : NDIS_RSS_PARAM_DISABLE),
		.hash_info = cpu_to_le32(hash_info),
		.table_size = cpu_to_le16(table_bytes),
		.table_offset = cpu_to_le32(fixed),
		.key_size = cpu_to_le16(NDIS_RSS_KEY_BYTES),
		.key_offset = cpu_to_le32(fixed + table_bytes),
	};
	u32 i;

	if (!rss->num_entries || rss->num_entries > NDIS_RSS_MAX_ENTRIES)
		return -EINVAL;
	if (room < fixed + table_bytes + NDIS_RSS_KEY_BYTES)
		return -ENOSPC;

	memcpy(to, &params, fixed);
	to += fixed;
	for (i = 0; i < rss->num_entries; i++) {
		__le32 queue = cpu_to_le32(rss->table[i]);

		memcpy(to, &queue, sizeof(queue));
		to += sizeof(queue);
	}
	memcpy(to, rss->key, NDIS_RSS_KEY_BYTES);
	return fixed + table_bytes + NDIS_RSS_KEY_BYTES;
}

/* ASCII is all that is needed, and a subset of UTF-16. */
static void *rndis_put_utf16(void *to, const char *s)
{
	for (; *s; s++) {
		__le16 unit = cpu_to_le16((u8)*s);

		memcpy(to, &unit, sizeof(unit));
		to += sizeof(unit);
	}
	return to;
}

/**
 * rndis_build_config_param() - the value of OID_GEN_RNDIS_CONFIG_PARAMETER
 * @to: where to
 * @room: bytes at @to
 * @name: name of the parameter, ASCII
 * @value: its value, a string, ASCII
 *
 * Context: Any.
 * Return: bytes written, or -ENOSPC.
 */
int rndis_build_config_param(void *to, u32 room, const char *name,
			     const char *value)
{
	size_t name_bytes = strlen(name) * sizeof(__le16);
	size_t value_bytes = strlen(value) * sizeof(__le16);
	struct rndis_config_parameter param = {
		.name_offset = cpu_to_le32(sizeof(param)),
		.name_length = cpu_to_le32(name_bytes),
		.type = cpu_to_le32(RNDIS_CONFIG_STRING),
		.value_offset = cpu_to_le32(sizeof(param) + name_bytes),
		.value_length = cpu_to_le32(value_bytes),
	};

	if (name_bytes > room || value_bytes > room ||
	    sizeof(param) + name_bytes + value_bytes > room)
		return -ENOSPC;

	memcpy(to, &param, sizeof(param));
	to = rndis_put_utf16(to + sizeof(param), name);
	rndis_put_utf16(to, value);
	return sizeof(param) + name_bytes + value_bytes;
}

/* Control messages from the host */

static int rndis_fetch_hdr(const void *shared, u32 len, u32 *type,
			   u32 *msg_len)
{
	struct rndis_msg_hdr hdr;

	if (len < sizeof(hdr))
		return -EBADMSG;
	rndis_fetch(&hdr, shared, sizeof(hdr));
	*type = le32_to_cpu(hdr.type);
	*msg_len = le32_to_cpu(hdr.length);
	return *msg_len < sizeof(hdr) || *msg_len > len ? -EBADMSG : 0;
}

static int rndis_parse_init(const void *body, u32 len,
			    struct rndis_control *ctl)
{
	struct rndis_init_complete init = {};
	u32 align_factor;

	/* The address family list, which nobody has, may be missing. */
	if (len < offsetof(struct rndis_init_complete, af_offset))
		return -EBADMSG;
	rndis_fetch(&init, body, offsetof(struct rndis_init_complete,
					  af_offset));
	align_factor = le32_to_cpu(init.align_factor);
	if (align_factor > RNDIS_ALIGN_FACTOR_MAX)
		return -EBADMSG;

	ctl->request_id = le32_to_cpu(init.request_id);
	ctl->status = le32_to_cpu(init.status);
	ctl->init.major = le32_to_cpu(init.major);
	ctl->init.minor = le32_to_cpu(init.minor);
	ctl->init.max_packets = le32_to_cpu(init.max_packets);
	if (!ctl->init.max_packets)
		ctl->init.max_packets = 1;
	ctl->init.max_transfer = le32_to_cpu(init.max_transfer);
	ctl->init.alignment = 1U << align_factor;
	return 0;
}

static int rndis_parse_info(u32 info_offset, u32 info_len, u32 fixed,
			    u32 body_len, struct rndis_control *ctl)
{
	if (!info_len)
		return 0;
	if (!rndis_part_ok(info_offset, info_len, fixed, body_len))
		return -EBADMSG;
	ctl->info_offset = RNDIS_HDR_BYTES + info_offset;
	ctl->info_len = info_len;
	return 0;
}

static int rndis_parse_query(const void *body, u32 len,
			     struct rndis_control *ctl)
{
	struct rndis_query_complete query;

	if (len < sizeof(query))
		return -EBADMSG;
	rndis_fetch(&query, body, sizeof(query));
	ctl->request_id = le32_to_cpu(query.request_id);
	ctl->status = le32_to_cpu(query.status);
	/* The fields of a failed query need not make sense. */
	if (ctl->status != RNDIS_STATUS_SUCCESS)
		return 0;
	return rndis_parse_info(le32_to_cpu(query.info_offset),
				le32_to_cpu(query.info_length),
				sizeof(query), len, ctl);
}

static int rndis_parse_indicate(const void *body, u32 len,
				struct rndis_control *ctl)
{
	struct rndis_indicate_status indicate;

	if (len < sizeof(indicate))
		return -EBADMSG;
	rndis_fetch(&indicate, body, sizeof(indicate));
	ctl->status = le32_to_cpu(indicate.status);
	return rndis_parse_info(le32_to_cpu(indicate.info_offset),
				le32_to_cpu(indicate.info_length),
				sizeof(indicate), len, ctl);
}

/* Answers of an id and a status, and nothing else. */
static int rndis_parse_plain(const void *body, u32 len,
			     struct rndis_control *ctl)
{
	struct rndis_set_complete plain;

	static_assert(sizeof(struct rndis_keepalive_complete) ==
		      sizeof(struct rndis_set_complete));
	if (len < sizeof(plain))
		return -EBADMSG;
	rndis_fetch(&plain, body, sizeof(plain));
	ctl->request_id = le32_to_cpu(plain.request_id);
	ctl->status = le32_to_cpu(plain.status);
	return 0;
}

static int rndis_parse_reset(const void *body, u32 len,
			     struct rndis_control *ctl)
{
	struct rndis_reset_complete reset;

	if (len < sizeof(reset))
		return -EBADMSG;
	rndis_fetch(&reset, body, sizeof(reset));
	ctl->status = le32_to_cpu(reset.status);
	return 0;
}

static int rndis_parse_keepalive(const void *body, u32 len,
				 struct rndis_control *ctl)
{
	struct rndis_keepalive_request request;

	if (len < sizeof(request))
		return -EBADMSG;
	rndis_fetch(&request, body, sizeof(request));
	ctl->request_id = le32_to_cpu(request.request_id);
	return 0;
}

/**
 * rndis_parse_control() - take a control message apart
 * @msg: the message; may be shared with the host, but then its information
 *	buffer may change until it has been parsed or copied in turn
 * @len: bytes that may be read
 * @ctl: filled in if the result is 0
 *
 * Context: Any.
 * Return: 0, -EBADMSG if the message is malformed, -EOPNOTSUPP if it is of a
 * type that hosts do not send to guests, data packets included.
 */
int rndis_parse_control(const void *msg, u32 len, struct rndis_control *ctl)
{
	const void *body = msg + RNDIS_HDR_BYTES;
	u32 msg_len, body_len;
	int ret;

	memset(ctl, 0, sizeof(*ctl));
	ret = rndis_fetch_hdr(msg, len, &ctl->type, &msg_len);
	if (ret)
		return ret;
	body_len = msg_len - RNDIS_HDR_BYTES;

	switch (ctl->type) {
	case RNDIS_MSG_INIT_COMPLETE:
		return rndis_parse_init(body, body_len, ctl);
	case RNDIS_MSG_QUERY_COMPLETE:
		return rndis_parse_query(body, body_len, ctl);
	case RNDIS_MSG_SET_COMPLETE:
	case RNDIS_MSG_KEEPALIVE_COMPLETE:
		return rndis_parse_plain(body, body_len, ctl);
	case RNDIS_MSG_RESET_COMPLETE:
		return rndis_parse_reset(body, body_len, ctl);
	case RNDIS_MSG_INDICATE:
		return rndis_parse_indicate(body, body_len, ctl);
	case RNDIS_MSG_KEEPALIVE:
		return rndis_parse_keepalive(body, body_len, ctl);
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * rndis_parse_u32() - an information buffer that is one number
 * @info: the buffer; may be shared with the host
 * @len: bytes of it; more than 4 are ignored
 * @value: set if the result is 0
 *
 * Context: Any.
 * Return: 0 or -EBADMSG.
 */
int rndis_parse_u32(const void *info, u32 len, u32 *value)
{
	__le32 copy;

	if (len < sizeof(copy))
		return -EBADMSG;
	rndis_fetch(&copy, info, sizeof(copy));
	*value = le32_to_cpu(copy);
	return 0;
}

/* One code point, or -1 for a lone surrogate; *at moves on in any case. */
static int rndis_next_char(const __le16 *from, u32 units, u32 *at)
{
	u32 high = le16_to_cpu(from[(*at)++]), low;

	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || *at >= units)
		return -1;
	low = le16_to_cpu(from[*at]);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	(*at)++;

	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static u32 rndis_put_utf8(u32 c, char *to)
{
	if (c < 0x80) {
		to[0] = c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = 0xc0 | c >> 6;
		to[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		to[0] = 0xe0 | c >> 12;
		to[1] = 0x80 | (c >> 6 & 0x3f);
		to[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	to[0] = 0xf0 | c >> 18;
	to[1] = 0x80 | (c >> 12 & 0x3f);
	to[2] = 0x80 | (c >> 6 & 0x3f);
	to[3] = 0x80 | (c & 0x3f);
	return 4;
}

/**
 * rndis_parse_name() - an information buffer that is text
 * @info: the buffer, UTF-16LE, in private memory
 * @len: bytes of it; an odd one is ignored
 * @to: set to the text, UTF-8, terminated; cut at a character if it is too
 *	long
 * @room: bytes of @to, at least 1
 *
 * Control characters, which would end up in terminals, end the text. A lone
 * surrogate becomes the replacement character.
 *
 * Context: Any.
 */
void rndis_parse_name(const void *info, u32 len, char *to, u32 room)
{
	u32 at = 0, used = 0, units = len / sizeof(__le16), n;
	const __le16 *from = info;
	char utf8[4];
	int c;

	while (at < units) {
		c = rndis_next_char(from, units, &at);
		if (c < 0)
			c = 0xfffd;
		if (c < 0x20 || c == 0x7f)
			break;
		n = rndis_put_utf8(c, utf8);
		if (used + n >= room)
			break;
		memcpy(to + used, utf8, n);
		used += n;
	}
	to[used] = '\0';
}

/*
 * Copy an NDIS object that may be older (shorter) or newer (longer) than
 * ours. What an older one lacks is left as it is.
 */
static int rndis_fetch_object(void *to, u32 to_len, const void *info, u32 len,
			      u8 type, u32 min_len)
{
	struct ndis_object_hdr hdr;
	u32 size;

	if (len < sizeof(hdr))
		return -EBADMSG;
	rndis_fetch(&hdr, info, sizeof(hdr));
	size = le16_to_cpu(hdr.size);
	if (hdr.type != type || !hdr.revision || size < min_len || size > len)
		return -EBADMSG;
	rndis_fetch(to, info, size < to_len ? size : to_len);
	return 0;
}

static bool rndis_for_ethernet(__le32 encapsulation)
{
	return le32_to_cpu(encapsulation) & NDIS_ENCAPSULATION_802_3;
}

static u32 rndis_csum_caps(__le32 encapsulation, __le32 flags)
{
	return rndis_for_ethernet(encapsulation) ? le32_to_cpu(flags) : 0;
}

/**
 * rndis_parse_offload() - what the host can compute
 * @info: struct ndis_offload; may be shared with the host
 * @len: bytes of it
 * @caps: filled in if the result is 0
 *
 * Context: Any.
 * Return: 0 or -EBADMSG.
 */
int rndis_parse_offload(const void *info, u32 len,
			struct rndis_offload_caps *caps)
{
	struct ndis_offload offload = {};
	const struct ndis_csum_offload *csum = &offload.csum;
	const struct ndis_lso_v2 *lso = &offload.lso_v2;
	int ret;

	ret = rndis_fetch_object(&offload, sizeof(offload), info, len,
				 NDIS_OBJECT_OFFLOAD, NDIS_OFFLOAD_SIZE_REV1);
	if (ret)
		return ret;

	memset(caps, 0, sizeof(*caps));
	caps->tx_csum_ipv4 = rndis_csum_caps(csum->ipv4_tx_encapsulation,
					     csum->ipv4_tx_flags);
	caps->rx_csum_ipv4 = rndis_csum_caps(csum->ipv4_rx_encapsulation,
					     csum->ipv4_rx_flags);
	caps->tx_csum_ipv6 = rndis_csum_caps(csum->ipv6_tx_encapsulation,
					     csum->ipv6_tx_flags);
	caps->rx_csum_ipv6 = rndis_csum_caps(csum->ipv6_rx_encapsulation,
					     csum->ipv6_rx_flags);
	if (rndis_for_ethernet(lso->ipv4_encapsulation)) {
		caps->lso_v2_ipv4_max = le32_to_cpu(lso->ipv4_max_size);
		caps->lso_v2_ipv4_min_segments =
			le32_to_cpu(lso->ipv4_min_segments);
	}
	if (rndis_for_ethernet(lso->ipv6_encapsulation)) {
		caps->lso_v2_ipv6_max = le32_to_cpu(lso->ipv6_max_size);
		caps->lso_v2_ipv6_min_segments =
			le32_to_cpu(lso->ipv6_min_segments);
		caps->lso_v2_ipv6_flags = le32_to_cpu(lso->ipv6_flags);
	}
	caps->rsc_ipv4 = offload.rsc_ipv4;
	caps->rsc_ipv6 = offload.rsc_ipv6;
	return 0;
}

/**
 * rndis_parse_rss_caps() - how the host can spread received frames
 * @info: struct ndis_rss_caps; may be shared with the host
 * @len: bytes of it
 * @caps: filled in if the result is 0
 *
 * Context: Any.
 * Return: 0 or -EBADMSG.
 */
int rndis_parse_rss_caps(const void *info, u32 len,
			 struct rndis_rss_caps *caps)
{
	struct ndis_rss_caps rss = {};
	u32 entries;
	int ret;

	ret = rndis_fetch_object(&rss, sizeof(rss), info, len,
				 NDIS_OBJECT_RSS_CAPS, NDIS_RSS_CAPS_SIZE_REV1);
	if (ret)
		return ret;

	/* Hosts that do not say have tables of the default size. */
	entries = le16_to_cpu(rss.num_entries);
	if (!entries)
		entries = NDIS_RSS_DEFAULT_ENTRIES;
	if (entries > NDIS_RSS_MAX_ENTRIES)
		entries = NDIS_RSS_MAX_ENTRIES;

	caps->flags = le32_to_cpu(rss.flags);
	caps->num_queues = le32_to_cpu(rss.num_queues);
	caps->num_entries = entries;
	return 0;
}
