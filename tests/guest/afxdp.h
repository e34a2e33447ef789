/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AF_XDP sockets, as the guest's programs use them: no library, no compiler.
 *
 * A socket has memory of its own. A part of it is for received frames, which
 * the kernel has from the beginning; the others are for frames to be sent. Errors
 * end the program, since each of them is a failure of what is tested.
 */
#ifndef AFXDP_H
#define AFXDP_H

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AF_XDP
#define AF_XDP		44
#endif
#ifndef SOL_XDP
#define SOL_XDP		283
#endif

/* One of the four rings; head and tail count up for ever. */
struct afxdp_ring {
	uint32_t *producer;
	uint32_t *consumer;
	uint32_t *flags;
	void *entry;
	uint32_t mask;
};

/* The memory of a socket, and how it is bound: XDP_ZEROCOPY or XDP_COPY. */
struct afxdp_shape {
	uint32_t chunk;
	uint32_t frames;		/* a power of two; each ring has as many */
	uint32_t received;		/* of them for received frames */
	unsigned int mode;
};

struct afxdp {
	int fd;
	unsigned int queue;
	struct afxdp_shape shape;
	bool asks;			/* the kernel says when it wants a call */
	uint8_t *memory;
	struct afxdp_ring fill, done, rx, tx;
	unsigned long kicks;
};

static inline void afxdp_die(const char *what)
{
	fprintf(stderr, "AF_XDP: %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline int afxdp_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* What is there for the reader of a ring. */
static inline uint32_t afxdp_filled(const struct afxdp_ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) -
	       *ring->consumer;
}

/* What is there for its writer. */
static inline uint32_t afxdp_room(const struct afxdp_ring *ring)
{
	return ring->mask + 1 - (*ring->producer -
				 __atomic_load_n(ring->consumer,
						 __ATOMIC_ACQUIRE));
}

static inline void afxdp_advance(uint32_t *index, uint32_t by)
{
	__atomic_store_n(index, *index + by, __ATOMIC_RELEASE);
}

static inline uint64_t *afxdp_address(const struct afxdp_ring *ring,
				      uint32_t at)
{
	return (uint64_t *)ring->entry + (at & ring->mask);
}

static inline struct xdp_desc *afxdp_desc(const struct afxdp_ring *ring,
					  uint32_t at)
{
	return (struct xdp_desc *)ring->entry + (at & ring->mask);
}

/* A buffer for received frames goes to the kernel. */
static inline void afxdp_give(struct afxdp *s, uint64_t address)
{
	*afxdp_address(&s->fill, *s->fill.producer) = address;
	afxdp_advance(s->fill.producer, 1);
}

/* A frame goes to the kernel, which hears of it with the next call. */
static inline void afxdp_send(struct afxdp *s, uint64_t address, uint32_t len)
{
	*afxdp_desc(&s->tx, *s->tx.producer) = (struct xdp_desc){
		.addr = address, .len = len,
	};
	afxdp_advance(s->tx.producer, 1);
}

static inline void afxdp_kick(struct afxdp *s)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (s->asks && !(__atomic_load_n(s->tx.flags, __ATOMIC_RELAXED) &
			 XDP_RING_NEED_WAKEUP))
		return;
	s->kicks++;
	if (sendto(s->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 &&
	    errno != EAGAIN && errno != EBUSY && errno != ENOBUFS &&
	    errno != ENETDOWN)
		afxdp_die("send");
}

static inline void afxdp_map_ring(const struct afxdp *s,
				  const struct xdp_ring_offset *at,
				  uint64_t where, size_t entry,
				  struct afxdp_ring *ring)
{
	uint8_t *base = mmap(NULL, at->desc + s->shape.frames * entry,
			     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			     s->fd, (off_t)where);

	if (base == MAP_FAILED)
		afxdp_die("ring");
	ring->producer = (uint32_t *)(base + at->producer);
	ring->consumer = (uint32_t *)(base + at->consumer);
	ring->flags = (uint32_t *)(base + at->flags);
	ring->entry = base + at->desc;
	ring->mask = s->shape.frames - 1;
}

static inline void afxdp_map_rings(struct afxdp *s)
{
	struct xdp_mmap_offsets at;
	socklen_t len = sizeof(at);

	if (getsockopt(s->fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &len))
		afxdp_die("offsets");
	afxdp_map_ring(s, &at.rx, XDP_PGOFF_RX_RING,
		       sizeof(struct xdp_desc), &s->rx);
	afxdp_map_ring(s, &at.tx, XDP_PGOFF_TX_RING,
		       sizeof(struct xdp_desc), &s->tx);
	afxdp_map_ring(s, &at.fr, XDP_UMEM_PGOFF_FILL_RING,
		       sizeof(uint64_t), &s->fill);
	afxdp_map_ring(s, &at.cr, XDP_UMEM_PGOFF_COMPLETION_RING,
		       sizeof(uint64_t), &s->done);
}

static inline void afxdp_open(struct afxdp *s, unsigned int device,
			      unsigned int queue,
			      const struct afxdp_shape *shape)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	static const int rings[] = { XDP_UMEM_FILL_RING,
				     XDP_UMEM_COMPLETION_RING, XDP_RX_RING,
				     XDP_TX_RING };
	size_t bytes = (size_t)shape->frames * shape->chunk;
	struct sockaddr_xdp address = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = (unsigned short)shape->mode,
		.sxdp_ifindex = device,
		.sxdp_queue_id = queue,
	};
	struct xdp_umem_reg memory = { .len = bytes, .chunk_size = shape->chunk };
	int size = (int)shape->frames;
	unsigned int i;

	setrlimit(RLIMIT_MEMLOCK, &all);
	memset(s, 0, sizeof(*s));
	s->queue = queue;
	s->shape = *shape;
	s->asks = shape->mode & XDP_USE_NEED_WAKEUP;
	s->fd = socket(AF_XDP, SOCK_RAW, 0);
	s->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (s->fd < 0 || s->memory == MAP_FAILED)
		afxdp_die("socket");
	memory.addr = (uintptr_t)s->memory;
	if (setsockopt(s->fd, SOL_XDP, XDP_UMEM_REG, &memory, sizeof(memory)))
		afxdp_die("memory");
	for (i = 0; i < sizeof(rings) / sizeof(*rings); i++) {
		if (setsockopt(s->fd, SOL_XDP, rings[i], &size, sizeof(size)))
			afxdp_die("ring");
	}
	afxdp_map_rings(s);
	for (i = 0; i < shape->received; i++)
		afxdp_give(s, (uint64_t)i * shape->chunk);
	if (bind(s->fd, (struct sockaddr *)&address, sizeof(address)))
		afxdp_die("bind");
}

/* Whether the kernel has bound the socket to the driver's own mode. */
static inline bool afxdp_is_zero_copy(const struct afxdp *s)
{
	struct xdp_options options = {};
	socklen_t len = sizeof(options);

	if (getsockopt(s->fd, SOL_XDP, XDP_OPTIONS, &options, &len))
		afxdp_die("options");
	return options.flags & XDP_OPTIONS_ZEROCOPY;
}

/* A map of the sockets by queue. */
static inline int afxdp_map(const struct afxdp *s, unsigned int num)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_XSKMAP,
				.key_size = 4, .value_size = 4,
				.max_entries = num };
	int map = afxdp_bpf(BPF_MAP_CREATE, &attr);
	unsigned int i;

	for (i = 0; i < num; i++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (unsigned int)map;
		attr.key = (uintptr_t)&s[i].queue;
		attr.value = (uintptr_t)&s[i].fd;
		if (afxdp_bpf(BPF_MAP_UPDATE_ELEM, &attr))
			afxdp_die("map of sockets");
	}
	return map;
}

#define AFXDP_INSN(c, d, s, o, i)					\
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s),	\
			    .off = (o), .imm = (i) })

/*
 * What is IPv4 of a protocol goes to the socket of its queue; all else, and
 * what comes on a queue without one, passes. Until the program ends.
 */
static inline void afxdp_steer(const struct afxdp *s, unsigned int num,
			       unsigned int device, int protocol)
{
	const struct bpf_insn insn[] = {
		AFXDP_INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
		AFXDP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS),
		AFXDP_INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6, 0, 0),
		AFXDP_INSN(BPF_LDX | BPF_MEM | BPF_W, 3, 6, 4, 0),
		AFXDP_INSN(BPF_ALU64 | BPF_MOV | BPF_X, 4, 2, 0, 0),
		AFXDP_INSN(BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, 34),
		AFXDP_INSN(BPF_JMP | BPF_JGT | BPF_X, 4, 3, 9, 0),
		AFXDP_INSN(BPF_LDX | BPF_MEM | BPF_H, 5, 2, 12, 0),
		AFXDP_INSN(BPF_JMP | BPF_JNE | BPF_K, 5, 0, 7, 0x0008),
		AFXDP_INSN(BPF_LDX | BPF_MEM | BPF_B, 5, 2, 23, 0),
		AFXDP_INSN(BPF_JMP | BPF_JNE | BPF_K, 5, 0, 5, protocol),
		AFXDP_INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0,
			   afxdp_map(s, num)),
		AFXDP_INSN(0, 0, 0, 0, 0),
		AFXDP_INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6, 16, 0),
		AFXDP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, XDP_PASS),
		AFXDP_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_map),
		AFXDP_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)insn,
		.insn_cnt = sizeof(insn) / sizeof(*insn),
		.license = (uintptr_t)"GPL",
	};
	int program = afxdp_bpf(BPF_PROG_LOAD, &attr);

	if (program < 0)
		afxdp_die("program");
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (unsigned int)program;
	attr.link_create.target_ifindex = device;
	attr.link_create.attach_type = BPF_XDP;
	attr.link_create.flags = XDP_FLAGS_DRV_MODE;
	if (afxdp_bpf(BPF_LINK_CREATE, &attr) < 0)
		afxdp_die("device");
}

#endif
