// SPDX-License-Identifier: GPL-2.0
/*
 * Decoding of NVSP messages from the host. Pure: see nvsp_codec.h.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include "nvsp_codec.h"
#include "wire/rndis.h"

/* The shortest receive slot that can hold any frame, Ethernet header and all. */
#define NVSP_MIN_SLOT_BYTES	(sizeof(struct rndis_msg_hdr) + \
				 sizeof(struct rndis_packet) + 14)

/* A send section that holds less is not worth its bookkeeping. */
#define NVSP_MIN_SECTION_BYTES	256

/**
 * nvsp_parse_table() - the host's wish for the channels to transmit on
 * @msg: SEND_INDIRECTION_TABLE
 * @len: bytes of it
 * @version: NVSP_VERSION_* of the session
 * @table: NVSP_INDIRECTION_ENTRIES channel numbers, unchecked; set if the
 *	result is 0
 *
 * Context: Any.
 * Return: 0 or -EPROTO.
 */
int nvsp_parse_table(const void *msg, u32 len, u32 version, u32 *table)
{
	const u32 bytes = NVSP_INDIRECTION_ENTRIES * sizeof(__le32);
	const struct nvsp_msg_indirection_table *head = msg;
	u32 offset, i;
	__le32 entry;

	if (len < sizeof(*head) ||
	    le32_to_cpu(head->count) != NVSP_INDIRECTION_ENTRIES)
		return -EPROTO;

	/*
	 * Hosts up to NVSP 6 may pad the head of the message to its full size
	 * and still write the offset of the unpadded one.
	 */
	offset = le32_to_cpu(head->offset);
	if (version <= NVSP_VERSION_6 && len >= NVSP_MSG_BYTES + bytes)
		offset = NVSP_MSG_BYTES;
	if (offset < sizeof(*head) || offset > len || len - offset < bytes)
		return -EPROTO;

	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++) {
		memcpy(&entry, msg + offset + i * sizeof(entry),
		       sizeof(entry));
		table[i] = le32_to_cpu(entry);
	}

	return 0;
}

/**
 * nvsp_parse_recv_buffer() - how the host cut the receive buffer
 * @msg: SEND_RECV_BUFFER_COMPLETE
 * @bytes: of the receive buffer
 * @slot_size: bytes of a slot; set if the result is 0
 * @num_slots: slots, at least 1, which fit into @bytes; likewise
 *
 * Context: Any.
 * Return: 0, -EIO if the host refused the buffer, or -EPROTO.
 */
int nvsp_parse_recv_buffer(const struct nvsp_msg_recv_buffer_complete *msg,
			   u32 bytes, u32 *slot_size, u32 *num_slots)
{
	u32 slot = le32_to_cpu(msg->section.slot_size);
	u32 num = le32_to_cpu(msg->section.num_slots);

	if (le32_to_cpu(msg->status) != NVSP_STATUS_SUCCESS)
		return -EIO;
	if (le32_to_cpu(msg->num_sections) != 1 || msg->section.offset ||
	    slot < NVSP_MIN_SLOT_BYTES || !num || (u64)slot * num > bytes)
		return -EPROTO;
	*slot_size = slot;
	*num_slots = num;

	return 0;
}

/**
 * nvsp_parse_send_buffer() - how the send buffer may be used
 * @msg: SEND_SEND_BUFFER_COMPLETE
 * @bytes: of the send buffer
 * @section_size: bytes of a section, a multiple of 4; set if the result is 0
 * @num_sections: sections, at least 1, which fit into @bytes; likewise
 *
 * Context: Any.
 * Return: 0, or -EPROTO if it cannot be used.
 */
int nvsp_parse_send_buffer(const struct nvsp_msg_send_buffer_complete *msg,
			   u32 bytes, u32 *section_size, u32 *num_sections)
{
	u32 size = le32_to_cpu(msg->section_size);

	if (le32_to_cpu(msg->status) != NVSP_STATUS_SUCCESS ||
	    size < NVSP_MIN_SECTION_BYTES || size % sizeof(u32) ||
	    size > bytes)
		return -EPROTO;
	*section_size = size;
	*num_sections = bytes / size;

	return 0;
}

/**
 * nvsp_parse_subchannels() - the channels that the host grants
 * @msg: SUBCHANNEL_COMPLETE
 * @want: how many it was asked for
 * @granted: how many it will offer, no more than @want, 0 if it refuses; set
 *	if the result is 0
 *
 * Context: Any.
 * Return: 0 or -EPROTO.
 */
int nvsp_parse_subchannels(const struct nvsp_msg_subchannel_complete *msg,
			   u32 want, u32 *granted)
{
	u32 num = le32_to_cpu(msg->num);

	if (le32_to_cpu(msg->status) != NVSP_STATUS_SUCCESS)
		num = 0;
	if (num > want)
		return -EPROTO;
	*granted = num;

	return 0;
}

/**
 * nvsp_parse_association() - what the host says of the virtual function
 * @msg: SEND_VF_ASSOCIATION
 * @len: bytes of it
 * @allocated: whether there is one; set if the result is 0
 * @serial: its number; likewise
 *
 * Context: Any.
 * Return: 0 or -EPROTO.
 */
int nvsp_parse_association(const void *msg, u32 len, bool *allocated,
			   u32 *serial)
{
	const struct nvsp_msg_vf_association *association = msg;

	if (len < sizeof(*association))
		return -EPROTO;
	*allocated = association->allocated != 0;
	*serial = le32_to_cpu(association->serial);

	return 0;
}

/**
 * nvsp_parse_data_path() - where the host has moved the data path
 * @msg: SWITCH_DATA_PATH
 * @len: bytes of it
 * @vf: to the virtual function; set if the result is 0
 *
 * Context: Any.
 * Return: 0 or -EPROTO.
 */
int nvsp_parse_data_path(const void *msg, u32 len, bool *vf)
{
	const struct nvsp_msg_switch_data_path *data_path = msg;

	if (len < sizeof(*data_path))
		return -EPROTO;
	*vf = le32_to_cpu(data_path->active) == NVSP_DATA_PATH_VF;

	return 0;
}
