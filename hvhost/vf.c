// SPDX-License-Identifier: GPL-2.0
/*
 * The registers, rings and interrupts of the VF. Names of registers and bits are
 * those of the 82599 data sheet.
 */
#include "vf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "log.h"
#include "packet.h"
#include "segment.h"
#include "vm.h"

#define VENDOR_INTEL 0x8086
#define DEVICE_82599_VF_HYPERV 0x152e
#define SLOT 2u				/* device number on its bus */

#define BAR_REGISTERS 0
#define BAR_VECTORS 3
#define BAR_BYTES 0x4000u
#define PENDING_OFFSET 0x2000u		/* of the MSI-X pending bits */

/* Configuration space. */
#define CAPABILITY_MSIX 0x70
#define CAPABILITY_PCIE 0xa0
#define CONFIG_MAC 0x201		/* where Hyper-V puts the address */
#define MSIX_ENABLE 0x8000u
#define MSIX_FUNCTION_MASK 0x4000u
#define VECTOR_MASKED 1u

/* Registers. */
#define VFCTRL 0x0000
#define VFLINKS 0x0010
#define VTEICR 0x0100
#define VTEICS 0x0104
#define VTEIMS 0x0108
#define VTEIMC 0x010c
#define VTEIAC 0x0110
#define VTEIAM 0x0114
#define VTIVAR 0x0120
#define VTIVAR_MISC 0x0140
#define VFRDBAL 0x1000
#define VFRDBAH 0x1004
#define VFRDLEN 0x1008
#define VFRDH 0x1010
#define VFSRRCTL 0x1014
#define VFRDT 0x1018
#define VFGPRC 0x101c
#define VFGORC_LSB 0x1020
#define VFRXDCTL 0x1028
#define VFTDBAL 0x2000
#define VFTDBAH 0x2004
#define VFTDLEN 0x2008
#define VFTDH 0x2010
#define VFTDT 0x2018
#define VFGPTC 0x201c
#define VFGOTC_LSB 0x2020
#define VFTXDCTL 0x2028

#define VFCTRL_RST (1u << 26)
#define VFLINKS_UP (1u << 30)
#define VFLINKS_SPEED_10G (3u << 28)
#define DCTL_ENABLE (1u << 25)
#define SRRCTL_BSIZEPKT 0x1fu		/* in KiB */
#define IVAR_VALID 0x80u
#define IVAR_VECTOR 0x03u

/* Descriptors are of 16 bytes. */
#define DESCRIPTOR_BYTES 16u

struct tx_descriptor {
	uint64_t address;
	uint32_t command;
	uint32_t status;
};

#define TX_LENGTH 0xffffu
#define TX_TYPE (0xfu << 20)
#define TX_TYPE_CONTEXT (2u << 20)
#define TX_TYPE_DATA (3u << 20)
#define TX_EOP (1u << 24)
#define TX_RS (1u << 27)
#define TX_VLE (1u << 30)
#define TX_TSE (1u << 31)
#define TX_IXSM (1u << 8)		/* in status: IPv4 checksum, */
#define TX_TXSM (2u << 8)		/* transport checksum */
#define TX_DONE 1u

struct tx_context_descriptor {
	uint32_t vlan_mac_ip;
	uint32_t sequence;
	uint32_t type;
	uint32_t mss_l4;
};

#define CONTEXT_IPV4 (1u << 10)
#define CONTEXT_TCP (1u << 11)

struct rx_descriptor {
	uint64_t packet_address;
	uint64_t header_address;
};

struct rx_written_back {
	uint32_t type;
	uint32_t hash;
	uint32_t status;
	uint16_t length;
	uint16_t vlan;
};

#define RX_DD (1u << 0)
#define RX_EOP (1u << 1)
#define RX_VP (1u << 3)
#define RX_L4CS (1u << 5)
#define RX_IPCS (1u << 6)

static uint32_t *reg(struct vf *vf, uint32_t offset)
{
	return &vf->registers[offset / 4];
}

static uint32_t peek(const struct vf *vf, uint32_t offset)
{
	return vf->registers[offset / 4];
}

/* Adds to a counter of two registers, the lower half first. */
static void count_bytes(struct vf *vf, uint32_t offset, uint32_t bytes)
{
	uint64_t sum = peek(vf, offset) |
		       (uint64_t)peek(vf, offset + 4) << 32;

	sum += bytes;
	*reg(vf, offset) = (uint32_t)sum;
	*reg(vf, offset + 4) = sum >> 32;
}

/* Interrupts. */

static bool vector_open(const struct vf *vf, unsigned int vector)
{
	const uint8_t *msix = vf->bus.function.config + CAPABILITY_MSIX;
	uint16_t control = (uint16_t)(msix[2] | msix[3] << 8);

	return (control & MSIX_ENABLE) && !(control & MSIX_FUNCTION_MASK) &&
	       !(vf->vectors[vector].control & VECTOR_MASKED);
}

/* Delivers what is both pending and let through. */
static void deliver(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < VF_VECTORS; i++) {
		const struct vf_vector *vector = &vf->vectors[i];
		uint32_t bit = 1u << i;

		if (!(peek(vf, VTEICR) & peek(vf, VTEIMS) & bit) ||
		    !vector_open(vf, i))
			continue;
		*reg(vf, VTEICR) &= ~(bit & peek(vf, VTEIAC));
		*reg(vf, VTEIMS) &= ~(bit & peek(vf, VTEIAM));
		vf->counters.interrupts++;
		vm_signal_msi((uint64_t)vector->address_high << 32 |
			      vector->address_low, vector->data);
	}
}

static void raise_entry(struct vf *vf, uint8_t entry)
{
	if (!(entry & IVAR_VALID) || (entry & IVAR_VECTOR) >= VF_VECTORS)
		return;
	*reg(vf, VTEICR) |= 1u << (entry & IVAR_VECTOR);
	deliver(vf);
}

/* A queue has news: 0 the receive queue, 1 the transmit queue. */
static void raise_queue(struct vf *vf, unsigned int queue)
{
	raise_entry(vf, (uint8_t)(peek(vf, VTIVAR) >> 8 * queue));
}

/* Rings. */

static uint32_t ring_entries(const struct vf *vf, uint32_t length)
{
	return peek(vf, length) / DESCRIPTOR_BYTES;
}

/* A descriptor in the guest's memory, or NULL. */
static void *descriptor(const struct vf *vf, uint32_t base, uint32_t index)
{
	uint64_t gpa = peek(vf, base) | (uint64_t)peek(vf, base + 4) << 32;

	return guest_ptr(gpa + (uint64_t)index * DESCRIPTOR_BYTES,
			 DESCRIPTOR_BYTES);
}

static void take_context(struct vf *vf, const void *bytes)
{
	struct tx_context_descriptor context;

	memcpy(&context, bytes, sizeof(context));
	vf->context = (struct vf_context){
		.vlan = context.vlan_mac_ip >> 16,
		.mac_len = context.vlan_mac_ip >> 9 & 0x7f,
		.ip_len = context.vlan_mac_ip & 0x1ff,
		.mss = context.mss_l4 >> 16,
		.l4_len = context.mss_l4 >> 8 & 0xff,
		.ip4 = context.type & CONTEXT_IPV4,
		.tcp = context.type & CONTEXT_TCP,
	};
}

/* Takes over what the descriptors ask for; false if it makes no sense. */
static bool describe(struct vf *vf, struct frame *frame)
{
	const struct vf_context *context = &vf->context;
	uint32_t l4 = context->mac_len + context->ip_len;

	frame->has_vlan = vf->tx_command & TX_VLE;
	frame->vlan_tci = context->vlan;
	if (vf->tx_command & TX_TSE) {
		frame->gso = context->ip4 ? FRAME_GSO_TCP4 : FRAME_GSO_TCP6;
		frame->gso_size = context->mss;
		return frame_prepare_gso(frame);
	}
	frame->ip_csum_partial = vf->tx_requests & TX_IXSM;
	if (vf->tx_requests & TX_TXSM) {
		frame->csum_partial = true;
		frame->csum_start = l4;
		frame->csum_offset = context->tcp ? TCP_CHECKSUM : UDP_CHECKSUM;
		return l4 + frame->csum_offset + 2 <= frame->len;
	}
	return true;
}

static void send_frame(struct vf *vf)
{
	struct frame frame = { .data = vf->tx_bytes, .len = vf->tx_len };

	if (frame.len < ETH_HEADER_LEN || !describe(vf, &frame)) {
		vf->counters.bad_descriptors++;
		return;
	}
	vf->counters.tx_frames++;
	vf->counters.tx_bytes += frame.len;
	(*reg(vf, VFGPTC))++;
	count_bytes(vf, VFGOTC_LSB, frame.len);
	if (vf->link_up)
		vf->ops->send(vf->owner, &frame);
}

static void gather(struct vf *vf, const struct tx_descriptor *piece)
{
	uint32_t len = piece->command & TX_LENGTH;
	const void *from = guest_ptr(piece->address, len);

	if (!from || len > FRAME_MAX - vf->tx_len) {
		vf->counters.bad_descriptors++;
		return;
	}
	memcpy(vf->tx_bytes + vf->tx_len, from, len);
	vf->tx_len += len;
}

static void take_data(struct vf *vf, const struct tx_descriptor *piece)
{
	if (!vf->tx_begun) {
		vf->tx_begun = true;
		vf->tx_command = piece->command;
		vf->tx_requests = piece->status;
	}
	gather(vf, piece);
	if (!(piece->command & TX_EOP))
		return;
	send_frame(vf);
	vf->tx_begun = false;
	vf->tx_len = 0;
}

static bool tx_enabled(const struct vf *vf)
{
	return vf->master && (peek(vf, VFTXDCTL) & DCTL_ENABLE);
}

static void transmit(void *ctx, uint32_t events)
{
	struct vf *vf = ctx;
	uint32_t entries = ring_entries(vf, VFTDLEN);
	bool report = false;

	while (tx_enabled(vf) && peek(vf, VFTDH) != peek(vf, VFTDT)) {
		struct tx_descriptor copy, *at;

		at = descriptor(vf, VFTDBAL, peek(vf, VFTDH));
		/* A tail beyond the ring would never be reached. */
		if (!at || peek(vf, VFTDH) >= entries ||
		    peek(vf, VFTDT) >= entries) {
			vf->counters.bad_descriptors++;
			break;
		}
		memcpy(&copy, at, sizeof(copy));
		if ((copy.command & TX_TYPE) == TX_TYPE_CONTEXT)
			take_context(vf, &copy);
		else if ((copy.command & TX_TYPE) == TX_TYPE_DATA)
			take_data(vf, &copy);
		else
			vf->counters.bad_descriptors++;
		if (copy.command & TX_RS) {
			__atomic_store_n(&at->status, TX_DONE,
					 __ATOMIC_RELEASE);
			report = true;
		}
		*reg(vf, VFTDH) = (peek(vf, VFTDH) + 1) % entries;
	}
	if (report)
		raise_queue(vf, 1);
}

bool vf_running(const struct vf *vf)
{
	return vf->bus.present && vf->master &&
	       (peek(vf, VFRXDCTL) & DCTL_ENABLE);
}

/* Descriptors that the guest has handed over. */
static uint32_t rx_free(const struct vf *vf)
{
	uint32_t entries = ring_entries(vf, VFRDLEN);

	if (!entries)
		return 0;
	return (peek(vf, VFRDT) + entries - peek(vf, VFRDH)) % entries;
}

static uint32_t rx_status(const struct frame *frame, bool last)
{
	uint32_t status = RX_DD;

	if (!last)
		return status;
	status |= RX_EOP;
	if (frame->has_vlan)
		status |= RX_VP;
	if (frame->csum_good)
		status |= RX_L4CS | RX_IPCS;
	return status;
}

/* Fills one buffer, and writes its descriptor back. False if it is not there. */
static bool put_piece(struct vf *vf, const struct frame *frame,
		      uint32_t offset, uint32_t part)
{
	bool last = offset + part == frame->len;
	struct rx_written_back back = {
		.length = part,
		.vlan = frame->has_vlan ? frame->vlan_tci : 0,
	};
	struct rx_descriptor *at = descriptor(vf, VFRDBAL, peek(vf, VFRDH));
	struct rx_written_back *to = (void *)at;
	void *buffer = at ? guest_ptr(at->packet_address, part) : NULL;

	if (!buffer) {
		vf->counters.bad_descriptors++;
		return false;
	}
	memcpy(buffer, frame->data + offset, part);
	to->type = back.type;
	to->hash = back.hash;
	to->length = back.length;
	to->vlan = back.vlan;
	/* The guest looks at this word alone to know that the rest is there. */
	__atomic_store_n(&to->status, rx_status(frame, last), __ATOMIC_RELEASE);
	*reg(vf, VFRDH) = (peek(vf, VFRDH) + 1) % ring_entries(vf, VFRDLEN);
	return true;
}

bool vf_receive(struct vf *vf, struct frame *frame)
{
	uint32_t room = (peek(vf, VFSRRCTL) & SRRCTL_BSIZEPKT) * 1024;
	uint32_t offset, part;

	/* A card whose driver does not run, or without a link, drops. */
	if (!vf_running(vf) || !vf->link_up || !room)
		return true;
	if (rx_free(vf) <= frame->len / room) {
		vf->counters.rx_refused++;
		vf->refused = true;
		return false;
	}
	if (frame->csum_partial && frame_finish_checksums(frame))
		frame->csum_good = true;
	for (offset = 0; offset < frame->len; offset += part) {
		part = frame->len - offset < room ? frame->len - offset : room;
		if (!put_piece(vf, frame, offset, part))
			return true;
	}
	vf->counters.rx_frames++;
	vf->counters.rx_bytes += frame->len;
	(*reg(vf, VFGPRC))++;
	count_bytes(vf, VFGORC_LSB, frame->len);
	raise_queue(vf, 0);
	return true;
}

/* Registers. */

static uint32_t links(const struct vf *vf)
{
	return vf->link_up ? VFLINKS_UP | VFLINKS_SPEED_10G : 0;
}

static void reset(struct vf *vf)
{
	memset(vf->registers, 0, sizeof(vf->registers));
	memset(&vf->context, 0, sizeof(vf->context));
	*reg(vf, VFLINKS) = links(vf);
	vf->tx_begun = false;
	vf->tx_len = 0;
	vf->refused = false;
	vf->counters.resets++;
}

static void resume(struct vf *vf)
{
	if (!vf->refused)
		return;
	vf->refused = false;
	vf->ops->resume(vf->owner);
}

static void write_register(struct vf *vf, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case VFCTRL:
		if (value & VFCTRL_RST)
			reset(vf);
		return;
	case VFLINKS:
	case VFTDH:
	case VFRDH:
		/* Heads move by themselves; a driver may only clear them. */
		if (offset == VFLINKS || value)
			return;
		break;
	case VTEICR:
		*reg(vf, VTEICR) &= ~value;
		return;
	case VTEICS:
		*reg(vf, VTEICR) |= value;
		deliver(vf);
		return;
	case VTEIMS:
		*reg(vf, VTEIMS) |= value;
		deliver(vf);
		return;
	case VTEIMC:
		*reg(vf, VTEIMS) &= ~value;
		return;
	}
	*reg(vf, offset) = value;
	if (offset == VFTDT)
		loop_task_queue(&vf->transmit);
	else if (offset == VFRDT || offset == VFRXDCTL)
		resume(vf);
}

static uint32_t read_register(void *device, unsigned int bar, uint32_t offset)
{
	struct vf *vf = device;

	if (bar == BAR_REGISTERS)
		return peek(vf, offset);
	if (offset < sizeof(vf->vectors))
		return ((uint32_t *)vf->vectors)[offset / 4];
	return 0;
}

static void write_bar(void *device, unsigned int bar, uint32_t offset,
		      uint32_t value)
{
	struct vf *vf = device;

	if (bar == BAR_REGISTERS) {
		write_register(vf, offset, value);
		return;
	}
	if (offset >= sizeof(vf->vectors))
		return;
	((uint32_t *)vf->vectors)[offset / 4] = value;
	deliver(vf);
}

static void set_command(void *device, bool memory, bool master)
{
	struct vf *vf = device;

	if (vf->memory && !memory)
		loop_task_cancel(&vf->transmit);
	vf->memory = memory;
	vf->master = master;
}

static void function_gone(void *device)
{
	struct vf *vf = device;

	vf->ops->gone(vf->owner);
}

static const struct vpci_function_ops function_ops = {
	.command = set_command,
	.read = read_register,
	.write = write_bar,
	.gone = function_gone,
};

/* Set-up. */

static void fill_config(struct vf *vf)
{
	uint8_t *config = vf->bus.function.config;
	uint8_t *msix = config + CAPABILITY_MSIX;
	uint8_t *pcie = config + CAPABILITY_PCIE;

	config[0x00] = VENDOR_INTEL & 0xff;
	config[0x01] = VENDOR_INTEL >> 8;
	config[0x02] = DEVICE_82599_VF_HYPERV & 0xff;
	config[0x03] = DEVICE_82599_VF_HYPERV >> 8;
	config[0x06] = 0x10;		/* there are capabilities */
	config[0x08] = 1;		/* revision */
	config[0x0b] = 2;		/* network controller, Ethernet */
	config[0x2c] = VENDOR_INTEL & 0xff;
	config[0x2d] = VENDOR_INTEL >> 8;
	config[0x34] = CAPABILITY_MSIX;
	msix[0] = 0x11;
	msix[1] = CAPABILITY_PCIE;
	msix[2] = VF_VECTORS - 1;
	msix[4] = BAR_VECTORS;
	msix[8] = BAR_VECTORS;
	msix[9] = PENDING_OFFSET >> 8;
	vf->bus.function.writable[CAPABILITY_MSIX + 3] = 0xc0;
	pcie[0] = 0x10;
	pcie[2] = 0x02;			/* version 2, endpoint */
	memcpy(config + CONFIG_MAC, vf->mac, sizeof(vf->mac));
}

int vf_init(struct vf *vf, unsigned int index, const uint8_t mac[6],
	    uint32_t serial, const struct vf_ops *ops, void *owner)
{
	struct vpci_function *function = &vf->bus.function;
	unsigned int i;

	vf->tx_bytes = malloc(FRAME_MAX);
	if (!vf->tx_bytes)
		return -ENOMEM;
	vf->ops = ops;
	vf->owner = owner;
	vf->link_up = true;
	memcpy(vf->mac, mac, sizeof(vf->mac));
	vf->transmit.fn = transmit;
	vf->transmit.ctx = vf;
	for (i = 0; i < VF_VECTORS; i++)
		vf->vectors[i].control = VECTOR_MASKED;
	function->ops = &function_ops;
	function->device = vf;
	function->slot = SLOT;
	function->serial = serial;
	function->bar_bytes[BAR_REGISTERS] = BAR_BYTES;
	function->bar_bytes[BAR_VECTORS] = BAR_BYTES;
	vpci_init(&vf->bus, index);
	fill_config(vf);
	reset(vf);
	return 0;
}

void vf_destroy(struct vf *vf)
{
	loop_task_cancel(&vf->transmit);
	free(vf->tx_bytes);
}

void vf_set_link(struct vf *vf, bool up)
{
	vf->link_up = up;
	*reg(vf, VFLINKS) = links(vf);
	/* Drivers do not look at the link unless they are told to. */
	raise_entry(vf, (uint8_t)peek(vf, VTIVAR_MISC));
	if (up)
		resume(vf);
}

void vf_write_counters(const struct vf *vf, FILE *out)
{
	const struct vf_counters *counters = &vf->counters;

	fprintf(out, "{\"tx_frames\": %" PRIu64 ", \"tx_bytes\": %" PRIu64
		", \"rx_frames\": %" PRIu64 ", \"rx_bytes\": %" PRIu64
		", \"rx_refused\": %" PRIu64 ", \"interrupts\": %" PRIu64
		", \"resets\": %" PRIu64 ", \"bad_descriptors\": %" PRIu64 "}",
		counters->tx_frames, counters->tx_bytes, counters->rx_frames,
		counters->rx_bytes, counters->rx_refused, counters->interrupts,
		counters->resets, counters->bad_descriptors);
}
