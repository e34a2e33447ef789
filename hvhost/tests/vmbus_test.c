// SPDX-License-Identifier: GPL-2.0
/* links: vmbus vmbus_channel vmbus_gpadl gpadl ring guid */
#include "vmbus.h"

#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "fake_log.h"
#include "fake_loop.h"
#include "guest_mem.h"
#include "synic.h"
#include "test.h"
#include "visibility.h"
#include "vmbus_proto.h"

#define RAM_PAGES 512u
#define VPS 4u
#define NONE 0xffffffffu

/* The machine around the server. */
static uint8_t ram[RAM_PAGES][HV_PAGE_SIZE] __attribute__((aligned(4096)));
static struct message {
	unsigned int vp;
	uint32_t type;
	size_t len;
	union {
		struct vmbus_header header;
		struct vmbus_offer offer;
		struct vmbus_relid relid;
		struct vmbus_open_result open_result;
		struct vmbus_gpadl_created created;
		struct vmbus_gpadl_torndown torndown;
		struct vmbus_version_response version;
		struct vmbus_modify_response modify;
		uint8_t bytes[SYNIC_MESSAGE_MAX];
	};
} inbox[64];
static unsigned int inbox_count, inbox_at, drops;
static struct {
	uint32_t id;
	loop_fn fn;
	void *ctx;
	uint64_t *signals;
} connections[16];
static unsigned int flags_raised, last_flag, last_flag_vp;
static counters_fn emit_counters;

void *guest_ptr(uint64_t gpa, size_t len)
{
	if (gpa >= sizeof(ram) || len > sizeof(ram) - gpa)
		return NULL;
	return &ram[0][0] + gpa;
}

void *guest_visible_ptr(uint64_t gpa, size_t len, const char *what)
{
	return guest_ptr(gpa, len);
}

void counters_register(const char *name, counters_fn fn)
{
	emit_counters = fn;
}

unsigned int synic_vp_count(void)
{
	return VPS;
}

void synic_post_message(unsigned int vp, unsigned int sint, uint32_t type,
			const void *payload, size_t len)
{
	struct message *message = &inbox[inbox_count++ % 64];

	CHECK_EQ(sint, 2);
	CHECK_EQ(type, 1);
	memset(message, 0, sizeof(*message));
	message->vp = vp;
	message->len = len;
	memcpy(message->bytes, payload, len);
	message->type = message->header.type;
}

void synic_drop_messages(void)
{
	drops++;
	inbox_at = inbox_count;
}

void synic_signal_event(unsigned int vp, unsigned int sint, unsigned int flag)
{
	CHECK_EQ(sint, 2);
	flags_raised++;
	last_flag = flag;
	last_flag_vp = vp;
}

int synic_connect_event(uint32_t connection_id, loop_fn fn, void *ctx,
			uint64_t *signals)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		if (connections[i].fn)
			continue;
		connections[i].id = connection_id;
		connections[i].fn = fn;
		connections[i].ctx = ctx;
		connections[i].signals = signals;
		return 0;
	}
	return -1;
}

void synic_disconnect_event(uint32_t connection_id)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		if (connections[i].fn && connections[i].id == connection_id)
			connections[i].fn = NULL;
}

static bool connected(uint32_t id)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		if (connections[i].fn && connections[i].id == id)
			return true;
	return false;
}

/* The guest signals n times before the service thread gets to it. */
static bool guest_signal(uint32_t id, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		if (!connections[i].fn || connections[i].id != id)
			continue;
		*connections[i].signals += n;
		connections[i].fn(connections[i].ctx, 0);
		return true;
	}
	return false;
}

/* Next message to the guest if it has that type, else NULL. */
static struct message *expect(uint32_t type)
{
	struct message *message = &inbox[inbox_at % 64];

	if (inbox_at == inbox_count) {
		printf("# no message, wanted %u\n", type);
		return NULL;
	}
	inbox_at++;
	if (message->type != type) {
		printf("# message %u, wanted %u\n", message->type, type);
		return NULL;
	}
	return message;
}

static bool quiet(void)
{
	return inbox_at == inbox_count;
}

/* A device with a log of what happened to it. */
struct device {
	struct vmbus_channel channel;
	unsigned int opens, closes, services, releases;
	int open_result;
	bool connected_at_open;
	bool hold;			/* keeps the buffer mapped until close */
	uint32_t buffer_gpadl;
	struct gpadl_map buffer;
	bool remove_when_released;
	bool add_when_released;
	bool drain;
};

static struct device devices[4];
static struct ring_packet packet;

static int device_open(struct vmbus_channel *channel)
{
	struct device *device = channel->device;

	device->opens++;
	device->connected_at_open = connected(channel->connection_id);
	return device->open_result;
}

static void device_close(struct vmbus_channel *channel)
{
	struct device *device = channel->device;

	device->closes++;
	gpadl_unmap(&device->buffer);
}

static void device_service(struct vmbus_channel *channel)
{
	struct device *device = channel->device;

	device->services++;
	if (!device->drain)
		return;
	ring_in_mask(&channel->from_guest, true);
	while (ring_in_read(&channel->from_guest, &packet) == 1)
		;
	ring_in_commit(&channel->from_guest);
	ring_in_mask(&channel->from_guest, false);
}

static void device_released(struct vmbus_channel *channel)
{
	struct device *device = channel->device;

	device->releases++;
	if (device->remove_when_released)
		vmbus_channel_remove(channel);
	if (device->add_when_released)
		CHECK_EQ(vmbus_channel_add(channel), 0);
}

static const struct vmbus_channel_ops device_ops = {
	.open = device_open,
	.close = device_close,
	.service = device_service,
	.released = device_released,
};

static void make_device(unsigned int i, uint8_t instance, uint16_t index)
{
	struct device *device = &devices[i];

	memset(device, 0, sizeof(*device));
	device->channel.ops = &device_ops;
	device->channel.device = device;
	device->channel.interface_id.b[0] = 0x63;
	device->channel.instance_id.b[0] = instance;
	device->channel.subchannel_index = index;
	device->drain = true;
}

/* An unknown version ends a connection: nothing of the last test stays. */
static void leave(void)
{
	struct vmbus_contact message = { .header.type = VMBUS_INITIATE_CONTACT };

	vmbus_post(1, 1, &message, sizeof(message));
}

static void set_up_with(const struct vmbus_config *config)
{
	if (emit_counters)
		leave();
	memset(ram, 0, sizeof(ram));
	memset(connections, 0, sizeof(connections));
	inbox_count = inbox_at = drops = flags_raised = 0;
	fake_task_count = fake_timer_count = 0;
	fake_log_reset();
	vmbus_init(config);
	make_device(0, 1, 0);
}

static void set_up(uint32_t max_version)
{
	struct vmbus_config config = { .max_version = max_version };

	set_up_with(&config);
}

static enum hv_status post_on(uint32_t connection, const void *message, size_t len)
{
	return vmbus_post(connection, 1, message, len);
}

static void post(const void *message, size_t len)
{
	CHECK_EQ(post_on(4, message, len), HV_STATUS_SUCCESS);
}

static void post_bare(uint32_t type)
{
	struct vmbus_header message = { .type = type };

	post(&message, sizeof(message));
}

static void post_relid(uint32_t type, uint32_t relid)
{
	struct vmbus_relid message = { .header.type = type, .relid = relid };

	post(&message, sizeof(message));
}

static void contact(uint32_t version)
{
	struct vmbus_contact message = {
		.header.type = VMBUS_INITIATE_CONTACT,
		.version = version,
		.parent_to_child_monitor = 0x1000,
		.child_to_parent_monitor = 0x2000,
	};

	post(&message, sizeof(message));
}

/* A GPADL over count pages from first on, in one header and the bodies it takes. */
static void post_gpadl(uint32_t relid, uint32_t id, uint32_t first, uint32_t count)
{
	uint64_t words[RAM_PAGES + 1];
	size_t left = (1 + count) * 8, n = left < 216 ? left : 216;
	const uint8_t *from = (const uint8_t *)words;
	uint8_t message[240] = { 0 };
	struct vmbus_gpadl_header *header = (struct vmbus_gpadl_header *)message;
	struct vmbus_gpadl_body *body = (struct vmbus_gpadl_body *)message;
	uint32_t i;

	words[0] = count * 4096;
	for (i = 0; i < count; i++)
		words[1 + i] = first + i;
	header->header.type = VMBUS_GPADL_HEADER;
	header->relid = relid;
	header->gpadl = id;
	header->range_bytes = (uint16_t)left;
	header->range_count = 1;
	memcpy(header->data, from, n);
	post(message, sizeof(*header) + n);
	while (left -= n) {
		from += n;
		n = left < 224 ? left : 224;
		body->header.type = VMBUS_GPADL_BODY;
		body->gpadl = id;
		memcpy(body->data, from, n);
		post(message, sizeof(*body) + n);
	}
}

static bool make_gpadl(uint32_t relid, uint32_t id, uint32_t first, uint32_t count)
{
	struct message *m;

	post_gpadl(relid, id, first, count);
	m = expect(VMBUS_GPADL_CREATED);
	return m && m->len == 20 && m->created.relid == relid &&
	       m->created.gpadl == id && !m->created.status;
}

static void post_teardown(uint32_t relid, uint32_t id)
{
	struct vmbus_gpadl_teardown message = {
		.header.type = VMBUS_GPADL_TEARDOWN, .relid = relid, .gpadl = id,
	};

	post(&message, sizeof(message));
}

static void post_open(uint32_t relid, uint32_t gpadl, uint32_t vp, uint32_t split)
{
	struct vmbus_open message = {
		.header.type = VMBUS_OPEN_CHANNEL,
		.relid = relid,
		.open_id = relid + 100,
		.ring_gpadl = gpadl,
		.target_vp = vp,
		.downstream_page = split,
	};

	post(&message, sizeof(message));
}

/* Status of the answer to an open; NONE if there was none. */
static uint32_t open_status(uint32_t relid, uint32_t gpadl, uint32_t vp,
			    uint32_t split)
{
	struct message *m;

	post_open(relid, gpadl, vp, split);
	if (quiet())
		return NONE;
	m = expect(VMBUS_OPEN_RESULT);
	if (!m || m->len != 20 || m->open_result.relid != relid ||
	    m->open_result.open_id != relid + 100)
		return NONE;
	return m->open_result.status;
}

static void post_modify(uint32_t relid, uint32_t vp)
{
	struct vmbus_modify message = {
		.header.type = VMBUS_MODIFY_CHANNEL,
		.relid = relid, .target_vp = vp,
	};

	post(&message, sizeof(message));
}

/* Version agreed, offers received: relids 1... in order. */
static void connect_guest(uint32_t version, unsigned int offers)
{
	struct message *m;
	unsigned int i;

	contact(version);
	m = expect(VMBUS_VERSION_RESPONSE);
	CHECK(m && m->version.supported);
	post_bare(VMBUS_REQUEST_OFFERS);
	for (i = 1; i <= offers; i++) {
		m = expect(VMBUS_OFFER_CHANNEL);
		CHECK(m && m->offer.relid == i);
	}
	CHECK(expect(VMBUS_ALL_OFFERS_DELIVERED));
	CHECK(quiet());
}

/* One device, its channel open with a ring of 4 + 4 pages from page 16 on. */
static void set_up_open(uint32_t version)
{
	set_up(VMBUS_VERSION_6_0);
	vmbus_channel_add(&devices[0].channel);
	connect_guest(version, 1);
	CHECK(make_gpadl(1, 0x100, 16, 8));
	CHECK_EQ(open_status(1, 0x100, 2, 4), 0);
	run_all_tasks();
	CHECK(quiet());
	CHECK_EQ(rules_since(), 0);
}

static struct ring_control *control_at(uint32_t page)
{
	return (struct ring_control *)ram[page];
}

static void versions(void)
{
	static const uint32_t good[] = { 0x40000, 0x40001, 0x50000, 0x50001,
					 0x50002, 0x50003, 0x60000 };
	static const uint32_t bad[] = { 0, 0xd, 0x10001, 0x20004, 0x30000,
					0x40002, 0x50004, 0x60001, 0x70000 };
	struct message *m;
	unsigned int i;

	for (i = 0; i < 7; i++) {
		set_up(VMBUS_VERSION_6_0);
		contact(good[i]);
		m = expect(VMBUS_VERSION_RESPONSE);
		CHECK_OR_RETURN(m);
		CHECK_EQ(m->len, good[i] >= 0x60000 ? 20 : 16);
		CHECK_EQ(m->version.supported, 1);
		CHECK_EQ(m->version.state, 0);
		CHECK_EQ(m->version.features, 0);
		CHECK_EQ(m->version.selected, good[i] >= 0x50000 ? 1 : good[i]);
	}
	for (i = 0; i < 9; i++) {
		set_up(VMBUS_VERSION_6_0);
		contact(bad[i]);
		m = expect(VMBUS_VERSION_RESPONSE);
		CHECK_OR_RETURN(m);
		CHECK_EQ(m->len, 16);
		CHECK_EQ(m->version.supported, 0);
		post_bare(VMBUS_REQUEST_OFFERS);
		CHECK(quiet());
	}
}

static void version_cap(void)
{
	set_up(VMBUS_VERSION_4_0);
	contact(VMBUS_VERSION_6_0);
	CHECK_EQ(expect(VMBUS_VERSION_RESPONSE)->version.supported, 0);
	contact(VMBUS_VERSION_5_3);
	CHECK_EQ(expect(VMBUS_VERSION_RESPONSE)->version.supported, 0);
	contact(VMBUS_VERSION_4_1);
	CHECK_EQ(expect(VMBUS_VERSION_RESPONSE)->version.supported, 0);
	contact(VMBUS_VERSION_4_0);
	CHECK_EQ(expect(VMBUS_VERSION_RESPONSE)->version.supported, 1);
	CHECK_EQ(rules_since(), 0);
}

static void contact_rules(void)
{
	struct vmbus_contact message = {
		.header.type = VMBUS_INITIATE_CONTACT,
		.version = VMBUS_VERSION_5_3,
		.target_vp = 3,
		.parent_to_child_monitor = 0x1000,
	};
	struct message *m;

	set_up(VMBUS_VERSION_5_3);
	post(&message, sizeof(message));
	m = expect(VMBUS_VERSION_RESPONSE);
	CHECK_OR_RETURN(m);
	CHECK_EQ(m->version.state, 2);
	CHECK_EQ(m->vp, 3);
	CHECK_STR(last_rule, "vmbus-monitor-pages");
	message.parent_to_child_monitor = 0;
	message.target_vp = VPS;
	post(&message, sizeof(message));
	m = expect(VMBUS_VERSION_RESPONSE);
	CHECK_EQ(m->version.state, 2);
	CHECK_EQ(m->vp, 0);
	CHECK_STR(last_rule, "vmbus-target-vp");
	CHECK_EQ(rules_since(), 2);
	message.target_vp = 1;
	post(&message, sizeof(message));
	m = expect(VMBUS_VERSION_RESPONSE);
	CHECK_EQ(m->version.state, 0);
	CHECK_EQ(m->vp, 1);
	post_bare(VMBUS_REQUEST_OFFERS);
	CHECK_EQ(expect(VMBUS_ALL_OFFERS_DELIVERED)->vp, 1);
	CHECK_EQ(rules_since(), 0);
}

static void post_errors(void)
{
	struct vmbus_header message = { .type = VMBUS_REQUEST_OFFERS };
	uint8_t bytes[241] = { 0 };

	set_up(VMBUS_VERSION_5_3);
	CHECK_EQ(post_on(2, &message, 8), HV_STATUS_INVALID_CONNECTION_ID);
	CHECK_EQ(post_on(0x2001, &message, 8), HV_STATUS_INVALID_CONNECTION_ID);
	CHECK_EQ(post_on(1, bytes, 241), HV_STATUS_INVALID_PARAMETER);
	CHECK_EQ(rules_since(), 0);
	CHECK_EQ(post_on(1, bytes, 7), HV_STATUS_SUCCESS);
	CHECK_STR(last_rule, "vmbus-message-short");
	CHECK_EQ(post_on(1, bytes, 240), HV_STATUS_SUCCESS);	/* type 0 */
	CHECK_STR(last_rule, "vmbus-message-unknown");
	message.type = 0xffffffff;
	post(&message, 8);
	message.type = VMBUS_OFFER_CHANNEL;	/* wrong way */
	post(&message, 8);
	CHECK_EQ(rules_since(), 4);
	bytes[0] = VMBUS_INITIATE_CONTACT;
	post(bytes, 39);
	CHECK_STR(last_rule, "vmbus-message-short");
	CHECK(quiet());
}

static void offers(void)
{
	struct message *m;

	set_up(VMBUS_VERSION_5_3);
	make_device(0, 2, 0);
	make_device(1, 1, 0);
	CHECK_EQ(vmbus_channel_add(&devices[0].channel), 0);
	CHECK_EQ(vmbus_channel_add(&devices[1].channel), 0);
	contact(VMBUS_VERSION_5_3);
	CHECK(expect(VMBUS_VERSION_RESPONSE));
	CHECK(quiet());
	post_bare(VMBUS_REQUEST_OFFERS);
	m = expect(VMBUS_OFFER_CHANNEL);	/* sorted by instance */
	CHECK_OR_RETURN(m);
	CHECK_EQ(m->len, 196);
	CHECK_EQ(m->offer.instance_id.b[0], 1);
	CHECK_EQ(m->offer.interface_id.b[0], 0x63);
	CHECK_EQ(m->offer.relid, 1);
	CHECK_EQ(m->offer.connection_id, 0x2001);
	CHECK_EQ(m->offer.is_dedicated, 1);
	CHECK_EQ(m->offer.monitor_id, 0xff);
	CHECK_EQ(m->offer.monitor_allocated, 0);
	CHECK_EQ(m->offer.subchannel_index, 0);
	CHECK_EQ(m->offer.flags, 0);
	m = expect(VMBUS_OFFER_CHANNEL);
	CHECK_EQ(m->offer.instance_id.b[0], 2);
	CHECK_EQ(m->offer.relid, 2);
	CHECK(expect(VMBUS_ALL_OFFERS_DELIVERED));
	CHECK_EQ(vmbus_channel_add(&devices[0].channel), -EBUSY);
	post_bare(VMBUS_REQUEST_OFFERS);
	CHECK_STR(last_rule, "vmbus-offers-twice");
	CHECK(quiet());
	/* Hot add, and a subchannel. */
	make_device(2, 9, 0);
	vmbus_channel_add(&devices[2].channel);
	m = expect(VMBUS_OFFER_CHANNEL);
	CHECK_EQ(m->offer.relid, 3);
	make_device(3, 1, 5);
	vmbus_channel_add(&devices[3].channel);
	m = expect(VMBUS_OFFER_CHANNEL);
	CHECK_EQ(m->offer.relid, 4);
	CHECK_EQ(m->offer.subchannel_index, 5);
	CHECK_EQ(m->offer.instance_id.b[0], 1);
}

static void gpadls(void)
{
	struct gpadl *gpadl;
	struct message *m;

	set_up(VMBUS_VERSION_5_3);
	vmbus_channel_add(&devices[0].channel);
	connect_guest(VMBUS_VERSION_5_3, 1);
	CHECK(make_gpadl(1, 5, 10, 1));
	CHECK(make_gpadl(1, 6, 20, 26));	/* fills the header */
	CHECK(make_gpadl(1, 7, 20, 27));	/* one body of one word */
	CHECK(make_gpadl(1, 8, 0, RAM_PAGES));	/* many bodies */
	gpadl = vmbus_gpadl_find(&devices[0].channel, 8);
	CHECK_OR_RETURN(gpadl);
	CHECK_EQ(gpadl->ranges[0].page_count, RAM_PAGES);
	CHECK_EQ(gpadl->ranges[0].pfns[RAM_PAGES - 1], RAM_PAGES - 1);
	CHECK(!vmbus_gpadl_find(&devices[0].channel, 9));
	CHECK_EQ(rules_since(), 0);

	post_gpadl(1, 5, 10, 1);		/* id in use */
	CHECK_STR(last_rule, "gpadl-id-in-use");
	post_gpadl(2, 9, 10, 1);		/* no such channel */
	CHECK_STR(last_rule, "vmbus-relid-unknown");
	post_teardown(1, 99);
	CHECK_STR(last_rule, "gpadl-unknown");
	CHECK(quiet());
	post_gpadl(1, 10, 0, 0);		/* a range of no bytes */
	m = expect(VMBUS_GPADL_CREATED);
	CHECK(m && m->created.status == 0x8000ffff);
	CHECK_STR(last_rule, "gpadl-ranges");
	CHECK(make_gpadl(1, 10, 1, 1));		/* the id is free again */
	post_teardown(1, 6);
	m = expect(VMBUS_GPADL_TORNDOWN);
	CHECK(m && m->len == 12 && m->torndown.gpadl == 6);
	CHECK(!vmbus_gpadl_find(&devices[0].channel, 6));
	rules_since();
	post_teardown(1, 6);
	CHECK(quiet());
	CHECK_EQ(rules_since(), 1);
}

static void gpadl_bodies(void)
{
	struct {
		struct vmbus_gpadl_header header;
		uint64_t words[2];
	} __attribute__((packed)) header = {
		.header.header.type = VMBUS_GPADL_HEADER,
		.header.relid = 1,
		.header.gpadl = 5,
		.header.range_bytes = 24,
		.header.range_count = 1,
		.words = { 8192, 3 },
	};
	struct {
		struct vmbus_gpadl_body header;
		uint64_t words[3];
	} __attribute__((packed)) body = {
		.header.header.type = VMBUS_GPADL_BODY,
		.header.gpadl = 6,
		.words = { 4, 0xbad, 0xbad },
	};

	set_up(VMBUS_VERSION_5_3);
	vmbus_channel_add(&devices[0].channel);
	make_device(1, 7, 0);
	vmbus_channel_add(&devices[1].channel);
	connect_guest(VMBUS_VERSION_5_3, 2);
	post(&header, sizeof(header));
	CHECK(quiet());
	CHECK(!vmbus_gpadl_find(&devices[0].channel, 5));
	post(&body, sizeof(body));		/* nobody's id */
	CHECK_STR(last_rule, "gpadl-unknown");
	header.header.relid = 2;		/* while incomplete: unique over all */
	post(&header, sizeof(header));
	CHECK_STR(last_rule, "gpadl-id-in-use");
	post_teardown(1, 5);			/* not complete */
	CHECK_EQ(rules_since(), 3);
	CHECK(quiet());
	body.header.gpadl = 5;
	post(&body, sizeof(body));		/* with extra words */
	CHECK(expect(VMBUS_GPADL_CREATED));
	CHECK(vmbus_gpadl_find(&devices[0].channel, 5));
	header.header.relid = 2;		/* complete: the id may come again */
	post(&header, sizeof(header));
	post(&body, sizeof(body));
	CHECK(expect(VMBUS_GPADL_CREATED));
	CHECK_EQ(rules_since(), 0);
	/* Incomplete ones die with the connection. */
	header.header.gpadl = 9;
	post(&header, sizeof(header));
	post_bare(VMBUS_UNLOAD);
	CHECK(expect(VMBUS_UNLOAD_COMPLETE));
}

static void opens(void)
{
	struct device *device = &devices[0];

	set_up_open(VMBUS_VERSION_5_3);
	CHECK_EQ(device->opens, 1);
	CHECK(device->connected_at_open);
	CHECK_EQ(device->services, 1);
	CHECK_EQ(device->channel.state, VMBUS_CHANNEL_OPEN);
	CHECK_EQ(device->channel.target_vp, 2);
	CHECK_EQ(device->channel.from_guest.mem.size, 3 * 4096);
	CHECK_EQ(device->channel.to_guest.mem.size, 3 * 4096);
	CHECK_EQ(control_at(20)->feature_bits, 1);
	CHECK_EQ(control_at(16)->interrupt_mask, 0);	/* serviced: idle */
	CHECK(guest_signal(0x2001, 1));
	CHECK_EQ(device->services, 2);
	CHECK_EQ(device->channel.signals_from_guest, 1);
	vmbus_channel_signal(&device->channel);
	CHECK_EQ(last_flag, 1);
	CHECK_EQ(last_flag_vp, 2);
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK(quiet());
	CHECK_EQ(device->closes, 1);
	CHECK(!connected(0x2001));
	CHECK_EQ(device->channel.state, VMBUS_CHANNEL_OFFERED);
	post_teardown(1, 0x100);
	CHECK(expect(VMBUS_GPADL_TORNDOWN));
	/* And again. */
	memset(ram, 0, sizeof(ram));
	CHECK(make_gpadl(1, 0x101, 32, 4));
	CHECK_EQ(open_status(1, 0x101, 0, 2), 0);
	CHECK_EQ(device->opens, 2);
	CHECK_EQ(rules_since(), 0);
}

static void open_refusals(void)
{
	struct device *device = &devices[0];

	set_up(VMBUS_VERSION_5_3);
	vmbus_channel_add(&device->channel);
	connect_guest(VMBUS_VERSION_5_3, 1);
	CHECK(make_gpadl(1, 1, 16, 8));
	CHECK(make_gpadl(1, 2, RAM_PAGES - 1, 8));	/* not all of it RAM */
	CHECK_EQ(open_status(1, 9, 0, 4), 0x8000ffff);
	CHECK_EQ(open_status(1, 2, 0, 4), 0x8000ffff);
	CHECK_EQ(open_status(1, 1, 0, 0), 0x8000ffff);
	CHECK_EQ(open_status(1, 1, 0, 1), 0x8000ffff);
	CHECK_EQ(open_status(1, 1, 0, 7), 0x8000ffff);
	CHECK_EQ(open_status(1, 1, 0, 8), 0x8000ffff);
	CHECK_EQ(open_status(1, 1, 0, 0xffffffff), 0x8000ffff);
	control_at(16)->read_index = 0x10000;
	CHECK_EQ(open_status(1, 1, 0, 4), 0x8000ffff);
	control_at(16)->read_index = 0;
	CHECK_STR(last_rule, "vmbus-open-ring");
	CHECK_EQ(open_status(1, 1, VPS, 4), 0x8000ffff);
	CHECK_STR(last_rule, "vmbus-target-vp");
	CHECK_EQ(rules_since(), 9);
	CHECK_EQ(device->opens, 0);
	device->open_result = -ENOMEM;			/* the device's own reason */
	CHECK_EQ(open_status(1, 1, 0, 4), 0x8000ffff);
	CHECK(!connected(0x2001));
	CHECK_EQ(device->channel.ring_map.gpadl == NULL, 1);
	device->open_result = 0;
	CHECK_EQ(open_status(1, 1, VMBUS_VP_NONE, 4), 0);
	vmbus_channel_signal(&device->channel);
	CHECK_EQ(flags_raised, 0);
	CHECK_EQ(rules_since(), 0);
	CHECK_EQ(open_status(1, 1, 0, 4), NONE);
	CHECK_STR(last_rule, "vmbus-open-twice");
	CHECK_EQ(open_status(7, 1, 0, 4), NONE);
	CHECK_STR(last_rule, "vmbus-relid-unknown");
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	rules_since();
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK_STR(last_rule, "vmbus-close-closed");
	CHECK_EQ(rules_since(), 1);
	CHECK_EQ(device->closes, 1);
}

/* TORNDOWN must wait until the device gave up its last mapping. */
static void teardown_before_close(void)
{
	struct device *device = &devices[0];

	set_up_open(VMBUS_VERSION_4_0);
	CHECK(make_gpadl(1, 0x200, 100, 40));
	CHECK_EQ(gpadl_map(vmbus_gpadl_find(&device->channel, 0x200),
			   &device->buffer), 0);
	post_teardown(1, 0x200);
	post_teardown(1, 0x100);
	CHECK(quiet());
	CHECK(!vmbus_gpadl_find(&device->channel, 0x200));
	CHECK_EQ(rules_since(), 0);
	post_teardown(1, 0x200);		/* once is enough */
	CHECK_STR(last_rule, "gpadl-unknown");
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK_EQ(expect(VMBUS_GPADL_TORNDOWN)->torndown.gpadl, 0x200);
	CHECK_EQ(expect(VMBUS_GPADL_TORNDOWN)->torndown.gpadl, 0x100);
	CHECK(quiet());
}

static void rescind_and_offer_again(void)
{
	struct device *device = &devices[0];
	struct message *m;

	set_up_open(VMBUS_VERSION_5_3);
	vmbus_channel_rescind(&device->channel);
	m = expect(VMBUS_RESCIND_OFFER);
	CHECK(m && m->len == 12 && m->relid.relid == 1);
	CHECK_EQ(device->closes, 1);
	vmbus_channel_rescind(&device->channel);
	CHECK(quiet());
	CHECK_EQ(open_status(1, 0x100, 0, 4), NONE);	/* silently ignored */
	CHECK(make_gpadl(1, 0x300, 50, 2));		/* still answered */
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK_EQ(device->closes, 1);
	post_teardown(1, 0x100);
	CHECK(expect(VMBUS_GPADL_TORNDOWN));
	CHECK_EQ(rules_since(), 0);
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK_STR(last_rule, "vmbus-close-closed");
	rules_since();
	CHECK_EQ(device->releases, 0);
	post_relid(VMBUS_RELID_RELEASED, 1);
	CHECK_EQ(device->releases, 1);
	CHECK(quiet());
	post_relid(VMBUS_RELID_RELEASED, 1);
	CHECK_STR(last_rule, "vmbus-relid-unknown");
	CHECK_EQ(vmbus_channel_add(&device->channel), 0);
	m = expect(VMBUS_OFFER_CHANNEL);
	CHECK(m && m->offer.relid == 1);
	/* What it left behind is gone: the ids are free. */
	CHECK(make_gpadl(1, 0x300, 16, 8));
	memset(ram, 0, sizeof(ram));
	CHECK_EQ(open_status(1, 0x300, 0, 4), 0);
}

/* Offered anew before the guest has let go, or from the release itself. */
static void reoffer_follows_release(void)
{
	struct device *device = &devices[0];

	set_up_open(VMBUS_VERSION_5_3);
	vmbus_channel_rescind(&device->channel);
	CHECK(expect(VMBUS_RESCIND_OFFER));
	CHECK_EQ(vmbus_channel_add(&device->channel), 0);
	CHECK(quiet());
	post_relid(VMBUS_RELID_RELEASED, 1);
	CHECK_EQ(expect(VMBUS_OFFER_CHANNEL)->offer.relid, 1);
	CHECK(quiet());
	device->add_when_released = true;
	vmbus_channel_rescind(&device->channel);
	CHECK(expect(VMBUS_RESCIND_OFFER));
	post_relid(VMBUS_RELID_RELEASED, 1);
	CHECK(expect(VMBUS_OFFER_CHANNEL));
	CHECK(quiet());
	CHECK_EQ(rules_since(), 0);
	post_relid(VMBUS_CLOSE_CHANNEL, 1);	/* was not open this time */
	CHECK_STR(last_rule, "vmbus-close-closed");
}

static void add_subchannels(unsigned int open)
{
	make_device(1, 1, 1);
	make_device(2, 1, 2);
	vmbus_channel_add(&devices[1].channel);
	vmbus_channel_add(&devices[2].channel);
	CHECK_EQ(expect(VMBUS_OFFER_CHANNEL)->offer.relid, 2);
	CHECK_EQ(expect(VMBUS_OFFER_CHANNEL)->offer.relid, 3);
	devices[1].remove_when_released = true;
	devices[2].remove_when_released = true;
	if (!open)
		return;
	CHECK(make_gpadl(2, 0x102, 32, 8));
	CHECK_EQ(open_status(2, 0x102, 1, 4), 0);
	run_all_tasks();
}

static void close_revokes_subchannels(void)
{
	set_up_open(VMBUS_VERSION_5_3);
	add_subchannels(1);
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK_EQ(devices[1].closes, 1);
	CHECK_EQ(devices[2].closes, 0);
	CHECK_EQ(expect(VMBUS_RESCIND_OFFER)->relid.relid, 2);
	CHECK_EQ(expect(VMBUS_RESCIND_OFFER)->relid.relid, 3);
	CHECK(quiet());
	post_relid(VMBUS_CLOSE_CHANNEL, 2);
	post_teardown(2, 0x102);
	CHECK(expect(VMBUS_GPADL_TORNDOWN));
	post_relid(VMBUS_RELID_RELEASED, 2);
	post_relid(VMBUS_RELID_RELEASED, 3);
	CHECK_EQ(devices[1].releases, 1);
	CHECK_EQ(devices[2].releases, 1);
	CHECK(!devices[1].channel.known);
	CHECK_EQ(rules_since(), 0);
	/* The primary is as before, and the rel-ids are free. */
	CHECK_EQ(devices[0].channel.state, VMBUS_CHANNEL_OFFERED);
	add_subchannels(0);
}

static void rescind_order(void)
{
	set_up_open(VMBUS_VERSION_5_3);
	add_subchannels(1);
	vmbus_channel_rescind(&devices[0].channel);
	CHECK_EQ(expect(VMBUS_RESCIND_OFFER)->relid.relid, 2);
	CHECK_EQ(expect(VMBUS_RESCIND_OFFER)->relid.relid, 3);
	CHECK_EQ(expect(VMBUS_RESCIND_OFFER)->relid.relid, 1);
	CHECK(quiet());
	CHECK_EQ(devices[0].closes, 1);
	CHECK_EQ(devices[1].closes, 1);
}

static void release_of_a_good_offer(void)
{
	set_up_open(VMBUS_VERSION_5_3);
	post_relid(VMBUS_RELID_RELEASED, 1);
	CHECK_STR(last_rule, "vmbus-release-open");
	rules_since();
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	post_relid(VMBUS_RELID_RELEASED, 1);
	CHECK_EQ(devices[0].releases, 1);
	CHECK(quiet());
	CHECK_EQ(rules_since(), 0);
	post_bare(VMBUS_UNLOAD);
	CHECK(expect(VMBUS_UNLOAD_COMPLETE));
	connect_guest(VMBUS_VERSION_5_3, 1);
}

static void rescind_unseen(void)
{
	set_up(VMBUS_VERSION_5_3);
	vmbus_channel_rescind(&devices[0].channel);	/* not even known */
	vmbus_channel_add(&devices[0].channel);
	vmbus_channel_rescind(&devices[0].channel);
	CHECK_EQ(devices[0].releases, 1);
	connect_guest(VMBUS_VERSION_5_3, 0);
	vmbus_channel_add(&devices[0].channel);
	CHECK(expect(VMBUS_OFFER_CHANNEL));
	vmbus_channel_remove(&devices[0].channel);	/* refused: offered */
	CHECK(devices[0].channel.known);
}

static void unload(void)
{
	struct device *device = &devices[0];

	set_up_open(VMBUS_VERSION_5_2);
	add_subchannels(1);
	gpadl_map(vmbus_gpadl_find(&device->channel, 0x100), &device->buffer);
	post_teardown(1, 0x100);		/* owed, but never to be told */
	post_bare(VMBUS_UNLOAD);
	CHECK_EQ(drops, 2);
	CHECK_EQ(expect(VMBUS_UNLOAD_COMPLETE)->len, 8);
	CHECK(quiet());
	CHECK_EQ(device->closes, 1);
	CHECK_EQ(device->releases, 0);
	CHECK_EQ(devices[1].closes, 1);
	CHECK_EQ(devices[1].releases, 1);
	CHECK_EQ(devices[2].releases, 1);
	CHECK(!connected(0x2001));
	CHECK(!connected(0x2002));
	CHECK_EQ(fake_task_count, 0);
	CHECK_EQ(fake_timer_count, 0);
	/* What comes too late is dropped, and no offence. */
	rules_since();
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK(quiet());
	CHECK_EQ(rules_since(), 0);
	/* Another kernel comes. */
	connect_guest(VMBUS_VERSION_4_1, 1);
	memset(ram, 0, sizeof(ram));
	CHECK(make_gpadl(1, 0x100, 16, 8));
	CHECK_EQ(open_status(1, 0x100, 0, 4), 0);
	CHECK_EQ(rules_since(), 0);
}

/* A host that counts on: the same channel comes by another name each time. */
static void fresh_relids(void)
{
	struct vmbus_config config = {
		.max_version = VMBUS_VERSION_6_0,
		.fresh_relids = true,
	};
	struct message *m;
	uint32_t relid;

	set_up_with(&config);
	vmbus_channel_add(&devices[0].channel);
	connect_guest(VMBUS_VERSION_5_3, 1);
	for (relid = 2; relid <= VMBUS_RELID_MAX + 2; relid++) {
		post_bare(VMBUS_UNLOAD);
		CHECK(expect(VMBUS_UNLOAD_COMPLETE));
		contact(VMBUS_VERSION_5_3);
		CHECK(expect(VMBUS_VERSION_RESPONSE));
		post_bare(VMBUS_REQUEST_OFFERS);
		m = expect(VMBUS_OFFER_CHANNEL);
		CHECK_OR_RETURN(m);
		CHECK_EQ(m->offer.relid, (relid - 1) % VMBUS_RELID_MAX + 1);
		CHECK_EQ(m->offer.connection_id, 0x2000 | m->offer.relid);
		CHECK(expect(VMBUS_ALL_OFFERS_DELIVERED));
		inbox_count = inbox_at = 0;
	}
}

static void contact_while_connected(void)
{
	struct message *m;

	set_up_open(VMBUS_VERSION_5_3);
	vmbus_channel_rescind(&devices[0].channel);
	make_device(1, 3, 0);
	vmbus_channel_add(&devices[1].channel);
	contact(VMBUS_VERSION_5_0);
	m = expect(VMBUS_VERSION_RESPONSE);
	CHECK(m && m->version.supported);
	CHECK(quiet());
	CHECK_EQ(devices[0].releases, 1);	/* the rescind is over by it */
	post_bare(VMBUS_REQUEST_OFFERS);
	m = expect(VMBUS_OFFER_CHANNEL);
	CHECK_EQ(m->offer.instance_id.b[0], 3);
	CHECK_EQ(m->offer.relid, 1);
	CHECK(expect(VMBUS_ALL_OFFERS_DELIVERED));
	CHECK_EQ(rules_since(), 0);
}

static void modify(void)
{
	struct message *m;

	set_up_open(VMBUS_VERSION_5_3);
	post_modify(1, 3);
	m = expect(VMBUS_MODIFY_CHANNEL_RESPONSE);
	CHECK(m && m->len == 16 && m->modify.relid == 1 && !m->modify.status);
	vmbus_channel_signal(&devices[0].channel);
	CHECK_EQ(last_flag_vp, 3);
	CHECK_EQ(rules_since(), 0);
	post_modify(1, VMBUS_VP_NONE);
	CHECK_EQ(expect(VMBUS_MODIFY_CHANNEL_RESPONSE)->modify.status, 0x8000ffff);
	CHECK_STR(last_rule, "vmbus-modify");
	CHECK_EQ(devices[0].channel.target_vp, 3);
	rules_since();
	vmbus_channel_rescind(&devices[0].channel);
	CHECK(expect(VMBUS_RESCIND_OFFER));
	post_modify(1, 1);			/* a race that the guest may lose */
	CHECK_EQ(expect(VMBUS_MODIFY_CHANNEL_RESPONSE)->modify.status, 0x8000ffff);
	CHECK_EQ(rules_since(), 0);

	set_up_open(VMBUS_VERSION_5_2);
	post_modify(1, 1);
	CHECK(quiet());
	CHECK_EQ(devices[0].channel.target_vp, 1);
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	post_modify(1, 1);
	CHECK_STR(last_rule, "vmbus-modify");

	set_up_open(VMBUS_VERSION_4_0);
	post_modify(1, 1);
	CHECK_STR(last_rule, "vmbus-message-unknown");
	CHECK_EQ(devices[0].channel.target_vp, 2);
}

/* In-band packet of 8 bytes into the guest-to-host ring at page 16. */
static void guest_send(void)
{
	struct ring_control *control = control_at(16);
	struct ring_descriptor desc = { .type = 6, .data_offset8 = 2, .length8 = 3 };

	memcpy(ram[17] + control->write_index, &desc, sizeof(desc));
	control->write_index += 32;
}

static void signal_counters(void)
{
	struct vmbus_channel *channel = &devices[0].channel;

	set_up_open(VMBUS_VERSION_5_3);
	guest_send();
	guest_signal(0x2001, 1);		/* as it should be */
	CHECK_EQ(channel->stray_signals.empty, 0);
	CHECK_EQ(channel->from_guest.packets, 1);
	guest_signal(0x2001, 1);
	CHECK_EQ(channel->stray_signals.empty, 1);
	guest_send();
	guest_signal(0x2001, 4);
	CHECK_EQ(channel->stray_signals.repeated, 3);
	ring_in_mask(&channel->from_guest, true);
	guest_send();
	guest_signal(0x2001, 1);
	CHECK_EQ(channel->stray_signals.masked, 1);
	ring_out_want(&channel->to_guest, 100);
	guest_signal(0x2001, 1);		/* there is space: welcome */
	CHECK_EQ(channel->stray_signals.empty, 1);
	CHECK_EQ(channel->signals_from_guest, 8);
}

static void corrupt_ring_kills_the_channel(void)
{
	struct device *device = &devices[0];
	unsigned int before;

	set_up_open(VMBUS_VERSION_5_3);
	control_at(16)->write_index = 5;
	guest_signal(0x2001, 1);
	CHECK_STR(last_rule, "ring-index");
	CHECK(device->channel.dead);
	before = device->services;
	control_at(16)->write_index = 0;
	guest_signal(0x2001, 1);
	vmbus_channel_kick(&device->channel);
	run_all_tasks();
	CHECK_EQ(device->services, before);
	/* Only closing and opening again mends it. */
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	CHECK_EQ(open_status(1, 0x100, 0, 4), 0);
	run_all_tasks();
	CHECK_EQ(device->services, before + 1);
	CHECK_EQ(rules_since(), 1);
}

static void unstick(void)
{
	struct vmbus_channel *channel = &devices[0].channel;
	unsigned int before;

	set_up_open(VMBUS_VERSION_5_3);
	ring_out_write(&channel->to_guest, 6, 0, 1, NULL, 0, "", 0);
	CHECK(ring_out_publish(&channel->to_guest));
	guest_send();				/* and forgets to signal */
	before = devices[0].services;
	flags_raised = 0;
	pass_time(99 * 1000000);
	CHECK_EQ(flags_raised, 0);
	pass_time(2 * 1000000);
	CHECK_EQ(flags_raised, 1);
	run_all_tasks();
	CHECK_EQ(devices[0].services, before + 1);
	pass_time(1000000000);
	CHECK_EQ(flags_raised, 1);		/* once per open */
}

static void silence(void)
{
	struct vmbus_channel *channel = &devices[0].channel;
	unsigned int before;

	set_up_open(VMBUS_VERSION_5_3);
	before = devices[0].services;
	vmbus_channel_silence(channel, true);
	guest_send();
	guest_signal(0x2001, 1);
	run_all_tasks();
	CHECK_EQ(devices[0].services, before);
	vmbus_channel_silence(channel, false);
	run_all_tasks();
	CHECK_EQ(devices[0].services, before + 1);
	CHECK_EQ(channel->from_guest.packets, 1);
}

static unsigned int meddle_copies;
static bool meddle_signals;

static unsigned int meddle_message(struct vmbus_channel *channel, void *message,
				   size_t len)
{
	struct vmbus_open_result *result = message;

	if (result->header.type == VMBUS_OPEN_RESULT)
		result->status = 77;
	return meddle_copies;
}

static bool meddle_signal(struct vmbus_channel *channel)
{
	return meddle_signals;
}

static void meddling(void)
{
	static const struct vmbus_meddler meddler = {
		meddle_message, meddle_signal,
	};
	struct device *device = &devices[0];
	unsigned int flags;

	set_up(VMBUS_VERSION_5_3);
	vmbus_channel_add(&device->channel);
	connect_guest(VMBUS_VERSION_5_3, 1);
	device->channel.meddler = &meddler;
	meddle_copies = 1;
	CHECK(make_gpadl(1, 0x100, 16, 8));
	CHECK_EQ(open_status(1, 0x100, 0, 4), 77);
	CHECK_EQ(device->channel.state, VMBUS_CHANNEL_OPEN);
	flags = flags_raised;
	vmbus_channel_signal(&device->channel);
	CHECK_EQ(flags_raised, flags);
	meddle_signals = true;
	vmbus_channel_signal(&device->channel);
	CHECK_EQ(flags_raised, flags + 1);
	/* Whose channel lies may do what makes no sense. */
	post_relid(VMBUS_CLOSE_CHANNEL, 9);
	CHECK_EQ(rules_since(), 0);
	meddle_copies = 3;
	post_modify(1, 0);
	CHECK(expect(VMBUS_MODIFY_CHANNEL_RESPONSE));
	CHECK(expect(VMBUS_MODIFY_CHANNEL_RESPONSE));
	CHECK(expect(VMBUS_MODIFY_CHANNEL_RESPONSE));
	meddle_copies = 0;
	post_modify(1, 0);
	CHECK(quiet());
	device->channel.meddler = NULL;
	post_relid(VMBUS_CLOSE_CHANNEL, 9);
	CHECK_EQ(rules_since(), 1);
}

static void counters(void)
{
	char text[4096] = "";
	FILE *out;

	set_up_open(VMBUS_VERSION_5_3);
	guest_send();
	guest_signal(0x2001, 1);
	post_relid(VMBUS_CLOSE_CHANNEL, 1);
	out = fmemopen(text, sizeof(text), "w");
	emit_counters(out);
	fclose(out);
	CHECK(strstr(text, "\"version\": \"5.3\""));
	CHECK(strstr(text, "\"messages_from_guest\": {\"3\": 1, \"5\": 1, "
			   "\"7\": 1, \"8\": 1, \"14\": 1}"));
	CHECK(strstr(text, "\"messages_to_guest\": {\"1\": 1, \"4\": 1, "
			   "\"6\": 1, \"10\": 1, \"15\": 1}"));
	CHECK(strstr(text, "\"state\": \"offered\", \"relid\": 1, \"index\": 0, \"opens\": 1"));
	CHECK(strstr(text, "\"packets_from_guest\": 1"));	/* outlives the ring */
	CHECK(strstr(text, "\"instance\": \"00000001-0000-0000-0000-000000000000\""));
}

static uint32_t pick(uint32_t limit)
{
	return (uint32_t)rand() % limit;
}

/* Random words under a random message type. */
static void post_garbage(void)
{
	uint32_t words[SYNIC_MESSAGE_MAX / 4];
	unsigned int k;

	for (k = 0; k < sizeof(words) / 4; k++)
		words[k] = pick(6);
	words[0] = pick(VMBUS_MESSAGE_COUNT + 1);
	/* These alone would end every state too soon. */
	if (words[0] == VMBUS_INITIATE_CONTACT || words[0] == VMBUS_UNLOAD)
		return;
	post(words, 8 + pick(SYNIC_MESSAGE_MAX - 7));
}

static void act_at_random(void)
{
	uint32_t relid = pick(5), id = pick(4);

	switch (pick(12)) {
	case 0:
		post_gpadl(relid, id, pick(6), pick(4) ? 8 : pick(10));
		break;
	case 1:
		memset(ram, 0, 16 * HV_PAGE_SIZE);
		post_open(relid, id, pick(VPS + 1), pick(4) ? 4 : pick(10));
		break;
	case 2:
		post_relid(VMBUS_CLOSE_CHANNEL, relid);
		break;
	case 3:
		if (!pick(4))
			post_relid(VMBUS_RELID_RELEASED, relid);
		break;
	case 4:
		if (!pick(4))
			post_teardown(relid, id);
		break;
	case 5:
		post_modify(relid, pick(VPS + 1));
		break;
	case 6:
		post_garbage();
		break;
	case 7:
		vmbus_channel_add(&devices[pick(3)].channel);
		break;
	case 8:
		if (!pick(10))
			vmbus_channel_rescind(&devices[pick(3)].channel);
		break;
	case 9:
		if (!pick(50))
			post_bare(VMBUS_UNLOAD);
		break;
	case 10:
		if (!pick(10))
			contact(pick(5) ? VMBUS_VERSION_5_3 : 0);
		post_bare(VMBUS_REQUEST_OFFERS);
		break;
	default:
		ram[pick(16)][pick(16) * 4 % 16] = (uint8_t)pick(256);
		guest_signal(0x2000 | relid, 1);
		run_tasks();
	}
}

/* Whatever a guest posts, in whatever state: no crash, no leak, and still sane. */
static void random_messages(void)
{
	unsigned int i, opens = 0;

	set_up(VMBUS_VERSION_6_0);
	make_device(1, 1, 1);
	make_device(2, 5, 0);
	srand(11);
	for (i = 0; i < 3; i++)
		vmbus_channel_add(&devices[i].channel);
	for (i = 0; i < 100000; i++)
		act_at_random();
	for (i = 0; i < 3; i++) {
		opens += devices[i].opens;
		CHECK_EQ(devices[i].opens - devices[i].closes,
			 devices[i].channel.state == VMBUS_CHANNEL_OPEN);
	}
	printf("# %u opens\n", opens);
	CHECK(opens > 100);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(versions),
		TEST_CASE(version_cap),
		TEST_CASE(contact_rules),
		TEST_CASE(post_errors),
		TEST_CASE(offers),
		TEST_CASE(gpadls),
		TEST_CASE(gpadl_bodies),
		TEST_CASE(opens),
		TEST_CASE(open_refusals),
		TEST_CASE(teardown_before_close),
		TEST_CASE(rescind_and_offer_again),
		TEST_CASE(reoffer_follows_release),
		TEST_CASE(close_revokes_subchannels),
		TEST_CASE(rescind_order),
		TEST_CASE(release_of_a_good_offer),
		TEST_CASE(rescind_unseen),
		TEST_CASE(unload),
		TEST_CASE(fresh_relids),
		TEST_CASE(contact_while_connected),
		TEST_CASE(modify),
		TEST_CASE(signal_counters),
		TEST_CASE(corrupt_ring_kills_the_channel),
		TEST_CASE(unstick),
		TEST_CASE(silence),
		TEST_CASE(meddling),
		TEST_CASE(counters),
		TEST_CASE(random_messages),
	};

	int status = test_run(cases, TEST_COUNT(cases));

	leave();
	return status;
}
