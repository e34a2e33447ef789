/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a file of the driver keeps to itself, except for the suites.
 */
#ifndef KUNIT_VISIBLE_H
#define KUNIT_VISIBLE_H

#ifdef NETVSC_KUNIT

#include <linux/types.h>

#include "netvsc.h"

struct hv_device;
struct hv_vmbus_device_id;
struct netvsc_channel;
struct netvsc_resources;
struct netvsc_bounce;
struct netvsc_vf_id;
struct netvsc_xsk;
struct nvb_vmbus_gpadl;
struct vmbus_channel;

int netvsc_probe(struct hv_device *hv_dev, const struct hv_vmbus_device_id *id);
void netvsc_remove(struct hv_device *hv_dev);
int netvsc_fall_asleep(struct hv_device *hv_dev);
int netvsc_wake_up(struct hv_device *hv_dev);
bool netvsc_settle(struct netvsc *nv, const struct netvsc_resources *res,
		   bool (*done)(struct netvsc_channel *ch),
		   unsigned int timeout_ms);
bool netvsc_state_follows(enum netvsc_state from, enum netvsc_state to);
bool netvsc_vf_identify(const struct net_device *dev, struct netvsc_vf_id *id);
enum netvsc_vf_match netvsc_vf_rank(const struct netvsc *nv,
				    const struct netvsc_vf_id *id);
void netvsc_vf_setup_work(struct work_struct *work);
void netvsc_vf_news_work(struct work_struct *work);
int netvsc_xsk_register(struct netvsc_channel *ch, struct netvsc_xsk *xsk);
bool netvsc_xsk_tell(struct netvsc_xsk *xsk, bool awake);
u32 netvsc_bounce_free(const struct netvsc_bounce *b);
int nvb_core_share(struct vmbus_channel *vmbus, void *pages, u32 bytes,
		   struct nvb_vmbus_gpadl *record);
int nvb_core_unshare(struct vmbus_channel *vmbus,
		     struct nvb_vmbus_gpadl *record);

#endif /* NETVSC_KUNIT */

#endif /* KUNIT_VISIBLE_H */
