// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP sockets in the zero-copy mode of binding: frames are received into and
 * sent from memory that user space has mapped, without anything between.
 *
 * Receive: a frame is copied once, out of the host's memory into a buffer from
 * the fill ring, where the program sees it. A buffer that is not redirected is
 * the next frame's. A frame that is too long for one, or that finds the fill
 * ring empty, goes the way of all others and meets the program there: what the
 * program lets pass does not depend on the sockets. The fill ring is looked at
 * for each frame, so that nobody has to wake the receive side up.
 *
 * Transmit: the NAPI poll sends, so that a socket only has to see to it that
 * there is one. Two frames or more of a length that fit into a section of the
 * send buffer are copied there, many to a message; longer ones are listed where
 * they are. In isolated guests, where the host does not see them, all are
 * copied.
 *
 * Completions: a frame that has been copied is done with at once, a listed one
 * when the host has completed it, and hosts complete in any order. Sockets get
 * their frames back in the order in which they sent them: netvsc_xsk_order.h
 * says why and how.
 *
 * Sockets belong to a queue number, and stay with it through changes of the
 * configuration, as programs stay with the device.
 */
#include <linux/bpf_trace.h>
#include <linux/delay.h>
#include <linux/filter.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/xdp.h>

#include "vmbus_glue/compat.h"
#include "kunit/visible.h"
#include "netvsc.h"
#include "netvsc_tx.h"
#include "netvsc_xdp.h"
#include "netvsc_xdp_tx.h"
#include "netvsc_xsk.h"
#include "netvsc_xsk_order.h"

#ifdef NVB_XSK

/* Buffers that are taken from the fill ring at a time. */
#define NETVSC_XSK_RX_BATCH	64
/* Frames that are taken from the transmit ring at a time, and by one poll. */
#define NETVSC_XSK_TX_BATCH	64
#define NETVSC_XSK_TX_BUDGET	256

/**
 * struct netvsc_xsk - the AF_XDP sockets of a queue
 * @pool: their memory and rings
 * @ch: the channel that serves them; NULL while there is none; under RTNL
 * @rxq: the queue, as programs see it
 * @flags_wanted: user space looks at flags before it wakes anybody up
 * @closing: nothing more is to be sent
 *
 * The others belong to the NAPI poll of @ch:
 *
 * @awake: user space was told that there will be another poll
 * @rx_max: bytes of the longest frame that a buffer takes
 * @rx_next: the first buffer of @rx that is free
 * @rx_num: buffers in @rx
 * @rx: buffers for received frames
 * @tx_next: the first frame of @tx that has not been sent
 * @tx_num: frames in @tx
 * @tx: frames to be sent
 * @tx_room: memory for those, where the kernel does not keep them
 * @order: frames that have been sent
 */
struct netvsc_xsk {
	struct xsk_buff_pool *pool;
	struct netvsc_channel *ch;
	struct xdp_rxq_info rxq;
	bool flags_wanted;
	bool closing;
	bool awake;
	u32 rx_max;
	u32 rx_next;
	u32 rx_num;
	struct xdp_buff *rx[NETVSC_XSK_RX_BATCH];
	u32 tx_next;
	u32 tx_num;
	const struct xdp_desc *tx;
	struct xdp_desc tx_room[NETVSC_XSK_TX_BATCH];
	struct netvsc_xsk_order order;
};

/* A buffer that stays at hand until netvsc_xsk_used(). */
static struct xdp_buff *netvsc_xsk_buff(struct netvsc_xsk *xsk)
{
	if (unlikely(xsk->rx_next == xsk->rx_num)) {
		xsk->rx_next = 0;
		xsk->rx_num = nvb_xsk_alloc(xsk->pool, xsk->rx,
					    NETVSC_XSK_RX_BATCH);
		if (unlikely(!xsk->rx_num))
			return NULL;
	}

	return xsk->rx[xsk->rx_next];
}

static void netvsc_xsk_used(struct netvsc_xsk *xsk)
{
	xsk->rx_next++;
}

/* What the host says of a frame stands behind its buffer. */
static void netvsc_xsk_describe(struct xdp_buff *xdp,
				const struct rndis_rx_frame *frame)
{
#ifdef NVB_HAVE_XSK_PRIV
	XSK_CHECK_PRIV_TYPE(struct netvsc_xdp_buff);
	container_of(xdp, struct netvsc_xdp_buff, xdp)->frame = frame;
#endif
}

/* A copy of the frame goes up the stack. */
static struct sk_buff *netvsc_xsk_pass(struct netvsc_channel *ch,
				       const struct xdp_buff *xdp)
{
	u32 meta = xdp->data - xdp->data_meta;
	struct sk_buff *skb;

	skb = netvsc_skb_copy(ch, xdp->data, xdp->data_end - xdp->data);
	if (unlikely(!skb)) {
		netvsc_rx_dropped(ch, no_memory);
		return NULL;
	}
	if (meta && meta <= skb_headroom(skb)) {
		memcpy(skb->data - meta, xdp->data_meta, meta);
		skb_metadata_set(skb, meta);
	}

	return skb;
}

static void netvsc_xsk_send_back(struct netvsc_channel *ch,
				 struct xdp_buff *xdp,
				 const struct rndis_rx_frame *frame,
				 struct netvsc_xdp_batch *batch)
{
	if (unlikely(netvsc_xdp_send_back(ch, xdp, frame) < 0)) {
		trace_xdp_exception(ch->nv->netdev, batch->prog, XDP_TX);
		batch->failed++;
		return;
	}
	batch->tx++;
	batch->packets++;
	batch->bytes += frame->data_len;
}

/*
 * The buffer goes to a socket; or the kernel copies the frame for another
 * target. It may have done so already when it finds that this target takes
 * none, and then frees the buffer; to free it again has no effect.
 */
static void netvsc_xsk_redirect(struct netvsc_channel *ch,
				struct netvsc_xsk *xsk, struct xdp_buff *xdp,
				struct netvsc_xdp_batch *batch, u32 len)
{
	struct net_device *dev = ch->nv->netdev;

	netvsc_xsk_used(xsk);
	if (unlikely(xdp_do_redirect(dev, xdp, batch->prog))) {
		trace_xdp_exception(dev, batch->prog, XDP_REDIRECT);
		batch->failed++;
		xsk_buff_free(xdp);
		return;
	}
	batch->redirect++;
	batch->xsk_redirect++;
	batch->packets++;
	batch->bytes += len;
}

/* Runs the program on the frame; returns what it lets pass. */
static struct sk_buff *netvsc_xsk_run(struct netvsc_channel *ch,
				      struct xdp_buff *xdp,
				      const struct rndis_rx_frame *frame,
				      struct netvsc_xdp_batch *batch)
{
	struct net_device *dev = ch->nv->netdev;
	struct sk_buff *skb = NULL;
	u32 act;

	rcu_read_lock();
	act = bpf_prog_run_xdp(batch->prog, xdp);
	switch (act) {
	case XDP_REDIRECT:
		netvsc_xsk_redirect(ch, batch->xsk, xdp, batch,
				    frame->data_len);
		break;
	case XDP_PASS:
		skb = netvsc_xsk_pass(ch, xdp);
		break;
	case XDP_DROP:
		batch->drop++;
		break;
	case XDP_TX:
		netvsc_xsk_send_back(ch, xdp, frame, batch);
		break;
	default:
		nvb_warn_invalid_xdp_action(dev, batch->prog, act);
		fallthrough;
	case XDP_ABORTED:
		trace_xdp_exception(dev, batch->prog, act);
		batch->aborted++;
		break;
	}
	rcu_read_unlock();

	return skb;
}

/**
 * netvsc_xsk_receive() - run the program on a frame in the sockets' memory
 * @ch: the channel
 * @data: the frame, in the host's memory
 * @frame: what is known of it
 * @batch: of the poll, with a program and with sockets
 * @skb: set to what goes up the stack, or NULL
 *
 * Context: NAPI poll.
 * Return: false if there is no place for the frame there: nothing has happened.
 */
bool netvsc_xsk_receive(struct netvsc_channel *ch, const u8 *data,
			const struct rndis_rx_frame *frame,
			struct netvsc_xdp_batch *batch, struct sk_buff **skb)
{
	struct netvsc_xsk *xsk = batch->xsk;
	struct xdp_buff *xdp = NULL;

	if (likely(frame->data_len <= xsk->rx_max))
		xdp = netvsc_xsk_buff(xsk);
	if (unlikely(!xdp)) {
		batch->xsk_copied++;
		return false;
	}
	nvb_xsk_set_size(xdp, frame->data_len);
	memcpy(xdp->data, data, frame->data_len);
	/* From here on the copy counts. */
	barrier_data(xdp->data);
	netvsc_xsk_describe(xdp, frame);
	*skb = netvsc_xsk_run(ch, xdp, frame, batch);

	return true;
}

/**
 * netvsc_xsk_sent() - the host has finished with a frame that was listed
 * @ch: the channel
 * @number: of the frame
 *
 * Context: NAPI poll, or process context while nobody polls.
 */
void netvsc_xsk_sent(struct netvsc_channel *ch, u32 number)
{
	struct netvsc_xsk *xsk = rcu_dereference_check(ch->xsk, true);

	/* Sockets that have gone without waiting have no use for it. */
	if (xsk)
		netvsc_xsk_order_done(&xsk->order, number);
}

static void netvsc_xsk_complete(struct netvsc_xsk *xsk)
{
	if (!xsk->order.ready)
		return;
	xsk_tx_completed(xsk->pool, xsk->order.ready);
	xsk->order.ready = 0;
}

/* Whether a frame would share its message, or can only be copied. */
static bool netvsc_xsk_is_short(const struct netvsc_channel *ch,
				const struct netvsc_tx_plan *plan)
{
	return ch->bounce ||
	       (plan->meta.data_len <= READ_ONCE(ch->nv->tx_copybreak) &&
		2 * netvsc_tx_plan_bytes(plan) <= ch->section_bytes);
}

/* A frame is sent, and done with at once. */
static void netvsc_xsk_add_done(struct netvsc_xsk_order *order)
{
	netvsc_xsk_order_done(order, netvsc_xsk_order_add(order));
}

/*
 * Sends a frame. Returns 0; 1: it is dropped, and counted; NETVSC_TX_WAIT.
 */
static int netvsc_xsk_send(struct netvsc_channel *ch, struct netvsc_xsk *xsk,
			   const struct xdp_desc *desc)
{
	void *data = xsk_buff_raw_get_data(xsk->pool, desc->addr);
	struct netvsc_xdp_bits bits;
	struct netvsc_tx_plan plan;
	int err = -ENOSPC;

	netvsc_xdp_bits_of_data(&bits, data, desc->len);
	if (unlikely(netvsc_xdp_plan(ch, &bits, NULL, &plan))) {
		netvsc_stat_inc(&ch->stats->xmit, too_big);
		netvsc_xsk_add_done(&xsk->order);
		return 1;
	}
	if (likely(netvsc_xsk_is_short(ch, &plan)))
		err = netvsc_xdp_copy(ch, &bits, &plan);
	if (likely(!err))
		netvsc_xsk_add_done(&xsk->order);
	if (likely(err != -ENOSPC))
		return err;

	bits.owner = NETVSC_TX_XSK;
	bits.number = xsk->order.head;
	bits.phys = nvb_xsk_phys(xsk->pool, data);
	err = netvsc_xdp_list(ch, &bits, &plan);
	if (likely(!err))
		netvsc_xsk_order_add(&xsk->order);

	return err;
}

/* Whether there is another frame to be sent. */
static bool netvsc_xsk_look(struct netvsc_xsk *xsk)
{
	if (xsk->tx_next < xsk->tx_num)
		return true;
	xsk->tx_next = 0;
	xsk->tx_num = nvb_xsk_peek(xsk->pool, xsk->tx_room,
				   NETVSC_XSK_TX_BATCH, &xsk->tx);

	return xsk->tx_num;
}

static bool netvsc_xsk_may_send(struct netvsc_channel *ch,
				const struct netvsc_xsk *xsk)
{
	return netvsc_xdp_may_send(ch) &&
	       likely(netvsc_xsk_order_room(&xsk->order));
}

/* Sends frames; returns how many have been dealt with. */
static u32 netvsc_xsk_send_frames(struct netvsc_channel *ch,
				  struct netvsc_xsk *xsk)
{
	u32 num = 0, dropped = 0;
	int ret;

	while (num < NETVSC_XSK_TX_BUDGET && netvsc_xsk_may_send(ch, xsk) &&
	       netvsc_xsk_look(xsk)) {
		ret = netvsc_xsk_send(ch, xsk, &xsk->tx[xsk->tx_next]);
		if (unlikely(ret < 0))
			break;
		dropped += ret;
		xsk->tx_next++;
		num++;
	}
	if (!num)
		return 0;
	netvsc_stat_add(&ch->stats->xmit, xsk, num - dropped);
	netvsc_tx_post(ch, true);

	return num;
}

/*
 * Tells user space whether there will be a poll without its doing; returns
 * whether that is news.
 */
VISIBLE_IF_KUNIT bool netvsc_xsk_tell(struct netvsc_xsk *xsk, bool awake)
{
	KUNIT_STATIC_STUB_REDIRECT(netvsc_xsk_tell, xsk, awake);

	if (!xsk->flags_wanted || xsk->awake == awake)
		return false;
	xsk->awake = awake;
	if (awake)
		xsk_clear_tx_need_wakeup(xsk->pool);
	else
		xsk_set_tx_need_wakeup(xsk->pool);
	/* The flag before another look at the ring. */
	smp_mb();

	return true;
}

/**
 * netvsc_xsk_transmit() - send what the sockets want to send
 * @ch: the channel
 * @xsk: its sockets
 *
 * Context: NAPI poll.
 * Return: true if there is more to be sent, and nothing to be waited for.
 */
bool netvsc_xsk_transmit(struct netvsc_channel *ch, struct netvsc_xsk *xsk)
{
	bool held = true, more = false;

	__netif_tx_lock(ch->txq, smp_processor_id());
	/* Who stops the transmit path takes the lock after clearing this. */
	if (likely(READ_ONCE(ch->nv->queue[ch->queue]) == ch &&
		   !READ_ONCE(xsk->closing))) {
		more = netvsc_xsk_send_frames(ch, xsk) == NETVSC_XSK_TX_BUDGET;
		held = xsk->tx_next < xsk->tx_num ||
		       !netvsc_xsk_may_send(ch, xsk);
	}
	__netif_tx_unlock(ch->txq);
	netvsc_xsk_complete(xsk);
	if (unlikely(more)) {
		netvsc_xsk_tell(xsk, true);
		return true;
	}
	/* A completion brings a poll. */
	if (held) {
		netvsc_xsk_tell(xsk, netvsc_tx_slots_free(ch) !=
				     NETVSC_TX_SLOTS);
		return false;
	}

	/* What has come before the flag was set, nobody will tell. */
	return netvsc_xsk_tell(xsk, false) && netvsc_xsk_look(xsk);
}

static void netvsc_xsk_kick(struct netvsc_channel *ch)
{
	/* A poll that is running goes on to another. */
	if (napi_if_scheduled_mark_missed(&ch->napi))
		return;
	local_bh_disable();
	if (napi_schedule_prep(&ch->napi)) {
		nvb_in_mask(&ch->vmbus.in);
		__napi_schedule(&ch->napi);
	}
	local_bh_enable();
}

/**
 * netvsc_xsk_wakeup() - a socket has put something into its rings
 * @dev: the interface
 * @queue: of the socket
 * @flags: XDP_WAKEUP_*
 *
 * Context: Any that can be interrupted by softirqs; under RCU.
 * Return: 0; -ENETDOWN: nothing can be sent or received at the moment.
 */
int netvsc_xsk_wakeup(struct net_device *dev, u32 queue, u32 flags)
{
	struct netvsc *nv = netdev_priv(dev);
	struct netvsc_channel *ch;

	if (queue >= NETVSC_MAX_CHANNELS)
		return -EINVAL;
	ch = READ_ONCE(nv->queue[queue]);
	if (unlikely(!ch || !rcu_access_pointer(ch->xsk)))
		return -ENETDOWN;
	netvsc_xsk_kick(ch);

	return 0;
}

/* The queue, as programs see it, is that of another channel now. */
VISIBLE_IF_KUNIT int netvsc_xsk_register(struct netvsc_channel *ch,
					 struct netvsc_xsk *xsk)
{
	int err;

	KUNIT_STATIC_STUB_REDIRECT(netvsc_xsk_register, ch, xsk);

	if (xdp_rxq_info_is_reg(&xsk->rxq))
		xdp_rxq_info_unreg(&xsk->rxq);
	err = nvb_xdp_rxq_info_reg(&xsk->rxq, ch->nv->netdev, ch->queue,
				   &ch->napi);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&xsk->rxq, MEM_TYPE_XSK_BUFF_POOL,
					 NULL);
	if (err)
		return err;
	xsk_pool_set_rxq_info(xsk->pool, &xsk->rxq);

	return 0;
}

/**
 * netvsc_xsk_attach() - let a channel serve the sockets of its queue
 * @ch: the channel, on which frames flow
 *
 * Context: Process context, holding RTNL.
 */
void netvsc_xsk_attach(struct netvsc_channel *ch)
{
	struct netvsc_xsk *xsk = ch->nv->xsk[ch->queue];
	int err;

	if (!xsk)
		return;
	if (!rcu_access_pointer(ch->xsk)) {
		err = netvsc_xsk_register(ch, xsk);
		if (err) {
			netdev_err(ch->nv->netdev, "no AF_XDP on queue %u: %d\n",
				   ch->queue, err);
			return;
		}
		xsk->ch = ch;
		rcu_assign_pointer(ch->xsk, xsk);
	}
	/* What has been put into the rings meanwhile. */
	netvsc_xsk_kick(ch);
}

/**
 * netvsc_xsk_detach() - the opposite of netvsc_xsk_attach()
 * @ch: a channel that nobody polls, or one that serves no sockets
 *
 * Context: Process context; holding RTNL if there are sockets.
 */
void netvsc_xsk_detach(struct netvsc_channel *ch)
{
	struct netvsc_xsk *xsk = rcu_dereference_protected(ch->xsk, true);

	if (!xsk)
		return;
	RCU_INIT_POINTER(ch->xsk, NULL);
	xsk->ch = NULL;
	netvsc_xsk_complete(xsk);
}

/* Whether the host has finished with all that it was shown. */
static bool netvsc_xsk_settle(struct netvsc *nv, const struct netvsc_xsk *xsk)
{
	const unsigned int wait_ms = nv->nvsp.silent ? NETVSC_LINGER_MS :
						       NETVSC_DRAIN_MS;
	unsigned long end = jiffies + msecs_to_jiffies(wait_ms);

	while (READ_ONCE(xsk->order.tail) != READ_ONCE(xsk->order.head)) {
		if (!nvsp_usable(&nv->nvsp))
			return true;
		if (time_after(jiffies, end))
			return false;
		usleep_range(200, 500);
	}

	return true;
}

/*
 * The sockets' memory goes when this is over. A host that does not finish with
 * frames in there loses its channels.
 */
static void netvsc_xsk_leave(struct netvsc *nv, struct netvsc_xsk *xsk)
{
	struct netvsc_channel *ch = xsk->ch;

	if (!ch)
		return;
	WRITE_ONCE(xsk->closing, true);
	synchronize_net();
	if (!netvsc_xsk_settle(nv, xsk)) {
		netdev_err(nv->netdev, "the host does not complete frames of AF_XDP, starting over\n");
		netvsc_reconfigure(nv, &nv->config);
	}
	/* A session that began anew has other channels. */
	ch = xsk->ch;
	if (!ch)
		return;
	RCU_INIT_POINTER(ch->xsk, NULL);
	synchronize_net();
}

static void netvsc_xsk_disable(struct netvsc *nv, u32 queue)
{
	struct netvsc_xsk *xsk = nv->xsk[queue];

	if (!xsk)
		return;
	nv->xsk[queue] = NULL;
	netvsc_xsk_leave(nv, xsk);
	while (xsk->rx_next < xsk->rx_num)
		xsk_buff_free(xsk->rx[xsk->rx_next++]);
	nvb_xsk_unmap(xsk->pool);
	if (xdp_rxq_info_is_reg(&xsk->rxq))
		xdp_rxq_info_unreg(&xsk->rxq);
	kvfree(xsk);
}

static int netvsc_xsk_enable(struct netvsc *nv, struct xsk_buff_pool *pool,
			     u32 queue)
{
	struct netvsc_channel *ch;
	struct netvsc_xsk *xsk;
	int err;

	if (nv->xsk[queue])
		return -EBUSY;
	xsk = kvzalloc(sizeof(*xsk), GFP_KERNEL);
	if (!xsk)
		return -ENOMEM;
	err = nvb_xsk_map(pool, nv->dev);
	if (err) {
		kvfree(xsk);
		return err;
	}
	xsk->pool = pool;
	xsk->flags_wanted = nvb_xsk_wants_wakeup_flags(pool);
	xsk->rx_max = xsk_pool_get_rx_frame_size(pool);
	nv->xsk[queue] = xsk;
	ch = nv->queue[queue];
	if (!ch)
		return 0;
	netvsc_xsk_attach(ch);
	if (xsk->ch)
		return 0;
	netvsc_xsk_disable(nv, queue);

	return -ENOMEM;
}

/**
 * netvsc_xsk_setup() - AF_XDP sockets come to a queue, or leave it
 * @nv: the device
 * @pool: their memory; NULL: they leave
 * @queue: the queue
 *
 * Context: Process context, holding RTNL. Waits for frames that are with the
 * host NETVSC_DRAIN_MS at most.
 * Return: 0 or a negative errno.
 */
int netvsc_xsk_setup(struct netvsc *nv, struct xsk_buff_pool *pool, u32 queue)
{
	ASSERT_RTNL();

	if (queue >= NETVSC_MAX_CHANNELS)
		return -EINVAL;
	if (pool)
		return netvsc_xsk_enable(nv, pool, queue);
	netvsc_xsk_disable(nv, queue);

	return 0;
}

#else

int netvsc_xsk_setup(struct netvsc *nv, struct xsk_buff_pool *pool, u32 queue)
{
	return -EOPNOTSUPP;
}

void netvsc_xsk_attach(struct netvsc_channel *ch)
{
}

void netvsc_xsk_detach(struct netvsc_channel *ch)
{
}

int netvsc_xsk_wakeup(struct net_device *dev, u32 queue, u32 flags)
{
	return -EOPNOTSUPP;
}

bool netvsc_xsk_receive(struct netvsc_channel *ch, const u8 *data,
			const struct rndis_rx_frame *frame,
			struct netvsc_xdp_batch *batch, struct sk_buff **skb)
{
	return false;
}

bool netvsc_xsk_transmit(struct netvsc_channel *ch, struct netvsc_xsk *xsk)
{
	return false;
}

void netvsc_xsk_sent(struct netvsc_channel *ch, u32 number)
{
}

#endif
