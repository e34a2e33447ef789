// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: what was agreed with the host, and what is in use of it. All files
 * are only read, and nothing depends on any of them.
 *
 *	hv_netvsc/GUID/session		versions, limits of the host, buffers
 *	hv_netvsc/GUID/channels		a line for each queue
 *
 * A reader holds the lock of the session, so that neither a reconfiguration
 * nor the end of the device takes away what it looks at. That lock may be held
 * for as long as the host is waited for, and a reader can be interrupted. The
 * files go before the device does: debugfs waits for those who read.
 */
#include <linux/debugfs.h>
#include <linux/netdevice.h>
#include <linux/seq_file.h>

#include "vmbus_glue/compat.h"
#include "netvsc.h"

static struct dentry *netvsc_debugfs_root;

static const char * const netvsc_state_names[NETVSC_NUM_STATES] = {
	[NETVSC_DOWN]		= "down",
	[NETVSC_CONNECTING]	= "connecting",
	[NETVSC_READY]		= "ready",
	[NETVSC_RUNNING]	= "running",
	[NETVSC_CLOSING]	= "closing",
	[NETVSC_ASLEEP]		= "asleep",
	[NETVSC_GONE]		= "gone",
};

static void netvsc_show_versions(struct seq_file *to, const struct netvsc *nv)
{
	u32 vmbus = nvb_vmbus_version();

	seq_printf(to, "interface: %s\n", netdev_name(nv->netdev));
	seq_printf(to, "state: %s\n", netvsc_state_names[nv->state]);
	seq_printf(to, "vmbus: %u.%u\n", vmbus >> 16, vmbus & 0xffff);
	seq_printf(to, "nvsp: %s\n", nvsp_version_name(&nv->nvsp));
}

static void netvsc_show_limits(struct seq_file *to, const struct netvsc *nv)
{
	const struct rndis_offload_caps *caps = &nv->offload;

	seq_printf(to, "mtu: %u max %u\n", nv->config.mtu, nv->host_mtu);
	seq_printf(to, "queues: %u max %u\n", nv->resources->num_queues,
		   netvsc_max_channels(nv));
	seq_printf(to, "rss: table %u hashes %#x without-ports %#x\n",
		   nv->rss.entries, nv->rss.hash_types, nv->rss.without_ports);
	seq_printf(to, "message: frames %u max %u bytes %u max %u align %u\n",
		   netvsc_aggr_frames(nv), nv->rndis.max_packets,
		   netvsc_aggr_bytes(nv), nv->rndis.max_transfer,
		   nv->rndis.alignment);
	seq_printf(to, "mdl-chain: max %u\n", nv->nvsp.max_mdl_chain);
	seq_printf(to, "tx-checksum: ipv4 %#x ipv6 %#x\n", caps->tx_csum_ipv4,
		   caps->tx_csum_ipv6);
	seq_printf(to, "rx-checksum: ipv4 %#x ipv6 %#x\n", caps->rx_csum_ipv4,
		   caps->rx_csum_ipv6);
	seq_printf(to, "lso: ipv4 max %u ipv6 max %u\n", caps->lso_v2_ipv4_max,
		   caps->lso_v2_ipv6_max);
	seq_printf(to, "rsc: offered %u wanted %u\n", nv->rsc_offered,
		   nv->rsc_wanted);
}

static void netvsc_show_buffers(struct seq_file *to, const struct netvsc *nv)
{
	const struct netvsc_resources *res = nv->resources;

	seq_printf(to, "receive-buffer: bytes %u slots %u of %u\n",
		   res->recv.bytes, nv->nvsp.recv.num_slots,
		   nv->nvsp.recv.slot_size);
	seq_printf(to, "send-buffer: bytes %u sections %u of %u\n",
		   res->send.bytes, nv->nvsp.send.num_sections,
		   nv->nvsp.send.section_size);
	/* Of all devices. */
	seq_printf(to, "left-to-host: bytes %lu\n", nvb_buffer_leaked());
}

static int netvsc_session_show(struct seq_file *to, void *unused)
{
	struct netvsc *nv = to->private;
	int err;

	err = mutex_lock_interruptible(&nv->lock);
	if (err)
		return err;
	netvsc_show_versions(to, nv);
	netvsc_show_limits(to, nv);
	netvsc_show_buffers(to, nv);
	mutex_unlock(&nv->lock);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(netvsc_session);

/* Frames flow meanwhile: each value is true by itself. */
static void netvsc_show_channel(struct seq_file *to,
				const struct netvsc_channel *ch)
{
	const struct nvb_ring_out *out = &ch->vmbus.out;
	const struct nvb_ring_in *in = &ch->vmbus.in;
	const struct netvsc_rx *rx = &ch->rx;

	seq_printf(to, "queue=%u channel=%u cpu=%d ring=%u",
		   ch->queue, ch->index, nvb_channel_cpu(ch->vmbus.vmbus),
		   ch->vmbus.ring_bytes);
	seq_printf(to, " out_size=%u out_used=%u out_messages=%llu out_signals=%llu out_full=%llu",
		   out->size, nvb_out_used(out), out->messages, out->signals,
		   out->full_events);
	seq_printf(to, " in_packets=%llu in_signals=%llu in_empty=%u in_dead=%u",
		   in->packets, in->signals, nvb_in_empty(in),
		   READ_ONCE(in->dead));
	seq_printf(to, " slots=%u slots_free=%u sections_free=%u",
		   NETVSC_TX_SLOTS, netvsc_tx_slots_free(ch),
		   READ_ONCE(ch->section_tail) - READ_ONCE(ch->section_head) +
		   READ_ONCE(ch->stash_len));
	seq_printf(to, " owed=%u owed_max=%u held=%u",
		   READ_ONCE(rx->owed_tail) - READ_ONCE(rx->owed_head),
		   rx->owed_max, READ_ONCE(rx->held));
	seq_printf(to, " stopped=%u ring_wait=%u unposted=%u\n",
		   netif_tx_queue_stopped(ch->txq), READ_ONCE(ch->ring_wait),
		   READ_ONCE(ch->unposted));
}

static int netvsc_channels_show(struct seq_file *to, void *unused)
{
	struct netvsc *nv = to->private;
	u32 i;
	int err;

	err = mutex_lock_interruptible(&nv->lock);
	if (err)
		return err;
	for (i = 0; i < nv->resources->num_queues; i++)
		netvsc_show_channel(to, nv->resources->queue[i]);
	mutex_unlock(&nv->lock);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(netvsc_channels);

/**
 * netvsc_debugfs_add() - show a device in debugfs
 * @nv: the device, registered
 *
 * Context: Process context.
 */
void netvsc_debugfs_add(struct netvsc *nv)
{
	nv->debugfs = debugfs_create_dir(dev_name(nv->dev),
					 netvsc_debugfs_root);
	debugfs_create_file("session", 0444, nv->debugfs, nv,
			    &netvsc_session_fops);
	debugfs_create_file("channels", 0444, nv->debugfs, nv,
			    &netvsc_channels_fops);
}

/**
 * netvsc_debugfs_remove() - show it no longer
 * @nv: the device
 *
 * Context: Process context, without the lock of the session. Waits for those
 * who are reading; nobody reads afterwards.
 */
void netvsc_debugfs_remove(struct netvsc *nv)
{
	debugfs_remove(nv->debugfs);
	nv->debugfs = NULL;
}

/**
 * netvsc_debugfs_init() - make the directory of the driver
 *
 * Context: Process context, before there are devices. Without debugfs, here
 * and in what follows, nothing happens.
 */
void netvsc_debugfs_init(void)
{
	netvsc_debugfs_root = debugfs_create_dir(NETVSC_DRIVER_NAME, NULL);
}

/**
 * netvsc_debugfs_exit() - the opposite of netvsc_debugfs_init()
 *
 * Context: Process context, when all devices have gone.
 */
void netvsc_debugfs_exit(void)
{
	debugfs_remove(netvsc_debugfs_root);
}
