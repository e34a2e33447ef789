/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decoding of NVSP messages from the host.
 *
 * Everything here is pure: no allocation, no locks, no log, no state. Messages
 * are given in private memory. The same source is compiled into the driver and
 * into user-space tests and fuzzers.
 */
#ifndef NVSP_CODEC_H
#define NVSP_CODEC_H

#include <linux/types.h>

#include "wire/nvsp.h"

int nvsp_parse_table(const void *msg, u32 len, u32 version, u32 *table);
int nvsp_parse_recv_buffer(const struct nvsp_msg_recv_buffer_complete *msg,
			   u32 bytes, u32 *slot_size, u32 *num_slots);
int nvsp_parse_send_buffer(const struct nvsp_msg_send_buffer_complete *msg,
			   u32 bytes, u32 *section_size, u32 *num_sections);
int nvsp_parse_subchannels(const struct nvsp_msg_subchannel_complete *msg,
			   u32 want, u32 *granted);
int nvsp_parse_association(const void *msg, u32 len, bool *allocated,
			   u32 *serial);
int nvsp_parse_data_path(const void *msg, u32 len, bool *vf);

#endif /* NVSP_CODEC_H */
