// SPDX-License-Identifier: GPL-2.0
/*
 * Spreading of received frames: table and key as the host gets them, as the
 * user sets them, and as they outlive what changes around them.
 */
#include <kunit/test.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "vmbus_glue/compat.h"
#include "fake_host.h"

static int rss_init(struct kunit *test)
{
	fake_nic_alloc(test);

	return 0;
}

static struct netvsc *rss_probe(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;

	KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
	KUNIT_ASSERT_EQ(test, 0, fake_nic_open(nic));

	return nic->nv;
}

/* Entry @i of the table that the host has. */
static u32 rss_entry(struct kunit *test, u32 i)
{
	struct fake_host *host = test->priv;
	const struct ndis_rss_params *params = (const void *)host->rss_info;
	const __le32 *table = (const void *)host->rss_info +
			      le32_to_cpu(params->table_offset);

	KUNIT_EXPECT_LT(test, 4 * i, le16_to_cpu(params->table_size));

	return le32_to_cpu(table[i]);
}

static const u8 *rss_key(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const struct ndis_rss_params *params = (const void *)host->rss_info;

	KUNIT_EXPECT_EQ(test, NDIS_RSS_KEY_BYTES,
			le16_to_cpu(params->key_size));

	return host->rss_info + le32_to_cpu(params->key_offset);
}

static int rss_set(struct netvsc *nv, u32 *table, u8 *key)
{
	struct ethtool_rxfh_param rxfh = { .indir = table, .key = key };
	int err;

	rtnl_lock();
	err = nv->netdev->ethtool_ops->set_rxfh(nv->netdev, &rxfh, NULL);
	rtnl_unlock();

	return err;
}

static int rss_reconfigure(struct netvsc *nv, u32 channels)
{
	struct netvsc_config config = nv->config;
	int err;

	config.channels = channels;
	rtnl_lock();
	err = netvsc_reconfigure(nv, &config);
	rtnl_unlock();

	return err;
}

static void rss_default(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc *nv = rss_probe(test);
	u32 i;

	KUNIT_EXPECT_EQ(test, 128, nv->rss.entries);
	KUNIT_EXPECT_EQ(test, 40 + 4 * 128 + 40, host->rss_bytes);
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, i % FAKE_CHANNELS, rss_entry(test, i));
	KUNIT_EXPECT_MEMEQ(test, nv->rss.key, rss_key(test),
			   NDIS_RSS_KEY_BYTES);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(nv->rss.key, 0,
					       NDIS_RSS_KEY_BYTES));
}

/* As long as the host's table is. */
static void rss_table_sizes(struct kunit *test)
{
	static const u32 sizes[][2] = { { 1, 1 }, { 16, 16 }, { 256, 256 },
					{ 1000, 256 }, { 0, 128 } };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		host->rss_entries = sizes[i][0];
		KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
		KUNIT_EXPECT_EQ(test, sizes[i][1], nic->nv->rss.entries);
		KUNIT_EXPECT_EQ(test, 80 + 4 * sizes[i][1], host->rss_bytes);
		fake_nic_remove(nic);
	}
}

/* Queues are numbered by us, channels by the host. */
static void rss_gap(struct kunit *test)
{
	struct fake_host *host = test->priv;
	static const u32 channel[] = { 0, 1, 3 };
	u32 i;

	host->on_open[2] = -ENOMEM;
	rss_probe(test);
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, channel[i % 3], rss_entry(test, i));
}

static void rss_single_queue(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc *nv;
	u32 i;

	host->rss_queues = 1;
	nv = rss_probe(test);
	KUNIT_EXPECT_EQ(test, 1, nv->resources->num_queues);
	KUNIT_EXPECT_EQ(test, 0, fake_asked(host,
					    OID_GEN_RECEIVE_SCALE_PARAMETERS));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, 0, nv->rss.table[i]);
}

/* A host says how many queues it has; what it says is bounded. */
static void rss_host_queues(struct kunit *test)
{
	static const u32 queues[][2] = { { 2, 2 }, { 3, 3 }, { 64, 4 },
					 { ~0U, 4 } };
	struct fake_host *host = test->priv;
	struct fake_nic *nic = host->suite;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(queues); i++) {
		host->rss_queues = queues[i][0];
		KUNIT_ASSERT_EQ(test, 0, fake_nic_probe(nic));
		KUNIT_EXPECT_EQ(test, queues[i][1],
				netvsc_max_channels(nic->nv));
		KUNIT_EXPECT_EQ(test, queues[i][1],
				nic->nv->resources->num_queues);
		fake_nic_remove(nic);
	}
}

static void rss_set_by_user(struct kunit *test)
{
	struct netvsc *nv = rss_probe(test);
	u8 key[NDIS_RSS_KEY_BYTES], old[NDIS_RSS_KEY_BYTES];
	u32 table[128], i;

	for (i = 0; i < 128; i++)
		table[i] = i < 64 ? 3 : 1;
	memcpy(old, nv->rss.key, sizeof(old));
	KUNIT_EXPECT_EQ(test, 0, rss_set(nv, table, NULL));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, table[i], rss_entry(test, i));
	KUNIT_EXPECT_MEMEQ(test, old, rss_key(test), sizeof(old));

	memset(key, 0x3c, sizeof(key));
	KUNIT_EXPECT_EQ(test, 0, rss_set(nv, NULL, key));
	KUNIT_EXPECT_MEMEQ(test, key, rss_key(test), sizeof(key));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, table[i], rss_entry(test, i));

	/* A queue that is not there. */
	table[100] = 4;
	KUNIT_EXPECT_EQ(test, -EINVAL, rss_set(nv, table, NULL));
	KUNIT_EXPECT_EQ(test, 1, nv->rss.table[100]);
}

/* What the host refuses is not what is shown afterwards. */
static void rss_refused_by_host(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc *nv = rss_probe(test);
	u8 key[NDIS_RSS_KEY_BYTES], old[NDIS_RSS_KEY_BYTES];
	u32 table[128] = { 2 };

	memcpy(old, nv->rss.key, sizeof(old));
	memset(key, 0x3c, sizeof(key));
	host->refuse_oid = OID_GEN_RECEIVE_SCALE_PARAMETERS;
	KUNIT_EXPECT_EQ(test, -EIO, rss_set(nv, table, key));
	KUNIT_EXPECT_MEMEQ(test, old, nv->rss.key, sizeof(old));
	KUNIT_EXPECT_EQ(test, 0, nv->rss.table[0]);
	KUNIT_EXPECT_EQ(test, 1, nv->rss.table[1]);
}

static int rss_set_fields(struct netvsc *nv, u32 flow_type, u32 data)
{
	const struct ethtool_rxfh_fields fields = {
		.flow_type = flow_type,
		.data = data,
	};
	int err;

	rtnl_lock();
	err = nv->netdev->ethtool_ops->set_rxfh_fields(nv->netdev, &fields,
						       NULL);
	rtnl_unlock();

	return err;
}

static u32 rss_fields(struct netvsc *nv, u32 flow_type)
{
	struct ethtool_rxfh_fields fields = { .flow_type = flow_type };

	rtnl_lock();
	nv->netdev->ethtool_ops->get_rxfh_fields(nv->netdev, &fields);
	rtnl_unlock();

	return fields.data;
}

/* The hashes that the host was asked for last. */
static u32 rss_types(struct kunit *test)
{
	struct fake_host *host = test->priv;
	const struct ndis_rss_params *params = (const void *)host->rss_info;

	return le32_to_cpu(params->hash_info) & ~NDIS_HASH_TOEPLITZ;
}

/* What is hashed of each flow, in the host's words, kept and given back. */
static void rss_hash_fields(struct kunit *test)
{
	static const u32 flow[][2] = {
		{ TCP_V4_FLOW, NDIS_HASH_TCP_IPV4 },
		{ TCP_V6_FLOW, NDIS_HASH_TCP_IPV6 },
		{ UDP_V4_FLOW, NDIS_HASH_UDP_IPV4 },
		{ UDP_V6_FLOW, NDIS_HASH_UDP_IPV6 },
	};
	const u32 sd = RXH_IP_SRC | RXH_IP_DST;
	const u32 sdfn = sd | RXH_L4_B_0_1 | RXH_L4_B_2_3;
	struct fake_host *host = test->priv;
	struct netvsc *nv = rss_probe(test);
	u32 i, all;

	nv->rss.hash_types |= NDIS_HASH_UDP_IPV4 | NDIS_HASH_UDP_IPV6;
	all = nv->rss.hash_types;
	KUNIT_EXPECT_EQ(test, sd, rss_fields(nv, IPV4_FLOW));
	KUNIT_EXPECT_EQ(test, 0, rss_fields(nv, ETHER_FLOW));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, rss_set_fields(nv, IPV4_FLOW, sd));
	for (i = 0; i < ARRAY_SIZE(flow); i++) {
		KUNIT_EXPECT_EQ(test, sdfn, rss_fields(nv, flow[i][0]));
		KUNIT_EXPECT_EQ(test, -EINVAL,
				rss_set_fields(nv, flow[i][0], RXH_IP_SRC));
		KUNIT_EXPECT_EQ(test, 0, rss_set_fields(nv, flow[i][0], sd));
		KUNIT_EXPECT_EQ(test, sd, rss_fields(nv, flow[i][0]));
		KUNIT_EXPECT_EQ(test, all & ~flow[i][1], rss_types(test));
		KUNIT_EXPECT_EQ(test, 0, rss_set_fields(nv, flow[i][0], sdfn));
		KUNIT_EXPECT_EQ(test, sdfn, rss_fields(nv, flow[i][0]));
		KUNIT_EXPECT_EQ(test, all, rss_types(test));
	}

	/* Kept in a new session, and not taken if the host refuses. */
	KUNIT_EXPECT_EQ(test, 0, rss_set_fields(nv, TCP_V4_FLOW, sd));
	KUNIT_ASSERT_EQ(test, 0, rss_reconfigure(nv, 3));
	KUNIT_EXPECT_EQ(test, sd, rss_fields(nv, TCP_V4_FLOW));
	KUNIT_EXPECT_EQ(test, 0, rss_types(test) & NDIS_HASH_TCP_IPV4);
	host->refuse_oid = OID_GEN_RECEIVE_SCALE_PARAMETERS;
	KUNIT_EXPECT_EQ(test, -EIO, rss_set_fields(nv, TCP_V4_FLOW, sdfn));
	KUNIT_EXPECT_EQ(test, sd, rss_fields(nv, TCP_V4_FLOW));
}

/* With one queue there is nothing to spread, and the host is not asked. */
static void rss_key_of_one_queue(struct kunit *test)
{
	struct fake_host *host = test->priv;
	u8 key[NDIS_RSS_KEY_BYTES];
	struct netvsc *nv;

	host->rss_queues = 1;
	nv = rss_probe(test);
	memset(key, 0x3c, sizeof(key));
	KUNIT_EXPECT_EQ(test, 0, rss_set(nv, NULL, key));
	KUNIT_EXPECT_MEMEQ(test, key, nv->rss.key, sizeof(key));
	KUNIT_EXPECT_EQ(test, 0, fake_asked(host,
					    OID_GEN_RECEIVE_SCALE_PARAMETERS));
}

/* Key and table are the user's, whatever becomes of the session. */
static void rss_kept(struct kunit *test)
{
	struct netvsc *nv = rss_probe(test);
	u8 key[NDIS_RSS_KEY_BYTES];
	u32 table[128], i;

	memset(key, 0x3c, sizeof(key));
	for (i = 0; i < 128; i++)
		table[i] = 3 - i % 4;
	KUNIT_ASSERT_EQ(test, 0, rss_set(nv, table, key));
	/* As ethtool does for a table of the user's. */
	nv->netdev->priv_flags |= IFF_RXFH_CONFIGURED;
	KUNIT_ASSERT_EQ(test, 0, rss_reconfigure(nv, 4));
	KUNIT_EXPECT_MEMEQ(test, key, rss_key(test), sizeof(key));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, table[i], rss_entry(test, i));

	/* Fewer queues: no entry may name one that has gone. */
	KUNIT_ASSERT_EQ(test, 0, rss_reconfigure(nv, 2));
	KUNIT_EXPECT_MEMEQ(test, key, rss_key(test), sizeof(key));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_LT(test, rss_entry(test, i), 2);
	/* And when they are back, so is the table. */
	KUNIT_ASSERT_EQ(test, 0, rss_reconfigure(nv, 4));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, table[i], rss_entry(test, i));
	nv->netdev->priv_flags &= ~IFF_RXFH_CONFIGURED;
}

/* A table that nobody has set uses all queues, also when their number grows. */
static void rss_follows_queues(struct kunit *test)
{
	struct netvsc *nv = rss_probe(test);
	u32 i;

	KUNIT_ASSERT_EQ(test, 0, rss_reconfigure(nv, 2));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, i % 2, rss_entry(test, i));
	KUNIT_ASSERT_EQ(test, 0, rss_reconfigure(nv, 3));
	for (i = 0; i < 128; i++)
		KUNIT_EXPECT_EQ(test, i % 3, rss_entry(test, i));
}

/* The host's wish for sending: channels, of which none is believed blindly. */
static void rss_send_table(struct kunit *test)
{
	struct fake_host *host = test->priv;
	struct netvsc *nv = rss_probe(test);
	__le32 msg[19] = { cpu_to_le32(134), cpu_to_le32(16), cpu_to_le32(12) };
	u32 i;

	for (i = 0; i < 16; i++)
		msg[3 + i] = cpu_to_le32(3 - i % 4);
	fake_ring_write(host->channel[0].from_host, NVB_PACKET_INBAND, 0, NULL,
			0, msg, sizeof(msg));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_TRUE(test, nv->send_table_valid);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, 3 - i % 4, nv->send_table[i]);

	msg[9] = cpu_to_le32(64);
	fake_ring_write(host->channel[0].from_host, NVB_PACKET_INBAND, 0, NULL,
			0, msg, sizeof(msg));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_FALSE(test, nv->send_table_valid);
	msg[9] = cpu_to_le32(~0U);
	fake_ring_write(host->channel[0].from_host, NVB_PACKET_INBAND, 0, NULL,
			0, msg, sizeof(msg));
	fake_nic_poll(host, 0);
	KUNIT_EXPECT_FALSE(test, nv->send_table_valid);
}

static struct kunit_case rss_cases[] = {
	KUNIT_CASE(rss_default),
	KUNIT_CASE(rss_table_sizes),
	KUNIT_CASE(rss_gap),
	KUNIT_CASE(rss_single_queue),
	KUNIT_CASE(rss_host_queues),
	KUNIT_CASE(rss_set_by_user),
	KUNIT_CASE(rss_refused_by_host),
	KUNIT_CASE(rss_hash_fields),
	KUNIT_CASE(rss_key_of_one_queue),
	KUNIT_CASE(rss_kept),
	KUNIT_CASE(rss_follows_queues),
	KUNIT_CASE(rss_send_table),
	{ }
};

static struct kunit_suite rss_suite = {
	.name = "hv_netvsc_rss",
	.init = rss_init,
	.test_cases = rss_cases,
};

kunit_test_suite(rss_suite);
