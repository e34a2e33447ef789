// SPDX-License-Identifier: GPL-2.0
/* links: netvsp netvsp_nvsp netvsp_control netvsp_tx netvsp_rx netvsp_commands netvsp_options rx_slots rndis oid offload packet segment toeplitz ring gpadl withheld netvsp_attack netvsp_silence attack netvsp_vf vf vpci mmio */
/*
 * Whole sessions: the test plays the guest. It has some RAM with rings, buffers
 * and pages in it, and reads and writes its side of the rings with the ring code
 * in the other role. The VMBus server and the back end are stand-ins.
 */
#include <errno.h>
#include <stdlib.h>

#include "control.h"
#include "counters.h"
#include "fake_log.h"
#include "fake_loop.h"
#include "guest_mem.h"
#include "netvsp.h"
#include "netvsp_nic.h"
#include "packet.h"
#include "rndis.h"
#include "test.h"
#include "visibility.h"
#include "vm.h"

#define CHANNELS 4u
#define RING_PAGES 3u			/* each way, control page included */
#define RX_PAGES 64u
#define TX_PAGES 6u
#define DATA_PAGES 32u

#define RX_BUFFER_ID 0xcafe

/* Page numbers in the guest's RAM. */
enum {
	RING_PFN = 1,
	RX_PFN = RING_PFN + CHANNELS * 2 * RING_PAGES,
	TX_PFN = RX_PFN + RX_PAGES,
	DATA_PFN = TX_PFN + TX_PAGES,
	RAM_PAGES = DATA_PFN + DATA_PAGES,
};

static uint8_t ram[RAM_PAGES][HV_PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t *ring_pages[CHANNELS][2 * RING_PAGES];
static struct ring_out guest_out[CHANNELS];	/* to the host */
static struct ring_in guest_in[CHANNELS];	/* from the host */
static struct ring_packet got;
static struct gpadl *rx_gpadl, *tx_gpadl;
static unsigned int offers;
static const struct control_command *nic_commands;
static struct netvsp_nic *nic;

/* Stand-ins for the rest of the host. */

void *guest_ptr(uint64_t gpa, size_t len)
{
	if (gpa > sizeof(ram) || len > sizeof(ram) - gpa)
		return NULL;
	return (uint8_t *)ram + gpa;
}

void *guest_visible_ptr(uint64_t gpa, size_t len, const char *what)
{
	return guest_ptr(gpa, len);
}

static void service_task(void *ctx, uint32_t events)
{
	struct vmbus_channel *channel = ctx;

	if (channel->state == VMBUS_CHANNEL_OPEN &&
	    !channel->faults.silence)
		channel->ops->service(channel);
}

int vmbus_channel_add(struct vmbus_channel *channel)
{
	if (channel->state != VMBUS_CHANNEL_UNOFFERED)
		return -EBUSY;
	channel->known = true;
	channel->state = VMBUS_CHANNEL_OFFERED;
	channel->service_task.fn = service_task;
	channel->service_task.ctx = channel;
	offers++;
	return 0;
}

static void close_channel(struct vmbus_channel *channel)
{
	if (channel->state != VMBUS_CHANNEL_OPEN)
		return;
	channel->ops->close(channel);
	loop_task_cancel(&channel->service_task);
	channel->state = VMBUS_CHANNEL_OFFERED;
}

void vmbus_channel_rescind(struct vmbus_channel *channel)
{
	close_channel(channel);
	channel->state = VMBUS_CHANNEL_UNOFFERED;
}

void vmbus_channel_signal(struct vmbus_channel *channel)
{
	channel->signals_to_guest++;
}

void vmbus_channel_kick(struct vmbus_channel *channel)
{
	if (channel->state == VMBUS_CHANNEL_OPEN)
		loop_task_queue(&channel->service_task);
}

void vmbus_channel_silence(struct vmbus_channel *channel, bool on)
{
	channel->faults.silence = on;
	vmbus_channel_kick(channel);
}

struct gpadl *vmbus_gpadl_find(struct vmbus_channel *channel, uint32_t id)
{
	if (rx_gpadl && rx_gpadl->id == id)
		return rx_gpadl;
	return tx_gpadl && tx_gpadl->id == id ? tx_gpadl : NULL;
}

void vm_signal_msi(uint64_t address, uint32_t data)
{
}

void control_register(const struct control_command *table)
{
	nic_commands = table;
}

static counters_fn nic_counters;

void counters_register(const char *name, counters_fn fn)
{
	nic_counters = fn;
}

struct pcap_file *pcap_create(const char *path)
{
	return NULL;
}

void pcap_write(struct pcap_file *file, const struct frame *frame)
{
}

void pcap_close(struct pcap_file *file)
{
}

static struct {
	struct backend backend;
	unsigned int sent;
	unsigned int queue;		/* of the last one sent */
	struct frame frame;
	uint8_t bytes[FRAME_MAX];
	unsigned int resumes;
	unsigned int stops;
} world;

static void world_send(struct backend *backend, unsigned int queue,
		       struct frame *frame)
{
	world.sent++;
	world.queue = queue;
	world.frame = *frame;
	memcpy(world.bytes, frame->data, frame->len);
}

static void world_resume(struct backend *backend)
{
	world.resumes++;
}

static void world_stop(struct backend *backend)
{
	world.stops++;
}

static void world_counters(struct backend *backend, FILE *out)
{
	fputs("{}", out);
}

static void world_destroy(struct backend *backend)
{
}

struct backend *backend_create(const char *description)
{
	static const struct backend_ops ops = {
		.name = "test",
		.send = world_send,
		.resume = world_resume,
		.stop = world_stop,
		.counters = world_counters,
		.destroy = world_destroy,
	};

	memset(&world, 0, sizeof(world));
	world.backend.ops = &ops;
	return &world.backend;
}

/* The guest. */

static struct gpadl *make_gpadl(uint32_t id, uint64_t pfn, uint32_t pages)
{
	uint64_t words[1 + RX_PAGES];
	struct gpadl *gpadl;
	uint32_t i;

	words[0] = (uint64_t)pages * HV_PAGE_SIZE;
	for (i = 0; i < pages; i++)
		words[1 + i] = pfn + i;
	gpadl = gpadl_new(1, id, (1 + pages) * 8, 1);
	CHECK(gpadl_feed(gpadl, words, (1 + pages) * 8));
	CHECK_EQ(gpadl_parse(gpadl), 0);
	return gpadl;
}

static int open_channel(unsigned int index)
{
	struct vmbus_channel *channel = &nic->channels[index].vmbus;
	uint8_t **pages = ring_pages[index];
	uint64_t pfn = RING_PFN + index * 2 * RING_PAGES;
	unsigned int i;
	int err;

	memset(ram[pfn], 0, 2 * RING_PAGES * HV_PAGE_SIZE);
	for (i = 0; i < 2 * RING_PAGES; i++)
		pages[i] = ram[pfn + i];
	CHECK_EQ(ring_in_init(&channel->from_guest, pages, RING_PAGES), 0);
	CHECK_EQ(ring_out_init(&channel->to_guest, pages + RING_PAGES,
			       RING_PAGES), 0);
	CHECK_EQ(ring_out_init(&guest_out[index], pages, RING_PAGES), 0);
	CHECK_EQ(ring_in_init(&guest_in[index], pages + RING_PAGES,
			      RING_PAGES), 0);
	channel->state = VMBUS_CHANNEL_OPEN;
	err = channel->ops->open(channel);
	if (err)
		channel->state = VMBUS_CHANNEL_OFFERED;
	else
		vmbus_channel_kick(channel);
	run_all_tasks();
	return err;
}

/* Signals as a guest does: only if the ring was empty and is not masked. */
static void publish(unsigned int index)
{
	if (ring_out_publish(&guest_out[index]))
		vmbus_channel_kick(&nic->channels[index].vmbus);
}

static int write_packet(unsigned int index, uint16_t type, uint64_t id,
			const void *extra, uint32_t extra_len,
			const void *payload, uint32_t len)
{
	uint16_t flags = type == RING_PACKET_COMPLETION ? 0 : 1;

	return ring_out_write(&guest_out[index], type, flags, id, extra,
			      extra_len, payload, len);
}

static void send_packet(unsigned int index, uint16_t type, uint64_t id,
			const void *extra, uint32_t extra_len,
			const void *payload, uint32_t len)
{
	CHECK_EQ(write_packet(index, type, id, extra, extra_len, payload, len),
		 0);
	publish(index);
	run_all_tasks();
}

/* In-band, padded to 40 bytes as guests do. */
static void send_nvsp(unsigned int index, uint64_t id, const void *message,
		      uint32_t len)
{
	uint8_t padded[40] = { 0 };

	memcpy(padded, message, len);
	send_packet(index, RING_PACKET_INBAND, id, NULL, 0, padded,
		    sizeof(padded));
}

/* The next packet from the host, in got; its type, or 0 if there is none. */
static int receive(unsigned int index)
{
	int count = ring_in_read(&guest_in[index], &got);

	CHECK(count >= 0);
	if (count <= 0)
		return 0;
	if (ring_in_commit(&guest_in[index]))
		vmbus_channel_kick(&nic->channels[index].vmbus);
	return got.type;
}

static void expect(unsigned int index, int type, uint64_t id)
{
	CHECK_EQ(receive(index), type);
	CHECK_EQ(got.transaction_id, id);
}

static void complete(unsigned int index, uint64_t id)
{
	const struct nvsp_rndis_complete message = { 108, 1 };

	send_packet(index, RING_PACKET_COMPLETION, id, NULL, 0, &message,
		    sizeof(message));
}

static uint32_t word(uint32_t offset)
{
	uint32_t value = 0;

	CHECK(offset + 4 <= got.payload_len);
	memcpy(&value, got.payload + offset, sizeof(value));
	return value;
}

/* Status of an INIT of that version; NONE if it is refused. */
static uint32_t say_init(uint32_t version)
{
	const uint32_t message[] = { 1, version, version };

	send_nvsp(0, 7, message, sizeof(message));
	expect(0, RING_PACKET_COMPLETION, 7);
	CHECK_EQ(got.payload_len, 32);
	CHECK_EQ(word(0), 2);
	CHECK_EQ(word(8), 34);
	return word(12);
}

static void say_config(uint32_t mtu, uint64_t caps)
{
	const struct nvsp_ndis_config message = {
		.type = 125, .mtu = mtu, .caps = caps,
	};

	send_nvsp(0, 8, &message, sizeof(message));
	expect(0, RING_PACKET_COMPLETION, 8);
	CHECK_EQ(got.payload_len, 0);
}

static void say_ndis_version(void)
{
	const uint32_t message[] = { 100, 6, 30 };

	send_nvsp(0, 9, message, sizeof(message));
	expect(0, RING_PACKET_COMPLETION, 9);
	CHECK_EQ(got.payload_len, 0);
}

static void say_buffer(uint32_t type, uint32_t gpadl, uint16_t id)
{
	const struct nvsp_buffer message = {
		.type = type, .gpadl = gpadl, .id = id,
	};

	send_nvsp(0, 10, &message, sizeof(message));
}

static void set_up(const char *spec)
{
	netvsp_stop();
	gpadl_free(rx_gpadl);
	gpadl_free(tx_gpadl);
	fake_log_reset();
	fake_task_count = 0;
	fake_timer_count = 0;
	offers = 0;
	memset(ram, 0, sizeof(ram));
	rx_gpadl = make_gpadl(11, RX_PFN, RX_PAGES);
	tx_gpadl = make_gpadl(12, TX_PFN, TX_PAGES);
	CHECK_EQ(netvsp_nic_add_option(spec), 0);
	CHECK_EQ(netvsp_start(), 0);
	nic = netvsp_nics[0];
	CHECK_EQ(open_channel(0), 0);
}

static void hand_over_buffers(void)
{
	say_buffer(101, 11, RX_BUFFER_ID);
	expect(0, RING_PACKET_COMPLETION, 10);
	CHECK_EQ(word(0), 102);
	CHECK_EQ(word(4), NVSP_STATUS_SUCCESS);
	say_buffer(104, 12, 0);
	expect(0, RING_PACKET_COMPLETION, 10);
	CHECK_EQ(word(0), 105);
	CHECK_EQ(word(4), NVSP_STATUS_SUCCESS);
}

/* RNDIS in section 0. */
static void send_section(unsigned int index, uint64_t id, const void *bytes,
			 uint32_t len)
{
	const struct nvsp_rndis message = {
		.type = 107, .section_index = 0, .section_size = len,
	};

	memcpy(ram[TX_PFN], bytes, len);
	send_nvsp(index, id, &message, sizeof(message));
}

/* A control message; its transmission is completed with that status. */
static void say_control(const void *bytes, uint32_t len, uint32_t status)
{
	send_section(0, 20, bytes, len);
	expect(0, RING_PACKET_COMPLETION, 20);
	CHECK_EQ(word(0), 108);
	CHECK_EQ(word(4), status);
}

/*
 * Receives what the host put in one slot, copies it to bytes and completes it.
 * Returns its length, 0 if there is nothing.
 */
static uint32_t receive_control(uint8_t *bytes, uint32_t room)
{
	struct {
		struct vmbus_transfer_pages header;
		struct vmbus_transfer_range range;
	} extra;

	if (receive(0) != RING_PACKET_TRANSFER_PAGES)
		return 0;
	CHECK_EQ(got.extra_len, sizeof(extra));
	memcpy(&extra, got.extra, sizeof(extra));
	CHECK_EQ(extra.header.set_id, RX_BUFFER_ID);
	CHECK_EQ(extra.header.count, 1);
	CHECK_EQ(word(0), 107);
	CHECK_EQ(word(4), NVSP_CHANNEL_CONTROL);
	CHECK_EQ(word(8), NVSP_NO_SECTION);
	CHECK(got.transaction_id < 16);
	CHECK(extra.range.len <= room);
	memcpy(bytes, (uint8_t *)ram[RX_PFN] + extra.range.offset,
	       extra.range.len);
	complete(0, got.transaction_id);
	return extra.range.len;
}

static void say_initialize(void)
{
	const uint32_t message[] = { RNDIS_INITIALIZE, 24, 5, 1, 0, 0x4000 };
	uint32_t answer[13] = { 0 };

	say_control(message, sizeof(message), NVSP_STATUS_SUCCESS);
	CHECK_EQ(receive_control((uint8_t *)answer, sizeof(answer)), 52);
	CHECK_EQ(answer[0], 0x80000002);
	CHECK_EQ(answer[1], 52);
	CHECK_EQ(answer[2], 5);
	CHECK_EQ(answer[3], RNDIS_STATUS_SUCCESS);
	CHECK_EQ(answer[8], 8);
	CHECK_EQ(answer[9], 0xefffffff);
	CHECK_EQ(answer[10], 3);
}

static uint32_t say_set(uint32_t oid, const void *data, uint32_t len)
{
	uint32_t message[512] = { RNDIS_SET, 28 + len, 6, oid, len, 20, 0 };
	uint32_t answer[4] = { 0 };

	memcpy(message + 7, data, len);
	say_control(message, 28 + len, NVSP_STATUS_SUCCESS);
	CHECK_EQ(receive_control((uint8_t *)answer, sizeof(answer)), 16);
	CHECK_EQ(answer[0], 0x80000005);
	CHECK_EQ(answer[2], 6);
	return answer[3];
}

static void say_filter(uint32_t filter)
{
	CHECK_EQ(say_set(OID_GEN_CURRENT_PACKET_FILTER, &filter, 4),
		 RNDIS_STATUS_SUCCESS);
	run_all_tasks();
}

/* All the way to where frames flow. */
static void bring_up(const char *spec)
{
	set_up(spec);
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	say_config(1514, NVSP_CAP_8021Q | NVSP_CAP_TEAMING | NVSP_CAP_RSC);
	say_ndis_version();
	hand_over_buffers();
	say_initialize();
	/* Most frames of these tests are addressed to nobody. */
	say_filter(RNDIS_FILTER_PROMISCUOUS);
	CHECK_EQ(world.resumes, 1);
}

/* The same with a guest that wants a VF; reads what it is told of it. */
static void bring_up_with_vf(void)
{
	set_up("vf=on");
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	say_config(1514, NVSP_CAP_8021Q | NVSP_CAP_SRIOV);
	say_ndis_version();
	hand_over_buffers();
	offers = 0;
	say_initialize();
	expect(0, RING_PACKET_INBAND, NVSP_TRANSACTION_VF_ASSOCIATION);
	CHECK_EQ(got.flags, 1);
	CHECK_EQ(word(0), 128);
	CHECK_EQ(word(4), 1);
	CHECK_EQ(word(8), nic->index + 1);
	say_filter(0x20);
}

/* A RNDIS packet with a frame of len bytes behind its header; its length. */
static uint32_t build_packet(uint8_t *to, uint32_t len, uint8_t fill)
{
	const uint32_t header[11] = {
		RNDIS_PACKET, 44 + len, 36, len,
	};

	memcpy(to, header, sizeof(header));
	memset(to + 44, fill, len);
	return 44 + len;
}

static void expect_tx_status(unsigned int index, uint64_t id, uint32_t status)
{
	expect(index, RING_PACKET_COMPLETION, id);
	CHECK_EQ(word(0), 108);
	CHECK_EQ(word(4), status);
}

/* A frame from the world; whether the NIC took it. */
static bool offer_frame(uint32_t len, uint8_t fill)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame frame = { .data = bytes, .len = len };

	memset(bytes, fill, len);
	return world.backend.receive(world.backend.nic, &frame);
}

struct received {
	uint32_t ranges;
	struct rndis_packet packet;	/* of the range that was asked for */
	struct rndis_ppis ppis;
	const uint8_t *data;
};

static void read_ppis(const uint8_t *at, uint32_t len, struct rndis_ppis *ppis)
{
	struct rndis_ppi ppi;
	uint32_t value;

	for (; len >= 16; at += 16, len -= 16) {
		memcpy(&ppi, at, sizeof(ppi));
		memcpy(&value, at + 12, sizeof(value));
		CHECK_EQ(ppi.size, 16);
		if (ppi.type == RNDIS_PPI_CSUM) {
			ppis->has_csum = true;
			ppis->csum = value;
		} else if (ppi.type == RNDIS_PPI_VLAN) {
			ppis->has_vlan = true;
			ppis->vlan = value;
		} else if (ppi.type == RNDIS_PPI_HASH_VALUE) {
			ppis->has_hash_value = true;
			ppis->hash_value = value;
		} else if (ppi.type == RNDIS_PPI_PACKET_ID) {
			ppis->has_packet_id = true;
			ppis->packet_id = value;
		}
	}
}

/* Looks at range n of the transfer-page packet in got. */
static struct received look(uint32_t n)
{
	struct received received = { 0 };
	struct vmbus_transfer_pages header;
	struct vmbus_transfer_range range;
	struct rndis_header rndis;
	const uint8_t *slot;

	memcpy(&header, got.extra, sizeof(header));
	received.ranges = header.count;
	CHECK_EQ(header.set_id, RX_BUFFER_ID);
	CHECK_EQ(got.extra_len, 8 + 8 * header.count);
	CHECK_EQ(word(0), 107);
	CHECK_EQ(word(4), NVSP_CHANNEL_DATA);
	memcpy(&range, got.extra + 8 + 8 * n, sizeof(range));
	CHECK_EQ(range.len, nic->session.slot_size);
	CHECK(range.offset + range.len <= RX_PAGES * HV_PAGE_SIZE);
	slot = (uint8_t *)ram[RX_PFN] + range.offset;
	memcpy(&rndis, slot, sizeof(rndis));
	CHECK_EQ(rndis.type, RNDIS_PACKET);
	CHECK_EQ(rndis.len, range.len);
	memcpy(&received.packet, slot + 8, sizeof(received.packet));
	CHECK_EQ(received.packet.data_offset, 248);
	CHECK_EQ(received.packet.ppi_offset, 36);
	read_ppis(slot + 44, received.packet.ppi_len, &received.ppis);
	received.data = slot + 256;
	return received;
}

static int command(const char *name, const char *a, const char *b)
{
	char *argv[] = { (char *)name, (char *)a, (char *)b, NULL };
	const struct control_command *at = nic_commands;
	char text[8192];
	FILE *out = fmemopen(text, sizeof(text), "w");
	int err;

	while (strcmp(at->name, name))
		at++;
	err = at->run(b ? 3 : 2, argv, out);
	fclose(out);
	run_all_tasks();
	return err;
}

static int command4(const char *name, const char *a, const char *b,
		    const char *c)
{
	char *argv[] = { (char *)name, (char *)a, (char *)b, (char *)c, NULL };
	const struct control_command *at = nic_commands;
	FILE *out = fopen("/dev/null", "w");
	int err;

	while (strcmp(at->name, name))
		at++;
	err = at->run(4, argv, out);
	fclose(out);
	run_all_tasks();
	return err;
}

static int withhold(const char *what, const char *on)
{
	return command4("withhold", "0", what, on);
}

/* Sessions */

static void handshake(void)
{
	bring_up("queues=4");
	CHECK_EQ(nic->session.slot_size, 1806);
	CHECK_EQ(nic->session.slots.count, RX_PAGES * 4096 / 1806);
	CHECK_EQ(world.backend.mtu, 1500);
	CHECK_EQ(rules_since(), 0);
	CHECK_EQ(receive(0), 0);
}

static void answers_have_the_size_of_the_version(void)
{
	set_up("");
	CHECK_EQ(say_init(NVSP_V5), NVSP_STATUS_SUCCESS);
	say_config(9014, 0);
	say_ndis_version();
	say_buffer(101, 11, RX_BUFFER_ID);
	expect(0, RING_PACKET_COMPLETION, 10);
	CHECK_EQ(got.payload_len, 32);
	CHECK_EQ(word(8), 1);
	CHECK_EQ(word(12), 0);
	CHECK_EQ(word(16), 256 + 9014 + 36);
	CHECK_EQ(word(20), RX_PAGES * 4096 / 9306);
	CHECK_EQ(word(24), word(16) * word(20));
	say_buffer(104, 12, 0);
	expect(0, RING_PACKET_COMPLETION, 10);
	CHECK_EQ(word(8), 6144);

	bring_up("");
	send_nvsp(0, 3, (uint32_t[]){ 131, 0, 0 }, 12);
	expect(0, RING_PACKET_COMPLETION, 3);
	CHECK_EQ(got.payload_len, 40);
	CHECK_EQ(word(0), 132);
	CHECK_EQ(word(4), RNDIS_STATUS_NOT_SUPPORTED);
}

static void version_is_negotiated_downwards(void)
{
	set_up("nvsp=2");
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_NONE);
	CHECK_EQ(say_init(NVSP_V6), NVSP_STATUS_NONE);
	CHECK_EQ(say_init(0x70000), NVSP_STATUS_NONE);
	CHECK_EQ(say_init(0x30001), NVSP_STATUS_NONE);
	CHECK_EQ(say_init(NVSP_V2), NVSP_STATUS_SUCCESS);
	CHECK_EQ(rules_since(), 0);
}

static void version_1_needs_no_config(void)
{
	set_up("nvsp=1");
	CHECK_EQ(say_init(NVSP_V1), NVSP_STATUS_SUCCESS);
	CHECK_EQ(word(4), 2);
	say_ndis_version();
	hand_over_buffers();
	CHECK_EQ(nic->session.slot_size, 1806);
	say_initialize();
	CHECK_EQ(rules_since(), 0);
}

/* The rule broken by what was just said; the channel must be dead by it. */
static void expect_dead(const char *rule)
{
	CHECK_STR(last_rule, rule);
	CHECK_EQ(receive(0), 0);
	CHECK(nic->channels[0].stopped);
	fake_log_reset();
}

static void order_is_enforced(void)
{
	set_up("");
	send_nvsp(0, 1, (uint32_t[]){ 100, 6, 30 }, 12);
	expect_dead("nvsp-order");

	set_up("");
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	say_buffer(101, 11, RX_BUFFER_ID);
	expect_dead("nvsp-order");

	set_up("");
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	send_nvsp(0, 1, (uint32_t[]){ 1, NVSP_V5, NVSP_V5 }, 12);
	expect_dead("nvsp-order");

	set_up("");
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	say_config(1514, 0);
	send_section(0, 1, "", 0);
	expect_dead("nvsp-order");
}

static void unknown_messages_are_fatal(void)
{
	set_up("");
	CHECK_EQ(say_init(NVSP_V4), NVSP_STATUS_SUCCESS);
	send_nvsp(0, 1, (uint32_t[]){ 133, 1, 1 }, 12);
	expect_dead("nvsp-message-unknown");

	bring_up("");
	send_nvsp(0, 1, (uint32_t[]){ 130, 0, 0 }, 12);
	expect_dead("nvsp-message-unknown");

	bring_up("");
	send_packet(0, RING_PACKET_INBAND, 1, NULL, 0,
		    (uint32_t[]){ 107, 0 }, 8);
	expect_dead("nvsp-message-short");

	bring_up("");
	send_packet(0, RING_PACKET_TRANSFER_PAGES, 1, (uint64_t[]){ 0 }, 8,
		    (uint32_t[10]){ 107 }, 40);
	expect_dead("nvsp-packet-type");
}

static void unpadded_messages_break_a_rule(void)
{
	bring_up("");
	send_packet(0, RING_PACKET_INBAND, 3, NULL, 0,
		    (uint32_t[8]){ 131 }, 32);
	CHECK_STR(last_rule, "nvsp-message-padding");
	expect(0, RING_PACKET_COMPLETION, 3);
}

static void bad_buffers_get_no_answer(void)
{
	set_up("");
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	say_config(1514, 0);
	say_buffer(101, 99, RX_BUFFER_ID);
	expect_dead("nvsp-buffer");
}

static void reopening_revives_a_dead_channel(void)
{
	set_up("");
	send_nvsp(0, 1, (uint32_t[]){ 42 }, 4);
	expect_dead("nvsp-order");
	close_channel(&nic->channels[0].vmbus);
	CHECK_EQ(open_channel(0), 0);
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
}

static void closing_lets_go_of_the_buffers(void)
{
	bring_up("");
	CHECK_EQ(rx_gpadl->users, 1);
	CHECK_EQ(tx_gpadl->users, 1);
	close_channel(&nic->channels[0].vmbus);
	CHECK_EQ(rx_gpadl->users, 0);
	CHECK_EQ(tx_gpadl->users, 0);
	CHECK_EQ(world.stops, 1);
	CHECK(!offer_frame(60, 1));
}

static void revoking_ends_the_session(void)
{
	bring_up("");
	send_nvsp(0, 1, (uint32_t[]){ 103, RX_BUFFER_ID }, 8);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(rules_since(), 0);
	CHECK_EQ(world.stops, 1);
	CHECK(!offer_frame(60, 1));
}

/* Control */

static void queries(void)
{
	const uint32_t message[] = {
		RNDIS_QUERY, 28, 77, OID_802_3_PERMANENT_ADDRESS, 0, 20, 0,
	};
	uint8_t answer[64];
	uint32_t header[6];

	bring_up("mac=00:15:5d:aa:bb:cc");
	say_control(message, sizeof(message), NVSP_STATUS_SUCCESS);
	CHECK_EQ(receive_control(answer, sizeof(answer)), 24 + 6);
	memcpy(header, answer, sizeof(header));
	CHECK_EQ(header[0], 0x80000004);
	CHECK_EQ(header[1], 30);
	CHECK_EQ(header[2], 77);
	CHECK_EQ(header[3], RNDIS_STATUS_SUCCESS);
	CHECK_EQ(header[4], 6);
	CHECK_EQ(header[5], 16);
	CHECK_MEM(answer + 24, nic->options.mac, 6);
	CHECK_EQ(rules_since(), 0);
}

static void control_waits_for_slots(void)
{
	const uint32_t message[] = { RNDIS_KEEPALIVE, 12, 9 };
	unsigned int answers = 0, completions = 0, i;
	uint64_t last = 0;

	bring_up("");
	for (i = 0; i < 20; i++)
		send_section(0, 20, message, sizeof(message));
	while (receive(0)) {
		if (got.type == RING_PACKET_COMPLETION) {
			completions++;
			continue;
		}
		answers++;
		last = got.transaction_id;
	}
	CHECK_EQ(completions, 20);
	CHECK_EQ(answers, 16);
	complete(0, last);
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	CHECK_EQ(got.transaction_id, last);
	CHECK_EQ(receive(0), 0);
	complete(0, last);
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	CHECK_EQ(rules_since(), 0);
}

static void control_queue_is_bounded(void)
{
	static uint8_t message[24576] = { RNDIS_KEEPALIVE };
	unsigned int i;

	bring_up("section-size=24576");
	for (i = 0; i < 16; i++)
		send_section(0, 20, message, 12);
	/* Slots are out; now each waits, with all its bytes. */
	for (i = 0; i < 4; i++)
		send_section(0, 21, message, sizeof(message));
	CHECK_EQ(rules_since(), 0);
	send_section(0, 22, message, sizeof(message));
	CHECK_STR(last_rule, "rndis-control-queue");
	while (receive(0) && got.transaction_id != 22)
		;
	CHECK_EQ(word(4), NVSP_STATUS_FAILURE);
}

static void fatal_control_messages(void)
{
	static const uint32_t types[] = { RNDIS_RESET, RNDIS_INDICATE_STATUS,
					  RNDIS_SET_EX, 0x80000004, 99 };
	unsigned int i;

	for (i = 0; i < TEST_COUNT(types); i++) {
		uint32_t message[] = { types[i], 12, 1 };

		bring_up("");
		say_control(message, sizeof(message), NVSP_STATUS_SUCCESS);
		expect_dead("rndis-control-unknown");
	}
	bring_up("");
	say_control((uint32_t[]){ RNDIS_QUERY, 24, 1, 2, 3, 4 }, 24,
		    NVSP_STATUS_SUCCESS);
	expect_dead("rndis-control-short");
	bring_up("");
	say_control((uint32_t[]){ RNDIS_INITIALIZE, 24, 5, 1, 0, 0x4000 }, 24,
		    NVSP_STATUS_SUCCESS);
	expect_dead("rndis-initialize-twice");
}

static void expect_indication(uint32_t status, uint32_t len)
{
	uint32_t message[64] = { 0 };

	CHECK_EQ(receive_control((uint8_t *)message, sizeof(message)),
		 20 + len);
	CHECK_EQ(message[0], RNDIS_INDICATE_STATUS);
	CHECK_EQ(message[2], status);
	CHECK_EQ(message[3], len);
	CHECK_EQ(message[4], len ? 12 : 0);
}

static void indications(void)
{
	bring_up("");
	CHECK_EQ(command("link", "0", "down"), 0);
	expect_indication(RNDIS_STATUS_MEDIA_DISCONNECT, 0);
	CHECK_EQ(command("link", "0", "down"), 0);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(command("link", "0", "up"), 0);
	expect_indication(RNDIS_STATUS_MEDIA_CONNECT, 0);
	CHECK_EQ(command("speed", "0", "25000"), 0);
	expect_indication(RNDIS_STATUS_LINK_SPEED_CHANGE, 4);
	CHECK_EQ(command("netchange", "0", NULL), 0);
	expect_indication(RNDIS_STATUS_NETWORK_CHANGE, 4);
	CHECK(command("link", "1", "up"));
	CHECK(command("link", "0", "sideways"));
	CHECK(command("speed", "0", "0"));
}

static void offload_parameters_are_confirmed(void)
{
	struct ndis_offload_parameters wanted = {
		.header = { NDIS_OBJECT_DEFAULT, 3, sizeof(wanted) },
		.rsc_v4 = NDIS_OFFLOAD_ON,
		.rsc_v6 = NDIS_OFFLOAD_ON,
	};

	bring_up("");
	CHECK(!world.backend.gso_to_guest);
	CHECK_EQ(say_set(OID_TCP_OFFLOAD_PARAMETERS, &wanted, sizeof(wanted)),
		 RNDIS_STATUS_SUCCESS);
	expect_indication(RNDIS_STATUS_OFFLOAD_CURRENT_CONFIG, 156);
	CHECK(world.backend.gso_to_guest);
	wanted.rsc_v6 = NDIS_OFFLOAD_OFF;
	CHECK_EQ(say_set(OID_TCP_OFFLOAD_PARAMETERS, &wanted, sizeof(wanted)),
		 RNDIS_STATUS_SUCCESS);
	CHECK(!world.backend.gso_to_guest);
}

static void set_with_a_wrong_offset(void)
{
	const uint32_t message[] = {
		RNDIS_SET, 32, 6, OID_GEN_CURRENT_PACKET_FILTER, 4, 24, 0, 0,
	};
	uint32_t answer[4];

	bring_up("");
	say_control(message, sizeof(message), NVSP_STATUS_SUCCESS);
	CHECK_EQ(receive_control((uint8_t *)answer, sizeof(answer)), 16);
	CHECK_EQ(answer[3], RNDIS_STATUS_INVALID_DATA);
	CHECK_STR(last_rule, "rndis-set-buffer");
	CHECK_EQ(nic->oid.filter, RNDIS_FILTER_PROMISCUOUS);
}

/* From the guest */

static void transmit_in_a_section(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);

	bring_up("");
	send_section(0, 30, bytes, len);
	expect_tx_status(0, 30, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.sent, 1);
	CHECK_EQ(world.frame.len, 100);
	CHECK_MEM(world.bytes, bytes + 44, 100);
	CHECK_EQ(nic->channels[0].counters.tx_sections, 1);
	CHECK_EQ(rules_since(), 0);
}

struct gpa_list {
	struct vmbus_gpa_direct header;
	struct vmbus_gpa_range first;
	uint64_t first_pfn;
	struct vmbus_gpa_range second;
	uint64_t second_pfns[2];
} NVSP_PACKED;

static void send_pages(uint64_t id, const struct gpa_list *list, uint32_t len,
		       uint32_t section)
{
	struct nvsp_rndis message = {
		.type = 107,
		.section_index = section ? 0 : NVSP_NO_SECTION,
		.section_size = section,
	};
	uint8_t padded[40] = { 0 };

	memcpy(padded, &message, sizeof(message));
	send_packet(0, RING_PACKET_GPA_DIRECT, id, list, len, padded, 40);
}

/* 44 bytes of header in one range, 1400 of data across two pages in another. */
static struct gpa_list two_ranges(void)
{
	struct gpa_list list = {
		.header = { 0, 2 },
		.first = { 44, 4000 },
		.first_pfn = DATA_PFN,
		.second = { 1400, 3000 },
		.second_pfns = { DATA_PFN + 2, DATA_PFN + 5 },
	};
	uint8_t bytes[2048];

	build_packet(bytes, 1400, 0x22);
	memcpy(ram[DATA_PFN] + 4000, bytes, 44);
	memcpy(ram[DATA_PFN + 2] + 3000, bytes + 44, 1096);
	memcpy(ram[DATA_PFN + 5], bytes + 44 + 1096, 304);
	return list;
}

static void transmit_from_pages(void)
{
	struct gpa_list list;
	unsigned int i;

	bring_up("header-page=on");
	list = two_ranges();
	send_pages(31, &list, sizeof(list), 0);
	expect_tx_status(0, 31, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.frame.len, 1400);
	for (i = 0; i < 1400 && world.bytes[i] == 0x22; i++)
		;
	CHECK_EQ(i, 1400);
	CHECK_EQ(nic->channels[0].counters.tx_direct, 1);
	CHECK_EQ(rules_since(), 0);
}

static void transmit_from_both(void)
{
	struct gpa_list list;
	uint8_t bytes[2048];

	bring_up("");
	list = two_ranges();
	build_packet(bytes, 1400, 0x22);
	/* Header and 10 bytes of data from the section, the rest from a page. */
	memcpy(ram[TX_PFN], bytes, 54);
	list.header.count = 1;
	list.first.len = 1390;
	list.first.offset = 0;
	memset(ram[DATA_PFN], 0x33, 1390);
	send_pages(32, &list, 24, 54);
	expect_tx_status(0, 32, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.frame.len, 1400);
	CHECK_EQ(world.bytes[9], 0x22);
	CHECK_EQ(world.bytes[10], 0x33);
	CHECK_EQ(world.bytes[1399], 0x33);
	CHECK_EQ(nic->channels[0].counters.tx_combined, 1);
}

static void transmit_several(void)
{
	uint8_t bytes[1024];
	uint32_t len = build_packet(bytes, 100, 1);

	bring_up("");
	len += build_packet(bytes + len, 60, 2);
	len += build_packet(bytes + len, 70, 3);
	send_section(0, 33, bytes, len);
	expect_tx_status(0, 33, NVSP_STATUS_SUCCESS);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(world.sent, 3);
	CHECK_EQ(world.frame.len, 70);
	CHECK_EQ(nic->channels[0].counters.tx.per_message[1], 1);
}

static void header_across_ranges_is_refused(void)
{
	struct gpa_list list;

	bring_up("");
	list = two_ranges();
	/* Its last four bytes begin the second range. */
	list.first.len = 40;
	list.second.offset -= 4;
	list.second.len += 4;
	memcpy(ram[DATA_PFN + 2] + 2996, ram[DATA_PFN] + 4040, 4);
	send_pages(34, &list, sizeof(list), 0);
	expect_tx_status(0, 34, NVSP_STATUS_FAILURE);
	CHECK_STR(last_rule, "rndis-header-in-first-range");
	CHECK_EQ(world.sent, 0);
	/* The channel goes on. */
	transmit_several();
}

static void header_across_pages_breaks_a_rule(void)
{
	struct gpa_list list = {
		.header = { 0, 1 },
		.first = { 144, 4076 },
		.first_pfn = DATA_PFN,
	};
	uint64_t words[5];
	uint8_t bytes[256];

	bring_up("header-page=on");
	build_packet(bytes, 100, 0x44);
	memcpy(ram[DATA_PFN] + 4076, bytes, 20);
	memcpy(ram[DATA_PFN + 3], bytes + 20, 124);
	memcpy(words, &list, 24);
	words[3] = DATA_PFN + 3;
	send_pages(35, (struct gpa_list *)words, 32, 0);
	/* Legal on other hosts, so it is sent all the same. */
	expect_tx_status(0, 35, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.frame.len, 100);
	CHECK_STR(last_rule, "rndis-header-in-one-page");
	CHECK_EQ(rules_since(), 1);
}

static void malformed_ranges_are_fatal(void)
{
	struct gpa_list list;

	bring_up("");
	list = two_ranges();
	list.first.offset = 4096;
	send_pages(36, &list, sizeof(list), 0);
	expect_dead("tx-ranges");
	bring_up("");
	list = two_ranges();
	list.second.len = 0;
	send_pages(36, &list, sizeof(list), 0);
	expect_dead("tx-ranges");
	bring_up("");
	list = two_ranges();
	list.second.len = 0xffffffff;
	send_pages(36, &list, sizeof(list), 0);
	expect_dead("tx-ranges");
	bring_up("");
	list = two_ranges();
	list.header.count = 3;
	send_pages(36, &list, sizeof(list), 0);
	expect_dead("tx-ranges");
}

static void pages_that_are_no_ram(void)
{
	struct gpa_list list;

	bring_up("");
	list = two_ranges();
	list.second_pfns[1] = RAM_PAGES;
	send_pages(37, &list, sizeof(list), 0);
	expect_tx_status(0, 37, NVSP_STATUS_FAILURE);
	CHECK_STR(last_rule, "tx-page-not-ram");
	list = two_ranges();
	list.second_pfns[0] = UINT64_MAX;
	send_pages(38, &list, sizeof(list), 0);
	expect_tx_status(0, 38, NVSP_STATUS_FAILURE);
}

static void sections_out_of_bounds_are_fatal(void)
{
	struct nvsp_rndis message = {
		.type = 107, .section_index = 4, .section_size = 1,
	};

	bring_up("");
	send_nvsp(0, 1, &message, sizeof(message));
	expect_dead("nvsp-section-bounds");
	bring_up("");
	message.section_index = 3;
	message.section_size = 6145;
	send_nvsp(0, 1, &message, sizeof(message));
	expect_dead("nvsp-section-bounds");
	bring_up("");
	message.section_index = 0xfffffffe;
	send_nvsp(0, 1, &message, sizeof(message));
	expect_dead("nvsp-section-bounds");
}

static void sections_have_the_size_that_was_chosen(void)
{
	struct nvsp_rndis message = { .type = 107, .section_index = 2 };
	uint8_t bytes[256];

	message.section_size = build_packet(bytes, 100, 0x66);
	bring_up("section-size=4096");
	memcpy(ram[TX_PFN + 2], bytes, message.section_size);
	send_nvsp(0, 31, &message, sizeof(message));
	expect_tx_status(0, 31, NVSP_STATUS_SUCCESS);
	CHECK_MEM(world.bytes, bytes + 44, 100);
	/* One reaches into the next section, though not out of the buffer. */
	message.section_size = 4097;
	send_nvsp(0, 32, &message, sizeof(message));
	expect_dead("nvsp-section-bounds");
}

/* Even control messages have to come in pages then. */
static void no_section_is_usable(void)
{
	struct nvsp_rndis message = { .type = 107, .section_size = 44 };

	set_up("section-size=0");
	say_init(NVSP_V61);
	say_config(1514, 0);
	say_ndis_version();
	say_buffer(101, 11, RX_BUFFER_ID);
	expect(0, RING_PACKET_COMPLETION, 10);
	say_buffer(104, 12, 0);
	expect(0, RING_PACKET_COMPLETION, 10);
	CHECK_EQ(word(4), NVSP_STATUS_SUCCESS);
	CHECK_EQ(word(8), 0);
	send_nvsp(0, 33, &message, sizeof(message));
	expect_dead("nvsp-section-bounds");
}

static void control_after_a_packet_is_refused(void)
{
	const uint32_t control[] = { RNDIS_KEEPALIVE, 44, 1 };
	uint8_t bytes[1024] = { 0 };
	uint32_t len = build_packet(bytes, 100, 1);

	bring_up("");
	memcpy(bytes + len, control, sizeof(control));
	send_section(0, 39, bytes, len + 44);
	expect_tx_status(0, 39, NVSP_STATUS_FAILURE);
	CHECK_STR(last_rule, "rndis-packet-type");
}

static void completions_wait_for_space(void)
{
	uint8_t bytes[256];
	const struct nvsp_rndis message = {
		.type = 107, .section_index = 0,
		.section_size = build_packet(bytes, 60, 0x55),
	};
	uint8_t padded[40] = { 0 };
	uint64_t sent = 0, seen = 0;

	bring_up("");
	memcpy(ram[TX_PFN], bytes, message.section_size);
	memcpy(padded, &message, sizeof(message));
	/* Until both rings are full, with nobody reading completions. */
	while (!write_packet(0, RING_PACKET_INBAND, 1000 + sent, NULL, 0,
			     padded, sizeof(padded))) {
		sent++;
		publish(0);
		run_all_tasks();
	}
	CHECK(nic->channels[0].owed.owed);
	CHECK(sent > 8192 / 64);
	CHECK(world.sent < sent);
	while (receive(0)) {
		CHECK_EQ(got.transaction_id, 1000 + seen);
		seen++;
		run_all_tasks();
	}
	CHECK_EQ(seen, sent);
	CHECK_EQ(world.sent, sent);
	CHECK(!nic->channels[0].owed.owed);
	CHECK_EQ(rules_since(), 0);
}

static void link_down_drops_frames(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);

	bring_up("");
	CHECK_EQ(command("link", "0", "down"), 0);
	expect_indication(RNDIS_STATUS_MEDIA_DISCONNECT, 0);
	send_section(0, 30, bytes, len);
	expect_tx_status(0, 30, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.sent, 0);
	CHECK(offer_frame(100, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
}

/* To the guest */

static void receive_one_turn_is_one_packet(void)
{
	struct received received;
	uint64_t id;

	bring_up("");
	CHECK(offer_frame(60, 1));
	CHECK(offer_frame(1514, 2));
	CHECK(offer_frame(100, 3));
	CHECK_EQ(receive(0), 0);
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	id = got.transaction_id;
	CHECK(id >= 16);
	received = look(0);
	CHECK_EQ(received.ranges, 3);
	CHECK_EQ(received.packet.data_len, 60);
	CHECK_EQ(received.data[59], 1);
	CHECK(received.ppis.has_csum);
	CHECK_EQ(received.ppis.csum, 0);
	CHECK(!received.ppis.has_vlan);
	CHECK(!received.ppis.has_packet_id);
	received = look(1);
	CHECK_EQ(received.packet.data_len, 1514);
	CHECK_EQ(received.data[1513], 2);
	received = look(2);
	CHECK_EQ(received.data[99], 3);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(nic->session.slots.data_taken, 3);
	complete(0, id);
	CHECK_EQ(nic->session.slots.data_taken, 0);
	CHECK_EQ(rules_since(), 0);
	complete(0, id);
	expect_dead("rx-completion-unknown");
}

static void receive_what_is_wanted(void)
{
	bring_up("");
	say_filter(RNDIS_FILTER_DIRECTED | RNDIS_FILTER_BROADCAST);
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(nic->unwanted, 1);
	CHECK(offer_frame(60, 0xff));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	CHECK_EQ(nic->unwanted, 1);
}

static void receive_with_few_ranges(void)
{
	unsigned int i;

	bring_up("ranges=2");
	for (i = 0; i < 5; i++)
		CHECK(offer_frame(60, i));
	run_all_tasks();
	for (i = 0; i < 3; i++) {
		CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
		CHECK_EQ(look(0).ranges, i < 2 ? 2 : 1);
		CHECK_EQ(look(0).data[0], 2 * i);
	}
	CHECK_EQ(receive(0), 0);
}

static void receive_with_few_slots(void)
{
	uint64_t id;

	bring_up("rx-slots=2");
	CHECK(offer_frame(60, 1));
	CHECK(offer_frame(60, 2));
	CHECK(!offer_frame(60, 3));
	run_all_tasks();
	CHECK_EQ(world.resumes, 1 + 1);	/* in vain, after the flush */
	CHECK(!offer_frame(60, 3));
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	id = got.transaction_id;
	run_all_tasks();
	complete(0, id);
	CHECK_EQ(world.resumes, 3);
	CHECK(offer_frame(60, 3));
}

static void receive_waits_for_ring_space(void)
{
	unsigned int taken = 0, got_frames = 0, i;

	bring_up("ranges=1");
	/* Some 80 bytes a packet: the ring is full before the slots are. */
	while (offer_frame(60, taken)) {
		taken++;
		run_all_tasks();
		if (taken > 10000)
			break;
	}
	CHECK(taken > 50);
	CHECK(taken < 8192 / 80 + 3);
	while (receive(0)) {
		CHECK_EQ(look(0).data[0], (uint8_t)got_frames);
		for (i = 0; i < look(0).ranges; i++)
			got_frames++;
		run_all_tasks();
	}
	CHECK_EQ(got_frames, taken);
	CHECK(offer_frame(60, 1));
}

static void filter_holds_frames(void)
{
	bring_up("");
	say_filter(0);
	CHECK_EQ(world.stops, 1);
	CHECK(!offer_frame(60, 1));
	say_filter(0xd);
	CHECK_EQ(world.resumes, 2);
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
}

static void frames_longer_than_the_mtu_are_dropped(void)
{
	bring_up("");
	CHECK(offer_frame(1515, 1));
	CHECK(offer_frame(13, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	CHECK_STR(nic->failures[0].name, "rx-frame-too-long");
	CHECK_STR(nic->failures[1].name, "rx-frame-length");
}

static void receive_vlan_and_csum(void)
{
	uint8_t bytes[60] = { [12] = 0x08, [14] = 0x45, [23] = IP_PROTO_UDP };
	struct frame frame = {
		.data = bytes, .len = sizeof(bytes), .has_vlan = true,
		.vlan_tci = 0xb123, .csum_good = true,
	};
	struct received received;

	bring_up("");
	CHECK(world.backend.receive(world.backend.nic, &frame));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	received = look(0);
	CHECK(received.ppis.has_vlan);
	CHECK_EQ(received.ppis.vlan, 0x123d);
	CHECK_EQ(received.ppis.csum,
		 RNDIS_RX_CSUM_IP_OK | RNDIS_RX_CSUM_UDP_OK);
}

static void agree_on_rsc(void)
{
	const struct ndis_offload_parameters wanted = {
		.header = { NDIS_OBJECT_DEFAULT, 3, sizeof(wanted) },
		.rsc_v4 = NDIS_OFFLOAD_ON,
		.rsc_v6 = NDIS_OFFLOAD_ON,
	};

	CHECK_EQ(say_set(OID_TCP_OFFLOAD_PARAMETERS, &wanted, sizeof(wanted)),
		 RNDIS_STATUS_SUCCESS);
	expect_indication(RNDIS_STATUS_OFFLOAD_CURRENT_CONFIG, 156);
}

static void receive_coalesced(void)
{
	static uint8_t bytes[4000] = { [12] = 0x08, [14] = 0x45,
				       [23] = IP_PROTO_TCP, [46] = 0x50 };
	struct frame frame = {
		.data = bytes, .len = sizeof(bytes), .gso = FRAME_GSO_TCP4,
		.gso_size = 1448, .has_vlan = true, .vlan_tci = 5,
	};
	struct received first, second, third;

	bring_up("ranges=2");
	CHECK(world.backend.receive(world.backend.nic, &frame));
	CHECK_STR(nic->failures[0].name, "rx-coalesced-not-agreed");
	agree_on_rsc();
	memset(bytes + 1514, 0x61, 1514);
	memset(bytes + 3028, 0x62, 972);
	/* In one packet, although no other has more than two ranges. */
	CHECK(world.backend.receive(world.backend.nic, &frame));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	first = look(0);
	second = look(1);
	third = look(2);
	CHECK_EQ(first.ranges, 3);
	CHECK_EQ(first.packet.data_len, 1514);
	CHECK_EQ(second.packet.data_len, 1514);
	CHECK_EQ(third.packet.data_len, 972);
	CHECK_EQ(second.data[0], 0x61);
	CHECK_EQ(third.data[971], 0x62);
	CHECK_EQ(first.ppis.packet_id, 0x00010301);
	CHECK_EQ(second.ppis.packet_id, 0x00010101);
	CHECK_EQ(third.ppis.packet_id, 0x00010501);
	CHECK(first.ppis.has_vlan);
	CHECK(first.ppis.csum & RNDIS_RX_CSUM_TCP_OK);
	CHECK(!second.ppis.has_vlan);
	CHECK(!second.ppis.has_csum);
	complete(0, got.transaction_id);
	CHECK_EQ(nic->session.slots.data_taken, 0);
}

/* Subchannels */

static void say_subchannels(uint32_t count, uint32_t status)
{
	send_nvsp(0, 40, (uint32_t[]){ 133, 1, count }, 12);
	expect(0, RING_PACKET_COMPLETION, 40);
	CHECK_EQ(got.payload_len, 40);
	CHECK_EQ(word(0), 133);
	CHECK_EQ(word(4), status);
	CHECK_EQ(word(8), status == NVSP_STATUS_SUCCESS ? count : 0);
}

static void expect_table(const uint32_t *wanted, unsigned int count)
{
	unsigned int i;

	expect(0, RING_PACKET_INBAND, 0);
	CHECK_EQ(got.flags, 0);
	CHECK_EQ(got.payload_len, 80);
	CHECK_EQ(word(0), 134);
	CHECK_EQ(word(4), 16);
	CHECK_EQ(word(8), 12);
	for (i = 0; i < 16; i++)
		CHECK_EQ(word(12 + 4 * i), wanted[i % count]);
}

static void open_subchannels(void)
{
	bring_up("queues=4");
	say_subchannels(2, NVSP_STATUS_SUCCESS);
	CHECK_EQ(offers, 3);
	CHECK_EQ(nic->channels[1].vmbus.subchannel_index, 1);
	CHECK_EQ(open_channel(1), 0);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(open_channel(2), 0);
	expect_table((uint32_t[]){ 0, 1, 2 }, 3);
	CHECK_EQ(receive(0), 0);
}

static void subchannels_are_all_or_none(void)
{
	bring_up("queues=4");
	say_subchannels(4, NVSP_STATUS_FAILURE);
	say_subchannels(UINT32_MAX, NVSP_STATUS_FAILURE);
	say_subchannels(0, NVSP_STATUS_SUCCESS);
	CHECK_EQ(offers, 1);
	send_nvsp(0, 41, (uint32_t[]){ 133, 2, 1 }, 12);
	expect(0, RING_PACKET_COMPLETION, 41);
	CHECK_EQ(word(4), NVSP_STATUS_FAILURE);
	say_subchannels(3, NVSP_STATUS_SUCCESS);
	CHECK_EQ(offers, 4);
}

static void subchannels_carry_data_alone(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);
	const uint32_t control[] = { RNDIS_KEEPALIVE, 12, 1 };

	open_subchannels();
	send_section(2, 50, bytes, len);
	expect_tx_status(2, 50, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.queue, 2);
	send_section(1, 51, control, sizeof(control));
	expect_tx_status(1, 51, NVSP_STATUS_FAILURE);
	CHECK_STR(last_rule, "rndis-control-on-subchannel");
	send_nvsp(1, 52, (uint32_t[]){ 129, 1 }, 8);
	CHECK_STR(last_rule, "nvsp-message-on-subchannel");
	CHECK_EQ(receive(1), 0);
	/* Dead is that one alone. */
	send_section(2, 53, bytes, len);
	expect_tx_status(2, 53, NVSP_STATUS_SUCCESS);
}

static void table_command(void)
{
	char *argv[] = { "table", "0", "2", "0", NULL };
	const struct control_command *at;
	char text[256];
	FILE *out;

	open_subchannels();
	for (at = nic_commands; strcmp(at->name, "table"); at++)
		;
	out = fmemopen(text, sizeof(text), "w");
	CHECK_EQ(at->run(4, argv, out), 0);
	argv[3] = "4";
	CHECK_EQ(at->run(4, argv, out), -EINVAL);
	fclose(out);
	run_all_tasks();
	expect_table((uint32_t[]){ 2, 0 }, 2);
}

static void set_rss(uint32_t channel)
{
	struct {
		struct ndis_rss_parameters parameters;
		uint32_t table[1];
		uint8_t key[40];
	} RNDIS_PACKED message = {
		.parameters = {
			.header = { NDIS_OBJECT_RSS_PARAMETERS, 2, 44 },
			.hash = NDIS_HASH_TOEPLITZ | NDIS_HASH_IPV4,
			.table_len = 4, .table_offset = 44,
			.key_len = 40, .key_offset = 48,
		},
		.table = { channel },
		.key = { 0x80 },
	};

	CHECK_EQ(say_set(OID_GEN_RECEIVE_SCALE_PARAMETERS, &message,
			 sizeof(message)), RNDIS_STATUS_SUCCESS);
}

static void receive_is_spread(void)
{
	uint8_t bytes[60] = { [12] = 0x08, [14] = 0x45, [26] = 0x80 };
	struct frame frame = { .data = bytes, .len = sizeof(bytes) };
	uint64_t id;

	open_subchannels();
	set_rss(2);
	CHECK(world.backend.receive(world.backend.nic, &frame));
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(receive(2), RING_PACKET_TRANSFER_PAGES);
	/* The first bit of the input selects the first 32 bits of the key. */
	CHECK(look(0).ppis.has_hash_value);
	CHECK_EQ(look(0).ppis.hash_value, 0x80000000);
	id = got.transaction_id;
	/* It belongs to the channel that it came by. */
	complete(2, id);
	CHECK_EQ(rules_since(), 0);

	CHECK(world.backend.receive(world.backend.nic, &frame));
	run_all_tasks();
	CHECK_EQ(receive(2), RING_PACKET_TRANSFER_PAGES);
	complete(1, got.transaction_id);
	CHECK_STR(last_rule, "rx-completion-unknown");

	/* A channel that is not there: the primary stands in. */
	set_rss(3);
	CHECK(world.backend.receive(world.backend.nic, &frame));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
}

static void slots_are_shared_among_channels(void)
{
	open_subchannels();
	/* 145 slots, 16 of them for control: 43 for each of three. */
	set_rss(1);
	nic->options.ranges = 10;
	while (offer_frame(60, 1))
		run_all_tasks();
	CHECK_EQ(nic->channels[1].slots_taken, 43);
	set_rss(2);
	CHECK(offer_frame(60, 1));
}

static void closing_a_subchannel_frees_its_slots(void)
{
	open_subchannels();
	set_rss(2);
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(nic->session.slots.data_taken, 1);
	close_channel(&nic->channels[2].vmbus);
	CHECK_EQ(nic->session.slots.data_taken, 0);
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
}

static void subchannel_before_the_nic_is_ready(void)
{
	set_up("queues=2");
	vmbus_channel_add(&nic->channels[1].vmbus);
	CHECK_EQ(open_channel(1), -EAGAIN);
	CHECK_STR(last_rule, "nvsp-subchannel-early");
}

/* The rest */

static void data_path_stays_synthetic(void)
{
	bring_up("");
	send_nvsp(0, 60, (uint32_t[]){ 129, 1 }, 8);
	expect(0, RING_PACKET_COMPLETION, 60);
	CHECK_EQ(got.payload_len, 0);
	expect(0, RING_PACKET_INBAND, NVSP_TRANSACTION_DATA_PATH);
	CHECK_EQ(got.flags, 1);
	CHECK_EQ(got.payload_len, 8);
	CHECK_EQ(word(0), 129);
	CHECK_EQ(word(4), 0);
	send_packet(0, RING_PACKET_COMPLETION, NVSP_TRANSACTION_DATA_PATH,
		    NULL, 0, NULL, 0);
	CHECK_EQ(rules_since(), 0);
}

static void vf_follows_its_association(void)
{
	bring_up_with_vf();
	CHECK_EQ(offers, 0);
	pass_time(1000000000u);
	run_all_tasks();
	CHECK_EQ(offers, 1);
	CHECK_EQ(rules_since(), 0);
}

static void vf_is_not_for_guests_that_did_not_ask(void)
{
	set_up("vf=on");
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	say_config(1514, NVSP_CAP_8021Q);
	say_ndis_version();
	hand_over_buffers();
	offers = 0;
	say_initialize();
	pass_time(2000000000u);
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(offers, 0);
}

static void ask_for_path(uint64_t id, uint32_t path)
{
	send_nvsp(0, id, (uint32_t[]){ 129, path }, 8);
}

static void expect_switched(uint64_t id)
{
	expect(0, RING_PACKET_COMPLETION, id);
	CHECK_EQ(got.payload_len, 0);
}

static void vf_takes_what_is_for_one(void)
{
	bring_up_with_vf();
	pass_time(1000000000u);
	run_all_tasks();
	ask_for_path(60, 1);
	expect_switched(60);
	CHECK(nic->vf->active);
	/* Its driver does not run, so it drops; what is for many still comes. */
	CHECK(offer_frame(60, 2));
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	ask_for_path(61, 0);
	expect_switched(61);
	CHECK(offer_frame(60, 2));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
}

static void vf_that_is_not_there(void)
{
	bring_up_with_vf();
	ask_for_path(60, 1);
	expect_switched(60);
	expect(0, RING_PACKET_INBAND, NVSP_TRANSACTION_DATA_PATH);
	CHECK_EQ(word(0), 129);
	CHECK_EQ(word(4), 0);
	CHECK(!nic->vf->active);
}

static void vf_switch_takes_time(void)
{
	bring_up_with_vf();
	pass_time(1000000000u);
	run_all_tasks();
	nic->vf->switch_ms = 5000;
	ask_for_path(60, 1);
	CHECK_EQ(receive(0), 0);
	CHECK(!nic->vf->active);
	pass_time(5000000000u);
	run_all_tasks();
	expect_switched(60);
	CHECK(nic->vf->active);
	CHECK_EQ(command("vf", "0", "back"), 0);
	expect(0, RING_PACKET_INBAND, NVSP_TRANSACTION_DATA_PATH);
	CHECK(!nic->vf->active);
}

static void vf_is_taken_away(void)
{
	bring_up_with_vf();
	pass_time(1000000000u);
	run_all_tasks();
	ask_for_path(60, 1);
	expect_switched(60);
	CHECK_EQ(command("vf", "0", "remove"), 0);
	expect(0, RING_PACKET_INBAND, NVSP_TRANSACTION_DATA_PATH);
	expect(0, RING_PACKET_INBAND, NVSP_TRANSACTION_VF_ASSOCIATION);
	CHECK_EQ(word(4), 0);
	CHECK_EQ(word(8), nic->index + 1);
	CHECK(!vpci_offered(&nic->vf->device.bus));
	/* A switch after it changes nothing. */
	ask_for_path(61, 1);
	expect_switched(61);
	CHECK(!nic->vf->active);
	CHECK_EQ(command("vf", "0", "nonsense"), -EINVAL);
}

static void malformed_completions(void)
{
	bring_up("");
	send_packet(0, RING_PACKET_COMPLETION, 16, NULL, 0, NULL, 0);
	expect_dead("rx-completion-short");
	bring_up("");
	send_packet(0, RING_PACKET_COMPLETION, 16, NULL, 0,
		    (uint32_t[]){ 107, 1 }, 8);
	expect_dead("rx-completion-type");
	bring_up("");
	complete(0, 0x100000010ull);
	expect_dead("rx-completion-unknown");
}

static void silence(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);

	bring_up("");
	CHECK_EQ(command("silence", "0", "on"), 0);
	CHECK_EQ(world.stops, 1);
	send_section(0, 70, bytes, len);
	CHECK_EQ(receive(0), 0);
	CHECK(!offer_frame(60, 1));
	CHECK_EQ(command("silence", "0", "off"), 0);
	expect_tx_status(0, 70, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.resumes, 2);
}

static void silent_at_an_nvsp_step(void)
{
	set_up("queues=4");
	CHECK_EQ(command4("silence", "0", "at", "receive-buffer"), 0);
	CHECK_EQ(say_init(NVSP_V61), NVSP_STATUS_SUCCESS);
	say_config(1514, NVSP_CAP_8021Q);
	say_ndis_version();
	CHECK(!nic->silent);
	say_buffer(101, 11, RX_BUFFER_ID);
	CHECK(nic->silent);
	CHECK_EQ(receive(0), 0);
	/* What is lost stays so; what waits in the ring is served. */
	say_buffer(104, 12, 0);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(command("silence", "0", "off"), 0);
	run_all_tasks();
	expect(0, RING_PACKET_COMPLETION, 10);
	CHECK_EQ(word(0), 105);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(rules_since(), 0);
}

static void silent_at_an_object(void)
{
	const uint32_t up = 0x9;
	uint32_t set[8] = { RNDIS_SET, 32, 6, OID_GEN_CURRENT_PACKET_FILTER, 4,
			    20, 0, 0 };
	uint32_t filter;

	bring_up("");
	filter = nic->oid.filter;
	CHECK(filter);
	CHECK_EQ(command4("silence", "0", "at", "set-filter"), 0);
	/* Another object is no reason. */
	CHECK_EQ(say_set(OID_GEN_CURRENT_LOOKAHEAD, &up, 4),
		 RNDIS_STATUS_NOT_SUPPORTED);
	CHECK(!nic->silent);
	/* Taken, but neither done nor answered. */
	say_control(set, sizeof(set), NVSP_STATUS_SUCCESS);
	CHECK(nic->silent);
	CHECK_EQ(nic->oid.filter, filter);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(world.stops, 1);
	CHECK_EQ(command("silence", "0", "off"), 0);
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	say_filter(0x9);
	CHECK(!nic->silent);
}

static void silent_before_the_offers(void)
{
	unsigned int before;

	bring_up("queues=4");
	before = offers;
	CHECK_EQ(command4("silence", "0", "at", "offers"), 0);
	send_nvsp(0, 40, (uint32_t[]){ 133, 1, 3 }, 12);
	expect(0, RING_PACKET_COMPLETION, 40);
	CHECK_EQ(word(8), 3);
	run_all_tasks();
	CHECK(nic->silent);
	CHECK_EQ(offers, before);
}

static void silent_at_no_step(void)
{
	bring_up("");
	CHECK_EQ(command4("silence", "0", "at", "nonsense"), -EINVAL);
	CHECK_EQ(command4("silence", "0", "on", "version"), -EINVAL);
	CHECK_EQ(command("silence", "0", "at"), -EINVAL);
	CHECK(!nic->silent && !nic->faults.silent_at);
}

static void withhold_completions(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);
	const uint32_t up = RNDIS_FILTER_PROMISCUOUS;

	bring_up("");
	CHECK_EQ(withhold("completions", "on"), 0);
	send_section(0, 71, bytes, len);
	send_section(0, 72, bytes, len);
	CHECK_EQ(world.sent, 2);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(nic->channels[0].counters.tx_completions, 2);
	CHECK_EQ(nic->channels[0].withheld.count, 2);
	/* Control messages and frames to the guest go on. */
	CHECK_EQ(say_set(OID_GEN_CURRENT_PACKET_FILTER, &up, 4),
		 RNDIS_STATUS_SUCCESS);
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	CHECK_EQ(withhold("completions", "off"), 0);
	expect_tx_status(0, 71, NVSP_STATUS_SUCCESS);
	expect_tx_status(0, 72, NVSP_STATUS_SUCCESS);
	send_section(0, 73, bytes, len);
	expect_tx_status(0, 73, NVSP_STATUS_SUCCESS);
	CHECK_EQ(rules_since(), 0);
}

/* More of them than the ring takes, and later ones come behind them. */
static void withheld_completions_wait_for_space(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 60, 0x11);
	uint64_t sent, seen = 0;

	bring_up("");
	CHECK_EQ(withhold("completions", "on"), 0);
	for (sent = 0; sent < 1000; sent++)
		send_section(0, 1000 + sent, bytes, len);
	CHECK_EQ(world.sent, sent);
	CHECK_EQ(withhold("completions", "off"), 0);
	send_section(0, 1000 + sent++, bytes, len);
	CHECK_EQ(world.sent, sent - 1);
	while (receive(0)) {
		CHECK_EQ(got.transaction_id, 1000 + seen);
		seen++;
		run_all_tasks();
	}
	CHECK_EQ(seen, sent);
	CHECK_EQ(world.sent, sent);
	CHECK(!nic->channels[0].vmbus.from_guest.masked);
	CHECK_EQ(rules_since(), 0);
}

static void withheld_completions_end_with_the_channel(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);

	bring_up("");
	CHECK_EQ(withhold("completions", "on"), 0);
	send_section(0, 71, bytes, len);
	close_channel(&nic->channels[0].vmbus);
	CHECK_EQ(nic->channels[0].withheld.count, 0);
	CHECK_EQ(open_channel(0), 0);
	CHECK_EQ(withhold("completions", "off"), 0);
	CHECK_EQ(receive(0), 0);
}

static void withhold_ring(void)
{
	uint8_t bytes[256];
	const struct nvsp_rndis message = {
		.type = 107, .section_index = 0,
		.section_size = build_packet(bytes, 60, 0x55),
	};
	uint8_t padded[40] = { 0 };
	uint64_t sent = 0, services, id;

	bring_up("");
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	id = got.transaction_id;
	CHECK_EQ(withhold("ring", "on"), 0);
	memcpy(ram[TX_PFN], bytes, message.section_size);
	memcpy(padded, &message, sizeof(message));
	while (!write_packet(0, RING_PACKET_INBAND, 1000 + sent, NULL, 0,
			     padded, sizeof(padded))) {
		sent++;
		publish(0);
		run_all_tasks();
	}
	CHECK(sent > 8192 / 64 - 3);
	CHECK_EQ(world.sent, 0);
	/* What goes to the guest does not stop. */
	CHECK(offer_frame(60, 2));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	CHECK_EQ(nic->channels[0].slots_taken, 2);
	services = nic->channels[0].counters.services;
	CHECK_EQ(withhold("ring", "off"), 0);
	CHECK_EQ(world.sent, sent);
	CHECK_EQ(nic->channels[0].counters.services, services + 1);
	CHECK(!nic->channels[0].vmbus.from_guest.masked);
	complete(0, id);
	CHECK_EQ(nic->channels[0].slots_taken, 1);
	CHECK_EQ(rules_since(), 0);
}

static void withhold_rx(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);

	bring_up("");
	CHECK_EQ(withhold("rx", "on"), 0);
	CHECK(!offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	send_section(0, 70, bytes, len);
	expect_tx_status(0, 70, NVSP_STATUS_SUCCESS);
	CHECK_EQ(world.stops, 0);
	CHECK_EQ(withhold("rx", "off"), 0);
	CHECK_EQ(world.resumes, 2);
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
}

static void withhold_from_the_start(void)
{
	set_up("withhold=ring,rx");
	CHECK_EQ(nic->faults.withheld, WITHHOLD_RING | WITHHOLD_RX);
	send_nvsp(0, 7, (uint32_t[]){ 1, NVSP_V61, NVSP_V61 }, 12);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(withhold("ring", "off"), 0);
	expect(0, RING_PACKET_COMPLETION, 7);
	CHECK_EQ(withhold("ring", "maybe"), -EINVAL);
	CHECK_EQ(withhold("tx", "on"), -EINVAL);
	CHECK_EQ(command("withhold", "0", "rx"), -EINVAL);
}

static void service_delay(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);

	bring_up("");
	nic->options.delay_us = 20;
	send_section(0, 80, bytes, len);
	CHECK_EQ(receive(0), 0);
	/* Meanwhile the ring is masked, so that no signals come. */
	CHECK(nic->channels[0].vmbus.from_guest.masked);
	pass_time(19000);
	run_all_tasks();
	CHECK_EQ(receive(0), 0);
	pass_time(1000);
	run_all_tasks();
	expect_tx_status(0, 80, NVSP_STATUS_SUCCESS);
	CHECK(!nic->channels[0].vmbus.from_guest.masked);
}

/* Both ways at run time; what waits already is served when it is due. */
static void delay_command(void)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);

	bring_up("");
	CHECK_EQ(command("delay", "0", "20"), 0);
	send_section(0, 80, bytes, len);
	CHECK_EQ(receive(0), 0);
	CHECK_EQ(command("delay", "0", "0"), 0);
	pass_time(20000);
	run_all_tasks();
	expect_tx_status(0, 80, NVSP_STATUS_SUCCESS);
	send_section(0, 81, bytes, len);
	expect_tx_status(0, 81, NVSP_STATUS_SUCCESS);
	CHECK_EQ(command("delay", "0", "10000001"), -EINVAL);
	CHECK_EQ(command("delay", "0", "-1"), -EINVAL);
	CHECK_EQ(command("delay", "0", NULL), -EINVAL);
	CHECK_EQ(command("delay", "1", "0"), -ENOENT);
}

static uint64_t more_frames;

static void take_more(struct backend *backend, uint64_t count)
{
	more_frames += count;
}

static void source_command(void)
{
	struct backend_ops asked;

	bring_up("");
	CHECK_EQ(command("source", "0", "5"), -EOPNOTSUPP);
	asked = *nic->backend->ops;
	asked.more = take_more;
	nic->backend->ops = &asked;
	CHECK_EQ(command("source", "0", "5"), 0);
	CHECK_EQ(more_frames, 5);
	CHECK_EQ(command("source", "0", "x"), -EINVAL);
	CHECK_EQ(command("source", "7", "5"), -ENOENT);
	netvsp_stop();
}

static void counts_what_the_ring_carried(void)
{
	const struct netvsp_channel_counters *counters;
	struct netvsp_channel_counters before;
	uint64_t first, second;

	bring_up("ranges=1");
	counters = &nic->channels[0].counters;
	CHECK(offer_frame(60, 1) && offer_frame(60, 2));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	first = got.transaction_id;
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	second = got.transaction_id;
	before = *counters;
	complete(0, first);
	run_all_tasks();
	complete(0, second);
	run_all_tasks();
	CHECK_EQ(counters->rx_completions - before.rx_completions, 2);
	CHECK_EQ(counters->rx_completion_publishes -
		 before.rx_completion_publishes, 2);
	CHECK_EQ(counters->publishes - before.publishes, 2);
	CHECK_EQ(counters->ring_bytes - before.ring_bytes, 2 * (16 + 8 + 8));
}

static void absent_until_added(void)
{
	netvsp_stop();
	offers = 0;
	CHECK_EQ(netvsp_nic_add_option("present=off"), 0);
	CHECK_EQ(netvsp_start(), 0);
	nic = netvsp_nics[0];
	CHECK_EQ(offers, 0);
	CHECK_EQ(command("nic", "rescind", "0"), -ENOENT);
	CHECK_EQ(command("nic", "add", "0"), 0);
	CHECK_EQ(offers, 1);
	CHECK_EQ(command("nic", "offer", "0"), -EBUSY);
	CHECK_EQ(command("nic", "rescind", "0"), 0);
	CHECK_EQ(nic->channels[0].vmbus.state, VMBUS_CHANNEL_UNOFFERED);
}

static void leaves_when_idle(void)
{
	uint64_t id;

	bring_up("");
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
	id = got.transaction_id;
	CHECK_EQ(command("nic", "rescind", "0"), 0);
	CHECK_EQ(world.stops, 1);
	pass_time(100 * 5000000ull);
	CHECK_EQ(nic->channels[0].vmbus.state, VMBUS_CHANNEL_OPEN);
	complete(0, id);
	pass_time(5000000);
	pass_time(5000000);
	pass_time(5000000);
	CHECK_EQ(nic->channels[0].vmbus.state, VMBUS_CHANNEL_OPEN);
	pass_time(5000000);
	CHECK_EQ(nic->channels[0].vmbus.state, VMBUS_CHANNEL_UNOFFERED);
}

static void leaves_a_guest_that_is_never_idle(void)
{
	unsigned int i;

	bring_up("");
	CHECK(offer_frame(60, 1));
	run_all_tasks();
	CHECK_EQ(command("nic", "rescind", "0"), 0);
	for (i = 0; i < 199; i++)
		pass_time(5000000);
	CHECK_EQ(nic->channels[0].vmbus.state, VMBUS_CHANNEL_OPEN);
	pass_time(5000000);
	CHECK_EQ(nic->channels[0].vmbus.state, VMBUS_CHANNEL_UNOFFERED);
}

/* A fixed sequence, so that a failure comes again. */
static uint32_t random_state;

static uint32_t random_below(uint32_t bound)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % bound;
}

/* Overwrites a few 32-bit fields, mostly with values near a bound. */
static void damage(void *bytes, uint32_t len)
{
	static const uint32_t values[] = {
		0, 1, 7, 8, 12, 16, 36, 44, 4095, 4096, 6144, 0x7fffffff,
		0x80000000, 0xfffffff0, 0xffffffff,
	};
	unsigned int count = random_below(4);

	while (count-- && len >= 4) {
		uint32_t value = values[random_below(TEST_COUNT(values))];

		if (random_below(4) == 0)
			value = random_below(256);
		memcpy((uint8_t *)bytes + random_below(len / 4) * 4, &value, 4);
	}
}

/* Some message of a guest, more or less damaged, in a section or in pages. */
static void send_noise(uint64_t id)
{
	static const uint32_t types[] = {
		RNDIS_INITIALIZE, RNDIS_HALT, RNDIS_QUERY, RNDIS_SET,
		RNDIS_KEEPALIVE,
	};
	static const uint32_t oids[] = {
		OID_GEN_CURRENT_PACKET_FILTER, OID_TCP_OFFLOAD_PARAMETERS,
		OID_GEN_RECEIVE_SCALE_PARAMETERS,
		OID_GEN_RNDIS_CONFIG_PARAMETER, OID_GEN_SUPPORTED_LIST,
	};
	struct nvsp_rndis message = { .type = 107 };
	struct gpa_list list = two_ranges();
	uint32_t len = 200 + random_below(800);
	uint8_t padded[40] = { 0 };
	uint32_t *section = (uint32_t *)ram[TX_PFN];

	memset(section, 0, len);
	if (random_below(2)) {
		len = build_packet(ram[TX_PFN], len, random_below(256));
		section[4 + random_below(7)] = random_below(256);
	} else {
		section[0] = types[random_below(TEST_COUNT(types))];
		section[1] = len;
		section[3] = oids[random_below(TEST_COUNT(oids))];
		section[4] = len - 28;
		section[5] = 20;
		section[7] = NDIS_OBJECT_DEFAULT | 3 << 8 | 24 << 16;
	}
	damage(section, len);
	message.section_size = random_below(8) ? len : random_below(9000);
	message.section_index = random_below(8) ? 0 : random_below(6) - 1;
	memcpy(padded, &message, sizeof(message));
	damage(padded, random_below(8) ? 0 : sizeof(padded));
	damage(&list, random_below(2) ? 0 : sizeof(list));
	if (random_below(2))
		write_packet(0, RING_PACKET_INBAND, id, NULL, 0, padded,
			     sizeof(padded));
	else
		write_packet(0, RING_PACKET_GPA_DIRECT, id, &list,
			     sizeof(list), padded, sizeof(padded));
}

/* A list without ranges is a corrupt ring: that is the server's to see. */
static bool is_dead(const struct netvsp_channel *channel)
{
	return channel->stopped || channel->vmbus.from_guest.dead;
}

static void survives_noise(void)
{
	struct nvsp_rndis_complete done = { 108, 1 };
	unsigned int round, sessions = 0;

	random_state = 1;
	for (round = 0; round < 20000; round++) {
		if (!round || is_dead(&nic->channels[0])) {
			bring_up("queues=2");
			sessions++;
		}
		send_noise(round);
		if (random_below(3) == 0)
			offer_frame(random_below(2000), round);
		publish(0);
		run_all_tasks();
		while (!is_dead(&nic->channels[0]) && receive(0)) {
			if (got.type != RING_PACKET_TRANSFER_PAGES)
				continue;
			damage(&done, random_below(64) ? 0 : sizeof(done));
			send_packet(0, RING_PACKET_COMPLETION,
				    got.transaction_id + !random_below(64),
				    NULL, 0, &done, sizeof(done));
			done.type = 108;
		}
		CHECK_OR_RETURN(nic->session.slots.data_taken <=
				nic->session.slots.data_count);
	}
	/* Neither did every message kill the channel, nor did none. */
	CHECK(sessions > 100);
	CHECK(sessions < 15000);
}

static void reports(void)
{
	bring_up("");
	CHECK_EQ(command("frames", "0", NULL), 0);
	CHECK_EQ(command("channels", "0", NULL), 0);
	CHECK_EQ(command("channels", "x", NULL), -ENOENT);
	CHECK_EQ(command("frames", "0", "0"), -EINVAL);
}

/* Brackets in pairs, and no comma before a closing one: enough for a parser. */
static void check_json(const char *text)
{
	int depth = 0;

	for (; *text; text++) {
		if (*text == '{')
			depth++;
		if (*text == '}')
			depth--;
		CHECK(depth >= 0);
		if (*text == ',')
			CHECK(text[1 + strspn(text + 1, " \n")] != '}');
	}
	CHECK_EQ(depth, 0);
}

static void counters_are_json(void)
{
	static char text[16384];
	FILE *out;

	transmit_several();
	receive_is_spread();
	out = fmemopen(text, sizeof(text), "w");
	nic_counters(out);
	fclose(out);
	check_json(text);
	CHECK(strstr(text, "\"nvsp_version\": \"0x60001\""));
	CHECK(strstr(text, "\"rx-completion-unknown\": 1"));
	CHECK(strstr(text, "\"2\": {\"tx\": {\"frames\": 0"));
}

/* Frames in section 0, as many as it takes for an attack to begin. */
static void send_frames(unsigned int count)
{
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);
	unsigned int i;

	for (i = 0; i < count; i++)
		send_section(0, 100 + i, bytes, len);
}

static void attacks_begin_when_they_should(void)
{
	bring_up("");
	CHECK_EQ(command("attack", "0", "completion-empty"), 0);
	send_frames(3);
	expect_tx_status(0, 100, NVSP_STATUS_SUCCESS);
	expect_tx_status(0, 101, NVSP_STATUS_SUCCESS);
	expect(0, RING_PACKET_COMPLETION, 102);
	CHECK_EQ(got.payload_len, 0);
	CHECK_EQ(command("attack", "0", "off"), 0);
	send_frames(1);
	expect_tx_status(0, 100, NVSP_STATUS_SUCCESS);
	CHECK_EQ(receive(0), 0);
}

static void forged_packets_bear_ids(void)
{
	bring_up("");
	CHECK_EQ(command("attack", "0", "completion-of-small-id"), 0);
	send_frames(3);
	expect(0, RING_PACKET_COMPLETION, 100);
	expect(0, RING_PACKET_COMPLETION, 101);
	expect(0, RING_PACKET_COMPLETION, 102);
	expect(0, RING_PACKET_COMPLETION, 1);
	CHECK_EQ(word(0), 108);
	CHECK_EQ(receive(0), 0);
}

static void frames_are_attacked_in_their_slots(void)
{
	struct rndis_ppi ppi;
	unsigned int i;

	bring_up("ranges=1");
	CHECK_EQ(command("attack", "0", "ppi-size-0"), 0);
	for (i = 0; i < 3; i++) {
		CHECK(offer_frame(100, 0x22));
		run_all_tasks();
		CHECK_EQ(receive(0), RING_PACKET_TRANSFER_PAGES);
		memcpy(&ppi, (uint8_t *)ram[RX_PFN] + RNDIS_PACKET_HEADER +
		       got.transaction_id * nic->session.slot_size,
		       sizeof(ppi));
		CHECK_EQ(ppi.size, i < 2 ? 16 : 0);
	}
}

static void attacks_that_there_are_not(void)
{
	bring_up("");
	CHECK_EQ(command("attack", "0", "nonsense"), -EINVAL);
	CHECK(!nic->attack);
	CHECK_EQ(command("attack", "1", "1"), -ENOENT);
	CHECK_EQ(command("attack", "0", NULL), 0);
	CHECK_EQ(command("attacks", "1", NULL), 0);
	CHECK_EQ(command("attacks", "nonsense", NULL), -EINVAL);
}

static void attacked_from_the_start(void)
{
	netvsp_stop();
	set_up("attack=7");
	CHECK(nic->attack);
	netvsp_stop();
	CHECK_EQ(netvsp_nic_add_option("attack=nonsense"), -EINVAL);
}

/* A guest that takes what comes, and answers all of it. */
static void take_anything(unsigned int index)
{
	const struct nvsp_rndis_complete done = { 108, 1 };
	unsigned int left = 64;

	while (left-- && nic->channels[index].open &&
	       ring_in_read(&guest_in[index], &got) == 1) {
		if (ring_in_commit(&guest_in[index]))
			vmbus_channel_kick(&nic->channels[index].vmbus);
		if (got.type != RING_PACKET_TRANSFER_PAGES ||
		    write_packet(index, RING_PACKET_COMPLETION,
				 got.transaction_id, NULL, 0, &done,
				 sizeof(done)))
			continue;
		publish(index);
		run_all_tasks();
	}
}

static void say_anything(uint64_t id, const void *message, uint32_t len)
{
	uint8_t padded[40] = { 0 };

	memcpy(padded, message, len);
	if (!write_packet(0, RING_PACKET_INBAND, id, NULL, 0, padded, 40))
		publish(0);
	run_all_tasks();
	pass_time(100 * 1000);
	run_all_tasks();
	take_anything(0);
}

static void say_rndis_anyhow(const void *bytes, uint32_t len)
{
	const struct nvsp_rndis message = {
		.type = 107, .channel_type = 1, .section_size = len,
	};

	memcpy(ram[TX_PFN], bytes, len);
	say_anything(20, &message, sizeof(message));
}

/* Whatever a seed does, the host itself must live through it. */
static void one_seed(unsigned int seed)
{
	const uint32_t init[] = { 1, NVSP_V61, NVSP_V61 };
	const struct nvsp_ndis_config config = { 125, 1514, 0, NVSP_CAP_RSC };
	const uint32_t version[] = { 100, 6, 30 };
	const struct nvsp_buffer rx = { 101, 11, RX_BUFFER_ID, 0 };
	const struct nvsp_buffer tx = { 104, 12, 0, 0 };
	const uint32_t initialize[] = { RNDIS_INITIALIZE, 24, 5, 1, 0, 0x4000 };
	const uint32_t filter[] = {
		RNDIS_SET, 32, 6, OID_GEN_CURRENT_PACKET_FILTER, 4, 20, 0, 9,
	};
	const uint32_t subchannels[] = { 133, 1, 2 };
	uint8_t bytes[256];
	uint32_t len = build_packet(bytes, 100, 0x11);
	const struct nvsp_rndis data = { 107, 0, 0, len };
	char option[32];
	unsigned int i;

	snprintf(option, sizeof(option), "queues=4;attack=%u", seed);
	set_up(option);
	say_anything(1, init, sizeof(init));
	say_anything(2, &config, sizeof(config));
	say_anything(3, version, sizeof(version));
	say_anything(4, &rx, sizeof(rx));
	say_anything(5, &tx, sizeof(tx));
	say_rndis_anyhow(initialize, sizeof(initialize));
	say_anything(6, subchannels, sizeof(subchannels));
	if (nic->channels[1].vmbus.state == VMBUS_CHANNEL_OFFERED)
		open_channel(1);
	say_rndis_anyhow(filter, sizeof(filter));
	for (i = 0; i < 30; i++) {
		memcpy(ram[TX_PFN], bytes, len);
		say_anything(100 + i, &data, sizeof(data));
		offer_frame(200, 0x33);
		run_all_tasks();
		take_anything(0);
	}
}

static void any_seed_leaves_the_host_alive(void)
{
	unsigned int seed;

	for (seed = 0; seed < 3000; seed++)
		one_seed(seed);
	netvsp_stop();
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(handshake),
		TEST_CASE(answers_have_the_size_of_the_version),
		TEST_CASE(version_is_negotiated_downwards),
		TEST_CASE(version_1_needs_no_config),
		TEST_CASE(order_is_enforced),
		TEST_CASE(unknown_messages_are_fatal),
		TEST_CASE(unpadded_messages_break_a_rule),
		TEST_CASE(bad_buffers_get_no_answer),
		TEST_CASE(reopening_revives_a_dead_channel),
		TEST_CASE(closing_lets_go_of_the_buffers),
		TEST_CASE(revoking_ends_the_session),
		TEST_CASE(queries),
		TEST_CASE(control_waits_for_slots),
		TEST_CASE(control_queue_is_bounded),
		TEST_CASE(fatal_control_messages),
		TEST_CASE(indications),
		TEST_CASE(offload_parameters_are_confirmed),
		TEST_CASE(set_with_a_wrong_offset),
		TEST_CASE(transmit_in_a_section),
		TEST_CASE(transmit_from_pages),
		TEST_CASE(transmit_from_both),
		TEST_CASE(transmit_several),
		TEST_CASE(header_across_ranges_is_refused),
		TEST_CASE(header_across_pages_breaks_a_rule),
		TEST_CASE(malformed_ranges_are_fatal),
		TEST_CASE(pages_that_are_no_ram),
		TEST_CASE(sections_out_of_bounds_are_fatal),
		TEST_CASE(sections_have_the_size_that_was_chosen),
		TEST_CASE(no_section_is_usable),
		TEST_CASE(control_after_a_packet_is_refused),
		TEST_CASE(completions_wait_for_space),
		TEST_CASE(link_down_drops_frames),
		TEST_CASE(receive_one_turn_is_one_packet),
		TEST_CASE(receive_what_is_wanted),
		TEST_CASE(receive_with_few_ranges),
		TEST_CASE(receive_with_few_slots),
		TEST_CASE(receive_waits_for_ring_space),
		TEST_CASE(filter_holds_frames),
		TEST_CASE(frames_longer_than_the_mtu_are_dropped),
		TEST_CASE(receive_vlan_and_csum),
		TEST_CASE(receive_coalesced),
		TEST_CASE(open_subchannels),
		TEST_CASE(subchannels_are_all_or_none),
		TEST_CASE(subchannels_carry_data_alone),
		TEST_CASE(table_command),
		TEST_CASE(receive_is_spread),
		TEST_CASE(slots_are_shared_among_channels),
		TEST_CASE(closing_a_subchannel_frees_its_slots),
		TEST_CASE(subchannel_before_the_nic_is_ready),
		TEST_CASE(data_path_stays_synthetic),
		TEST_CASE(vf_follows_its_association),
		TEST_CASE(vf_is_not_for_guests_that_did_not_ask),
		TEST_CASE(vf_takes_what_is_for_one),
		TEST_CASE(vf_that_is_not_there),
		TEST_CASE(vf_switch_takes_time),
		TEST_CASE(vf_is_taken_away),
		TEST_CASE(malformed_completions),
		TEST_CASE(silence),
		TEST_CASE(silent_at_an_nvsp_step),
		TEST_CASE(silent_at_an_object),
		TEST_CASE(silent_before_the_offers),
		TEST_CASE(silent_at_no_step),
		TEST_CASE(withhold_completions),
		TEST_CASE(withheld_completions_wait_for_space),
		TEST_CASE(withheld_completions_end_with_the_channel),
		TEST_CASE(withhold_ring),
		TEST_CASE(withhold_rx),
		TEST_CASE(withhold_from_the_start),
		TEST_CASE(service_delay),
		TEST_CASE(delay_command),
		TEST_CASE(source_command),
		TEST_CASE(counts_what_the_ring_carried),
		TEST_CASE(absent_until_added),
		TEST_CASE(leaves_when_idle),
		TEST_CASE(leaves_a_guest_that_is_never_idle),
		TEST_CASE(survives_noise),
		TEST_CASE(reports),
		TEST_CASE(counters_are_json),
		TEST_CASE(attacks_begin_when_they_should),
		TEST_CASE(forged_packets_bear_ids),
		TEST_CASE(frames_are_attacked_in_their_slots),
		TEST_CASE(attacks_that_there_are_not),
		TEST_CASE(attacked_from_the_start),
		TEST_CASE(any_seed_leaves_the_host_alive),
	};
	int status = test_run(cases, TEST_COUNT(cases));

	netvsp_stop();
	gpadl_free(rx_gpadl);
	gpadl_free(tx_gpadl);
	return status;
}
