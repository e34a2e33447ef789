// SPDX-License-Identifier: GPL-2.0
/*
 * The host's end of a vPCI bus. The guest asks what is on the bus, what memory it
 * needs, gives it a window for configuration space, and has interrupts made for
 * it; the rest is the function's own business.
 */
#include "vpci.h"

#include <inttypes.h>
#include <string.h>

#include "log.h"

#define vpci_log(bus, fmt, ...) \
	log_line("vpci", "bus %u: " fmt, (bus)->index, ##__VA_ARGS__)

/* Offsets in configuration space. */
#define CONFIG_COMMAND 0x04
#define CONFIG_BAR 0x10

#define COMMAND_MEMORY 0x2
#define COMMAND_MASTER 0x4

/* A BAR for 64-bit addresses, prefetchable. */
#define BAR_TYPE 0xcu
#define BAR_TYPE_MASK 0xfu

#define MSI_ADDRESS 0xfee00000u
#define MSI_PROCESSOR_SHIFT 12

/* 44c4f61d-4444-4400-9d52-802e27ede19f */
static const struct guid bus_interface = { {
	0x1d, 0xf6, 0xc4, 0x44, 0x44, 0x44, 0x00, 0x44,
	0x9d, 0x52, 0x80, 0x2e, 0x27, 0xed, 0xe1, 0x9f,
} };

/* The first field counts the buses; guests make the PCI domain of the second. */
static const struct guid bus_instance = { {
	0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x21, 0x4b,
	0x9d, 0x0c, 0x1f, 0x36, 0x55, 0x0a, 0xe7, 0x73,
} };

static uint32_t config_u32(const struct vpci_function *function,
			   uint32_t offset)
{
	uint32_t value;

	memcpy(&value, function->config + offset, sizeof(value));
	return value;
}

static uint64_t bar_address(const struct vpci_function *function,
			    unsigned int bar)
{
	uint32_t offset = CONFIG_BAR + 4 * bar;

	return (config_u32(function, offset) & ~BAR_TYPE_MASK) |
	       (uint64_t)config_u32(function, offset + 4) << 32;
}

static void bar_write(void *ctx, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct vpci_bar *bar = ctx;
	struct vpci_function *function = &bar->bus->function;

	if (size == 4 && !(offset & 3))
		function->ops->write(function->device, bar->index,
				     (uint32_t)offset, (uint32_t)value);
}

static uint64_t bar_read(void *ctx, uint64_t offset, unsigned int size)
{
	struct vpci_bar *bar = ctx;
	struct vpci_function *function = &bar->bus->function;

	if (size != 4 || offset & 3)
		return UINT64_MAX;
	return function->ops->read(function->device, bar->index,
				   (uint32_t)offset);
}

/* Command register or a BAR changed: what answers where follows from them. */
static void remap(struct vpci_bus *bus)
{
	struct vpci_function *function = &bus->function;
	uint16_t command = (uint16_t)config_u32(function, CONFIG_COMMAND);
	bool memory = bus->present && (command & COMMAND_MEMORY);
	bool master = bus->present && (command & COMMAND_MASTER);
	unsigned int i;

	for (i = 0; i < VPCI_BARS; i++)
		mmio_unmap(&bus->bars[i].window);
	for (i = 0; memory && i < VPCI_BARS; i++)
		if (function->bar_bytes[i])
			mmio_map(&bus->bars[i].window,
				 bar_address(function, i));
	function->ops->command(function->device, memory, master);
}

static void config_write(void *ctx, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	struct vpci_bus *bus = ctx;
	struct vpci_function *function = &bus->function;
	unsigned int i;

	if (offset < VPCI_CONFIG_OFFSET) {
		bus->selected = (uint32_t)value;
		return;
	}
	offset -= VPCI_CONFIG_OFFSET;
	if (!bus->present || bus->selected != function->slot ||
	    offset > VPCI_CONFIG_BYTES - size)
		return;
	for (i = 0; i < size; i++, value >>= 8) {
		uint8_t mask = function->writable[offset + i];
		uint8_t *byte = &function->config[offset + i];

		*byte = (*byte & ~mask) | ((uint8_t)value & mask);
	}
	if (offset < CONFIG_BAR + 4 * VPCI_BARS)
		remap(bus);
}

static uint64_t config_read(void *ctx, uint64_t offset, unsigned int size)
{
	struct vpci_bus *bus = ctx;
	uint64_t value = UINT64_MAX;

	if (offset < VPCI_CONFIG_OFFSET)
		return bus->selected;
	offset -= VPCI_CONFIG_OFFSET;
	if (bus->present && bus->selected == bus->function.slot &&
	    offset <= VPCI_CONFIG_BYTES - size) {
		value = 0;
		memcpy(&value, bus->function.config + offset, size);
	}
	return value;
}

/* Packets. */

static void die(struct vpci_bus *bus, const char *why)
{
	rule_broken("vpci-message", "bus %u: %s", bus->index, why);
	bus->dead = true;
}

static void write_packet(struct vpci_bus *bus, uint16_t type, uint64_t id,
			 const void *payload, uint32_t len)
{
	/* The guest waits for each answer, so this ring is never near full. */
	if (ring_out_write(&bus->vmbus.to_guest, type, 0, id, NULL, 0, payload,
			   len))
		die(bus, "no room for an answer");
}

static void complete(struct vpci_bus *bus, const void *answer, uint32_t len)
{
	if (bus->packet.flags & RING_FLAG_COMPLETION_REQUESTED)
		write_packet(bus, RING_PACKET_COMPLETION,
			     bus->packet.transaction_id, answer, len);
}

static void complete_status(struct vpci_bus *bus, uint32_t status)
{
	complete(bus, &status, sizeof(status));
}

static void on_query_version(struct vpci_bus *bus, const void *payload)
{
	struct vpci_query_version message;
	bool known;

	memcpy(&message, payload, sizeof(message));
	known = message.version == VPCI_V1_1 || message.version == VPCI_V1_2;
	if (known)
		bus->version = message.version;
	vpci_log(bus, "guest: version 0x%x%s", message.version,
		 known ? "" : ", unknown here");
	complete_status(bus, known ? VPCI_STATUS_SUCCESS :
			VPCI_STATUS_REVISION_MISMATCH);
}

static void send_relations(struct vpci_bus *bus)
{
	const struct vpci_function *function = &bus->function;
	const uint8_t *config = function->config;
	struct vpci_bus_relations message = {
		.type = VPCI_BUS_RELATIONS,
		.count = bus->present,
		.function = {
			.vendor = (uint16_t)(config[0] | config[1] << 8),
			.device = (uint16_t)(config[2] | config[3] << 8),
			.revision = config[8],
			.interface = config[9],
			.subclass = config[10],
			.class = config[11],
			.subsystem = config_u32(function, 0x2c),
			.slot = function->slot,
			.serial = function->serial,
		},
	};

	vpci_log(bus, "host: BUS_RELATIONS, %u functions", message.count);
	write_packet(bus, RING_PACKET_INBAND, 0, &message, bus->present ?
		     sizeof(message) :
		     offsetof(struct vpci_bus_relations, function));
}

static void on_query_relations(struct vpci_bus *bus, const void *payload)
{
	send_relations(bus);
}

static void on_query_requirements(struct vpci_bus *bus, const void *payload)
{
	struct vpci_requirements answer = { .status = VPCI_STATUS_SUCCESS };
	unsigned int i;

	for (i = 0; i < VPCI_BARS; i++) {
		if (!bus->function.bar_bytes[i])
			continue;
		answer.probed_bar[i] = -bus->function.bar_bytes[i] | BAR_TYPE;
		answer.probed_bar[i + 1] = UINT32_MAX;
	}
	complete(bus, &answer, sizeof(answer));
}

static void on_d0_entry(struct vpci_bus *bus, const void *payload)
{
	struct vpci_d0_entry message;

	memcpy(&message, payload, sizeof(message));
	vpci_log(bus, "guest: D0_ENTRY, window at 0x%" PRIx64, message.window);
	mmio_map(&bus->config, message.window);
	complete_status(bus, VPCI_STATUS_SUCCESS);
}

static void on_d0_exit(struct vpci_bus *bus, const void *payload)
{
	vpci_log(bus, "guest: D0_EXIT");
	mmio_unmap(&bus->config);
	complete_status(bus, VPCI_STATUS_SUCCESS);
}

static void on_resources(struct vpci_bus *bus, const void *payload)
{
	complete_status(bus, VPCI_STATUS_SUCCESS);
}

static void interrupt_created(struct vpci_bus *bus, uint8_t vector,
			      unsigned int processor)
{
	const struct vpci_interrupt_created answer = {
		.status = VPCI_STATUS_SUCCESS,
		.vector_count = 1,
		.data = vector,
		.address = MSI_ADDRESS | processor << MSI_PROCESSOR_SHIFT,
	};

	vpci_log(bus, "guest: CREATE_INTERRUPT vector 0x%x at VP %u", vector,
		 processor);
	complete(bus, &answer, sizeof(answer));
}

static void on_create_interrupt(struct vpci_bus *bus, const void *payload)
{
	struct vpci_create_interrupt message;

	memcpy(&message, payload, sizeof(message));
	if (!message.processors || message.vector_count != 1) {
		complete_status(bus, VPCI_STATUS_NOT_SUPPORTED);
		return;
	}
	interrupt_created(bus, message.vector,
			  __builtin_ctzll(message.processors));
}

static void on_create_interrupt2(struct vpci_bus *bus, const void *payload)
{
	struct vpci_create_interrupt2 message;

	memcpy(&message, payload, sizeof(message));
	if (!message.processor_count || message.vector_count != 1) {
		complete_status(bus, VPCI_STATUS_NOT_SUPPORTED);
		return;
	}
	interrupt_created(bus, message.vector, message.processors[0]);
}

static void on_ejection_complete(struct vpci_bus *bus, const void *payload)
{
	vpci_log(bus, "guest: EJECTION_COMPLETE");
	complete_status(bus, VPCI_STATUS_SUCCESS);
	vpci_rescind(bus);
}

static const struct {
	uint32_t type;
	uint32_t size;
	void (*handle)(struct vpci_bus *bus, const void *payload);
} handlers[] = {
	{ VPCI_QUERY_VERSION, sizeof(struct vpci_query_version),
	  on_query_version },
	{ VPCI_QUERY_BUS_RELATIONS, 4, on_query_relations },
	{ VPCI_QUERY_REQUIREMENTS, sizeof(struct vpci_slot_message),
	  on_query_requirements },
	{ VPCI_D0_ENTRY, sizeof(struct vpci_d0_entry), on_d0_entry },
	{ VPCI_D0_EXIT, 4, on_d0_exit },
	{ VPCI_RESOURCES_ASSIGNED, sizeof(struct vpci_slot_message),
	  on_resources },
	{ VPCI_RESOURCES_ASSIGNED2, sizeof(struct vpci_slot_message),
	  on_resources },
	{ VPCI_RESOURCES_RELEASED, 4, on_resources },
	{ VPCI_CREATE_INTERRUPT, sizeof(struct vpci_create_interrupt),
	  on_create_interrupt },
	{ VPCI_CREATE_INTERRUPT2, sizeof(struct vpci_create_interrupt2),
	  on_create_interrupt2 },
	{ VPCI_DELETE_INTERRUPT, sizeof(struct vpci_slot_message),
	  on_resources },
	{ VPCI_EJECTION_COMPLETE, sizeof(struct vpci_slot_message),
	  on_ejection_complete },
};

static void handle(struct vpci_bus *bus)
{
	const struct ring_packet *packet = &bus->packet;
	uint32_t type;
	size_t i;

	if (packet->type == RING_PACKET_COMPLETION)
		return;
	if (packet->payload_len < sizeof(type)) {
		die(bus, "a message without a type");
		return;
	}
	memcpy(&type, packet->payload, sizeof(type));
	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].type != type)
			continue;
		if (packet->payload_len < handlers[i].size)
			die(bus, "a message shorter than its type needs");
		else
			handlers[i].handle(bus, packet->payload);
		return;
	}
	vpci_log(bus, "guest: message 0x%x, not supported", type);
	complete_status(bus, VPCI_STATUS_NOT_SUPPORTED);
}

static void service(struct vmbus_channel *vmbus)
{
	struct vpci_bus *bus = vmbus->device;

	if (!vmbus->from_guest.masked)
		ring_in_mask(&vmbus->from_guest, true);
	do {
		while (vmbus->state == VMBUS_CHANNEL_OPEN && !bus->dead &&
		       ring_in_read(&vmbus->from_guest, &bus->packet) == 1)
			handle(bus);
		/* It may just have been taken away, and its rings with it. */
		if (vmbus->state != VMBUS_CHANNEL_OPEN || bus->dead)
			return;
		if (ring_in_commit(&vmbus->from_guest))
			vmbus_channel_signal(vmbus);
		if (ring_out_publish(&vmbus->to_guest))
			vmbus_channel_signal(vmbus);
	} while (ring_in_mask(&vmbus->from_guest, false));
}

static int channel_open(struct vmbus_channel *vmbus)
{
	struct vpci_bus *bus = vmbus->device;

	bus->version = 0;
	bus->dead = false;
	vpci_log(bus, "opened");
	return 0;
}

static void channel_close(struct vmbus_channel *vmbus)
{
	struct vpci_bus *bus = vmbus->device;

	mmio_unmap(&bus->config);
	memset(bus->function.config + CONFIG_COMMAND, 0, 2);
	remap(bus);
	vpci_log(bus, "closed");
}

static void channel_released(struct vmbus_channel *vmbus)
{
	struct vpci_bus *bus = vmbus->device;

	if (!bus->present)
		bus->function.ops->gone(bus->function.device);
}

static const struct vmbus_channel_ops channel_ops = {
	.open = channel_open,
	.close = channel_close,
	.service = service,
	.released = channel_released,
};

static void make_writable(struct vpci_function *function)
{
	unsigned int i;

	function->writable[CONFIG_COMMAND] = 0xff;
	function->writable[CONFIG_COMMAND + 1] = 0x07;
	for (i = 0; i < VPCI_BARS; i++) {
		uint32_t mask = -function->bar_bytes[i];
		uint32_t offset = CONFIG_BAR + 4 * i;

		if (!mask)
			continue;
		function->config[offset] = BAR_TYPE;
		memcpy(function->writable + offset, &mask, sizeof(mask));
		memset(function->writable + offset + 4, 0xff, 4);
	}
}

void vpci_init(struct vpci_bus *bus, unsigned int index)
{
	unsigned int i;

	bus->index = index;
	bus->vmbus.ops = &channel_ops;
	bus->vmbus.device = bus;
	bus->vmbus.interface_id = bus_interface;
	bus->vmbus.instance_id = bus_instance;
	bus->vmbus.instance_id.b[0] = (uint8_t)index;
	bus->vmbus.instance_id.b[4] = (uint8_t)(index + 1);
	bus->config.size = VPCI_CONFIG_OFFSET + VPCI_CONFIG_BYTES;
	bus->config.read = config_read;
	bus->config.write = config_write;
	bus->config.ctx = bus;
	for (i = 0; i < VPCI_BARS; i++) {
		struct vpci_bar *bar = &bus->bars[i];

		bar->bus = bus;
		bar->index = i;
		bar->window.size = bus->function.bar_bytes[i];
		bar->window.read = bar_read;
		bar->window.write = bar_write;
		bar->window.ctx = bar;
	}
	make_writable(&bus->function);
}

int vpci_offer(struct vpci_bus *bus)
{
	bus->present = true;
	return vmbus_channel_add(&bus->vmbus);
}

bool vpci_eject(struct vpci_bus *bus)
{
	const struct vpci_slot_message message = {
		.type = VPCI_EJECT,
		.slot = bus->function.slot,
	};

	if (bus->vmbus.state != VMBUS_CHANNEL_OPEN || bus->dead ||
	    !bus->version)
		return false;
	vpci_log(bus, "host: EJECT");
	write_packet(bus, RING_PACKET_INBAND, 0, &message, sizeof(message));
	if (ring_out_publish(&bus->vmbus.to_guest))
		vmbus_channel_signal(&bus->vmbus);
	return true;
}

void vpci_rescind(struct vpci_bus *bus)
{
	bus->present = false;
	remap(bus);
	vmbus_channel_rescind(&bus->vmbus);
}
