// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's device on a fake host, from its probe to its removal.
 */
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "kunit/visible.h"
#include "fake_host.h"
#include "netvsc_xdp.h"

static void fake_nic_release(struct device *dev)
{
	kfree(container_of(dev, struct hv_device, device));
}

static void fake_nic_end(void *arg)
{
	struct fake_nic *nic = arg;

	if (nic->probed)
		fake_nic_remove(nic);
	device_unregister(&nic->hv_dev->device);
}

/**
 * fake_nic_alloc() - make a host with a NIC that no driver knows yet
 * @test: the test that it is for
 *
 * Context: Process context, of the test.
 * Return: the NIC; it is removed when the test is over.
 */
struct fake_nic *fake_nic_alloc(struct kunit *test)
{
	struct fake_nic *nic;

	nic = kunit_kzalloc(test, sizeof(*nic), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, nic);
	nic->host = fake_host_alloc(test);
	nic->host->deliver = fake_nic_poll;
	nic->host->suite = nic;
	nic->hv_dev = kzalloc(sizeof(*nic->hv_dev), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, nic->hv_dev);
	nic->hv_dev->channel = nic->host->channel[0].vmbus;
	nic->hv_dev->device.release = fake_nic_release;
	dev_set_name(&nic->hv_dev->device, "fake_nic");
	KUNIT_ASSERT_EQ(test, 0, device_register(&nic->hv_dev->device));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fake_nic_end,
							   nic));

	return nic;
}

/* Work items run in tasks in which there is no host: tests call the functions. */
static void fake_nic_no_work(struct work_struct *work)
{
}

/*
 * The watchdog comes in an interrupt, where no host is either, once a queue has
 * stood for its time: on a busy machine, while a test does something else.
 */
#define FAKE_NIC_WATCHDOG	(3600 * HZ)

/**
 * fake_nic_probe() - let the driver have the device
 * @nic: the NIC
 *
 * Context: Process context, of the test.
 * Return: what the driver's probe returned.
 */
int fake_nic_probe(struct fake_nic *nic)
{
	int err = netvsc_probe(nic->hv_dev, NULL);

	if (err)
		return err;
	nic->probed = true;
	nic->nv = hv_get_drvdata(nic->hv_dev);
	/* Nor does anybody else send frames of his own. */
	nic->nv->netdev->priv_flags |= IFF_NO_ADDRCONF;
	nic->nv->netdev->watchdog_timeo = FAKE_NIC_WATCHDOG;
	INIT_WORK(&nic->nv->rx_mode_work, fake_nic_no_work);
	INIT_DELAYED_WORK(&nic->nv->reset_work, fake_nic_no_work);
	INIT_DELAYED_WORK(&nic->nv->vf.setup_work, fake_nic_no_work);
	INIT_WORK(&nic->nv->vf.news_work, fake_nic_no_work);

	return 0;
}

/**
 * fake_nic_remove() - take the device from the driver
 * @nic: after fake_nic_probe()
 *
 * Context: Process context, of the test.
 */
void fake_nic_remove(struct fake_nic *nic)
{
	nic->probed = false;
	netvsc_remove(nic->hv_dev);
}

/**
 * fake_nic_open() - set the interface up
 * @nic: after fake_nic_probe()
 *
 * Context: Process context, of the test.
 * Return: 0 or a negative errno.
 */
int fake_nic_open(struct fake_nic *nic)
{
	int err;

	rtnl_lock();
	err = dev_open(nic->nv->netdev, NULL);
	rtnl_unlock();

	return err;
}

/**
 * fake_nic_close() - set the interface down
 * @nic: after fake_nic_open()
 *
 * Context: Process context, of the test.
 */
void fake_nic_close(struct fake_nic *nic)
{
	rtnl_lock();
	dev_close(nic->nv->netdev);
	rtnl_unlock();
}

/**
 * fake_nic_channel() - the driver's idea of a channel
 * @nic: the NIC
 * @channel: by the host's number
 *
 * Context: Any.
 * Return: the channel, or NULL if it is not open.
 */
struct netvsc_channel *fake_nic_channel(struct fake_nic *nic, u32 channel)
{
	struct nvb_channel *driver = nic->host->channel[channel].driver;

	return driver ? container_of(driver, struct netvsc_channel, vmbus) :
			NULL;
}

/* Polls until there is nothing left, or once. */
static void fake_nic_napi(struct netvsc_channel *ch, bool once)
{
	struct bpf_net_context room, *ctx;

	local_bh_disable();
	/* What XDP has in a poll, and nowhere else. */
	ctx = bpf_net_ctx_set(&room);
	if (napi_schedule_prep(&ch->napi)) {
		while (netvsc_poll(&ch->napi, NAPI_POLL_WEIGHT) ==
		       NAPI_POLL_WEIGHT) {
			if (!once)
				continue;
			napi_complete(&ch->napi);
			break;
		}
	}
	bpf_net_ctx_clear(ctx);
	local_bh_enable();
}

/**
 * fake_nic_poll() - the interrupt of a channel, and all that it leads to
 * @host: the host of a struct fake_nic
 * @channel: number of the channel
 *
 * A poll that runs already is left alone, as by an interrupt.
 *
 * Context: Any but hard interrupt.
 */
void fake_nic_poll(struct fake_host *host, u32 channel)
{
	struct netvsc_channel *ch = fake_nic_channel(host->suite, channel);

	if (ch)
		fake_nic_napi(ch, false);
}

/**
 * fake_nic_deafen() - the host reads no more, and its ring is full
 * @host: the host of a struct fake_nic
 * @channel: number of an open channel
 *
 * Context: Process context.
 */
void fake_nic_deafen(struct fake_host *host, u32 channel)
{
	struct nvb_ring_out *out;

	out = &fake_nic_channel(host->suite, channel)->vmbus.out;
	host->deaf = true;
	spin_lock_bh(&out->lock);
	while (nvb_out_claim(out, NVB_PACKET_COMPLETION, 0, 1, 0, 8))
		nvb_out_commit(out);
	nvb_out_publish(out);
	spin_unlock_bh(&out->lock);
}

/**
 * fake_nic_poll_once() - one poll, as when somebody waits to disable NAPI
 * @host: the host of a struct fake_nic
 * @channel: number of an open channel
 *
 * Context: Any but hard interrupt.
 */
void fake_nic_poll_once(struct fake_host *host, u32 channel)
{
	fake_nic_napi(fake_nic_channel(host->suite, channel), true);
}

/* An RNDIS data message without items, and where its frame begins. */
#define FAKE_DATA_WORDS		11
#define FAKE_DATA_BYTES		(4 * FAKE_DATA_WORDS)
#define FAKE_DATA_XID		0x1000

/**
 * fake_nic_receive() - receive a frame by the first channel
 * @host: the host of a struct fake_nic
 * @slot: number of the receive slot
 * @len: bytes of the frame, each of which has its number in it; but those of
 *	the Ethernet type
 *
 * Context: Process context, of the test.
 */
void fake_nic_receive(struct fake_host *host, u32 slot, u32 len)
{
	const u32 word[] = { 1, FAKE_DATA_BYTES + len, 36, len };
	u8 *msg = kzalloc(FAKE_DATA_BYTES + len, GFP_KERNEL);
	u8 *data = msg + FAKE_DATA_BYTES;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(host->test, msg);
	for (i = 0; i < ARRAY_SIZE(word); i++)
		((__le32 *)msg)[i] = cpu_to_le32(word[i]);
	for (i = 0; i < len; i++)
		data[i] = i;
	data[12] = 0x88;
	data[13] = 0xb5;
	fake_receive(host, 0, FAKE_DATA_XID + slot, slot, msg,
		     FAKE_DATA_BYTES + len);
	kfree(msg);
}

static void fake_prog_end(void *prog)
{
	bpf_prog_destroy(prog);
}

/**
 * fake_prog() - make an XDP program that always returns a number
 * @test: the test that it is for
 * @act: the number; XDP_*
 *
 * A classic filter can do that.
 *
 * Context: Process context, of the test.
 * Return: the program; it goes with the test.
 */
struct bpf_prog *fake_prog(struct kunit *test, u32 act)
{
	struct sock_filter insn = BPF_STMT(BPF_RET | BPF_K, act);
	struct sock_fprog_kern filter = { .len = 1, .filter = &insn };
	struct bpf_prog *prog;

	KUNIT_ASSERT_EQ(test, 0, bpf_prog_create(&prog, &filter));
	/* The driver gives back references, of which this kind has none. */
	atomic64_set(&prog->aux->refcnt, 1000);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, fake_prog_end,
							   prog));

	return prog;
}

/**
 * fake_nic_attach() - have the driver run a program on what it receives
 * @nic: after fake_nic_probe()
 * @prog: the program, or NULL
 *
 * Context: Process context, of the test.
 * Return: 0 or a negative errno.
 */
int fake_nic_attach(struct fake_nic *nic, struct bpf_prog *prog)
{
	struct netdev_bpf bpf = { .command = XDP_SETUP_PROG, .prog = prog };
	int err;

	rtnl_lock();
	err = netvsc_bpf(nic->nv->netdev, &bpf);
	rtnl_unlock();

	return err;
}
