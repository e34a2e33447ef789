// SPDX-License-Identifier: GPL-2.0
/* links: backend backend_sink backend_echo backend_source backend_tap packet segment */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "backend_common.h"
#include "fake_log.h"
#include "fake_loop.h"
#include "packet.h"
#include "segment.h"
#include "test.h"

#define KEPT 256u

/* The kernel's TAP: a socket pair that keeps packets apart, as the device does. */
static int tun_error, tun_set_error;	/* errno of open() and TUNSETIFF */
static int kernel_end = -1;
static char tun_name[IFNAMSIZ];
static unsigned int tun_flags;
static unsigned long tun_offloads;

int open(const char *path, int flags, ...)
{
	int pair[2];

	CHECK_STR(path, "/dev/net/tun");
	errno = tun_error;
	if (tun_error || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair))
		return -1;
	kernel_end = pair[1];
	return pair[0];
}

int ioctl(int fd, unsigned long request, ...)
{
	struct ifreq *ifreq;
	va_list args;

	va_start(args, request);
	if (request == TUNSETIFF) {
		ifreq = va_arg(args, struct ifreq *);
		strcpy(tun_name, ifreq->ifr_name);
		tun_flags = (unsigned short)ifreq->ifr_flags;
		errno = tun_set_error;
	} else if (request == TUNSETOFFLOAD) {
		tun_offloads = va_arg(args, unsigned long);
	} else {
		CHECK_EQ(request, TUNSETVNETHDRSZ);
		CHECK_EQ(*va_arg(args, int *), sizeof(struct virtio_net_hdr));
	}
	va_end(args);
	return request == TUNSETIFF && tun_set_error ? -1 : 0;
}

/* The NIC: takes so many frames, then refuses. */
static unsigned int room, taken_count;
static struct frame taken[KEPT];

static bool nic_receive(void *nic, struct frame *frame)
{
	struct frame *kept = &taken[taken_count % KEPT];

	CHECK(nic == &room);
	if (!room)
		return false;
	room--;
	free(kept->data);
	*kept = *frame;
	kept->data = malloc(frame->len);
	memcpy(kept->data, frame->data, frame->len);
	taken_count++;
	return true;
}

static struct frame *got(unsigned int i)
{
	return &taken[i % KEPT];
}

static struct backend *make(const char *description)
{
	struct backend *backend = backend_create(description);

	if (!backend) {
		printf("# %s: %s\n", description, last_complaint);
		exit(1);
	}
	backend->receive = nic_receive;
	backend->nic = &room;
	backend->mtu = 1500;
	memcpy(backend->mac, "\x00\x15\x5d\x00\x00\x07", 6);
	room = 1000000;
	taken_count = 0;
	return backend;
}

static void destroy(struct backend *backend)
{
	backend->ops->destroy(backend);
	CHECK_EQ(fake_task_count, 0);
	CHECK_EQ(fake_timer_count, 0);
	if (kernel_end >= 0)
		close(kernel_end);
	kernel_end = -1;
}

static bool counters_say(struct backend *backend, const char *text)
{
	char json[2048] = "";
	FILE *out = fmemopen(json, sizeof(json), "w");

	backend->ops->counters(backend, out);
	fclose(out);
	if (strstr(json, text))
		return true;
	printf("# %s\n", json);
	return false;
}

/* A frame of the guest, IPv4, TCP or UDP, all sums good or left open. */
static uint8_t bytes[FRAME_MAX];
static struct frame frame;

static void make_frame(uint8_t protocol, uint32_t len, bool open)
{
	uint64_t pseudo;
	uint16_t sum;
	uint32_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i * 3 + 1);
	memcpy(bytes, "\x02\x00\x5e\x10\x00\x01\x00\x15\x5d\x00\x00\x07\x08\x00", 14);
	memset(bytes + 14, 0, 40);
	bytes[14] = 0x45;
	put_be16(bytes + 16, len - 14);
	bytes[22] = 64;
	bytes[23] = protocol;
	memcpy(bytes + 26, "\x0a\x00\x00\x02\x0a\x00\x00\x01", 8);
	put_be16(bytes + 34, 4000);
	put_be16(bytes + 36, 5000);
	if (protocol == 6) {
		bytes[46] = 0x50;
		bytes[47] = TCP_ACK;
	} else {
		put_be16(bytes + 38, len - 34);
	}
	frame = (struct frame){
		.data = bytes, .len = len, .csum_partial = true,
		.csum_start = 34, .csum_offset = protocol == 6 ? 16 : 6,
		.ip_csum_partial = true,
	};
	pseudo = checksum_pseudo(bytes + 14, 4, protocol, len - 34);
	sum = (uint16_t)~checksum_finish(pseudo);
	memcpy(bytes + 34 + frame.csum_offset, &sum, 2);
	if (!open)
		frame_finish_checksums(&frame);
}

/* Both checksums of an IPv4 frame, by plain big-endian sums. */
static bool sums_good(const struct frame *f)
{
	uint32_t sum = f->data[23] + f->len - 34, ip_sum = 0, i;

	for (i = 14; i < 34; i++)
		ip_sum += (uint32_t)f->data[i] << (i % 2 ? 0 : 8);
	for (i = 26; i < f->len; i++)
		sum += (uint32_t)f->data[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	while (ip_sum >> 16)
		ip_sum = (ip_sum & 0xffff) + (ip_sum >> 16);
	return sum == 0xffff && ip_sum == 0xffff;
}

static void refuse(const char *description, const char *complaint)
{
	last_complaint[0] = '\0';
	CHECK(!backend_create(description));
	CHECK_STR(last_complaint, complaint);
}

static void complaints(void)
{
	refuse("tab", "unknown back end 'tab' (none, sink, tap, echo, source)");
	refuse("", "unknown back end '' (none, sink, tap, echo, source)");
	refuse("sink:x=1", "sink: unknown option 'x'");
	refuse("echo:x", "echo: 'x' is not KEY=VALUE");
	refuse("source:size=59", "source: size=59: not a number from 60 to 65549");
	refuse("source:size=", "source: size=: not a number from 60 to 65549");
	refuse("source:rate=-1", "source: rate=-1: not a number from 0 to 10000000");
	refuse("source:flows=9x", "source: flows=9x: not a number from 1 to 4096");
	refuse("source:src=1.2.3", "source: src=1.2.3: not an IPv4 address");
	refuse("tap", "tap: which one? (tap:ifname=NAME)");
	refuse("tap:ifname=", "tap: ifname=: not a name of 1 to 15 letters");
	refuse("tap:ifname=sixteen_letters_",
	       "tap: ifname=sixteen_letters_: not a name of 1 to 15 letters");
	tun_error = EACCES;
	refuse("tap:ifname=t0", "tap: cannot open /dev/net/tun: Permission denied");
	tun_error = 0;
	tun_set_error = EPERM;
	refuse("tap:ifname=t0",
	       "tap: cannot use t0: Operation not permitted (needs CAP_NET_ADMIN, or to own it)");
	close(kernel_end);
	tun_set_error = EBUSY;
	refuse("tap:ifname=t0", "tap: cannot use t0: Device or resource busy");
	close(kernel_end);
	kernel_end = -1;
	tun_set_error = 0;
}

static void sink(void)
{
	struct backend *backend = make("sink");

	make_frame(17, 100, true);
	frame.has_vlan = true;
	backend->ops->resume(backend);
	backend->ops->send(backend, 2, &frame);
	backend->ops->send(backend, 0, &frame);
	CHECK(counters_say(backend, "\"from_guest_frames\": 2, \"from_guest_bytes\": 200"));
	CHECK(counters_say(backend, "\"from_guest_csum\": 2, \"from_guest_gso\": 0"));
	CHECK(counters_say(backend, "\"from_guest_queues\": [1, 0, 1]"));
	destroy(backend);
	backend = make("none");
	CHECK(counters_say(backend, "\"kind\": \"none\""));
	destroy(backend);
}

static void echo_udp(void)
{
	struct backend *backend = make("echo");
	unsigned int open;

	backend->ops->resume(backend);
	run_all_tasks();
	for (open = 0; open < 2; open++) {
		make_frame(17, 200 + open, open);
		backend->ops->send(backend, 0, &frame);
		CHECK_EQ(taken_count, open);	/* not inside ->send() */
		run_all_tasks();
		CHECK_EQ(taken_count, open + 1);
		CHECK_MEM(got(open)->data, "\x00\x15\x5d\x00\x00\x07\x02\x00\x5e\x10\x00\x01", 12);
		CHECK_MEM(got(open)->data + 26, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
		CHECK_EQ(get_be16(got(open)->data + 34), 5000);
		CHECK_EQ(get_be16(got(open)->data + 36), 4000);
		CHECK(sums_good(got(open)));
		CHECK_EQ(got(open)->csum_good, open);
		CHECK(!got(open)->csum_partial);
	}
	make_frame(17, 100, false);
	bytes[0] = 1;				/* multicast */
	backend->ops->send(backend, 0, &frame);
	run_all_tasks();
	CHECK_EQ(taken_count, 2);
	CHECK(counters_say(backend, "\"ignored\": 1"));
	destroy(backend);
}

static void echo_ping(void)
{
	struct backend *backend = make("echo");
	uint16_t sum = 0;

	backend->ops->resume(backend);
	make_frame(17, 98, false);
	bytes[23] = 1;
	memcpy(bytes + 34, "\x08\x00\x00\x00\x12\x34\x00\x01", 8);
	sum = checksum_finish(checksum_add(0, bytes + 34, 64));
	memcpy(bytes + 36, &sum, 2);
	backend->ops->send(backend, 0, &frame);
	run_all_tasks();
	CHECK_EQ(taken_count, 1);
	CHECK_EQ(got(0)->data[34], 0);
	CHECK_EQ(checksum_finish(checksum_add(0, got(0)->data + 34, 64)), 0);
	CHECK_MEM(got(0)->data + 38, "\x12\x34\x00\x01", 4);
	destroy(backend);
}

static void arp_is_answered(void)
{
	static const char *const kinds[] = { "echo", "source:rate=1,count=1" };
	static const char request[] =
		"\xff\xff\xff\xff\xff\xff\x00\x15\x5d\x00\x00\x07\x08\x06"
		"\x00\x01\x08\x00\x06\x04\x00\x01\x00\x15\x5d\x00\x00\x07\x0a\x00\x00\x02"
		"\x00\x00\x00\x00\x00\x00\x0a\x00\x00\x01";
	static const char answer[] =
		"\x00\x15\x5d\x00\x00\x07\x02\x00\x5e\x10\x00\x01\x08\x06"
		"\x00\x01\x08\x00\x06\x04\x00\x02\x02\x00\x5e\x10\x00\x01\x0a\x00\x00\x01"
		"\x00\x15\x5d\x00\x00\x07\x0a\x00\x00\x02";
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct backend *backend = make(kinds[i]);

		backend->ops->resume(backend);
		run_all_tasks();
		memcpy(bytes, request, 42);
		frame = (struct frame){ .data = bytes, .len = 42,
					.has_vlan = true, .vlan_tci = 7 };
		backend->ops->send(backend, 0, &frame);
		run_all_tasks();
		CHECK_OR_RETURN(taken_count == 1);
		CHECK_EQ(got(0)->len, 60);
		CHECK_MEM(got(0)->data, answer, 42);
		CHECK_EQ(got(0)->vlan_tci, 7);
		frame.len = 41;				/* cut short: no answer */
		backend->ops->send(backend, 0, &frame);
		run_all_tasks();
		CHECK_EQ(taken_count, 1);
		destroy(backend);
	}
}

static void echo_gso(void)
{
	struct backend *backend = make("echo");
	unsigned int i;

	backend->ops->resume(backend);
	make_frame(6, 54 + 5000, true);
	frame.gso = FRAME_GSO_TCP4;
	frame.gso_size = 1460;
	backend->ops->send(backend, 0, &frame);
	run_all_tasks();
	CHECK_EQ(taken_count, 4);
	for (i = 0; i < 4; i++) {
		CHECK(sums_good(got(i)));
		CHECK(got(i)->csum_good);
		CHECK_EQ(got(i)->gso, FRAME_GSO_NONE);
	}
	backend->gso_to_guest = true;
	make_frame(6, 54 + 5000, true);
	frame.gso = FRAME_GSO_TCP4;
	frame.gso_size = 1460;
	backend->ops->send(backend, 0, &frame);
	run_all_tasks();
	CHECK_EQ(taken_count, 5);
	CHECK_EQ(got(4)->gso, FRAME_GSO_TCP4);
	CHECK_EQ(got(4)->gso_size, 1460);
	CHECK_EQ(got(4)->header_len, 54);
	CHECK(got(4)->csum_good);
	CHECK(sums_good(got(4)));
	frame.gso = FRAME_GSO_TCP6;			/* which it is not */
	backend->ops->send(backend, 0, &frame);
	run_all_tasks();
	CHECK_EQ(taken_count, 5);
	CHECK(counters_say(backend, "\"to_guest_dropped\": 1"));
	destroy(backend);
}

/* Refused frames stay, in order; none is lost or doubled. */
static void refusal_keeps_order(void)
{
	struct backend *backend = make("echo");
	unsigned int i;

	backend->ops->resume(backend);
	room = 3;
	for (i = 0; i < 10; i++) {
		make_frame(17, 100 + i, false);
		backend->ops->send(backend, 0, &frame);
	}
	run_all_tasks();
	CHECK_EQ(taken_count, 3);
	backend->ops->send(backend, 0, &frame);
	CHECK_EQ(fake_task_count, 0);		/* waits for ->resume() */
	room = 2;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 5);
	room = 100;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 11);
	for (i = 0; i < 10; i++)
		CHECK_EQ(got(i)->len, 100 + i);
	/* Stopping drops what waits. */
	room = 0;
	backend->ops->send(backend, 0, &frame);
	run_all_tasks();
	backend->ops->stop(backend);
	room = 100;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 11);
	destroy(backend);
}

static void source_at_full_speed(void)
{
	struct backend *backend = make("source:size=64,flows=4,count=200,dst=10.1.2.3");
	unsigned int i;

	CHECK_EQ(fake_task_count, 0);		/* nothing before ->resume() */
	backend->ops->resume(backend);
	run_tasks();
	CHECK_EQ(taken_count, BACKEND_BATCH);	/* and then a batch a turn */
	run_all_tasks();
	CHECK_EQ(taken_count, 200);
	for (i = 0; i < 200; i++) {
		const uint8_t *data = got(i)->data;

		CHECK_EQ(got(i)->len, 64);
		CHECK_MEM(data, "\x00\x15\x5d\x00\x00\x07\x02\x00\x5e\x10\x00\x01\x08\x00", 14);
		CHECK_MEM(data + 26, "\x0a\x63\x00\x01\x0a\x01\x02\x03", 8);
		CHECK_EQ(data[23], 17);
		CHECK_EQ(get_be16(data + 34), 10000 + i % 4);
		CHECK_EQ(get_be16(data + 38), 64 - 34);
		CHECK_EQ(get_be32(data + 46), i);
		CHECK(got(i)->csum_good);
		CHECK(sums_good(got(i)));
	}
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 200);
	CHECK(counters_say(backend, "\"to_guest_frames\": 200, \"to_guest_bytes\": 12800"));
	destroy(backend);
}

static void source_that_is_asked(void)
{
	struct backend *backend = make("source:asked=1");

	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 0);
	backend->ops->more(backend, 5);
	run_all_tasks();
	CHECK_EQ(taken_count, 5);
	backend->ops->stop(backend);
	backend->ops->more(backend, 3);
	run_all_tasks();
	CHECK_EQ(taken_count, 5);
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 8);
	destroy(backend);
}

static void source_tcp(void)
{
	struct backend *backend = make("source:size=9000,flows=2,count=5,tcp=1");
	unsigned int i;

	room = 3;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 3);
	backend->gso_to_guest = true;
	room = 100;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 5);
	for (i = 0; i < 5; i++) {
		CHECK_EQ(got(i)->len, i < 3 ? 1514 : 9000);
		CHECK_EQ(got(i)->gso, i < 3 ? FRAME_GSO_NONE : FRAME_GSO_TCP4);
		CHECK_EQ(got(i)->gso_size, i < 3 ? 0 : 1460);
		CHECK_EQ(get_be32(got(i)->data + 38),
			 i < 2 ? 0 : i < 4 ? 1460 : 1460 * 2);
		CHECK(sums_good(got(i)));
	}
	destroy(backend);
}

static void source_rate(void)
{
	struct backend *backend = make("source:rate=1000");
	unsigned int i;

	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 0);
	for (i = 0; i < 5000; i++) {
		pass_time(1000000);
		CHECK(taken_count == i || taken_count == i + 1);
	}
	CHECK(taken_count >= 4999);
	/* What a stalled NIC misses is given up beyond a tenth of a second. */
	room = 0;
	pass_time(1000000);
	pass_time(10 * 1000000000ull);
	room = 1000000;
	taken_count = 0;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, BACKEND_BATCH);
	for (i = 0; i < 100; i++)
		pass_time(1000000);
	CHECK(taken_count >= 263 && taken_count <= 265);
	CHECK(counters_say(backend, "\"late\": 9837"));
	backend->ops->stop(backend);
	CHECK_EQ(fake_timer_count, 0);
	destroy(backend);
}

/* What reached the kernel: header and frame. */
static struct virtio_net_hdr vnet;
static uint8_t wire[FRAME_MAX + 4];

static ssize_t kernel_read(void)
{
	struct iovec parts[] = { { &vnet, sizeof(vnet) }, { wire, sizeof(wire) } };
	ssize_t len = readv(kernel_end, parts, 2);

	return len < 0 ? -1 : len - (ssize_t)sizeof(vnet);
}

static void kernel_write(const void *data, size_t len)
{
	struct iovec parts[] = { { &vnet, sizeof(vnet) }, { (void *)data, len } };

	CHECK_EQ(writev(kernel_end, parts, 2), len + sizeof(vnet));
}

static void tap_device(void)
{
	struct backend *backend = make("tap:ifname=hv7");

	CHECK_STR(tun_name, "hv7");
	CHECK_EQ(tun_flags, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);
	CHECK_EQ(tun_offloads, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
	CHECK_EQ(fake_fd_events, 0);
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(fake_fd_events, EPOLLIN);
	backend->ops->stop(backend);
	CHECK_EQ(fake_fd_events, 0);
	destroy(backend);
	CHECK_EQ(fake_fd, -1);
}

static void tap_send(void)
{
	struct backend *backend = make("tap:ifname=t0");

	make_frame(17, 100, true);
	backend->ops->send(backend, 0, &frame);
	CHECK_EQ(kernel_read(), 100);
	CHECK_EQ(vnet.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	CHECK_EQ(vnet.csum_start, 34);
	CHECK_EQ(vnet.csum_offset, 6);
	CHECK_EQ(vnet.gso_type, 0);
	CHECK_MEM(wire, bytes, 100);
	/* The tag goes inline; offsets follow. */
	make_frame(17, 100, true);
	frame.has_vlan = true;
	frame.vlan_tci = 0x5123;
	backend->ops->send(backend, 0, &frame);
	CHECK_EQ(kernel_read(), 104);
	CHECK_EQ(vnet.csum_start, 38);
	CHECK_MEM(wire, bytes, 12);
	CHECK_EQ(get_be32(wire + 12), 0x81005123);
	CHECK_MEM(wire + 16, bytes + 12, 88);
	/* A large send as NDIS has it. */
	make_frame(6, 54 + 4000, true);
	put_be16(bytes + 16, 0);
	frame.gso = FRAME_GSO_TCP4;
	frame.gso_size = 1460;
	frame.has_vlan = true;
	backend->ops->send(backend, 0, &frame);
	CHECK_EQ(kernel_read(), 58 + 4000);
	CHECK_EQ(vnet.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	CHECK_EQ(vnet.gso_size, 1460);
	CHECK_EQ(vnet.hdr_len, 58);
	CHECK_EQ(vnet.csum_start, 38);
	CHECK_EQ(vnet.csum_offset, 16);
	CHECK_EQ(get_be16(wire + 20), 4040);
	make_frame(6, 54 + 4000, true);		/* not what it says */
	frame.gso = FRAME_GSO_TCP6;
	frame.gso_size = 1460;
	backend->ops->send(backend, 0, &frame);
	frame.len = 13;
	frame.gso = FRAME_GSO_NONE;
	backend->ops->send(backend, 0, &frame);
	CHECK_EQ(kernel_read(), -1);
	CHECK(counters_say(backend, "\"from_guest_frames\": 3,"));
	CHECK(counters_say(backend, "\"from_guest_gso\": 1,"));
	CHECK(counters_say(backend, "\"from_guest_malformed\": 2"));
	close(kernel_end);			/* the device is down */
	kernel_end = -1;
	make_frame(17, 100, true);
	backend->ops->send(backend, 0, &frame);
	CHECK(counters_say(backend, "\"from_guest_dropped\": 1"));
	destroy(backend);
}

static void tap_receive(void)
{
	struct backend *backend = make("tap:ifname=t0");
	uint8_t tagged[104];

	backend->ops->resume(backend);
	run_all_tasks();
	make_frame(17, 100, false);
	memset(&vnet, 0, sizeof(vnet));
	kernel_write(bytes, 100);
	vnet.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	kernel_write(bytes, 99);
	/* Tagged, and its checksum is left to us. */
	make_frame(17, 100, true);
	frame_finish_ip_checksum(&frame);
	memcpy(tagged, bytes, 12);
	put_be32(tagged + 12, 0x8100a005);
	memcpy(tagged + 16, bytes + 12, 88);
	vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vnet.csum_start = 38;
	vnet.csum_offset = 6;
	kernel_write(tagged, 104);
	fake_fd_fn(fake_fd_ctx, EPOLLIN);
	CHECK_OR_RETURN(taken_count == 3);
	CHECK_EQ(got(0)->len, 100);
	CHECK(!got(0)->csum_good);
	CHECK(sums_good(got(0)));
	CHECK_EQ(got(1)->len, 99);
	CHECK(got(1)->csum_good);
	CHECK_EQ(got(2)->len, 100);
	CHECK(got(2)->has_vlan);
	CHECK_EQ(got(2)->vlan_tci, 0xa005);
	CHECK(got(2)->csum_good);
	CHECK(sums_good(got(2)));
	/* Rubbish from the kernel's side is dropped, not passed on. */
	vnet.csum_start = 2;
	kernel_write(tagged, 104);
	kernel_write(tagged, 16);
	vnet.flags = 0;
	kernel_write(tagged, 13);
	vnet.gso_type = VIRTIO_NET_HDR_GSO_UDP;
	kernel_write(bytes, 100);
	fake_fd_fn(fake_fd_ctx, EPOLLIN);
	CHECK_EQ(taken_count, 3);
	CHECK(counters_say(backend, "\"to_guest_dropped\": 4"));
	destroy(backend);
}

static void kernel_write_gso(void)
{
	make_frame(6, 54 + 10000, true);
	frame.ip_csum_partial = false;
	vnet = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN,
		.gso_size = 1460, .hdr_len = 54, .csum_start = 34, .csum_offset = 16,
	};
	kernel_write(bytes, 54 + 10000);
}

static void tap_receive_gso(void)
{
	struct backend *backend = make("tap:ifname=t0");
	unsigned int i;

	backend->ops->resume(backend);
	run_all_tasks();
	/* Room for a part: the rest waits, and nothing more is read. */
	kernel_write_gso();
	kernel_write_gso();
	room = 3;
	fake_fd_fn(fake_fd_ctx, EPOLLIN);
	CHECK_EQ(taken_count, 3);
	CHECK_EQ(fake_fd_events, 0);
	room = 2;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 5);
	CHECK_EQ(fake_fd_events, 0);
	room = 100;
	backend->ops->resume(backend);
	run_all_tasks();
	CHECK_EQ(taken_count, 7);
	CHECK_EQ(fake_fd_events, EPOLLIN);
	for (i = 0; i < 7; i++) {
		CHECK_EQ(got(i)->len, i < 6 ? 1514 : 54 + 10000 - 6 * 1460);
		CHECK_EQ(get_be32(got(i)->data + 38), i * 1460);
		CHECK(sums_good(got(i)));
		CHECK(got(i)->csum_good);
	}
	/* The second goes through whole. */
	backend->gso_to_guest = true;
	fake_fd_fn(fake_fd_ctx, EPOLLIN);
	CHECK_OR_RETURN(taken_count == 8);
	CHECK_EQ(got(7)->gso, FRAME_GSO_TCP4);
	CHECK_EQ(got(7)->len, 54 + 10000);
	CHECK_EQ(got(7)->header_len, 54);
	CHECK(sums_good(got(7)));
	CHECK(counters_say(backend, "\"to_guest_gso\": 2"));
	destroy(backend);
}

static void tap_batches(void)
{
	struct backend *backend = make("tap:ifname=t0");
	unsigned int i;

	backend->ops->resume(backend);
	run_all_tasks();
	memset(&vnet, 0, sizeof(vnet));
	make_frame(17, 60, false);
	for (i = 0; i < BACKEND_BATCH + 10; i++)
		kernel_write(bytes, 60);
	fake_fd_fn(fake_fd_ctx, EPOLLIN);
	CHECK_EQ(taken_count, BACKEND_BATCH);
	fake_fd_fn(fake_fd_ctx, EPOLLIN);
	CHECK_EQ(taken_count, BACKEND_BATCH + 10);
	destroy(backend);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(complaints),
		TEST_CASE(sink),
		TEST_CASE(echo_udp),
		TEST_CASE(echo_ping),
		TEST_CASE(arp_is_answered),
		TEST_CASE(echo_gso),
		TEST_CASE(refusal_keeps_order),
		TEST_CASE(source_at_full_speed),
		TEST_CASE(source_that_is_asked),
		TEST_CASE(source_tcp),
		TEST_CASE(source_rate),
		TEST_CASE(tap_device),
		TEST_CASE(tap_send),
		TEST_CASE(tap_receive),
		TEST_CASE(tap_receive_gso),
		TEST_CASE(tap_batches),
	};
	int status;
	unsigned int i;

	signal(SIGPIPE, SIG_IGN);	/* the socket pair has it, a TAP has not */
	status = test_run(cases, TEST_COUNT(cases));
	for (i = 0; i < KEPT; i++)
		free(taken[i].data);
	return status;
}
