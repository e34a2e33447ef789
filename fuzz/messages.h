/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Data messages from the host: what they mean, told a second time, and how to
 * make plausible ones.
 */
#ifndef FUZZ_MESSAGES_H
#define FUZZ_MESSAGES_H

#include "fuzz.h"
#include "rndis_codec.h"

int message_frame(const u8 *msg, u32 len, struct rndis_rx_frame *frame);
int message_control(const u8 *msg, u32 len, struct rndis_control *ctl);
bool message_same_frame(const struct rndis_rx_frame *a,
			const struct rndis_rx_frame *b);

void message_put_frame(struct fuzz_out *out, u32 flags, u32 id);
void message_put_control(struct fuzz_out *out);

#endif /* FUZZ_MESSAGES_H */
