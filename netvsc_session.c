// SPDX-License-Identifier: GPL-2.0
/*
 * The session with the host, from opening the primary channel until all is
 * agreed, and back again.
 *
 *	open the primary channel
 *	NVSP: version, frame size, receive buffer, send buffer
 *	RNDIS: initialise, ask what the host can do
 *	NVSP: subchannels, as many as both sides want and memory allows
 *	RNDIS: how to spread received frames, which offloads are on
 *
 * The way back says farewell as far as the host still listens, closes the
 * channels, and only then takes the memory back.
 *
 * Sharing the buffers is what takes longest: thousands of page numbers, and a
 * host that maps them. Their GPADLs belong to the channel as it was offered and
 * not to the session, so a session that follows another may use them again.
 * Whatever went wrong in the one before, the next shares anew.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "kunit/visible.h"
#include "vmbus_glue/compat.h"
#include "netvsc.h"
#include "netvsc_xsk.h"

/* A receive buffer below this is not worth trying. */
#define NETVSC_LEAST_RECV_BYTES	(1024 * 1024)

/* An error after which the host cannot be talked to. */
static bool netvsc_host_lost(int err)
{
	return err == -ETIMEDOUT || err == -ENODEV;
}

static void netvsc_send_table(void *ctx, const u32 *channels, unsigned int n);

static void netvsc_session_link_event(void *ctx, enum rndis_link_event event,
				      u32 speed)
{
	netvsc_link_event(ctx, event, speed);
}

static void netvsc_session_association(void *ctx, bool allocated, u32 serial)
{
	netvsc_vf_association(ctx, allocated, serial);
}

static void netvsc_session_data_path_back(void *ctx)
{
	netvsc_vf_taken_back(ctx);
}

static const struct nvsp_ops netvsc_nvsp_ops = {
	.send_table = netvsc_send_table,
	.vf_association = netvsc_session_association,
	.data_path_back = netvsc_session_data_path_back,
};

static const struct rndis_filter_ops netvsc_rndis_ops = {
	.link_event = netvsc_session_link_event,
};

/*
 * The host counts channels, we count queues. The two differ when a channel
 * could not be opened; as far as a hint goes they are the same.
 */
static void netvsc_send_table(void *ctx, const u32 *channels, unsigned int n)
{
	struct netvsc *nv = ctx;
	unsigned int i;

	WRITE_ONCE(nv->send_table_valid, false);
	for (i = 0; i < n; i++) {
		if (channels[i] >= NETVSC_MAX_CHANNELS)
			return;
		WRITE_ONCE(nv->send_table[i], channels[i]);
	}
	/* Pairs with the acquire in netvsc_select_queue(). */
	smp_store_release(&nv->send_table_valid, true);
}

/* At first a smaller buffer is better than none. */
static int netvsc_alloc_recv(struct nvb_buffer *buf, u32 bytes, int node)
{
	int err;

	for (;;) {
		err = nvb_buffer_alloc(buf, bytes, node);
		if (!err || bytes / 2 < NETVSC_LEAST_RECV_BYTES)
			return err;
		bytes = PAGE_ALIGN(bytes / 2);
	}
}

/* Whether a buffer of the old configuration serves the new one. */
static bool netvsc_same_buffer(const struct nvb_buffer *old, u32 bytes)
{
	return old->va && old->bytes == PAGE_ALIGN(bytes);
}

/**
 * netvsc_max_channels() - how many channels can be had
 * @nv: the device
 *
 * A CPU serves one, so this changes with the CPUs that are online.
 *
 * Context: Any.
 * Return: at least 1.
 */
u32 netvsc_max_channels(const struct netvsc *nv)
{
	return min_t(u32, nv->host_channels, num_online_cpus());
}

/**
 * netvsc_resources_alloc() - get the memory of a configuration
 * @nv: the device
 * @config: the configuration
 * @old: the one in force, whose buffers are going to be reused where they have
 *	the right size; may be NULL
 *
 * Context: Process context, holding RTNL once the interface is registered.
 * Return: the resources, or NULL.
 */
struct netvsc_resources *
netvsc_resources_alloc(struct netvsc *nv, const struct netvsc_config *config,
		       const struct netvsc_resources *old)
{
	u32 i, channels = min(config->channels, netvsc_max_channels(nv));
	struct netvsc_resources *res;
	int err;

	res = kzalloc(sizeof(*res), GFP_KERNEL);
	if (!res)
		return NULL;
	res->config = *config;

	err = 0;
	if (!old)
		err = netvsc_alloc_recv(&res->recv, config->recv_bytes,
					nv->node);
	else if (!netvsc_same_buffer(&old->recv, config->recv_bytes))
		err = nvb_buffer_alloc(&res->recv, config->recv_bytes,
				       nv->node);
	if (err)
		goto err_free;
	/* Without a send buffer everything is listed: slower, but it works. */
	if (!(old && netvsc_same_buffer(&old->send, config->send_bytes)))
		nvb_buffer_alloc(&res->send, config->send_bytes, nv->node);

	for (i = 0; i < channels; i++) {
		res->channel[i] = netvsc_channel_alloc(nv, i, nv->node);
		if (!res->channel[i])
			break;
	}
	res->num_channels = i;
	if (!i)
		goto err_free;

	return res;

err_free:
	netvsc_resources_free(res);
	return NULL;
}

/**
 * netvsc_resources_free() - the opposite of netvsc_resources_alloc()
 * @res: resources of which no channel is open, and no buffer is shared
 *
 * Context: Process context, holding RTNL while the interface is registered.
 */
void netvsc_resources_free(struct netvsc_resources *res)
{
	u32 i;

	for (i = 0; i < res->num_channels; i++)
		netvsc_channel_free(res->channel[i]);
	if (res->recv.va)
		nvb_buffer_free(&res->recv);
	if (res->send.va)
		nvb_buffer_free(&res->send);
	kfree(res);
}

static void netvsc_unshare_buffers(struct netvsc_resources *res)
{
	nvb_buffer_unshare(&res->send);
	nvb_buffer_unshare(&res->recv);
}

static void netvsc_move_buffer(struct nvb_buffer *to, struct nvb_buffer *from)
{
	if (to->va || from->host_may_reach)
		return;
	*to = *from;
	memset(from, 0, sizeof(*from));
}

/**
 * netvsc_resources_move() - reuse the buffers of another configuration
 * @to: takes what it has not, shared or not
 * @from: its channels are closed; none of its buffers is shared afterwards
 *
 * Context: Process context; waits for the host as long as the VMBus core does.
 */
void netvsc_resources_move(struct netvsc_resources *to,
			   struct netvsc_resources *from)
{
	netvsc_move_buffer(&to->recv, &from->recv);
	netvsc_move_buffer(&to->send, &from->send);
	netvsc_unshare_buffers(from);
}

static int netvsc_open_primary(struct netvsc *nv, struct netvsc_resources *res)
{
	struct netvsc_channel *ch = res->channel[0];
	int err;

	err = netvsc_stats_alloc_queue(nv, 0, nv->node);
	if (err)
		return err;

	nvsp_init(&nv->nvsp, nv->dev, &ch->vmbus, &netvsc_nvsp_ops, nv);
	rndis_filter_start(&nv->rndis, nv->dev, &nv->nvsp, &netvsc_rndis_ops,
			   nv);
	WRITE_ONCE(nv->send_table_valid, false);
	netvsc_vf_new_session(nv);
	spin_lock_bh(&nv->link_lock);
	nv->link_told = false;
	spin_unlock_bh(&nv->link_lock);
	err = netvsc_channel_open(ch, nv->primary, 0, res->config.ring_bytes);
	if (err && err != -ENODEV)
		dev_err(nv->dev, "cannot open the primary channel: %d\n", err);

	return err;
}

/* The host may have it from the session before. */
static int netvsc_share_buffer(struct nvb_buffer *buf,
			       struct nvb_channel *primary, u32 bytes)
{
	if (bytes && buf->shared_bytes == bytes)
		return 0;
	nvb_buffer_unshare(buf);

	return nvb_buffer_share(buf, primary, bytes);
}

static int netvsc_share_recv(struct netvsc *nv, struct netvsc_resources *res)
{
	struct netvsc_channel *ch = res->channel[0];
	const struct nvsp *s = &nv->nvsp;
	u32 bytes;
	int err;

	/* A reused buffer may have been lost to a host that holds on to it. */
	if (!res->recv.va) {
		err = netvsc_alloc_recv(&res->recv, res->config.recv_bytes,
					nv->node);
		if (err)
			return err;
	}
	bytes = nvsp_recv_buffer_limit(&nv->nvsp, res->recv.bytes);
	err = netvsc_share_buffer(&res->recv, &ch->vmbus, bytes);
	if (err) {
		dev_err(nv->dev, "cannot share the receive buffer: %d\n", err);
		return err;
	}
	err = nvsp_share_recv_buffer(&nv->nvsp, nvb_buffer_gpadl(&res->recv),
				     bytes);
	if (err)
		return err;

	return netvsc_channel_set_recv(ch, res->recv.va, s->recv.slot_size,
				       s->recv.num_slots);
}

static int netvsc_share_send(struct netvsc *nv, struct netvsc_resources *res)
{
	struct netvsc_channel *ch = res->channel[0];
	int err;

	if (!res->send.va)
		nvb_buffer_alloc(&res->send, res->config.send_bytes, nv->node);
	err = netvsc_share_buffer(&res->send, &ch->vmbus, res->send.bytes);
	if (err) {
		dev_warn(nv->dev, "no send buffer: %d\n", err);
		return nvsp_usable(&nv->nvsp) ? 0 : -ENODEV;
	}

	return nvsp_share_send_buffer(&nv->nvsp, nvb_buffer_gpadl(&res->send),
				      res->send.bytes);
}

static int netvsc_open_session(struct netvsc *nv, struct netvsc_resources *res)
{
	int err;

	err = nvsp_negotiate(&nv->nvsp);
	if (err)
		return err;
	err = nvsp_configure(&nv->nvsp, netvsc_frame_bytes(res->config.mtu));
	if (err)
		return err;
	err = netvsc_share_recv(nv, res);
	if (err)
		return err;
	err = netvsc_share_send(nv, res);
	if (err)
		return err;

	return rndis_filter_init_device(&nv->rndis);
}

static int netvsc_query_link(struct netvsc *nv)
{
	u32 status = RNDIS_MEDIA_CONNECTED, speed = 0;
	int err;

	err = rndis_filter_query_u32(&nv->rndis, OID_GEN_MEDIA_CONNECT_STATUS,
				     &status);
	if (netvsc_host_lost(err))
		return err;
	err = rndis_filter_query_u32(&nv->rndis, OID_GEN_LINK_SPEED, &speed);
	if (netvsc_host_lost(err))
		return err;

	spin_lock_bh(&nv->link_lock);
	/* An indication that has overtaken the answer is newer than it. */
	if (!nv->link_told)
		nv->link_up = status == RNDIS_MEDIA_CONNECTED;
	if (speed)
		nv->link_speed = speed;
	spin_unlock_bh(&nv->link_lock);

	return 0;
}

/*
 * How received frames are to be spread. Hosts do not always say that they can
 * hash TCP; hashing UDP is new, and only asked for where it is offered.
 */
static u32 netvsc_hash_types(u32 caps)
{
	u32 types = NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV4 |
		    NDIS_HASH_IPV6 | NDIS_HASH_TCP_IPV6;

	if (caps & NDIS_RSS_CAP_UDP_IPV4)
		types |= NDIS_HASH_UDP_IPV4;
	if (caps & NDIS_RSS_CAP_UDP_IPV6)
		types |= NDIS_HASH_UDP_IPV6;

	return types;
}

/* What the host can do; what it does not say, it cannot. */
static int netvsc_query_host(struct netvsc *nv)
{
	struct rndis_rss_caps rss = {};
	u32 mtu = 0;
	int err;

	memset(&nv->offload, 0, sizeof(nv->offload));
	err = rndis_filter_query_offload(&nv->rndis, &nv->offload);
	if (netvsc_host_lost(err))
		return err;
	nv->rsc_offered = nvsp_can_coalesce(&nv->nvsp) &&
			  (nv->offload.rsc_ipv4 || nv->offload.rsc_ipv6);

	nv->host_channels = 1;
	nv->rss.entries = 0;
	if (nv->nvsp.version >= NVSP_VERSION_5) {
		err = rndis_filter_query_rss(&nv->rndis, &rss);
		if (netvsc_host_lost(err))
			return err;
		if (!err && (rss.flags & NDIS_HASH_TOEPLITZ)) {
			nv->host_channels = clamp_t(u32, rss.num_queues, 1,
						    NETVSC_MAX_CHANNELS);
			nv->rss.entries = rss.num_entries;
			nv->rss.hash_types = netvsc_hash_types(rss.flags);
		}
	}

	err = rndis_filter_query_u32(&nv->rndis, OID_GEN_MAXIMUM_FRAME_SIZE,
				     &mtu);
	if (netvsc_host_lost(err))
		return err;
	nv->host_mtu = err || mtu < NETVSC_MIN_MTU ? ETH_DATA_LEN : mtu;

	return netvsc_query_link(nv);
}

/*
 * A subchannel is opened here, in the context in which the host's offer is
 * dealt with: once this returns, the host may take the channel away again.
 */
static void netvsc_subchannel_offered(void *ctx, struct vmbus_channel *vmbus)
{
	u16 index = nvb_channel_subindex(vmbus);
	struct netvsc *nv = ctx;
	struct netvsc_channel *ch;
	int err;

	mutex_lock(&nv->subchannel_lock);
	if (index && index < nv->subchannels_wanted) {
		ch = nv->resources->channel[index];
		err = ch->open ? -EEXIST :
		      netvsc_channel_open(ch, vmbus, index,
					  nv->resources->config.ring_bytes);
		if (err)
			dev_warn(nv->dev, "cannot open channel %u: %d\n",
				 index, err);
	}
	if (++nv->subchannels_seen == nv->subchannels_granted)
		complete(&nv->subchannels_done);
	mutex_unlock(&nv->subchannel_lock);
}

/* Memory for up to @num channels; returns for how many there is some. */
static u32 netvsc_prepare_channels(struct netvsc *nv,
				   struct netvsc_resources *res, u32 num)
{
	u32 i;

	for (i = 1; i < num; i++) {
		if (!res->channel[i])
			res->channel[i] = netvsc_channel_alloc(nv, i, nv->node);
		if (!res->channel[i])
			break;
		res->num_channels = max(res->num_channels, i + 1);
		if (netvsc_stats_alloc_queue(nv, i, nv->node) ||
		    netvsc_channel_set_recv(res->channel[i], res->recv.va,
					    nv->nvsp.recv.slot_size,
					    nv->nvsp.recv.num_slots))
			break;
	}

	return i;
}

/* Waits until all offers have been dealt with, then takes no more. */
static int netvsc_collect_subchannels(struct netvsc *nv, u32 granted)
{
	int err;

	mutex_lock(&nv->subchannel_lock);
	nv->subchannels_granted = granted;
	if (nv->subchannels_seen >= granted)
		complete(&nv->subchannels_done);
	mutex_unlock(&nv->subchannel_lock);

	err = nvsp_wait(&nv->nvsp, &nv->subchannels_done,
			NVSP_SUBCHANNEL_TIMEOUT_MS);
	if (err == -ETIMEDOUT)
		dev_warn(nv->dev, "host offered %u subchannels of %u\n",
			 nv->subchannels_seen, granted);

	return err == -ENODEV ? err : 0;
}

static int netvsc_request_channels(struct netvsc *nv,
				   struct netvsc_resources *res, u32 num)
{
	struct nvb_channel *primary = &res->channel[0]->vmbus;
	u32 granted;
	int err;

	mutex_lock(&nv->subchannel_lock);
	nv->subchannels_wanted = num;
	nv->subchannels_granted = 0;
	nv->subchannels_seen = 0;
	reinit_completion(&nv->subchannels_done);
	mutex_unlock(&nv->subchannel_lock);

	nvb_channel_on_subchannel(primary, netvsc_subchannel_offered, nv);
	err = nvsp_request_subchannels(&nv->nvsp, num - 1, &granted);
	if (!err && granted)
		err = netvsc_collect_subchannels(nv, granted);

	mutex_lock(&nv->subchannel_lock);
	nv->subchannels_wanted = 0;
	mutex_unlock(&nv->subchannel_lock);
	nvb_channel_no_subchannels(primary);

	return netvsc_host_lost(err) ? err : 0;
}

/*
 * Queues are the channels that could be opened, without gaps. Memory of the
 * others goes.
 */
static void netvsc_assign_queues(struct netvsc *nv,
				 struct netvsc_resources *res)
{
	struct netvsc_channel *ch;
	u32 i, queue = 0;

	for (i = 0; i < res->num_channels; i++) {
		ch = res->channel[i];
		/* An earlier session had fewer, and this one has no more. */
		if (!ch)
			continue;
		if (!ch->open) {
			netvsc_channel_free(ch);
			res->channel[i] = NULL;
			continue;
		}
		ch->queue = queue;
		ch->txq = netdev_get_tx_queue(nv->netdev, queue);
		ch->stats = nv->stats[queue];
		ch->rx.xdp.rxq.queue_index = queue;
		res->queue[queue++] = ch;
	}
	res->num_queues = queue;
}

static int netvsc_open_channels(struct netvsc *nv, struct netvsc_resources *res)
{
	u32 num = min(res->config.channels, netvsc_max_channels(nv));
	int err = 0;

	num = netvsc_prepare_channels(nv, res, num);
	if (num > 1)
		err = netvsc_request_channels(nv, res, num);
	if (err)
		return err;

	netvsc_assign_queues(nv, res);
	if (res->num_queues < num)
		dev_warn(nv->dev, "%u of %u channels could be opened\n",
			 res->num_queues, num);

	return 0;
}

static void netvsc_share_sections(struct netvsc *nv,
				  struct netvsc_resources *res)
{
	u32 i, total = min_t(u32, nv->nvsp.send.num_sections,
			     NETVSC_NO_SECTION);
	u32 share = total / res->num_queues;

	for (i = 0; i < res->num_queues; i++)
		netvsc_channel_set_send(res->queue[i], res->send.va,
					nv->nvsp.send.section_size, total,
					i * share, share);
}

/**
 * netvsc_aggr_frames() - frames that may share a message
 * @nv: the device
 *
 * Context: Process context, holding RTNL, or @nv->lock.
 * Return: at least 1, which means that none share one.
 */
u32 netvsc_aggr_frames(const struct netvsc *nv)
{
	u32 most = min_t(u32, nv->rndis.max_packets, NETVSC_TX_MAX_AGGR);

	return clamp_t(u32, nv->tx_aggr_frames ?: most, 1, max_t(u32, most, 1));
}

/**
 * netvsc_aggr_bytes() - bytes that a message may have that frames share
 * @nv: the device
 *
 * Context: Process context, holding RTNL, or @nv->lock.
 * Return: bytes, no more than a section; 0 without a send buffer.
 */
u32 netvsc_aggr_bytes(const struct netvsc *nv)
{
	u32 most = min(nv->rndis.max_transfer, nv->nvsp.send.section_size);

	return min_t(u32, nv->tx_aggr_bytes ?: most, most);
}

/**
 * netvsc_apply_aggregation() - let the channels know what may share a message
 * @nv: the device, connected; frames may be flowing
 *
 * Context: Process context, holding @nv->lock.
 */
void netvsc_apply_aggregation(struct netvsc *nv)
{
	struct netvsc_resources *res = nv->resources;
	u32 i;

	lockdep_assert_held(&nv->lock);

	for (i = 0; i < res->num_queues; i++) {
		WRITE_ONCE(res->queue[i]->aggr_frames, netvsc_aggr_frames(nv));
		WRITE_ONCE(res->queue[i]->aggr_bytes, netvsc_aggr_bytes(nv));
		WRITE_ONCE(res->queue[i]->aggr_align,
			   max_t(u32, nv->rndis.alignment,
				 NETVSC_TX_AGGR_ALIGN));
	}
}

/**
 * netvsc_rss_queue() - queue of an entry of the table
 * @nv: the device, connected
 * @entry: below @nv->rss.entries
 *
 * The user's table may name queues that there are not, when not all channels
 * could be had. It is kept all the same, for when there are more again.
 *
 * Context: Process context, holding RTNL, or @nv->lock.
 * Return: a queue that there is.
 */
u32 netvsc_rss_queue(const struct netvsc *nv, u32 entry)
{
	return nv->rss.table[entry] % max_t(u32, nv->rss.queues, 1);
}

/**
 * netvsc_apply_rss() - tell the host how to spread received frames
 * @nv: the device, connected
 *
 * A table that the user has not made uses all queues evenly. One that the user
 * has made is kept; netvsc_rss_queue() says what it comes to.
 *
 * Context: Process context, holding @nv->lock.
 * Return: 0, also when there is nothing to spread, or a negative errno.
 */
int netvsc_apply_rss(struct netvsc *nv)
{
	struct netvsc_resources *res = nv->resources;
	u32 channel[NDIS_RSS_MAX_ENTRIES];
	struct rndis_rss_config rss = {
		.hash_types = nv->rss.hash_types & ~nv->rss.without_ports,
		.key = nv->rss.key,
		.table = channel,
		.num_entries = nv->rss.entries,
	};
	bool renew;
	u32 i;

	lockdep_assert_held(&nv->lock);

	renew = nv->rss.queues != res->num_queues &&
		!netif_is_rxfh_configured(nv->netdev);
	nv->rss.queues = res->num_queues;
	for (i = 0; i < nv->rss.entries; i++) {
		if (renew)
			nv->rss.table[i] =
				ethtool_rxfh_indir_default(i, res->num_queues);
		channel[i] = res->queue[netvsc_rss_queue(nv, i)]->index;
	}
	if (res->num_queues == 1 || !nv->rss.entries)
		return 0;

	return rndis_filter_set_rss(&nv->rndis, &rss);
}

static u8 netvsc_offload_mode(bool tx, bool rx)
{
	if (tx)
		return rx ? NDIS_OFFLOAD_TX_RX : NDIS_OFFLOAD_TX;

	return rx ? NDIS_OFFLOAD_RX : NDIS_OFFLOAD_OFF;
}

/**
 * netvsc_apply_offloads() - tell the host what to compute
 * @nv: the device, connected
 *
 * That is everything that it and we can do; of coalescing, what is wanted.
 *
 * Context: Process context, holding @nv->lock; the wait for the host is
 * bounded.
 * Return: 0 or a negative errno.
 */
int netvsc_apply_offloads(struct netvsc *nv)
{
	const u8 rsc = nv->rsc_offered && nv->rsc_wanted ? NDIS_OFFLOAD_ON :
							   NDIS_OFFLOAD_OFF;
	const struct rndis_offload_caps *caps = &nv->offload;
	const struct ndis_offload_params params = {
		.ipv4_csum = netvsc_offload_mode(
			FIELD_GET(NDIS_CSUM_IPV4_IP, caps->tx_csum_ipv4),
			FIELD_GET(NDIS_CSUM_IPV4_IP, caps->rx_csum_ipv4)),
		.tcp_ipv4_csum = netvsc_offload_mode(
			FIELD_GET(NDIS_CSUM_IPV4_TCP, caps->tx_csum_ipv4),
			FIELD_GET(NDIS_CSUM_IPV4_TCP, caps->rx_csum_ipv4)),
		.udp_ipv4_csum = netvsc_offload_mode(
			FIELD_GET(NDIS_CSUM_IPV4_UDP, caps->tx_csum_ipv4),
			FIELD_GET(NDIS_CSUM_IPV4_UDP, caps->rx_csum_ipv4)),
		.tcp_ipv6_csum = netvsc_offload_mode(
			FIELD_GET(NDIS_CSUM_IPV6_TCP, caps->tx_csum_ipv6),
			FIELD_GET(NDIS_CSUM_IPV6_TCP, caps->rx_csum_ipv6)),
		.udp_ipv6_csum = netvsc_offload_mode(
			FIELD_GET(NDIS_CSUM_IPV6_UDP, caps->tx_csum_ipv6),
			FIELD_GET(NDIS_CSUM_IPV6_UDP, caps->rx_csum_ipv6)),
		.lso_v2_ipv4 = caps->lso_v2_ipv4_max ? NDIS_OFFLOAD_ON :
						       NDIS_OFFLOAD_OFF,
		.lso_v2_ipv6 = caps->lso_v2_ipv6_max ? NDIS_OFFLOAD_ON :
						       NDIS_OFFLOAD_OFF,
		.rsc_ipv4 = caps->rsc_ipv4 ? rsc : NDIS_OFFLOAD_OFF,
		.rsc_ipv6 = caps->rsc_ipv6 ? rsc : NDIS_OFFLOAD_OFF,
	};

	lockdep_assert_held(&nv->lock);

	return rndis_filter_set_offload(&nv->rndis, &params);
}

static int netvsc_tell_mac(struct netvsc *nv)
{
	return rndis_filter_set_mac(&nv->rndis, nv->netdev->dev_addr);
}

/* In a new session a host knows the permanent address only. */
static int netvsc_apply_mac(struct netvsc *nv)
{
	const struct net_device *dev = nv->netdev;

	if (ether_addr_equal(dev->dev_addr, dev->perm_addr))
		return 0;

	return netvsc_tell_mac(nv);
}

static int netvsc_apply_filter(struct netvsc *nv)
{
	u32 filter = netvsc_packet_filter(nv->netdev);
	int err;

	if (nv->state != NETVSC_RUNNING)
		return 0;
	err = rndis_filter_set_packet_filter(&nv->rndis, filter);
	if (!err)
		nv->filter = filter;

	return err;
}

/**
 * netvsc_note_setting() - remember whether the host has confirmed a setting
 * @nv: the device
 * @what: one of NETVSC_UNSETTLED_*
 * @err: what became of telling the host
 *
 * A host that did not answer in time may do as it was told all the same, and
 * much later. So it is told again, until it has said something.
 *
 * Context: Process context, holding @nv->lock.
 */
void netvsc_note_setting(struct netvsc *nv, u32 what, int err)
{
	lockdep_assert_held(&nv->lock);

	if (err != -ETIMEDOUT && err != -EBUSY) {
		nv->unsettled &= ~what;
		return;
	}
	nv->unsettled |= what;
	schedule_delayed_work(&nv->reset_work,
			      msecs_to_jiffies(NETVSC_RESET_RETRY_MS));
}

/**
 * netvsc_catch_up() - tell the host again what it has not confirmed
 * @nv: the device, running
 *
 * Context: Process context, holding RTNL and @nv->lock. The first wait in vain
 * is the last one, and short.
 * Return: 0, also when the host refuses; -ETIMEDOUT or -EBUSY when it still
 * says nothing, -ENODEV.
 */
int netvsc_catch_up(struct netvsc *nv)
{
	static const struct {
		u32 what;
		int (*apply)(struct netvsc *nv);
	} settings[] = {
		{ NETVSC_UNSETTLED_FILTER, netvsc_apply_filter },
		{ NETVSC_UNSETTLED_MAC, netvsc_tell_mac },
		{ NETVSC_UNSETTLED_RSS, netvsc_apply_rss },
		{ NETVSC_UNSETTLED_OFFLOADS, netvsc_apply_offloads },
	};
	unsigned int i;
	int err;

	lockdep_assert_held(&nv->lock);

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (!(nv->unsettled & settings[i].what))
			continue;
		err = settings[i].apply(nv);
		netvsc_note_setting(nv, settings[i].what, err);
		if (netvsc_host_lost(err) || err == -EBUSY)
			return err;
	}

	return 0;
}

static int netvsc_apply_settings(struct netvsc *nv,
				 struct netvsc_resources *res)
{
	int err;

	err = netvsc_apply_mac(nv);
	if (netvsc_host_lost(err))
		return err;
	if (err)
		dev_warn(nv->dev, "host refused the address %pM: %d\n",
			 nv->netdev->dev_addr, err);

	err = netvsc_apply_rss(nv);
	if (netvsc_host_lost(err))
		return err;
	if (err)
		dev_warn(nv->dev, "host refused the RSS settings: %d\n", err);

	err = netvsc_apply_offloads(nv);
	if (netvsc_host_lost(err))
		return err;
	if (err)
		dev_warn(nv->dev, "host refused the offload settings: %d\n",
			 err);

	err = netif_set_real_num_tx_queues(nv->netdev, res->num_queues);
	if (err)
		return err;

	return netif_set_real_num_rx_queues(nv->netdev, res->num_queues);
}

/* Waits until @done says so of every channel; tells whether it did. */
VISIBLE_IF_KUNIT bool netvsc_settle(struct netvsc *nv,
				    const struct netvsc_resources *res,
				    bool (*done)(struct netvsc_channel *ch),
				    unsigned int timeout_ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	u32 i = 0;

	KUNIT_STATIC_STUB_REDIRECT(netvsc_settle, nv, res, done, timeout_ms);

	while (i < res->num_queues) {
		if (done(res->queue[i])) {
			i++;
			continue;
		}
		if (!nvsp_usable(&nv->nvsp))
			return true;
		if (time_after(jiffies, end))
			return false;
		usleep_range(200, 500);
	}

	return true;
}

/*
 * Waits until every frame has left, and all that arrived has been taken; tells
 * whether the former came to pass. A host that did not answer is not expected to
 * hurry with frames.
 */
static bool netvsc_drain(struct netvsc *nv, const struct netvsc_resources *res)
{
	const unsigned int drain_ms = nv->nvsp.silent ? NETVSC_LINGER_MS :
							NETVSC_DRAIN_MS;
	bool sent;

	sent = netvsc_settle(nv, res, netvsc_channel_sent, drain_ms);
	if (!sent)
		dev_warn(nv->dev, "host does not complete all frames\n");
	/* A host may go on sending; what still comes is not waited for. */
	netvsc_settle(nv, res, netvsc_channel_read, NETVSC_LINGER_MS);

	return sent;
}

static void netvsc_close_frames(struct netvsc_channel *ch)
{
	netvsc_tx_drop_all(ch);
	netvsc_xsk_detach(ch);
}

static void netvsc_close_channels(struct netvsc *nv,
				  struct netvsc_resources *res)
{
	u32 i;

	for (i = 0; i < res->num_channels; i++) {
		if (res->channel[i])
			netvsc_channel_quiesce(res->channel[i]);
	}
	synchronize_net();

	if (nvb_gpadl_before_close())
		netvsc_unshare_buffers(res);
	for (i = res->num_channels; i > 0; i--) {
		if (res->channel[i - 1])
			netvsc_channel_close(res->channel[i - 1]);
	}

	for (i = 0; i < res->num_channels; i++) {
		if (res->channel[i])
			netvsc_close_frames(res->channel[i]);
	}
	res->num_queues = 0;
}

/* Tells whether the host has nothing in hand, and has listened to the end. */
static bool netvsc_say_farewell(struct netvsc *nv, struct netvsc_resources *res)
{
	bool done;

	/* Not to a host that has stopped listening. */
	if (!nvsp_usable(&nv->nvsp) || nv->nvsp.silent)
		return false;

	rndis_filter_halt_device(&nv->rndis);
	done = netvsc_drain(nv, res);
	nvsp_revoke_buffers(&nv->nvsp);

	return done && nvsp_usable(&nv->nvsp) && !nv->nvsp.silent;
}

static void netvsc_end_session(struct netvsc *nv, bool keep_shared)
{
	struct netvsc_resources *res = nv->resources;

	lockdep_assert_held(&nv->lock);

	if (nv->state == NETVSC_DOWN || nv->state == NETVSC_ASLEEP)
		return;

	netvsc_set_state(nv, NETVSC_CLOSING);
	if (!netvsc_say_farewell(nv, res))
		keep_shared = false;
	netvsc_close_channels(nv, res);
	if (!keep_shared)
		netvsc_unshare_buffers(res);
	rndis_filter_closed(&nv->rndis);
	netvsc_set_state(nv, NETVSC_DOWN);
}

/**
 * netvsc_disconnect() - end the session with the host
 * @nv: the device, its traffic stopped
 *
 * Context: Process context, holding @nv->lock. Bounded as far as this driver
 * waits; the VMBus core waits for the host's answer to closing.
 */
void netvsc_disconnect(struct netvsc *nv)
{
	netvsc_end_session(nv, false);
}

/**
 * netvsc_disconnect_to_connect() - end a session that another will follow
 * @nv: the device, its traffic stopped
 *
 * Like netvsc_disconnect(), but if host and driver part in peace the buffers
 * stay shared: netvsc_resources_move() and netvsc_connect() have to follow.
 *
 * Context: Process context, holding @nv->lock.
 */
void netvsc_disconnect_to_connect(struct netvsc *nv)
{
	netvsc_end_session(nv, true);
}

/**
 * netvsc_connect() - begin a session with the host
 * @nv: the device, down
 * @res: the configuration to do it with; becomes the one in force
 *
 * A host that has been silent in the last session has NVSP_SHORT_TIMEOUT_MS
 * until it speaks. The first wait in vain ends the attempt.
 *
 * Context: Process context, holding @nv->lock, and RTNL once the interface is
 * registered. Waits for the host NVSP_SETUP_TIMEOUT_MS at most.
 * Return: 0, or a negative errno with the device down again.
 */
int netvsc_connect(struct netvsc *nv, struct netvsc_resources *res)
{
	int err;

	lockdep_assert_held(&nv->lock);

	nv->resources = res;
	netvsc_set_state(nv, NETVSC_CONNECTING);
	err = netvsc_open_primary(nv, res);
	if (err) {
		netvsc_unshare_buffers(res);
		netvsc_set_state(nv, NETVSC_DOWN);
		return err;
	}
	err = netvsc_open_session(nv, res);
	if (err)
		goto err_disconnect;
	err = netvsc_query_host(nv);
	if (err)
		goto err_disconnect;
	err = netvsc_open_channels(nv, res);
	if (err)
		goto err_disconnect;
	netvsc_share_sections(nv, res);
	netvsc_apply_aggregation(nv);
	err = netvsc_apply_settings(nv, res);
	if (err)
		goto err_disconnect;
	nvsp_setup_done(&nv->nvsp);
	/* All but the address has just been told. */
	nv->unsettled &= NETVSC_UNSETTLED_MAC;
	netvsc_set_state(nv, NETVSC_READY);

	return 0;

err_disconnect:
	netvsc_disconnect(nv);
	return err;
}

/* Stops the transmit path: afterwards nobody is in it, and nobody gets in. */
static void netvsc_stop_transmit(struct netvsc *nv,
				 struct netvsc_resources *res)
{
	u32 i;

	for (i = 0; i < res->num_queues; i++)
		WRITE_ONCE(res->queue[i]->tx_up, false);
	/* Frames that come from here on wait before the queues. */
	netif_tx_disable(nv->netdev);
	for (i = 0; i < res->num_queues; i++)
		WRITE_ONCE(nv->queue[i], NULL);
	/* Again, since a poll may just have woken one. */
	netif_tx_disable(nv->netdev);
	for (i = 0; i < res->num_queues; i++)
		netvsc_tx_settle(res->queue[i]);
}

/**
 * netvsc_start_traffic() - let frames flow
 * @nv: the device, ready
 *
 * Context: Process context, holding RTNL and @nv->lock.
 * Return: 0, or a negative errno with the device ready as before.
 */
int netvsc_start_traffic(struct netvsc *nv)
{
	u32 filter = netvsc_packet_filter(nv->netdev);
	struct netvsc_resources *res = nv->resources;
	struct netvsc_channel *ch;
	bool link_up;
	u32 i;
	int err;

	ASSERT_RTNL();
	lockdep_assert_held(&nv->lock);

	WRITE_ONCE(nv->receiving, true);
	err = rndis_filter_set_packet_filter(&nv->rndis, filter);
	if (err) {
		WRITE_ONCE(nv->receiving, false);
		return err;
	}
	nv->filter = filter;

	for (i = 0; i < res->num_queues; i++) {
		ch = res->queue[i];
		/* BQL still counts what a slow host has not completed. */
		if (netvsc_tx_slots_free(ch) == NETVSC_TX_SLOTS)
			netdev_tx_reset_queue(ch->txq);
		ch->ring_wait = false;
		WRITE_ONCE(ch->tx_up, true);
		/* Everything about the channel before the channel. */
		smp_store_release(&nv->queue[i], ch);
	}
	netvsc_set_state(nv, NETVSC_RUNNING);
	netif_tx_wake_all_queues(nv->netdev);
	for (i = 0; i < res->num_queues; i++)
		netvsc_xsk_attach(res->queue[i]);

	spin_lock_bh(&nv->link_lock);
	link_up = nv->link_up;
	nv->link_events = 0;
	spin_unlock_bh(&nv->link_lock);
	if (link_up)
		netif_carrier_on(nv->netdev);
	else
		netif_carrier_off(nv->netdev);
	netvsc_vf_session_ready(nv);

	return 0;
}

/**
 * netvsc_stop_traffic() - stop the flow of frames
 * @nv: the device, running
 *
 * Context: Process context, holding RTNL and @nv->lock. Waits for frames that
 * are on their way up to NETVSC_DRAIN_MS, and for the host to stop sending; and
 * before that for it to leave the VF, if there is one.
 */
void netvsc_stop_traffic(struct netvsc *nv)
{
	struct netvsc_resources *res = nv->resources;
	int err;

	ASSERT_RTNL();
	lockdep_assert_held(&nv->lock);

	netvsc_vf_leave_path(nv);
	netvsc_stop_transmit(nv, res);
	err = rndis_filter_set_packet_filter(&nv->rndis, 0);
	if (err && err != -ENODEV)
		netdev_warn(nv->netdev, "host does not stop sending: %d\n",
			    err);
	nv->filter = 0;
	netvsc_drain(nv, res);
	WRITE_ONCE(nv->receiving, false);
	netvsc_set_state(nv, NETVSC_READY);
}
