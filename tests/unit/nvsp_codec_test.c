// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of nvsp_codec.c and netvsc_xfer.h: what hosts send, and the values
 * next to those that are accepted.
 */
#include <stdio.h>

#include "ktap.h"
#include "netvsc_xfer.h"
#include "nvsp_codec.h"

void (*kshim_at_barrier)(void);

static u8 message[NVSP_MSG_BYTES + 64];
static u32 table[NVSP_INDIRECTION_ENTRIES];

/* A table of 0, 1, ... at @where, which the head says is at @offset. */
static void put_table(u32 where, u32 offset)
{
	struct nvsp_msg_indirection_table head = {
		.hdr.type = cpu_to_le32(NVSP_MSG_SEND_INDIRECTION_TABLE),
		.count = cpu_to_le32(NVSP_INDIRECTION_ENTRIES),
		.offset = cpu_to_le32(offset),
	};
	u32 i;

	memset(message, 0xee, sizeof(message));
	memcpy(message, &head, sizeof(head));
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++) {
		__le32 entry = cpu_to_le32(i);

		memcpy(message + where + 4 * i, &entry, sizeof(entry));
	}
	memset(table, 0xee, sizeof(table));
}

static void expect_table(void)
{
	u32 i;

	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		EXPECT_EQ(table[i], i);
}

static void table_where_it_says(void)
{
	put_table(12, 12);
	EXPECT_EQ(nvsp_parse_table(message, 76, NVSP_VERSION_5, table), 0);
	expect_table();
	put_table(40, 40);
	EXPECT_EQ(nvsp_parse_table(message, 104, NVSP_VERSION_6_1, table), 0);
	expect_table();
}

static void table_behind_padding(void)
{
	put_table(40, 12);
	EXPECT_EQ(nvsp_parse_table(message, 104, NVSP_VERSION_6, table), 0);
	expect_table();
	/* From 6.1 on a host means what it says. */
	EXPECT_EQ(nvsp_parse_table(message, 104, NVSP_VERSION_6_1, table), 0);
	EXPECT_EQ(table[0], 0xeeeeeeee);
}

static void table_outside(void)
{
	u32 len;

	for (len = 0; len < 76; len++) {
		put_table(12, 12);
		EXPECT_EQ(nvsp_parse_table(message, len, NVSP_VERSION_5, table),
			  -EPROTO);
	}
	put_table(12, 8);
	EXPECT_EQ(nvsp_parse_table(message, 76, NVSP_VERSION_5, table),
		  -EPROTO);
	put_table(12, 0xfffffff0);
	EXPECT_EQ(nvsp_parse_table(message, 76, NVSP_VERSION_5, table),
		  -EPROTO);
	put_table(12, 12);
	message[4]--;
	EXPECT_EQ(nvsp_parse_table(message, 76, NVSP_VERSION_5, table),
		  -EPROTO);
}

static int recv_buffer(u32 status, u32 sections, u32 offset, u32 size, u32 num)
{
	struct nvsp_msg_recv_buffer_complete msg = {
		.status = cpu_to_le32(status),
		.num_sections = cpu_to_le32(sections),
		.section.offset = cpu_to_le32(offset),
		.section.slot_size = cpu_to_le32(size),
		.section.num_slots = cpu_to_le32(num),
	};
	u32 got_size = 0, got_num = 0;
	int ret = nvsp_parse_recv_buffer(&msg, 0x10000, &got_size, &got_num);

	EXPECT_EQ(got_size, ret ? 0 : size);
	EXPECT_EQ(got_num, ret ? 0 : num);
	return ret;
}

static void recv_buffers(void)
{
	EXPECT_EQ(recv_buffer(1, 1, 0, 0x100, 0x100), 0);
	EXPECT_EQ(recv_buffer(1, 1, 0, 58, 1), 0);
	EXPECT_EQ(recv_buffer(2, 1, 0, 0x100, 0x100), -EIO);
	EXPECT_EQ(recv_buffer(1, 2, 0, 0x100, 0x80), -EPROTO);
	EXPECT_EQ(recv_buffer(1, 1, 8, 0x100, 0x80), -EPROTO);
	EXPECT_EQ(recv_buffer(1, 1, 0, 57, 1), -EPROTO);
	EXPECT_EQ(recv_buffer(1, 1, 0, 0x100, 0), -EPROTO);
	EXPECT_EQ(recv_buffer(1, 1, 0, 0x100, 0x101), -EPROTO);
	/* The product is 0 in 32 bits. */
	EXPECT_EQ(recv_buffer(1, 1, 0, 0x10000, 0x10000), -EPROTO);
}

static int send_buffer(u32 status, u32 size, u32 *num)
{
	struct nvsp_msg_send_buffer_complete msg = {
		.status = cpu_to_le32(status),
		.section_size = cpu_to_le32(size),
	};
	u32 got;

	return nvsp_parse_send_buffer(&msg, 0x1000, &got, num);
}

static void send_buffers(void)
{
	u32 num = 0;

	EXPECT_EQ(send_buffer(1, 0x600, &num), 0);
	EXPECT_EQ(num, 2);
	EXPECT_EQ(send_buffer(1, 0x1000, &num), 0);
	EXPECT_EQ(num, 1);
	EXPECT_EQ(send_buffer(2, 0x600, &num), -EPROTO);
	EXPECT_EQ(send_buffer(1, 0, &num), -EPROTO);
	EXPECT_EQ(send_buffer(1, 252, &num), -EPROTO);
	EXPECT_EQ(send_buffer(1, 0x602, &num), -EPROTO);
	EXPECT_EQ(send_buffer(1, 0x1004, &num), -EPROTO);
}

static void subchannels(void)
{
	struct nvsp_msg_subchannel_complete msg = {
		.status = cpu_to_le32(NVSP_STATUS_SUCCESS),
		.num = cpu_to_le32(3),
	};
	u32 granted = 9;

	EXPECT_EQ(nvsp_parse_subchannels(&msg, 3, &granted), 0);
	EXPECT_EQ(granted, 3);
	EXPECT_EQ(nvsp_parse_subchannels(&msg, 2, &granted), -EPROTO);
	msg.status = cpu_to_le32(NVSP_STATUS_FAILURE);
	EXPECT_EQ(nvsp_parse_subchannels(&msg, 2, &granted), 0);
	EXPECT_EQ(granted, 0);
}

static u32 ranges(u32 ext_len, u32 payload_len, u32 id, u32 type, u32 count)
{
	struct nvb_xfer_hdr hdr = {
		.buffer_id = cpu_to_le16(id),
		.range_count = cpu_to_le32(count),
	};
	struct nvsp_msg_hdr msg = { .type = cpu_to_le32(type) };
	struct nvb_packet pkt = {
		.ext = &hdr,
		.payload = &msg,
		.ext_len = ext_len,
		.payload_len = payload_len,
	};

	return netvsc_xfer_count(&pkt);
}

static void transfer_pages(void)
{
	EXPECT_EQ(ranges(24, 16, 0xcafe, 107, 2), 2);
	EXPECT_EQ(ranges(24, 16, 0xcafe, 107, 1), 1);
	EXPECT_EQ(ranges(24, 16, 0xcafe, 107, 0), 0);
	EXPECT_EQ(ranges(24, 16, 0xcafe, 107, 3), 0);
	EXPECT_EQ(ranges(24, 16, 0xcafe, 107, 0xffffffff), 0);
	EXPECT_EQ(ranges(23, 16, 0xcafe, 107, 2), 0);
	EXPECT_EQ(ranges(7, 16, 0xcafe, 107, 1), 0);
	EXPECT_EQ(ranges(24, 3, 0xcafe, 107, 2), 0);
	EXPECT_EQ(ranges(24, 16, 0xcaff, 107, 2), 0);
	EXPECT_EQ(ranges(24, 16, 0xcafe, 108, 2), 0);
}

static bool range(u32 offset, u32 len)
{
	struct nvb_xfer_range one = {
		.byte_count = cpu_to_le32(len),
		.byte_offset = cpu_to_le32(offset),
	};

	return netvsc_xfer_range(&one, 100, 1000, &offset, &len);
}

static void transfer_ranges(void)
{
	EXPECT(range(0, 100));
	EXPECT(range(900, 100));
	EXPECT(range(1000, 0));
	EXPECT(!range(0, 101));
	EXPECT(!range(901, 100));
	EXPECT(!range(1001, 0));
	/* The sum is small in 32 bits. */
	EXPECT(!range(0xffffffff, 100));
}

static void virtual_functions(void)
{
	static const u8 msg[] = { 128, 0, 0, 0, 0, 1, 0, 0, 0x78, 0x56, 0x34,
				  0x12, 0xff };
	static const u8 gone[] = { 128, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 };
	bool allocated = false;
	u32 serial = 0;

	EXPECT(nvsp_parse_association(msg, 11, &allocated, &serial) == -EPROTO);
	EXPECT(!allocated && !serial);
	EXPECT(!nvsp_parse_association(msg, 13, &allocated, &serial));
	EXPECT(allocated && serial == 0x12345678);
	EXPECT(!nvsp_parse_association(gone, 12, &allocated, &serial));
	EXPECT(!allocated && serial == 1);
}

static void data_paths(void)
{
	static const u8 msg[][8] = {
		{ 129, 0, 0, 0, 0, 0, 0, 0 },
		{ 129, 0, 0, 0, 1, 0, 0, 0 },
		{ 129, 0, 0, 0, 0, 1, 0, 0 },
	};
	bool vf = true;

	EXPECT(nvsp_parse_data_path(msg[0], 7, &vf) == -EPROTO && vf);
	EXPECT(!nvsp_parse_data_path(msg[0], 8, &vf) && !vf);
	EXPECT(!nvsp_parse_data_path(msg[1], 8, &vf) && vf);
	/* Only one value stands for the VF. */
	EXPECT(!nvsp_parse_data_path(msg[2], 8, &vf) && !vf);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(table_where_it_says),
	KTAP_CASE(table_behind_padding),
	KTAP_CASE(table_outside),
	KTAP_CASE(recv_buffers),
	KTAP_CASE(send_buffers),
	KTAP_CASE(subchannels),
	KTAP_CASE(virtual_functions),
	KTAP_CASE(data_paths),
	KTAP_CASE(transfer_pages),
	KTAP_CASE(transfer_ranges),
};

int main(void)
{
	return ktap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
