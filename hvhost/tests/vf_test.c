// SPDX-License-Identifier: GPL-2.0
/* links: vf vpci mmio ring packet segment */
/*
 * The VF as its driver sees it: the test plays the guest, finds the function by
 * way of the vPCI channel and drives its registers and rings.
 */
#include <errno.h>

#include "fake_log.h"
#include "fake_loop.h"
#include "guest_mem.h"
#include "test.h"
#include "vf.h"
#include "vm.h"

#define RING_PAGES 3u
#define CONFIG_WINDOW 0xf8000000ull
#define REGISTERS 0x1000000000ull
#define VECTORS 0x1000004000ull

/* Page numbers in the guest's RAM. */
enum {
	RING_PFN = 1,
	TX_RING_PFN = RING_PFN + 2 * RING_PAGES,
	RX_RING_PFN,
	TX_DATA_PFN,
	RX_DATA_PFN,
	RAM_PAGES = RX_DATA_PFN + 2,
};

static uint8_t ram[RAM_PAGES][HV_PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t *ring_pages[2 * RING_PAGES];
static struct ring_out guest_out;
static struct ring_in guest_in;
static struct ring_packet got;
static struct vf vf;

static struct {
	unsigned int frames;
	struct frame frame;
	uint8_t bytes[FRAME_MAX];
	unsigned int resumes;
	unsigned int gone;
	unsigned int interrupts;
	uint32_t interrupt;
} world;

void *guest_ptr(uint64_t gpa, size_t len)
{
	if (gpa > sizeof(ram) || len > sizeof(ram) - gpa)
		return NULL;
	return (uint8_t *)ram + gpa;
}

void vm_signal_msi(uint64_t address, uint32_t data)
{
	world.interrupts++;
	world.interrupt = data;
}

int vmbus_channel_add(struct vmbus_channel *channel)
{
	if (channel->state != VMBUS_CHANNEL_UNOFFERED)
		return -EBUSY;
	channel->state = VMBUS_CHANNEL_OFFERED;
	return 0;
}

void vmbus_channel_rescind(struct vmbus_channel *channel)
{
	if (channel->state == VMBUS_CHANNEL_OPEN)
		channel->ops->close(channel);
	channel->state = VMBUS_CHANNEL_UNOFFERED;
	channel->ops->released(channel);
}

void vmbus_channel_signal(struct vmbus_channel *channel)
{
}

static void world_send(void *owner, struct frame *frame)
{
	world.frames++;
	world.frame = *frame;
	memcpy(world.bytes, frame->data, frame->len);
}

static void world_resume(void *owner)
{
	world.resumes++;
}

static void world_gone(void *owner)
{
	world.gone++;
}

static void open_bus(void)
{
	struct vmbus_channel *channel = &vf.bus.vmbus;
	unsigned int i;

	for (i = 0; i < 2 * RING_PAGES; i++)
		ring_pages[i] = ram[RING_PFN + i];
	CHECK_EQ(ring_in_init(&channel->from_guest, ring_pages, RING_PAGES), 0);
	CHECK_EQ(ring_out_init(&channel->to_guest, ring_pages + RING_PAGES,
			       RING_PAGES), 0);
	CHECK_EQ(ring_out_init(&guest_out, ring_pages, RING_PAGES), 0);
	CHECK_EQ(ring_in_init(&guest_in, ring_pages + RING_PAGES, RING_PAGES),
		 0);
	channel->state = VMBUS_CHANNEL_OPEN;
	CHECK_EQ(channel->ops->open(channel), 0);
	channel->ops->service(channel);
}

/* Sends a message; the type of the packet that comes back, 0 if none does. */
static int say(const void *message, uint32_t len)
{
	struct vmbus_channel *channel = &vf.bus.vmbus;
	int count;

	memset(&got, 0, sizeof(got));
	CHECK_EQ(ring_out_write(&guest_out, RING_PACKET_INBAND,
				RING_FLAG_COMPLETION_REQUESTED, 9, NULL, 0,
				message, len), 0);
	ring_out_publish(&guest_out);
	if (channel->state == VMBUS_CHANNEL_OPEN)
		channel->ops->service(channel);
	count = ring_in_read(&guest_in, &got);
	ring_in_commit(&guest_in);
	return count == 1 ? got.type : 0;
}

static uint32_t word(uint32_t offset)
{
	uint32_t value = 0xdeadbeef;

	if (offset + 4 <= got.payload_len)
		memcpy(&value, got.payload + offset, sizeof(value));
	return value;
}

static uint32_t load(uint64_t address)
{
	uint32_t value;

	mmio_access(address, false, 4, (uint8_t *)&value);
	return value;
}

static void store(uint64_t address, uint32_t value)
{
	mmio_access(address, true, 4, (uint8_t *)&value);
}

static uint64_t config_at(uint32_t offset)
{
	return CONFIG_WINDOW + VPCI_CONFIG_OFFSET + offset;
}

static void set_up(void)
{
	static const struct vf_ops ops = {
		.send = world_send,
		.resume = world_resume,
		.gone = world_gone,
	};
	static const uint8_t mac[6] = { 0, 0x15, 0x5d, 1, 2, 3 };

	if (vf.tx_bytes) {
		vpci_rescind(&vf.bus);
		vf_destroy(&vf);
	}
	memset(&vf, 0, sizeof(vf));
	memset(ram, 0, sizeof(ram));
	CHECK_EQ(vf_init(&vf, 0, mac, 7, &ops, NULL), 0);
	CHECK_EQ(vpci_offer(&vf.bus), 0);
	memset(&world, 0, sizeof(world));
	open_bus();
}

/* As pci-hyperv does, until the function's memory answers. */
static void enter_d0(void)
{
	const uint32_t version[] = { VPCI_QUERY_VERSION, VPCI_V1_2 };
	const struct vpci_d0_entry entry = {
		.type = VPCI_D0_ENTRY,
		.window = CONFIG_WINDOW,
	};

	CHECK_EQ(say(version, sizeof(version)), RING_PACKET_COMPLETION);
	CHECK_EQ(word(0), 0);
	CHECK_EQ(say(&entry, sizeof(entry)), RING_PACKET_COMPLETION);
	CHECK_EQ(word(0), 0);
	store(CONFIG_WINDOW, 2);
	store(config_at(0x10), (uint32_t)REGISTERS);
	store(config_at(0x14), REGISTERS >> 32);
	store(config_at(0x1c), (uint32_t)VECTORS);
	store(config_at(0x20), VECTORS >> 32);
	store(config_at(0x04), 6);
	store(config_at(0x70), 0x80000000);	/* MSI-X on */
	store(VECTORS + 8, 0x41);
	store(VECTORS + 12, 0);
}

/* Both rings of 8 descriptors, receive buffers of 1 KiB; one vector for both. */
static void start(void)
{
	uint64_t address = RX_DATA_PFN * HV_PAGE_SIZE;
	unsigned int i;

	set_up();
	enter_d0();
	for (i = 0; i < 8; i++) {
		uint64_t at = address + i * 1024;

		memcpy(ram[RX_RING_PFN] + i * 16, &at, sizeof(at));
	}
	store(REGISTERS + 0x120, 0x8080);
	store(REGISTERS + 0x108, 1);
	store(REGISTERS + 0x1000, RX_RING_PFN * HV_PAGE_SIZE);
	store(REGISTERS + 0x1008, 8 * 16);
	store(REGISTERS + 0x1014, 1);
	store(REGISTERS + 0x1028, 1u << 25);
	store(REGISTERS + 0x1018, 7);
	store(REGISTERS + 0x2000, TX_RING_PFN * HV_PAGE_SIZE);
	store(REGISTERS + 0x2008, 8 * 16);
	store(REGISTERS + 0x2028, 1u << 25);
}

static void put_descriptor(unsigned int index, uint64_t address,
			   uint32_t command, uint32_t status)
{
	uint8_t *at = ram[TX_RING_PFN] + index * 16;

	memcpy(at, &address, sizeof(address));
	memcpy(at + 8, &command, sizeof(command));
	memcpy(at + 12, &status, sizeof(status));
}

static uint32_t tx_status(unsigned int index)
{
	uint32_t value;

	memcpy(&value, ram[TX_RING_PFN] + index * 16 + 12, sizeof(value));
	return value;
}

static bool offer_frame(uint32_t len)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame frame = { .data = bytes, .len = len, .csum_good = true };

	memset(bytes, 0x5a, len);
	return vf_receive(&vf, &frame);
}

static void found_on_its_bus(void)
{
	const uint32_t query[] = { VPCI_QUERY_BUS_RELATIONS };
	const uint32_t slot[] = { VPCI_QUERY_REQUIREMENTS, 2 };

	set_up();
	CHECK_EQ(say(query, sizeof(query)), RING_PACKET_INBAND);
	CHECK_EQ(word(0), VPCI_BUS_RELATIONS);
	CHECK_EQ(word(4), 1);
	CHECK_EQ(word(8), 0x152e8086);
	CHECK_EQ(word(12), 0x02000001);
	CHECK_EQ(word(20), 2);
	CHECK_EQ(word(24), 7);
	CHECK_EQ(say(slot, sizeof(slot)), RING_PACKET_COMPLETION);
	CHECK_EQ(word(4), 0xffffc00c);
	CHECK_EQ(word(8), 0xffffffff);
	CHECK_EQ(word(12), 0);
	CHECK_EQ(word(16), 0xffffc00c);
}

static void versions(void)
{
	set_up();
	CHECK_EQ(say((uint32_t[]){ VPCI_QUERY_VERSION, 0x00010004 }, 8),
		 RING_PACKET_COMPLETION);
	CHECK_EQ(word(0), VPCI_STATUS_REVISION_MISMATCH);
	CHECK_EQ(say((uint32_t[]){ VPCI_QUERY_VERSION, VPCI_V1_1 }, 8),
		 RING_PACKET_COMPLETION);
	CHECK_EQ(word(0), 0);
}

static void configuration_space(void)
{
	uint8_t mac;

	set_up();
	CHECK_EQ(load(config_at(0)), 0xffffffff);
	enter_d0();
	CHECK_EQ(load(config_at(0)), 0x152e8086);
	mmio_access(config_at(0x201 + 2), false, 1, &mac);
	CHECK_EQ(mac, 0x5d);
	/* Identity cannot be written, sizes show when all ones are. */
	store(config_at(0), 0);
	CHECK_EQ(load(config_at(0)), 0x152e8086);
	store(config_at(0x10), 0xffffffff);
	CHECK_EQ(load(config_at(0x10)), 0xffffc00c);
	/* Another slot is empty. */
	store(CONFIG_WINDOW, 3);
	CHECK_EQ(load(config_at(0)), 0xffffffff);
}

static void interrupts_are_made(void)
{
	const struct vpci_create_interrupt2 message = {
		.type = VPCI_CREATE_INTERRUPT2,
		.slot = 2,
		.vector = 0x31,
		.vector_count = 1,
		.processor_count = 1,
		.processors = { 3 },
	};
	const struct vpci_create_interrupt old = {
		.type = VPCI_CREATE_INTERRUPT,
		.slot = 2,
		.vector = 0x32,
		.vector_count = 1,
		.processors = 4,
	};

	set_up();
	CHECK_EQ(say(&message, sizeof(message)), RING_PACKET_COMPLETION);
	CHECK_EQ(word(0), 0);
	CHECK_EQ(word(12), 0x31);
	CHECK_EQ(word(16), 0xfee03000);
	CHECK_EQ(say(&old, sizeof(old)), RING_PACKET_COMPLETION);
	CHECK_EQ(word(12), 0x32);
	CHECK_EQ(word(16), 0xfee02000);
}

static void malformed_messages(void)
{
	set_up();
	CHECK_EQ(say((uint32_t[]){ VPCI_D0_ENTRY, 0 }, 8), 0);
	CHECK(!strcmp(last_rule, "vpci-message"));
	set_up();
	CHECK_EQ(say((uint32_t[]){ 0x42490009, 0 }, 8),
		 RING_PACKET_COMPLETION);
	CHECK_EQ(word(0), VPCI_STATUS_NOT_SUPPORTED);
}

static void transmits(void)
{
	uint64_t at = TX_DATA_PFN * HV_PAGE_SIZE;

	start();
	memset(ram[TX_DATA_PFN], 0x77, 100);
	put_descriptor(0, at, 0x20300000 | 60, 0);
	put_descriptor(1, at + 60, 0x29300000 | 40, 0);
	store(REGISTERS + 0x2018, 2);
	run_all_tasks();
	CHECK_EQ(world.frames, 1);
	CHECK_EQ(world.frame.len, 100);
	CHECK_EQ(world.bytes[99], 0x77);
	CHECK_EQ(tx_status(0), 0);
	CHECK_EQ(tx_status(1), 1);
	CHECK_EQ(load(REGISTERS + 0x2010), 2);
	CHECK_EQ(world.interrupts, 1);
	CHECK_EQ(world.interrupt, 0x41);
}

static void requests_of_a_context(void)
{
	uint64_t at = TX_DATA_PFN * HV_PAGE_SIZE;
	uint32_t context[4] = { 0x7b << 16 | 14 << 9 | 20, 0,
				0x20200000 | 1 << 11 | 1 << 10, 0 };

	start();
	memcpy(ram[TX_RING_PFN], context, sizeof(context));
	put_descriptor(1, at, 0x69300000 | 80, 3 << 8);
	store(REGISTERS + 0x2018, 2);
	run_all_tasks();
	CHECK_EQ(world.frames, 1);
	CHECK(world.frame.has_vlan);
	CHECK_EQ(world.frame.vlan_tci, 0x7b);
	CHECK(world.frame.csum_partial);
	CHECK(world.frame.ip_csum_partial);
	CHECK_EQ(world.frame.csum_start, 34);
	CHECK_EQ(world.frame.csum_offset, 16);
}

/* Drivers leave the later descriptors of a frame without them. */
static void requests_of_the_first_descriptor(void)
{
	uint64_t at = TX_DATA_PFN * HV_PAGE_SIZE;
	uint32_t context[4] = { 14 << 9 | 20, 0,
				0x20200000 | 1 << 11 | 1 << 10, 0 };

	start();
	memcpy(ram[TX_RING_PFN], context, sizeof(context));
	put_descriptor(1, at, 0x20300000 | 54, 2 << 8);
	put_descriptor(2, at + 54, 0x29300000 | 40, 0);
	put_descriptor(3, at, 0x29300000 | 60, 0);
	store(REGISTERS + 0x2018, 3);
	run_all_tasks();
	CHECK_EQ(world.frames, 1);
	CHECK_EQ(world.frame.len, 94);
	CHECK(world.frame.csum_partial);
	store(REGISTERS + 0x2018, 4);
	run_all_tasks();
	CHECK_EQ(world.frames, 2);
	CHECK(!world.frame.csum_partial);
}

static void a_tail_beyond_the_ring(void)
{
	unsigned int i;

	start();
	for (i = 0; i < 8; i++)
		put_descriptor(i, TX_DATA_PFN * HV_PAGE_SIZE, 0x29300000 | 60,
			       0);
	store(REGISTERS + 0x2018, 200);
	run_all_tasks();
	CHECK_EQ(world.frames, 0);
	CHECK_EQ(vf.counters.bad_descriptors, 1);
}

static void wrong_descriptors(void)
{
	start();
	put_descriptor(0, UINT64_MAX - 10, 0x29300000 | 60, 0);
	store(REGISTERS + 0x2018, 1);
	run_all_tasks();
	CHECK_EQ(world.frames, 0);
	CHECK(vf.counters.bad_descriptors > 0);
	/* A head beyond the ring, and a ring outside of memory. */
	start();
	store(REGISTERS + 0x2018, 200);
	store(REGISTERS + 0x2000, 0x7fff0000);
	run_all_tasks();
	CHECK_EQ(world.frames, 0);
	start();
	store(REGISTERS + 0x1000, 0x7fff0000);
	CHECK(offer_frame(60));
	CHECK_EQ(vf.counters.rx_frames, 0);
}

static void receives(void)
{
	const uint8_t *back = ram[RX_RING_PFN];

	start();
	CHECK(offer_frame(1500));
	CHECK_EQ(back[8], 1);			/* DD, not the last */
	CHECK_EQ(back[12] | back[13] << 8, 1024);
	CHECK_EQ(back[16 + 8], 0x63);		/* DD, EOP, checksums */
	CHECK_EQ(back[16 + 12] | back[16 + 13] << 8, 476);
	CHECK_EQ(ram[RX_DATA_PFN][1499], 0x5a);
	CHECK_EQ(ram[RX_DATA_PFN][1500], 0);
	CHECK_EQ(load(REGISTERS + 0x1010), 2);
	CHECK_EQ(world.interrupts, 1);
}

static void waits_for_buffers(void)
{
	unsigned int i;

	start();
	for (i = 0; i < 7; i++)
		CHECK(offer_frame(60));
	CHECK(!offer_frame(60));
	CHECK_EQ(world.resumes, 0);
	store(REGISTERS + 0x1018, 0);
	CHECK_EQ(world.resumes, 1);
	CHECK(offer_frame(60));
}

static void masked_interrupts_wait(void)
{
	start();
	store(REGISTERS + 0x10c, 1);
	CHECK(offer_frame(60));
	CHECK_EQ(world.interrupts, 0);
	store(REGISTERS + 0x108, 1);
	CHECK_EQ(world.interrupts, 1);
	/* With automatic masking one interrupt is all, until it is asked for. */
	start();
	store(REGISTERS + 0x114, 1);
	store(REGISTERS + 0x110, 1);
	CHECK(offer_frame(60));
	CHECK(offer_frame(60));
	CHECK_EQ(world.interrupts, 1);
	store(REGISTERS + 0x108, 1);
	CHECK_EQ(world.interrupts, 2);
}

static void link_and_reset(void)
{
	start();
	CHECK(load(REGISTERS + 0x10) & 1u << 30);
	vf_set_link(&vf, false);
	CHECK(!(load(REGISTERS + 0x10) & 1u << 30));
	CHECK(offer_frame(60));
	CHECK_EQ(vf.counters.rx_frames, 0);
	CHECK_EQ(world.interrupts, 0);
	/* The guest has an entry for what is no queue's. */
	store(REGISTERS + 0x140, 0x80);
	vf_set_link(&vf, true);
	CHECK_EQ(world.interrupts, 1);
	CHECK(vf_running(&vf));
	store(REGISTERS, 1u << 26);
	CHECK(!vf_running(&vf));
	CHECK(load(REGISTERS + 0x10) & 1u << 30);
}

static void goes_when_it_is_ejected(void)
{
	start();
	CHECK(vpci_eject(&vf.bus));
	CHECK_EQ(ring_in_read(&guest_in, &got), 1);
	CHECK_EQ(word(0), VPCI_EJECT);
	say((uint32_t[]){ VPCI_EJECTION_COMPLETE, 2 }, 8);
	CHECK(!vpci_offered(&vf.bus));
	CHECK_EQ(world.gone, 1);
	CHECK_EQ(load(REGISTERS), 0xffffffff);
	CHECK_EQ(load(config_at(0)), 0xffffffff);
	CHECK(!vpci_eject(&vf.bus));
	CHECK_EQ(vpci_offer(&vf.bus), 0);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(found_on_its_bus),
		TEST_CASE(versions),
		TEST_CASE(configuration_space),
		TEST_CASE(interrupts_are_made),
		TEST_CASE(malformed_messages),
		TEST_CASE(transmits),
		TEST_CASE(requests_of_a_context),
		TEST_CASE(requests_of_the_first_descriptor),
		TEST_CASE(a_tail_beyond_the_ring),
		TEST_CASE(wrong_descriptors),
		TEST_CASE(receives),
		TEST_CASE(waits_for_buffers),
		TEST_CASE(masked_interrupts_wait),
		TEST_CASE(link_and_reset),
		TEST_CASE(goes_when_it_is_ejected),
	};
	int status = test_run(cases, TEST_COUNT(cases));

	vf_destroy(&vf);
	return status;
}
