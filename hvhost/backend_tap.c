// SPDX-License-Identifier: GPL-2.0
/*
 * A TAP device. Each frame goes with a struct virtio_net_hdr before it, by which
 * the kernel and we leave checksums and segmentation to each other.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "backend_common.h"
#include "json.h"
#include "log.h"
#include "packet.h"
#include "segment.h"

#define ADDRESSES_LEN (2 * ETH_ADDR_LEN)

struct tap {
	struct backend backend;
	int fd;
	char name[IFNAMSIZ];
	bool running;
	struct delivery delivery;
	struct loop_task task;
	struct traffic from_guest;
	uint64_t from_guest_gso;
	uint64_t from_guest_dropped;	/* the kernel did not take it */
	uint64_t from_guest_malformed;
	uint64_t to_guest_gso;		/* as they came from the kernel */
	uint8_t bytes[FRAME_MAX];
};

/* What the kernel must know about a frame; added bytes are a VLAN tag's. */
static void describe(const struct frame *frame, uint16_t added,
		     struct virtio_net_hdr *header)
{
	memset(header, 0, sizeof(*header));
	if (frame->csum_partial) {
		header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header->csum_start = (uint16_t)(frame->csum_start + added);
		header->csum_offset = frame->csum_offset;
	}
	if (frame->gso == FRAME_GSO_NONE)
		return;
	header->gso_type = frame->gso == FRAME_GSO_TCP4 ?
			   VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	header->gso_size = frame->gso_size;
	header->hdr_len = (uint16_t)(frame->header_len + added);
}

static void tap_send(struct backend *backend, unsigned int queue,
		     struct frame *frame)
{
	struct tap *tap = (struct tap *)backend;
	uint16_t added = frame->has_vlan ? VLAN_TAG_LEN : 0;
	struct virtio_net_hdr header;
	uint8_t tag[VLAN_TAG_LEN];
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ frame->data, ADDRESSES_LEN },
		{ tag, added },
		{ frame->data + ADDRESSES_LEN, frame->len - ADDRESSES_LEN },
	};

	if (frame->len < ETH_HEADER_LEN ||
	    (frame->gso != FRAME_GSO_NONE && !frame_prepare_gso(frame)) ||
	    !frame_finish_ip_checksum(frame)) {
		tap->from_guest_malformed++;
		return;
	}
	describe(frame, added, &header);
	put_be16(tag, ETH_TYPE_VLAN);
	put_be16(tag + 2, frame->vlan_tci);
	/* Full, down, or not to the kernel's taste: lost, as on a cable. */
	if (writev(tap->fd, parts, 4) < 0) {
		tap->from_guest_dropped++;
		return;
	}
	traffic_count(&tap->from_guest, frame);
	tap->from_guest_gso += frame->gso != FRAME_GSO_NONE;
}

static bool take_gso(const struct virtio_net_hdr *header, struct frame *frame)
{
	switch (header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		return true;
	case VIRTIO_NET_HDR_GSO_TCPV4:
		frame->gso = FRAME_GSO_TCP4;
		break;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		frame->gso = FRAME_GSO_TCP6;
		break;
	default:
		return false;
	}
	frame->gso_size = header->gso_size;
	return true;
}

/* Takes the tag out of the frame, which then begins 4 bytes later in its buffer. */
static bool strip_vlan(struct frame *frame)
{
	if (get_be16(frame->data + ETH_TYPE_OFFSET) != ETH_TYPE_VLAN)
		return true;
	if (frame->len < ETH_HEADER_LEN + VLAN_TAG_LEN)
		return false;
	frame->has_vlan = true;
	frame->vlan_tci = get_be16(frame->data + ETH_HEADER_LEN);
	memmove(frame->data + VLAN_TAG_LEN, frame->data, ADDRESSES_LEN);
	frame->data += VLAN_TAG_LEN;
	frame->len -= VLAN_TAG_LEN;
	if (frame->csum_partial) {
		if (frame->csum_start < VLAN_TAG_LEN)
			return false;
		frame->csum_start -= VLAN_TAG_LEN;
	}
	return true;
}

static void take_frame(struct tap *tap, const struct virtio_net_hdr *header,
		       uint32_t len)
{
	struct frame frame = {
		.data = tap->bytes,
		.len = len,
		.csum_good = header->flags & VIRTIO_NET_HDR_F_DATA_VALID,
	};

	if (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		frame.csum_partial = true;
		frame.csum_start = header->csum_start;
		frame.csum_offset = header->csum_offset;
	}
	if (len < ETH_HEADER_LEN || !take_gso(header, &frame) ||
	    !strip_vlan(&frame)) {
		tap->delivery.dropped++;
		return;
	}
	tap->to_guest_gso += frame.gso != FRAME_GSO_NONE;
	delivery_push(&tap->delivery, &frame);
}

/* Reads one frame; false if there is none. */
static bool read_frame(struct tap *tap)
{
	struct virtio_net_hdr header;
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ tap->bytes, sizeof(tap->bytes) },
	};
	ssize_t len = readv(tap->fd, parts, 2);

	if (len < (ssize_t)sizeof(header))
		return false;
	take_frame(tap, &header, (uint32_t)len - (uint32_t)sizeof(header));
	return true;
}

/* The kernel's queue is the only long one: nothing is read while frames wait. */
static void update_watch(struct tap *tap)
{
	bool wanted = tap->running && !tap->delivery.first;

	loop_mod_fd(tap->fd, wanted ? EPOLLIN : 0);
}

static void on_readable(void *ctx, uint32_t events)
{
	struct tap *tap = ctx;
	unsigned int left = BACKEND_BATCH;

	if (!tap->running)
		return;
	while (left-- && !tap->delivery.first && read_frame(tap))
		;		/* what was refused waits for ->resume() */
	if (tap->delivery.first)
		update_watch(tap);
}

static void on_task(void *ctx, uint32_t events)
{
	struct tap *tap = ctx;

	if (delivery_run(&tap->delivery, BACKEND_BATCH))
		loop_task_queue(&tap->task);
	if (!tap->delivery.first)
		update_watch(tap);
}

static void tap_resume(struct backend *backend)
{
	struct tap *tap = (struct tap *)backend;

	tap->running = true;
	tap->delivery.blocked = false;
	loop_task_queue(&tap->task);
}

static void tap_stop(struct backend *backend)
{
	struct tap *tap = (struct tap *)backend;

	tap->running = false;
	loop_task_cancel(&tap->task);
	delivery_clear(&tap->delivery);
	update_watch(tap);
}

static void tap_counters(struct backend *backend, FILE *out)
{
	const struct tap *tap = (const struct tap *)backend;

	fprintf(out, "{\"kind\": \"tap\", \"ifname\": \"%s\"", tap->name);
	json_count(out, "from_guest_frames", tap->from_guest.frames);
	json_count(out, "from_guest_bytes", tap->from_guest.bytes);
	json_count(out, "from_guest_gso", tap->from_guest_gso);
	json_count(out, "from_guest_dropped", tap->from_guest_dropped);
	json_count(out, "from_guest_malformed", tap->from_guest_malformed);
	json_count(out, "to_guest_gso", tap->to_guest_gso);
	delivery_counters(&tap->delivery, out);
	fputs("}", out);
}

static void tap_destroy(struct backend *backend)
{
	struct tap *tap = (struct tap *)backend;

	loop_task_cancel(&tap->task);
	loop_del_fd(tap->fd);
	delivery_clear(&tap->delivery);
	close(tap->fd);
	free(tap);
}

static const struct backend_ops tap_ops = {
	.name = "tap",
	.send = tap_send,
	.resume = tap_resume,
	.stop = tap_stop,
	.counters = tap_counters,
	.destroy = tap_destroy,
};

/* A descriptor of the device, or -1 after a complaint. */
static int open_device(const char *name)
{
	unsigned int offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int header_len = sizeof(struct virtio_net_hdr);
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		complain("tap: cannot open /dev/net/tun: %s", strerror(errno));
		return -1;
	}
	strcpy(request.ifr_name, name);
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		complain("tap: cannot use %s: %s%s", name, strerror(errno),
			 errno == EPERM ? " (needs CAP_NET_ADMIN, or to own it)" : "");
	} else if (ioctl(fd, TUNSETVNETHDRSZ, &header_len) < 0 ||
		   ioctl(fd, TUNSETOFFLOAD, offloads) < 0) {
		complain("tap: %s cannot offload checksums and TCP segmentation: %s",
			 name, strerror(errno));
	} else {
		return fd;
	}
	close(fd);
	return -1;
}

static bool set_up(struct tap *tap, const char *options)
{
	const struct backend_option table[] = {
		{ .key = "ifname", .text = tap->name,
		  .text_size = sizeof(tap->name) },
		{ 0 },
	};
	int err;

	if (!backend_options("tap", options, table))
		return false;
	if (!tap->name[0]) {
		complain("tap: which one? (tap:ifname=NAME)");
		return false;
	}
	tap->fd = open_device(tap->name);
	if (tap->fd < 0)
		return false;
	err = loop_add_fd(tap->fd, 0, on_readable, tap);
	if (err) {
		complain("tap: cannot watch %s: %s", tap->name, strerror(-err));
		close(tap->fd);
	}
	return !err;
}

struct backend *backend_tap_create(const char *options)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	if (!tap)
		return NULL;
	tap->backend.ops = &tap_ops;
	tap->task = (struct loop_task){ .fn = on_task, .ctx = tap };
	delivery_init(&tap->delivery, &tap->backend);
	tap->delivery.direct = true;
	if (!set_up(tap, options)) {
		free(tap);
		return NULL;
	}
	return &tap->backend;
}
