// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a device: its states, a session from beginning to end, a host
 * that refuses, falls silent or goes away at any step of it, and
 * reconfiguration.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "vmbus_glue/compat.h"
#include "kunit/visible.h"
#include "fake_host.h"

static int life_init(struct kunit *test)
{
	fake_nic_alloc(test);

	return 0;
}

static struct fake_nic *life_nic(struct kunit *test)
{
	struct fake_host *host = test->priv;

	return host->suite;
}

/* Every pair of states, the permitted ones named here once more. */
static void life_transitions(struct kunit *test)
{
	static const u8 may[][2] = {
		{ NETVSC_DOWN, NETVSC_CONNECTING },
		{ NETVSC_DOWN, NETVSC_ASLEEP },
		{ NETVSC_DOWN, NETVSC_GONE },
		{ NETVSC_CONNECTING, NETVSC_READY },
		{ NETVSC_CONNECTING, NETVSC_CLOSING },
		{ NETVSC_CONNECTING, NETVSC_DOWN },
		{ NETVSC_READY, NETVSC_RUNNING },
		{ NETVSC_READY, NETVSC_CLOSING },
		{ NETVSC_RUNNING, NETVSC_READY },
		{ NETVSC_CLOSING, NETVSC_DOWN },
		{ NETVSC_ASLEEP, NETVSC_DOWN },
		{ NETVSC_ASLEEP, NETVSC_GONE },
	};
	unsigned int from, to, i;

	for (from = 0; from < NETVSC_NUM_STATES; from++) {
		for (to = 0; to < NETVSC_NUM_STATES; to++) {
			bool want = false;

			for (i = 0; i < ARRAY_SIZE(may); i++)
				want |= may[i][0] == from && may[i][1] == to;
			KUNIT_EXPECT_EQ_MSG(test, want,
					    netvsc_state_follows(from, to),
					    "from %u to %u", from, to);
		}
	}
}

static void life_whole(struct kunit *test)
{
	static const u32 nvsp[] = { 1, 125, 100, 101, 104, 133, 103, 106 };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc *nv;
	u32 i;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nv->state);
	KUNIT_EXPECT_EQ(test, NVSP_VERSION_6_1, nv->nvsp.version);
	KUNIT_EXPECT_EQ(test, FAKE_CHANNELS, nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, FAKE_CHANNELS, nv->netdev->real_num_tx_queues);
	KUNIT_EXPECT_MEMEQ(test, nv->netdev->dev_addr, host->mac, ETH_ALEN);
	KUNIT_EXPECT_EQ(test, 2, host->gpadls);
	KUNIT_EXPECT_EQ(test, 0, host->filter);

	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nv->netdev));
	KUNIT_EXPECT_EQ(test, 9, host->filter & 9);
	fake_nic_close(nic);
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nv->state);
	KUNIT_EXPECT_EQ(test, 0, host->filter);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);

	fake_nic_remove(nic);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	KUNIT_EXPECT_EQ(test, 1, fake_asked(host, 1));
	KUNIT_EXPECT_EQ(test, 0, host->gpadls);
	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(nvsp), host->num_nvsp);
	for (i = 0; i < ARRAY_SIZE(nvsp); i++)
		KUNIT_EXPECT_EQ(test, nvsp[i], host->nvsp_log[i]);
	for (i = 0; i < FAKE_CHANNELS; i++)
		KUNIT_EXPECT_NULL(test, host->channel[i].driver);
}

/* What a host may do to a probe, and what becomes of it */

enum life_fault {
	LIFE_REFUSE,
	LIFE_SILENT,
	LIFE_GONE,
	LIFE_REFUSE_OID,
	LIFE_SILENT_OID,
};

struct life_case {
	const char *name;
	enum life_fault fault;
	u32 what;
	int err;
	u32 queues;		/* of a device that works all the same */
};

static const struct life_case life_cases[] = {
	{ "version refused", LIFE_REFUSE, 1, -EPROTONOSUPPORT },
	{ "receive buffer refused", LIFE_REFUSE, 101, -EIO },
	{ "send buffer refused", LIFE_REFUSE, 104, 0, 4 },
	{ "subchannels refused", LIFE_REFUSE, 133, 0, 1 },
	{ "version unanswered", LIFE_SILENT, 1, -ETIMEDOUT },
	{ "receive buffer unanswered", LIFE_SILENT, 101, -ETIMEDOUT },
	{ "send buffer unanswered", LIFE_SILENT, 104, -ETIMEDOUT },
	{ "subchannels unanswered", LIFE_SILENT, 133, -ETIMEDOUT },
	{ "gone at the version", LIFE_GONE, 1, -ENODEV },
	{ "gone at the configuration", LIFE_GONE, 125, -ENODEV },
	{ "gone at the NDIS version", LIFE_GONE, 100, -ENODEV },
	{ "gone at the receive buffer", LIFE_GONE, 101, -ENODEV },
	{ "gone at the send buffer", LIFE_GONE, 104, -ENODEV },
	{ "gone at the subchannels", LIFE_GONE, 133, -ENODEV },
	{ "gone at RNDIS", LIFE_GONE, ~0U, -ENODEV },
	{ "RNDIS refused", LIFE_REFUSE_OID, ~0U, -EIO },
	{ "RNDIS unanswered", LIFE_SILENT_OID, ~0U, -ETIMEDOUT },
	{ "offloads refused", LIFE_REFUSE_OID, 0xfc01020d, 0, 4 },
	{ "offloads unanswered", LIFE_SILENT_OID, 0xfc01020d, -ETIMEDOUT },
	{ "RSS refused", LIFE_REFUSE_OID, 0x10203, 0, 1 },
	{ "RSS unanswered", LIFE_SILENT_OID, 0x10203, -ETIMEDOUT },
	{ "frame size refused", LIFE_REFUSE_OID, 0x10106, 0, 4 },
	{ "frame size unanswered", LIFE_SILENT_OID, 0x10106, -ETIMEDOUT },
	{ "link refused", LIFE_REFUSE_OID, 0x10114, 0, 4 },
	{ "link unanswered", LIFE_SILENT_OID, 0x10114, -ETIMEDOUT },
	{ "speed refused", LIFE_REFUSE_OID, 0x10107, 0, 4 },
	{ "speed unanswered", LIFE_SILENT_OID, 0x10107, -ETIMEDOUT },
	{ "spreading refused", LIFE_REFUSE_OID, 0x10204, 0, 4 },
	{ "spreading unanswered", LIFE_SILENT_OID, 0x10204, -ETIMEDOUT },
	{ "offload settings refused", LIFE_REFUSE_OID, 0xfc01020c, 0, 4 },
	{ "offload settings unanswered", LIFE_SILENT_OID, 0xfc01020c,
	  -ETIMEDOUT },
	{ "address refused", LIFE_REFUSE_OID, 0x1010101, -EIO },
	{ "address unanswered", LIFE_SILENT_OID, 0x1010101, -ETIMEDOUT },
	{ "name refused", LIFE_REFUSE_OID, 0x20216, 0, 4 },
	{ "name unanswered", LIFE_SILENT_OID, 0x20216, 0, 4 },
};

static void life_desc(const struct life_case *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(life, life_cases, life_desc);

static void life_set_fault(struct fake_host *host, enum life_fault fault,
			   u32 what)
{
	if (fault == LIFE_REFUSE)
		host->refuse = what;
	else if (fault == LIFE_SILENT)
		host->silent_nvsp = what;
	else if (fault == LIFE_GONE)
		host->gone_at = what;
	else if (fault == LIFE_REFUSE_OID)
		host->refuse_oid = what;
	else
		host->silent_oid = what;
}

static void life_heal(struct fake_host *host)
{
	u32 i;

	host->refuse = 0;
	host->silent_nvsp = 0;
	host->gone_at = 0;
	host->refuse_oid = 0;
	host->silent_oid = 0;
	host->on_nvsp = NULL;
	for (i = 0; i < FAKE_CHANNELS; i++)
		WRITE_ONCE(host->channel[i].vmbus->rescind, false);
}

static void life_expect_nothing_left(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u32 i;

	KUNIT_EXPECT_EQ(test, 0, host->gpadls);
	for (i = 0; i < FAKE_CHANNELS; i++)
		KUNIT_EXPECT_NULL(test, host->channel[i].driver);
}

/* A clean error with nothing left behind, and the next probe works. */
static void life_probe_faults(struct kunit *test)
{
	const struct life_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	life_set_fault(host, one->fault, one->what);
	KUNIT_ASSERT_EQ(test, one->err, fake_nic_probe(nic));
	KUNIT_EXPECT_LE(test, host->timeouts, 1);
	KUNIT_EXPECT_LE(test, host->waited_ms, 60000);
	KUNIT_EXPECT_EQ(test, one->fault == LIFE_SILENT ||
			one->fault == LIFE_SILENT_OID, host->timeouts);
	if (one->err) {
		life_expect_nothing_left(test);
		life_heal(host);
		KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
		return;
	}
	KUNIT_EXPECT_EQ(test, one->queues, nic->nv->resources->num_queues);
	life_heal(host);
	KUNIT_EXPECT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
}

static void life_probe_no_memory(struct kunit *test)
{
	struct fake_host *host = test->priv;

	host->on_open[0] = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, fake_nic_probe(life_nic(test)));
	host->on_open[0] = 0;
	host->on_share = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, fake_nic_probe(life_nic(test)));
	life_expect_nothing_left(test);
	host->on_share = 0;
	KUNIT_EXPECT_EQ(test, 0, fake_nic_probe(life_nic(test)));
}

/*
 * Whether a probe came as far as asking the host for its name: that is the last
 * thing before the stack registers the interface.
 */
static bool life_all_agreed(const struct fake_host *host)
{
	return fake_asked(host, OID_GEN_FRIENDLY_NAME);
}

/*
 * One allocation after the other fails: the probe either does without it, or
 * says so and leaves nothing behind. Those that follow many others are tried at
 * growing distances.
 */
static void life_probe_scarce_memory(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int nth, left, refused = 0, worked = 0;
	int err;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		kunit_skip(test, "no CONFIG_FAULT_INJECTION");
	for (nth = 1; ; nth += 1 + nth / 12) {
		fake_fail_at(nth);
		err = fake_nic_probe(nic);
		left = fake_fail_left();
		fake_fail_at(0);
		if (err) {
			refused++;
			/*
			 * Whoever has to do with a new interface has a word of
			 * his own for it: -EINVAL sysfs, -ENOBUFS neighbours.
			 * Whose turn it is depends on how full slabs are.
			 */
			KUNIT_EXPECT_TRUE_MSG(test, err == -ENOMEM ||
					      life_all_agreed(host),
					      "allocation %u: %d", nth, err);
		} else {
			worked += !left;
			KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
			fake_nic_remove(nic);
		}
		life_expect_nothing_left(test);
		KUNIT_ASSERT_EQ(test, 0, host->timeouts);
		if (left)
			break;
		host->num_nvsp = 0;
		host->num_oids = 0;
	}
	/* Else nothing has been tried. */
	KUNIT_EXPECT_GT(test, refused, 5);
	KUNIT_EXPECT_GT(test, worked, 0);
	kunit_info(test, "%u probes refused, %u did without\n", refused, worked);
}

/* Each version, with what it has not. */
static void life_versions(struct kunit *test)
{
	static const u32 versions[] = { 0x60001, 0x60000, 0x50000, 0x40000,
					0x30002, 0x00002 };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc *nv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		host->version = versions[i];
		KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
		nv = nic->nv;
		KUNIT_EXPECT_EQ(test, versions[i] >= 0x50000 ? 4 : 1,
				nv->resources->num_queues);
		KUNIT_EXPECT_EQ(test, versions[i] == 0x60001, nv->rsc_offered);
		KUNIT_EXPECT_EQ(test, versions[i] == 2 ? 1500 : NETVSC_MAX_MTU,
				nv->netdev->max_mtu);
		KUNIT_EXPECT_EQ(test, 0, fake_nic_open(nic));
		fake_nic_remove(nic);
		life_expect_nothing_left(test);
	}
}

/* Subchannels */

static void life_fewer_subchannels(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc *nv;

	/* The second cannot be opened: queues have no gap, channels do. */
	host->on_open[2] = -ENOMEM;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 3, nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, 1, nv->resources->queue[1]->index);
	KUNIT_EXPECT_EQ(test, 3, nv->resources->queue[2]->index);
	KUNIT_EXPECT_EQ(test, 2, nv->resources->queue[2]->queue);
	KUNIT_EXPECT_EQ(test, 3, nv->netdev->real_num_rx_queues);
	KUNIT_EXPECT_EQ(test, 0, fake_nic_open(nic));
}

/* Offers with numbers that nobody asked for, or twice the same. */
static bool life_wrong_offers(struct fake_host *host, u32 type,
			      const struct fake_packet *pkt)
{
	const __le32 answer[] = { cpu_to_le32(133), cpu_to_le32(1),
				  cpu_to_le32(3) };
	static const u16 index[] = { 0, 1, 1 };
	struct vmbus_channel *primary = host->channel[0].vmbus;
	u32 i;

	if (type != NVSP_MSG_SUBCHANNEL)
		return false;
	for (i = 0; i < 3; i++) {
		host->channel[i + 1].vmbus->offermsg.offer.sub_channel_index =
			i == 0 ? 4 : index[i];
		primary->sc_creation_callback(host->channel[i + 1].vmbus);
	}
	fake_complete(host, 0, pkt->trans_id, answer, sizeof(answer));

	return true;
}

static void life_wrong_subchannels(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	host->on_nvsp = life_wrong_offers;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_EXPECT_EQ(test, 2, nic->nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	KUNIT_EXPECT_EQ(test, 0, fake_nic_open(nic));
}

static bool life_no_offers(struct fake_host *host, u32 type,
			   const struct fake_packet *pkt)
{
	const __le32 answer[] = { cpu_to_le32(133), cpu_to_le32(1),
				  cpu_to_le32(3) };

	if (type != NVSP_MSG_SUBCHANNEL)
		return false;
	fake_complete(host, 0, pkt->trans_id, answer, sizeof(answer));

	return true;
}

static void life_subchannels_never_come(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	host->on_nvsp = life_no_offers;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_EXPECT_EQ(test, 1, nic->nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, 1, host->timeouts);
	KUNIT_EXPECT_EQ(test, 10000, host->waited_ms);
	/* Late, they are nobody's. */
	KUNIT_EXPECT_NULL(test, host->channel[0].vmbus->sc_creation_callback);
	KUNIT_EXPECT_EQ(test, 0, fake_nic_open(nic));
}

/* Opening, closing, going away */

static void life_open_refused(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	host->refuse_oid = OID_GEN_CURRENT_PACKET_FILTER;
	KUNIT_EXPECT_EQ(test, -EIO, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
	KUNIT_EXPECT_FALSE(test, nic->nv->receiving);
	life_heal(host);
	host->silent_oid = OID_GEN_CURRENT_PACKET_FILTER;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
	life_heal(host);
	KUNIT_EXPECT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
}

/* A host that says nothing any more does not keep anybody from closing. */
static void life_close_unanswered(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	host->silent_oid = OID_GEN_CURRENT_PACKET_FILTER;
	fake_nic_close(nic);
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 1, host->timeouts);
	KUNIT_EXPECT_EQ(test, 5000, host->waited_ms);
	fake_nic_remove(nic);
	/* It has been silent: no farewell, and no more waiting. */
	KUNIT_EXPECT_EQ(test, 1, host->timeouts);
	KUNIT_EXPECT_EQ(test, 0, fake_asked(host, 1));
	life_expect_nothing_left(test);
}

static void life_rescinded_while_running(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	u32 said;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	fake_host_rescind(host);
	said = host->num_nvsp + host->num_oids;
	fake_nic_remove(nic);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	KUNIT_EXPECT_EQ(test, said, host->num_nvsp + host->num_oids);
	life_expect_nothing_left(test);
}

/* Reconfiguration */

static int life_reconfigure_mtu(struct fake_nic *nic, u32 mtu)
{
	struct netvsc_config config = nic->nv->config;
	int err;

	config.mtu = mtu;
	rtnl_lock();
	err = netvsc_reconfigure(nic->nv, &config);
	rtnl_unlock();

	return err;
}

static bool life_refuse_first_buffer(struct fake_host *host, u32 type,
				     const struct fake_packet *pkt)
{
	const __le32 answer[] = { cpu_to_le32(102), cpu_to_le32(2), 0, 0, 0, 0,
				  0 };

	if (type != NVSP_MSG_SEND_RECV_BUFFER)
		return false;
	host->on_nvsp = NULL;
	fake_complete(host, 0, pkt->trans_id, answer, sizeof(answer));

	return true;
}

static void life_reconfigured(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	u8 *recv;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_EXPECT_EQ(test, 0, life_reconfigure_mtu(nic, 4000));
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	recv = host->recv;
	KUNIT_EXPECT_EQ(test, 0, life_reconfigure_mtu(nic, 9000));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 9000, nic->nv->config.mtu);
	KUNIT_EXPECT_EQ(test, 9, host->filter & 9);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nic->nv->netdev));
	KUNIT_EXPECT_EQ(test, 2, fake_asked(host, 1));
	/* Memory of the right size is used again, and the host still has it. */
	KUNIT_EXPECT_PTR_EQ(test, recv, host->recv);
	KUNIT_EXPECT_EQ(test, 2, host->gpadls);
	KUNIT_EXPECT_EQ(test, 2, host->shares);
}

/* Of another size: the old buffer is taken back, the other stays. */
static void life_reconfigured_buffer(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc_config config;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	config = nic->nv->config;
	config.recv_bytes = 2 << 20;
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, 0, netvsc_reconfigure(nic->nv, &config));
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 2 << 20, nic->nv->resources->recv.shared_bytes);
	KUNIT_EXPECT_EQ(test, 2, host->gpadls);
	KUNIT_EXPECT_EQ(test, 3, host->shares);
	fake_nic_remove(nic);
	life_expect_nothing_left(test);
}

/* An address of the user's is told to the host of every session. */
static void life_address_kept(struct kunit *test)
{
	static const u8 mac[ETH_ALEN] = { 0x02, 0x15, 0x5d, 9, 2, 3 };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_EXPECT_EQ(test, 0, life_reconfigure_mtu(nic, 4000));
	KUNIT_EXPECT_EQ(test, 0, fake_asked(host,
					    OID_GEN_RNDIS_CONFIG_PARAMETER));
	eth_hw_addr_set(nic->nv->netdev, mac);
	KUNIT_EXPECT_EQ(test, 0, life_reconfigure_mtu(nic, 3000));
	KUNIT_EXPECT_EQ(test, 1, fake_asked(host,
					    OID_GEN_RNDIS_CONFIG_PARAMETER));
	KUNIT_EXPECT_MEMEQ(test, mac, nic->nv->netdev->dev_addr, ETH_ALEN);
	/* One that refuses it is used all the same. */
	host->refuse_oid = OID_GEN_RNDIS_CONFIG_PARAMETER;
	KUNIT_EXPECT_EQ(test, 0, life_reconfigure_mtu(nic, 4000));
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
	life_heal(host);
}

/* Queues that will be fewer are left before anything stops. */
static void life_fewer_queues(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc_config config;
	struct netvsc *nv;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	config = nv->config;
	config.channels = 2;
	/* The old session is there to come back. */
	host->on_nvsp = life_refuse_first_buffer;
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, -EIO, netvsc_reconfigure(nv, &config));
	KUNIT_EXPECT_EQ(test, FAKE_CHANNELS, nv->netdev->real_num_tx_queues);
	KUNIT_EXPECT_EQ(test, 0, netvsc_reconfigure(nv, &config));
	KUNIT_EXPECT_EQ(test, 2, nv->netdev->real_num_tx_queues);
	KUNIT_EXPECT_EQ(test, 2, nv->netdev->real_num_rx_queues);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
}

static u32 life_carrier_changes(const struct netvsc *nv)
{
	return atomic_read(&nv->netdev->carrier_up_count) +
	       atomic_read(&nv->netdev->carrier_down_count);
}

/* A hundred events at once are two changes, and the last event counts. */
static void life_link_storm(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	enum rndis_link_event last;
	struct netvsc *nv;
	u32 i, before;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	for (last = RNDIS_LINK_UP; last <= RNDIS_LINK_DOWN; last++) {
		before = life_carrier_changes(nv);
		local_bh_disable();
		for (i = 0; i < 50; i++) {
			netvsc_link_event(nv, RNDIS_LINK_DOWN, 0);
			netvsc_link_event(nv, RNDIS_LINK_UP, 0);
			netvsc_link_event(nv, RNDIS_LINK_SPEED, 1000 + i);
		}
		netvsc_link_event(nv, last, 0);
		local_bh_enable();
		msleep(950);
		KUNIT_EXPECT_EQ(test, last == RNDIS_LINK_UP,
				netif_carrier_ok(nv->netdev));
		KUNIT_EXPECT_GE(test, life_carrier_changes(nv) - before, 1);
		KUNIT_EXPECT_LE(test, life_carrier_changes(nv) - before, 3);
		KUNIT_EXPECT_EQ(test, 1049, nv->link_speed);
	}
}

/* More than the host allows: the old configuration is back. */
static void life_reconfigured_too_far(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, -ERANGE, life_reconfigure_mtu(nic, 9001));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 1500, nic->nv->config.mtu);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nic->nv->netdev));
}

static void life_reconfigured_in_vain(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	host->on_nvsp = life_refuse_first_buffer;
	KUNIT_EXPECT_EQ(test, -EIO, life_reconfigure_mtu(nic, 4000));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 1500, nic->nv->config.mtu);
	KUNIT_EXPECT_EQ(test, 4, nic->nv->resources->num_queues);
	/* What was refused is not relied on again. */
	KUNIT_EXPECT_EQ(test, 2, host->gpadls);
	KUNIT_EXPECT_EQ(test, 4, host->shares);
}

/* Neither works: down, without a carrier, until it can be had again. */
static void life_down_and_up_again(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	u32 queues;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	host->refuse = NVSP_MSG_SEND_RECV_BUFFER;
	KUNIT_EXPECT_EQ(test, -EIO, life_reconfigure_mtu(nic, 4000));
	KUNIT_EXPECT_EQ(test, NETVSC_DOWN, nic->nv->state);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(nic->nv->netdev));
	life_expect_nothing_left(test);
	rtnl_lock();
	queues = netvsc_stats_count(nic->nv);
	KUNIT_EXPECT_EQ(test, -EIO, netvsc_up(nic->nv));
	rtnl_unlock();
	KUNIT_EXPECT_GT(test, queues, 0);
	KUNIT_EXPECT_EQ(test, NETVSC_DOWN, nic->nv->state);

	life_heal(host);
	fake_nic_close(nic);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nic->nv->netdev));
}

/* Silence: from some moment on the host reads nothing, until it does again. */

static void life_speak(struct fake_host *host)
{
	host->on_nvsp = NULL;
	host->on_control = NULL;
	host->deaf = false;
	if (host->channel[0].driver)
		fake_host_run(host, 0);
}

/* The message at which the host falls silent, see struct life_case. */
static u32 life_step;

static bool life_silent_nvsp(struct fake_host *host, u32 type,
			     const struct fake_packet *pkt)
{
	host->deaf |= type == life_step;

	return host->deaf;
}

static bool life_silent_control(struct fake_host *host,
				const struct fake_control *control)
{
	u32 what = control->type == RNDIS_MSG_INIT ? ~0U : control->oid;

	/* To stop reception is no step of a beginning. */
	if (what == OID_GEN_CURRENT_PACKET_FILTER && !control->info[0])
		return false;
	host->deaf |= what == life_step;

	return host->deaf;
}

static void life_fall_silent_at(struct fake_host *host, u32 step)
{
	life_step = step;
	host->on_nvsp = life_silent_nvsp;
	host->on_control = life_silent_control;
}

struct life_silence {
	const char *name;
	u32 step;
	u32 probe_ms;		/* waited for at most */
	int probe_err;
	u32 exchange_ms;
};

/* The old configuration is tried for 5 s, after whatever the new one took. */
static const struct life_silence life_silences[] = {
	{ "version", 1, 10000, -ETIMEDOUT, 15000 },
	{ "configuration", 125, 10000, -ETIMEDOUT, 15000 },
	{ "NDIS version", 100, 10000, -ETIMEDOUT, 15000 },
	{ "receive buffer", 101, 10000, -ETIMEDOUT, 15000 },
	{ "send buffer", 104, 10000, -ETIMEDOUT, 15000 },
	{ "subchannels", 133, 10000, -ETIMEDOUT, 15000 },
	{ "RNDIS", ~0U, 60000, -ETIMEDOUT, 65000 },
	{ "offloads", 0xfc01020d, 60000, -ETIMEDOUT, 65000 },
	{ "RSS", 0x10203, 60000, -ETIMEDOUT, 65000 },
	{ "frame size", 0x10106, 60000, -ETIMEDOUT, 65000 },
	{ "link", 0x10114, 60000, -ETIMEDOUT, 65000 },
	{ "speed", 0x10107, 60000, -ETIMEDOUT, 65000 },
	{ "spreading", 0x10204, 60000, -ETIMEDOUT, 65000 },
	{ "offload settings", 0xfc01020c, 60000, -ETIMEDOUT, 65000 },
	{ "address", 0x1010101, 60000, -ETIMEDOUT, 0 },
	{ "name", 0x20216, 60000, 0, 0 },
	{ "packet filter", 0x1010e, 0, 0, 65000 },
};

static void life_silence_desc(const struct life_silence *one, char *desc)
{
	strscpy(desc, one->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(life_silence, life_silences, life_silence_desc);

/* One bound, whatever was still to be asked, and no word of farewell. */
static void life_silent_probe(struct kunit *test)
{
	const struct life_silence *one = test->param_value;
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	life_fall_silent_at(host, one->step);
	KUNIT_ASSERT_EQ(test, one->probe_err, fake_nic_probe(nic));
	KUNIT_EXPECT_EQ(test, one->probe_ms, host->waited_ms);
	KUNIT_EXPECT_EQ(test, one->probe_ms ? 1 : 0, host->timeouts);
	KUNIT_EXPECT_EQ(test, 0, fake_asked(host, 1));
	if (one->probe_err) {
		life_expect_nothing_left(test);
		life_speak(host);
		KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	}
}

/*
 * The sum of all waits is the first one and a short one for the old
 * configuration. Then the interface waits for the host without a lock.
 */
static void life_silent_exchange(struct kunit *test)
{
	const struct life_silence *one = test->param_value;
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	if (!one->exchange_ms)
		kunit_skip(test, "asked for at the first session alone");
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	life_fall_silent_at(host, one->step);
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, life_reconfigure_mtu(nic, 4000));
	KUNIT_EXPECT_EQ(test, one->exchange_ms, host->waited_ms);
	KUNIT_EXPECT_EQ(test, 2, host->timeouts);
	KUNIT_EXPECT_EQ(test, NETVSC_DOWN, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 1500, nic->nv->config.mtu);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(nic->nv->netdev));
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&nic->nv->reset_work));
	life_expect_nothing_left(test);

	/* Still nothing: the next attempt is short, and not the last. */
	host->waited_ms = 0;
	netvsc_reset_work(&nic->nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, 5000, host->waited_ms);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&nic->nv->reset_work));

	life_speak(host);
	netvsc_reset_work(&nic->nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nic->nv->netdev));
	KUNIT_EXPECT_EQ(test, 9, host->filter & 9);
}

/* What a user may ask for while the host is silent. */

static int life_do_mtu(struct net_device *dev)
{
	return dev_set_mtu(dev, 4000);
}

static int life_do_channels(struct net_device *dev)
{
	struct ethtool_channels channels = { .combined_count = 2 };

	return dev->ethtool_ops->set_channels(dev, &channels);
}

static int life_do_ring(struct net_device *dev)
{
	struct ethtool_ringparam ring = { .rx_pending = 600, .tx_pending = 20 };

	return dev->ethtool_ops->set_ringparam(dev, &ring, NULL, NULL);
}

static int life_do_rss(struct net_device *dev)
{
	static u32 indir[NDIS_RSS_MAX_ENTRIES];
	struct ethtool_rxfh_param rxfh = { .indir = indir };

	return dev->ethtool_ops->set_rxfh(dev, &rxfh, NULL);
}

static int life_do_hash_fields(struct net_device *dev)
{
	const struct ethtool_rxfh_fields fields = {
		.flow_type = TCP_V4_FLOW,
		.data = RXH_IP_SRC | RXH_IP_DST,
	};

	return dev->ethtool_ops->set_rxfh_fields(dev, &fields, NULL);
}

static int life_do_address(struct net_device *dev)
{
	static const u8 address[ETH_ALEN] = { 2, 1, 2, 3, 4, 5 };
	struct sockaddr_storage ss = { .ss_family = dev->type };
	struct sockaddr *sa = (struct sockaddr *)&ss;

	memcpy(sa->sa_data, address, sizeof(address));
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;

	return dev_set_mac_address(dev, sa, NULL);
}

static int life_do_coalescing(struct net_device *dev)
{
	return dev->netdev_ops->ndo_set_features(dev, dev->features &
						 ~NETIF_F_LRO);
}

/* Nobody is told of an error: it is a work item's. */
static int life_do_receive_mode(struct net_device *dev)
{
	struct netvsc *nv = netdev_priv(dev);

	dev->flags |= IFF_PROMISC;
	rtnl_unlock();
	netvsc_rx_mode_work(&nv->rx_mode_work);
	rtnl_lock();

	return nv->filter == RNDIS_FILTER_PROMISCUOUS ? 0 : -ETIMEDOUT;
}

static int life_do_down(struct net_device *dev)
{
	dev_close(dev);

	return 0;
}

struct life_wish {
	const char *name;
	int (*act)(struct net_device *dev);
	int err;
	u32 waited_ms;
	u32 unsettled;
};

static const struct life_wish life_wishes[] = {
	{ "MTU", life_do_mtu, -ETIMEDOUT, 15000 },
	{ "channels", life_do_channels, -ETIMEDOUT, 15000 },
	{ "ring", life_do_ring, -ETIMEDOUT, 15000 },
	{ "RSS", life_do_rss, -ETIMEDOUT, 60000, NETVSC_UNSETTLED_RSS },
	{ "hash fields", life_do_hash_fields, -ETIMEDOUT, 60000,
	  NETVSC_UNSETTLED_RSS },
	{ "address", life_do_address, -ETIMEDOUT, 60000, NETVSC_UNSETTLED_MAC },
	{ "coalescing", life_do_coalescing, -ETIMEDOUT, 60000,
	  NETVSC_UNSETTLED_OFFLOADS },
	{ "receive mode", life_do_receive_mode, -ETIMEDOUT, 60000,
	  NETVSC_UNSETTLED_FILTER },
	{ "down", life_do_down, 0, 5000 },
};

static void life_wish_desc(const struct life_wish *wish, char *desc)
{
	strscpy(desc, wish->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(life_wish, life_wishes, life_wish_desc);

/* Of the old settings, which the host is told again since it may be late. */
static void life_expect_old_settings(struct kunit *test, u32 unsettled)
{
	struct fake_host *host = test->priv;
	struct netvsc *nv = life_nic(test)->nv;

	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
	KUNIT_EXPECT_EQ(test, 0, nv->unsettled);
	KUNIT_EXPECT_EQ(test, 1500, nv->config.mtu);
	KUNIT_EXPECT_EQ(test, 4, nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, 1, nv->rss.table[1]);
	KUNIT_EXPECT_EQ(test, 0, nv->rss.without_ports);
	KUNIT_EXPECT_MEMEQ(test, nv->netdev->dev_addr, host->mac, ETH_ALEN);
	KUNIT_EXPECT_EQ(test, NDIS_OFFLOAD_ON, host->offload.rsc_ipv4);
	if (unsettled == NETVSC_UNSETTLED_FILTER)
		KUNIT_EXPECT_EQ(test, RNDIS_FILTER_PROMISCUOUS, host->filter);
	else
		KUNIT_EXPECT_EQ(test, 9, host->filter & 9);
	if (unsettled == NETVSC_UNSETTLED_MAC)
		KUNIT_EXPECT_EQ(test, 3, fake_asked(host, 0x1021b));
	/* Off, then on, at the probe; off twice, late; off and on again. */
	if (unsettled == NETVSC_UNSETTLED_RSS)
		KUNIT_EXPECT_EQ(test, 6, fake_asked(host, 0x10204));
}

static void life_silent_wish(struct kunit *test)
{
	const struct life_wish *wish = test->param_value;
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc *nv;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	nv = nic->nv;
	host->deaf = true;
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, wish->err, wish->act(nv->netdev));
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, wish->waited_ms, host->waited_ms);
	KUNIT_EXPECT_EQ(test, wish->unsettled, nv->unsettled);
	KUNIT_EXPECT_EQ(test, !!wish->err,
			delayed_work_pending(&nv->reset_work));

	/* A second wish while nobody answers costs no more than a short wait. */
	host->waited_ms = 0;
	netvsc_reset_work(&nv->reset_work.work);
	KUNIT_EXPECT_LE(test, host->waited_ms, 5000);
	KUNIT_EXPECT_EQ(test, !!wish->err,
			delayed_work_pending(&nv->reset_work));

	host->waited_ms = 0;
	life_speak(host);
	if (netif_running(nv->netdev))
		netvsc_reset_work(&nv->reset_work.work);
	else
		KUNIT_EXPECT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, 0, host->waited_ms);
	life_expect_old_settings(test, wish->unsettled);
	nv->netdev->flags &= ~IFF_PROMISC;
}

static void life_removed_while_down(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	host->silent_nvsp = NVSP_MSG_INIT;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, life_reconfigure_mtu(nic, 4000));
	KUNIT_EXPECT_EQ(test, NETVSC_DOWN, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 2, host->timeouts);
	fake_nic_remove(nic);
	KUNIT_EXPECT_EQ(test, 2, host->timeouts);
	life_expect_nothing_left(test);
}

/* The same of a new configuration: it, or the old one, is in force. */
static void life_reconfigured_scarce_memory(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int nth, left, refused = 0;
	u32 mtu, old;
	int err;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		kunit_skip(test, "no CONFIG_FAULT_INJECTION");
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	for (nth = 1; ; nth += 1 + nth / 12) {
		old = nic->nv->config.mtu;
		mtu = old == 4000 ? 3000 : 4000;
		fake_fail_at(nth);
		err = life_reconfigure_mtu(nic, mtu);
		left = fake_fail_left();
		fake_fail_at(0);
		refused += !!err;
		KUNIT_EXPECT_EQ_MSG(test, err ? old : mtu, nic->nv->config.mtu,
				    "allocation %u: %d", nth, err);
		KUNIT_ASSERT_EQ_MSG(test, NETVSC_RUNNING, nic->nv->state,
				    "allocation %u: %d", nth, err);
		KUNIT_EXPECT_EQ(test, 9, host->filter & 9);
		if (left)
			break;
		host->num_nvsp = 0;
		host->num_oids = 0;
	}
	KUNIT_EXPECT_GT(test, refused, 0);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

/* The work item that starts over: only with a reason, and until it works. */
static void life_starts_over(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	netvsc_reset_work(&nic->nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, 1, fake_seen(host, NVSP_MSG_INIT));
	nic->nv->stuck = true;
	netvsc_reset_work(&nic->nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, 2, fake_seen(host, NVSP_MSG_INIT));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_FALSE(test, nic->nv->stuck);

	nic->nv->stuck = true;
	host->silent_nvsp = NVSP_MSG_INIT;
	netvsc_reset_work(&nic->nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, NETVSC_DOWN, nic->nv->state);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&nic->nv->reset_work));
	cancel_delayed_work_sync(&nic->nv->reset_work);
	life_heal(host);
	netvsc_reset_work(&nic->nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&nic->nv->reset_work));
}

/* The packet filter follows the interface. */
static void life_receive_mode(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	rtnl_lock();
	dev_set_promiscuity(nic->nv->netdev, 1);
	rtnl_unlock();
	netvsc_rx_mode_work(&nic->nv->rx_mode_work);
	KUNIT_EXPECT_EQ(test, RNDIS_FILTER_PROMISCUOUS, host->filter);
	rtnl_lock();
	dev_set_promiscuity(nic->nv->netdev, -1);
	dev_set_allmulti(nic->nv->netdev, 1);
	rtnl_unlock();
	netvsc_rx_mode_work(&nic->nv->rx_mode_work);
	KUNIT_EXPECT_TRUE(test, host->filter & RNDIS_FILTER_ALL_MULTICAST);
	KUNIT_EXPECT_FALSE(test, host->filter & RNDIS_FILTER_PROMISCUOUS);
	rtnl_lock();
	dev_set_allmulti(nic->nv->netdev, -1);
	rtnl_unlock();
}

/* Sleep: what VMBus asks of a driver when the machine hibernates */

static void life_fall_asleep(struct kunit *test)
{
	struct fake_nic *nic = life_nic(test);

	KUNIT_ASSERT_EQ(test, 0, netvsc_fall_asleep(nic->hv_dev));
	KUNIT_EXPECT_EQ(test, NETVSC_ASLEEP, nic->nv->state);
	KUNIT_EXPECT_FALSE(test, netif_device_present(nic->nv->netdev));
	life_expect_nothing_left(test);
}

/* Whatever the user has set is there again. */
static void life_sleep_running(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	static const u8 address[ETH_ALEN] = { 2, 0, 0, 0, 0, 9 };
	struct sockaddr mac = { .sa_family = ARPHRD_ETHER };
	struct netvsc *nv;
	u8 *recv;
	int turn;

	ether_addr_copy(mac.sa_data, address);
	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_ASSERT_EQ(test, 0, life_reconfigure_mtu(nic, 4000));
	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, dev_set_mac_address(nv->netdev, &mac, NULL));
	dev_set_allmulti(nv->netdev, 1);
	rtnl_unlock();
	nv->rss.key[7] ^= 0xff;
	nv->rss.table[3] = 2;
	recv = host->recv;
	for (turn = 0; turn < 3; turn++) {
		life_fall_asleep(test);
		KUNIT_EXPECT_EQ(test, 0, host->filter);
		host->num_nvsp = 0;
		host->num_oids = 0;
		KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
		KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
		KUNIT_EXPECT_TRUE(test, netif_device_present(nv->netdev));
		KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nv->netdev));
		KUNIT_EXPECT_EQ(test, 4000, nv->config.mtu);
		KUNIT_EXPECT_EQ(test, FAKE_CHANNELS, nv->resources->num_queues);
		KUNIT_EXPECT_PTR_EQ(test, recv, host->recv);
		KUNIT_EXPECT_EQ(test, 1,
				fake_asked(host,
					   OID_GEN_RNDIS_CONFIG_PARAMETER));
		/* Off, then on. */
		KUNIT_EXPECT_EQ(test, 2, fake_asked(host, 0x10204));
		KUNIT_EXPECT_EQ(test, 2, nv->rss.table[3]);
		KUNIT_EXPECT_TRUE(test,
				  host->filter & RNDIS_FILTER_ALL_MULTICAST);
	}
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	rtnl_lock();
	dev_set_allmulti(nv->netdev, -1);
	rtnl_unlock();
}

/* An interface that is set down sleeps as well, and stays down. */
static void life_sleep_ready(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	life_fall_asleep(test);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	KUNIT_EXPECT_EQ(test, NETVSC_READY, nic->nv->state);
	KUNIT_EXPECT_EQ(test, 0, host->filter);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(nic->nv->netdev));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
}

/* One that a failure has left down has nothing to end, but to be woken. */
static void life_sleep_down(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	host->silent_nvsp = NVSP_MSG_INIT;
	KUNIT_EXPECT_EQ(test, -ETIMEDOUT, life_reconfigure_mtu(nic, 4000));
	KUNIT_ASSERT_EQ(test, NETVSC_DOWN, nic->nv->state);
	host->timeouts = 0;
	life_fall_asleep(test);
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
	life_heal(host);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nic->nv->netdev));
}

/* Nobody talks to a host that VMBus has left, and the bed can be taken away. */
static void life_undisturbed_sleep(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	life_fall_asleep(test);
	host->num_nvsp = 0;
	host->num_oids = 0;
	nic->nv->stuck = true;
	netvsc_reset_work(&nic->nv->reset_work.work);
	netvsc_rx_mode_work(&nic->nv->rx_mode_work);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, -ENETDOWN, netvsc_up(nic->nv));
	KUNIT_EXPECT_EQ(test, -ENODEV, dev_set_mtu(nic->nv->netdev, 4000));
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, NETVSC_ASLEEP, nic->nv->state);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&nic->nv->reset_work));
	KUNIT_EXPECT_EQ(test, 0, host->num_nvsp);
	KUNIT_EXPECT_EQ(test, 0, host->num_oids);
	fake_nic_remove(nic);
	KUNIT_EXPECT_EQ(test, 0, host->num_nvsp);
}

/* A host that is silent does not keep the machine awake for long. */
static void life_sleep_unanswered(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	host->silent_oid = OID_GEN_CURRENT_PACKET_FILTER;
	life_fall_asleep(test);
	KUNIT_EXPECT_EQ(test, 1, host->timeouts);
	KUNIT_EXPECT_EQ(test, 5000, host->waited_ms);
	life_heal(host);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nic->nv->state);
}

/*
 * Every way in which a probe can fail, at waking up: without a session there is
 * no carrier, and the work item that starts over finds the host again. What
 * is not asked again, or is not needed, does no harm.
 */
static void life_wake_up_faults(struct kunit *test)
{
	const struct life_case *one = test->param_value;
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	bool works = !one->err || one->what == OID_802_3_PERMANENT_ADDRESS;
	struct netvsc *nv;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	life_fall_asleep(test);
	life_set_fault(host, one->fault, one->what);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	KUNIT_EXPECT_TRUE(test, netif_device_present(nv->netdev));
	KUNIT_EXPECT_LE(test, host->timeouts, 1);
	KUNIT_EXPECT_EQ(test, works, netif_carrier_ok(nv->netdev));
	KUNIT_EXPECT_EQ(test, !works, delayed_work_pending(&nv->reset_work));
	KUNIT_EXPECT_EQ(test, works ? NETVSC_RUNNING : NETVSC_DOWN, nv->state);
	cancel_delayed_work_sync(&nv->reset_work);
	if (!works)
		life_expect_nothing_left(test);

	/* Asleep and awake again, and only then the host is well. */
	life_heal(host);
	life_fall_asleep(test);
	life_set_fault(host, one->fault, one->what);
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	cancel_delayed_work_sync(&nv->reset_work);
	life_heal(host);
	netvsc_reset_work(&nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nv->netdev));
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&nv->reset_work));
}

/* The host has the device no more, and then again. */
static void life_wake_up_without_device(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	struct netvsc *nv;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	life_fall_asleep(test);
	host->on_open[0] = -ENODEV;
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	KUNIT_EXPECT_EQ(test, NETVSC_DOWN, nv->state);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(nv->netdev));
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&nv->reset_work));
	cancel_delayed_work_sync(&nv->reset_work);
	host->on_open[0] = 0;
	netvsc_reset_work(&nv->reset_work.work);
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(nv->netdev));
	KUNIT_EXPECT_EQ(test, 0, host->timeouts);
}

/* Another host, which can do less; and then the first one again. */
static void life_wake_up_elsewhere(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	const netdev_features_t offloads = NETIF_F_IP_CSUM | NETIF_F_TSO;
	struct netvsc *nv;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	rtnl_lock();
	KUNIT_ASSERT_EQ(test, 0, dev_set_mtu(nv->netdev, 4000));
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, offloads, nv->netdev->features & offloads);

	life_fall_asleep(test);
	host->mtu = 3000;
	host->version = NVSP_VERSION_4;
	host->refuse_oid = OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES;
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
	KUNIT_EXPECT_EQ(test, 1, nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, 1, nv->netdev->real_num_tx_queues);
	KUNIT_EXPECT_EQ(test, 3000, nv->netdev->mtu);
	KUNIT_EXPECT_EQ(test, 3000, nv->config.mtu);
	KUNIT_EXPECT_EQ(test, 0, nv->netdev->features & offloads);
	KUNIT_EXPECT_EQ(test, 0, nv->netdev->hw_features & offloads);

	life_fall_asleep(test);
	life_heal(host);
	host->mtu = 9000;
	host->version = NVSP_VERSION_6_1;
	KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
	KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
	KUNIT_EXPECT_EQ(test, FAKE_CHANNELS, nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, offloads, nv->netdev->features & offloads);
}

/* One that did not wake up, and that a user reconfigures before it tries again. */
static void life_wake_up_reconfigured(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	const netdev_features_t offloads = NETIF_F_IP_CSUM | NETIF_F_TSO;
	static const int wish[] = { 2000, 3500 };
	struct netvsc *nv;
	int i;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	nv = nic->nv;
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));
	for (i = 0; i < ARRAY_SIZE(wish); i++) {
		bool fits = wish[i] <= 3000;

		life_heal(host);
		host->mtu = 9000;
		life_fall_asleep(test);
		KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
		rtnl_lock();
		KUNIT_ASSERT_EQ(test, 0, dev_set_mtu(nv->netdev, 4000));
		rtnl_unlock();
		KUNIT_ASSERT_EQ(test, offloads, nv->netdev->features & offloads);

		life_fall_asleep(test);
		host->silent_nvsp = NVSP_MSG_INIT;
		KUNIT_ASSERT_EQ(test, 0, netvsc_wake_up(nic->hv_dev));
		KUNIT_ASSERT_EQ(test, NETVSC_DOWN, nv->state);
		cancel_delayed_work_sync(&nv->reset_work);

		life_heal(host);
		host->mtu = 3000;
		host->refuse_oid = OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES;
		rtnl_lock();
		KUNIT_EXPECT_EQ(test, fits ? 0 : -ERANGE,
				dev_set_mtu(nv->netdev, wish[i]));
		rtnl_unlock();
		KUNIT_EXPECT_EQ(test, NETVSC_RUNNING, nv->state);
		KUNIT_EXPECT_EQ(test, fits ? wish[i] : 3000, nv->netdev->mtu);
		KUNIT_EXPECT_EQ(test, fits ? wish[i] : 3000, nv->config.mtu);
		KUNIT_EXPECT_EQ(test, 0, nv->netdev->features & offloads);
		KUNIT_EXPECT_EQ(test, 0, nv->netdev->hw_features & offloads);
	}
}

static struct kunit_case life_kunit_cases[] = {
	KUNIT_CASE(life_transitions),
	KUNIT_CASE(life_whole),
	KUNIT_CASE_PARAM(life_probe_faults, life_gen_params),
	KUNIT_CASE(life_probe_no_memory),
	KUNIT_CASE_SLOW(life_probe_scarce_memory),
	KUNIT_CASE_SLOW(life_reconfigured_scarce_memory),
	KUNIT_CASE(life_versions),
	KUNIT_CASE(life_fewer_subchannels),
	KUNIT_CASE(life_wrong_subchannels),
	KUNIT_CASE(life_subchannels_never_come),
	KUNIT_CASE(life_open_refused),
	KUNIT_CASE(life_close_unanswered),
	KUNIT_CASE(life_rescinded_while_running),
	KUNIT_CASE(life_reconfigured),
	KUNIT_CASE(life_reconfigured_buffer),
	KUNIT_CASE(life_address_kept),
	KUNIT_CASE(life_fewer_queues),
	KUNIT_CASE_SLOW(life_link_storm),
	KUNIT_CASE(life_reconfigured_too_far),
	KUNIT_CASE(life_reconfigured_in_vain),
	KUNIT_CASE(life_down_and_up_again),
	KUNIT_CASE_PARAM(life_silent_probe, life_silence_gen_params),
	KUNIT_CASE_PARAM(life_silent_exchange, life_silence_gen_params),
	KUNIT_CASE_PARAM(life_silent_wish, life_wish_gen_params),
	KUNIT_CASE(life_removed_while_down),
	KUNIT_CASE(life_starts_over),
	KUNIT_CASE(life_receive_mode),
	KUNIT_CASE(life_sleep_running),
	KUNIT_CASE(life_sleep_ready),
	KUNIT_CASE(life_sleep_down),
	KUNIT_CASE(life_undisturbed_sleep),
	KUNIT_CASE(life_sleep_unanswered),
	KUNIT_CASE_PARAM(life_wake_up_faults, life_gen_params),
	KUNIT_CASE(life_wake_up_without_device),
	KUNIT_CASE(life_wake_up_elsewhere),
	KUNIT_CASE(life_wake_up_reconfigured),
	{ }
};

static struct kunit_suite life_suite = {
	.name = "hv_netvsc_life",
	.init = life_init,
	.test_cases = life_kunit_cases,
};

kunit_test_suite(life_suite);
