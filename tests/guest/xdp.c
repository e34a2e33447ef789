// SPDX-License-Identifier: GPL-2.0
/*
 * xdp - XDP programs for the guest, without a compiler and without a library
 *
 *	xdp attach DEVICE PROGRAM...		native; prints why the kernel refuses
 *	xdp detach DEVICE
 *	xdp replace DEVICE TIMES VERDICT VERDICT	by turns; counts what was refused
 *	xdp pin PATH PROGRAM...			for tc, below a mounted bpf file system
 *	xdp metadata DEVICE KEY			what the driver says of a frame; KEY of RSS
 *
 *	PROGRAM: [frags] VERDICT		on every frame
 *		 [frags] icmp VERDICT		on ICMP over IPv4; the others pass
 *		 [frags] pong			answers pings of IPv4
 *		 [frags] redirect DEVICE
 *		 [frags] cpu NUMBER		through a CPU map
 *		 [frags] tail			grows the frame, cuts some off again
 *		 [frags] tag ID			puts a VLAN tag into an IPv4 frame
 *		 [frags] meta			leaves a word in front of the frame
 *		 want-meta			for tc: drops frames without that word
 *	VERDICT: aborted, drop, pass, tx, or a number
 *
 * Programs are written in instructions: that way they are exact to the byte and
 * need nothing that a guest has not got.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSNS_MAX	96
#define LOG_BYTES	65536
#define CPU_QUEUE	512
#define META_WORD	0x6d657461
#define FRAGS_FLAG	(1u << 5)		/* BPF_F_XDP_HAS_FRAGS */
#define CLS_SHOT	2			/* TC_ACT_SHOT */
#define BOUND_FLAG	(1u << 6)		/* BPF_F_XDP_DEV_BOUND_ONLY */
#define BTF_PATH	"/sys/kernel/btf/vmlinux"
#define WAIT_MS		10000
#define KEY_BYTES	40

/* Of a frame: its Ethernet header, IPv4 without options, ICMP. */
#define ETH_TYPE	12
#define IP_PROTOCOL	23
#define IP_FROM		26
#define IP_TO		30
#define ICMP_TYPE	34
#define ICMP_SUM	36
#define ICMP_END	42
#define TYPE_IPV4	0x0008			/* as a little-endian load sees it */
#define TYPE_VLAN	0x0081

struct program {
	struct bpf_insn insn[INSNS_MAX];
	unsigned int len;
	unsigned int flags;
	unsigned int device;			/* that it is for; 0: any */
	enum bpf_prog_type type;
};

static int fail(const char *what)
{
	fprintf(stderr, "xdp: %s: %s\n", what, strerror(errno));
	return -1;
}

static void emit(struct program *p, int code, int dst, int src, int off, int imm)
{
	p->insn[p->len++] = (struct bpf_insn){
		.code = (unsigned char)code, .dst_reg = dst & 0xf,
		.src_reg = src & 0xf, .off = (short)off, .imm = imm,
	};
}

static void move(struct program *p, int dst, int src)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void set(struct program *p, int dst, int imm)
{
	emit(p, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm);
}

static void add(struct program *p, int dst, int imm)
{
	emit(p, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm);
}

static void load(struct program *p, int size, int dst, int src, int off)
{
	emit(p, BPF_LDX | BPF_MEM | size, dst, src, off, 0);
}

static void store(struct program *p, int size, int dst, int off, int src)
{
	emit(p, BPF_STX | BPF_MEM | size, dst, src, off, 0);
}

static void call(struct program *p, int helper)
{
	emit(p, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static void leave(struct program *p, int verdict)
{
	set(p, BPF_REG_0, verdict);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Leaves with a verdict unless a register has a value. */
static void need(struct program *p, int reg, int value, int verdict)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, reg, 0, 2, value);
	leave(p, verdict);
}

/* r2 is the frame, of which @bytes are there, or the program leaves; r6: ctx */
static void look(struct program *p, int bytes, int verdict)
{
	load(p, BPF_W, BPF_REG_2, BPF_REG_6, 0);
	load(p, BPF_W, BPF_REG_3, BPF_REG_6, 4);
	move(p, BPF_REG_4, BPF_REG_2);
	add(p, BPF_REG_4, bytes);
	emit(p, BPF_JMP | BPF_JLE | BPF_X, BPF_REG_4, BPF_REG_3, 2, 0);
	leave(p, verdict);
}

/* Leaves what is not IPv4 of a protocol (0: any) alone. */
static void only_ipv4(struct program *p, int protocol)
{
	look(p, ICMP_END, XDP_PASS);
	load(p, BPF_H, BPF_REG_5, BPF_REG_2, ETH_TYPE);
	need(p, BPF_REG_5, TYPE_IPV4, XDP_PASS);
	if (!protocol)
		return;
	load(p, BPF_B, BPF_REG_5, BPF_REG_2, IP_PROTOCOL);
	need(p, BPF_REG_5, protocol, XDP_PASS);
}

/* Exchanges two fields of the frame. */
static void swap(struct program *p, int size, int one, int other)
{
	load(p, size, BPF_REG_5, BPF_REG_2, one);
	load(p, size, BPF_REG_7, BPF_REG_2, other);
	store(p, size, BPF_REG_2, one, BPF_REG_7);
	store(p, size, BPF_REG_2, other, BPF_REG_5);
}

/* A request becomes the reply: the type falls by 8, the sum rises by 0x0800. */
static void make_pong(struct program *p)
{
	only_ipv4(p, 1);
	load(p, BPF_B, BPF_REG_5, BPF_REG_2, ICMP_TYPE);
	need(p, BPF_REG_5, 8, XDP_PASS);
	swap(p, BPF_W, 0, 6);
	swap(p, BPF_H, 4, 10);
	swap(p, BPF_W, IP_FROM, IP_TO);
	emit(p, BPF_ST | BPF_MEM | BPF_B, BPF_REG_2, 0, ICMP_TYPE, 0);
	load(p, BPF_H, BPF_REG_5, BPF_REG_2, ICMP_SUM);
	add(p, BPF_REG_5, 8);
	move(p, BPF_REG_7, BPF_REG_5);
	emit(p, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_7, 0, 0, 16);
	emit(p, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_5, BPF_REG_7, 0, 0);
	store(p, BPF_H, BPF_REG_2, ICMP_SUM, BPF_REG_5);
	leave(p, XDP_TX);
}

/* Calls a helper on the frame with one number; an error aborts. */
static void adjust(struct program *p, int helper, int by)
{
	move(p, BPF_REG_1, BPF_REG_6);
	set(p, BPF_REG_2, by);
	call(p, helper);
	need(p, BPF_REG_0, 0, XDP_ABORTED);
}

static void make_tail(struct program *p)
{
	only_ipv4(p, 0);
	adjust(p, BPF_FUNC_xdp_adjust_tail, 32);
	adjust(p, BPF_FUNC_xdp_adjust_tail, -16);
	leave(p, XDP_PASS);
}

/* The addresses move to the front, the tag goes where they ended. */
static void make_tag(struct program *p, int id)
{
	only_ipv4(p, 0);
	adjust(p, BPF_FUNC_xdp_adjust_head, -4);
	look(p, ICMP_END, XDP_ABORTED);
	load(p, BPF_W, BPF_REG_5, BPF_REG_2, 4);
	store(p, BPF_W, BPF_REG_2, 0, BPF_REG_5);
	load(p, BPF_W, BPF_REG_5, BPF_REG_2, 8);
	store(p, BPF_W, BPF_REG_2, 4, BPF_REG_5);
	load(p, BPF_W, BPF_REG_5, BPF_REG_2, 12);
	store(p, BPF_W, BPF_REG_2, 8, BPF_REG_5);
	emit(p, BPF_ST | BPF_MEM | BPF_H, BPF_REG_2, 0, 12, TYPE_VLAN);
	emit(p, BPF_ST | BPF_MEM | BPF_B, BPF_REG_2, 0, 14, id >> 8);
	emit(p, BPF_ST | BPF_MEM | BPF_B, BPF_REG_2, 0, 15, id & 0xff);
	leave(p, XDP_PASS);
}

static void make_meta(struct program *p)
{
	adjust(p, BPF_FUNC_xdp_adjust_meta, -4);
	load(p, BPF_W, BPF_REG_2, BPF_REG_6, 8);
	load(p, BPF_W, BPF_REG_3, BPF_REG_6, 0);
	move(p, BPF_REG_4, BPF_REG_2);
	add(p, BPF_REG_4, 4);
	emit(p, BPF_JMP | BPF_JLE | BPF_X, BPF_REG_4, BPF_REG_3, 2, 0);
	leave(p, XDP_ABORTED);
	emit(p, BPF_ST | BPF_MEM | BPF_W, BPF_REG_2, 0, 0, META_WORD);
	leave(p, XDP_PASS);
}

/* In struct __sk_buff. */
#define SKB_DATA	76
#define SKB_DATA_META	140

static void make_want_meta(struct program *p)
{
	p->type = BPF_PROG_TYPE_SCHED_CLS;
	load(p, BPF_W, BPF_REG_2, BPF_REG_6, SKB_DATA_META);
	load(p, BPF_W, BPF_REG_3, BPF_REG_6, SKB_DATA);
	move(p, BPF_REG_4, BPF_REG_2);
	add(p, BPF_REG_4, 4);
	emit(p, BPF_JMP | BPF_JLE | BPF_X, BPF_REG_4, BPF_REG_3, 2, 0);
	leave(p, CLS_SHOT);
	load(p, BPF_W, BPF_REG_5, BPF_REG_2, 0);
	need(p, BPF_REG_5, META_WORD, CLS_SHOT);
	leave(p, 0);
}

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* What the helper says is the verdict. */
static void end_with(struct program *p, int helper)
{
	call(p, helper);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int make_redirect(struct program *p, const char *device)
{
	int index = (int)if_nametoindex(device);

	if (!index)
		return fail(device);
	set(p, BPF_REG_1, index);
	set(p, BPF_REG_2, 0);
	end_with(p, BPF_FUNC_redirect);

	return 0;
}

static int make_cpu(struct program *p, unsigned int cpu)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_CPUMAP,
				.key_size = 4, .value_size = 4,
				.max_entries = cpu + 1 };
	unsigned int size = CPU_QUEUE;
	int map = bpf(BPF_MAP_CREATE, &attr);

	if (map < 0)
		return fail("CPU map");
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (unsigned int)map;
	attr.key = (unsigned long)&cpu;
	attr.value = (unsigned long)&size;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
		return fail("entry of the CPU map");

	emit(p, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	emit(p, 0, 0, 0, 0, 0);
	set(p, BPF_REG_2, (int)cpu);
	set(p, BPF_REG_3, 0);
	end_with(p, BPF_FUNC_redirect_map);

	return 0;
}

static int verdict(const char *name)
{
	static const char * const names[] = { "aborted", "drop", "pass", "tx" };
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(name, names[i]))
			return (int)i;
	}
	return atoi(name);
}

/* Functions of the kernel are called by the number that BTF has for them. */

struct btf {
	unsigned short magic;
	unsigned char version, flags;
	unsigned int header, types_at, types_len, names_at, names_len;
};

struct btf_entry {
	unsigned int name, info, type;
};

#define BTF_FUNC	12

/* What follows an entry: bytes once, and for each of its members. */
static unsigned int btf_tail(unsigned int info)
{
	static const unsigned char once[32] = { [1] = 4, [3] = 12, [14] = 4,
						[17] = 4 };
	static const unsigned char each[32] = { [4] = 12, [5] = 12, [6] = 8,
						[13] = 8, [15] = 12, [19] = 12 };
	unsigned int kind = info >> 24 & 0x1f;

	return once[kind] + each[kind] * (info & 0xffff);
}

static int btf_find(const char *file, const char *name)
{
	const struct btf *btf = (const void *)file;
	const char *types = file + btf->header + btf->types_at;
	const char *names = file + btf->header + btf->names_at;
	unsigned int at = 0;
	int id;

	for (id = 1; at < btf->types_len; id++) {
		const struct btf_entry *entry = (const void *)(types + at);

		if ((entry->info >> 24 & 0x1f) == BTF_FUNC &&
		    !strcmp(names + entry->name, name))
			return id;
		at += (unsigned int)sizeof(*entry) + btf_tail(entry->info);
	}
	errno = ENOENT;
	return fail(name);
}

static int kfunc(const char *name)
{
	int fd = open(BTF_PATH, O_RDONLY), id = -1;
	struct stat info;
	char *file;
	ssize_t got;
	off_t have = 0;

	if (fd < 0 || fstat(fd, &info))
		return fail(BTF_PATH);
	file = malloc((size_t)info.st_size);
	while (file && have < info.st_size) {
		got = read(fd, file + have, (size_t)(info.st_size - have));
		if (got <= 0)
			break;
		have += got;
	}
	if (file && have == info.st_size)
		id = btf_find(file, name);
	free(file);
	close(fd);

	return id;
}

/* What the program leaves in its map. */
struct metadata {
	int no_hash;
	unsigned int hash;
	unsigned int type;
	int no_tag;
	unsigned short protocol;
	unsigned short tci;
	unsigned int tuple[3];			/* addresses, and ports */
	unsigned int frames;
};

#define METADATA(field)	((int)offsetof(struct metadata, field))

/* Calls a function on the frame with two places on the stack. */
static int ask(struct program *p, const char *name, int one, int other)
{
	int id = kfunc(name);

	if (id < 0)
		return -1;
	move(p, BPF_REG_1, BPF_REG_6);
	move(p, BPF_REG_2, BPF_REG_10);
	add(p, BPF_REG_2, one);
	move(p, BPF_REG_3, BPF_REG_10);
	add(p, BPF_REG_3, other);
	emit(p, BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, id);

	return 0;
}

/* From the stack, or the frame, into the map. */
static void keep(struct program *p, int size, int from, int at, int to)
{
	load(p, size, BPF_REG_5, from, at);
	store(p, size, BPF_REG_9, to, BPF_REG_5);
}

static int make_metadata(struct program *p, int map)
{
	move(p, BPF_REG_6, BPF_REG_1);
	only_ipv4(p, 0);
	emit(p, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0);
	emit(p, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -16, 0);
	emit(p, BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -24, 0);
	if (ask(p, "bpf_xdp_metadata_rx_hash", -8, -4))
		return -1;
	move(p, BPF_REG_7, BPF_REG_0);
	if (ask(p, "bpf_xdp_metadata_rx_vlan_tag", -16, -14))
		return -1;
	move(p, BPF_REG_8, BPF_REG_0);
	emit(p, BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map);
	emit(p, 0, 0, 0, 0, 0);
	move(p, BPF_REG_2, BPF_REG_10);
	add(p, BPF_REG_2, -24);
	call(p, BPF_FUNC_map_lookup_elem);
	emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 2, 0);
	leave(p, XDP_PASS);
	move(p, BPF_REG_9, BPF_REG_0);
	store(p, BPF_W, BPF_REG_9, METADATA(no_hash), BPF_REG_7);
	store(p, BPF_W, BPF_REG_9, METADATA(no_tag), BPF_REG_8);
	keep(p, BPF_W, BPF_REG_10, -8, METADATA(hash));
	keep(p, BPF_W, BPF_REG_10, -4, METADATA(type));
	keep(p, BPF_H, BPF_REG_10, -16, METADATA(protocol));
	keep(p, BPF_H, BPF_REG_10, -14, METADATA(tci));
	look(p, ICMP_END, XDP_PASS);
	keep(p, BPF_W, BPF_REG_2, IP_FROM, METADATA(tuple[0]));
	keep(p, BPF_W, BPF_REG_2, IP_TO, METADATA(tuple[1]));
	keep(p, BPF_W, BPF_REG_2, ICMP_TYPE, METADATA(tuple[2]));
	load(p, BPF_W, BPF_REG_5, BPF_REG_9, METADATA(frames));
	add(p, BPF_REG_5, 1);
	store(p, BPF_W, BPF_REG_9, METADATA(frames), BPF_REG_5);
	leave(p, XDP_PASS);

	return 0;
}

static int make(struct program *p, char **word)
{
	memset(p, 0, sizeof(*p));
	p->type = BPF_PROG_TYPE_XDP;
	if (*word && !strcmp(*word, "frags")) {
		p->flags = FRAGS_FLAG;
		word++;
	}
	if (!*word) {
		errno = EINVAL;
		return fail("no program");
	}
	move(p, BPF_REG_6, BPF_REG_1);
	if (!strcmp(word[0], "pong"))
		make_pong(p);
	else if (!strcmp(word[0], "tail"))
		make_tail(p);
	else if (!strcmp(word[0], "meta"))
		make_meta(p);
	else if (!strcmp(word[0], "want-meta"))
		make_want_meta(p);
	else if (!strcmp(word[0], "redirect") && word[1])
		return make_redirect(p, word[1]);
	else if (!strcmp(word[0], "cpu") && word[1])
		return make_cpu(p, (unsigned int)atoi(word[1]));
	else if (!strcmp(word[0], "tag") && word[1])
		make_tag(p, atoi(word[1]));
	else if (!strcmp(word[0], "icmp") && word[1]) {
		only_ipv4(p, 1);
		leave(p, verdict(word[1]));
	} else
		leave(p, verdict(word[0]));

	return 0;
}

/* Returns its file descriptor. */
static int give(const struct program *p)
{
	static char log[LOG_BYTES];
	union bpf_attr attr = {
		.prog_type = p->type,
		.insns = (unsigned long)p->insn,
		.insn_cnt = p->len,
		.license = (unsigned long)"GPL",
		.prog_flags = p->flags,
		.prog_ifindex = p->device,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd >= 0)
		return fd;
	fail("program");
	attr.log_buf = (unsigned long)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	bpf(BPF_PROG_LOAD, &attr);
	fprintf(stderr, "%s", log);

	return -1;
}

static int load_words(char **word)
{
	struct program p;

	return make(&p, word) ? -1 : give(&p);
}

struct request {
	struct nlmsghdr header;
	struct ifinfomsg info;
	struct nlattr xdp;
	struct nlattr fd_header;
	int fd;
	struct nlattr flags_header;
	unsigned int flags;
};

static void print_reason(const struct nlmsghdr *header, int len)
{
	const struct nlmsgerr *error = (const void *)(header + 1);
	const char *at = (const char *)(error + 1), *end;
	const struct nlattr *attr;

	end = (const char *)header + len;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		at += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(error->msg);
	while (at + sizeof(*attr) <= end) {
		attr = (const void *)at;
		if (attr->nla_len < sizeof(*attr))
			return;
		if (attr->nla_type == NLMSGERR_ATTR_MSG)
			fprintf(stderr, "xdp: %s\n", (const char *)(attr + 1));
		at += NLA_ALIGN(attr->nla_len);
	}
}

static int link_socket(void)
{
	int one = 1, sock = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (sock < 0 || setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &one,
				   sizeof(one)))
		return fail("netlink");
	return sock;
}

/* Gives the device a program, or with -1 takes it away. */
static int set_link(int sock, int index, int fd, bool quiet)
{
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_SETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
		.info.ifi_index = index,
		.xdp = { sizeof(request) - offsetof(struct request, xdp),
			 IFLA_XDP | NLA_F_NESTED },
		.fd_header = { 8, IFLA_XDP_FD },
		.fd = fd,
		.flags_header = { 8, IFLA_XDP_FLAGS },
		.flags = XDP_FLAGS_DRV_MODE,
	};
	union {
		struct nlmsghdr header;
		char bytes[8192];
	} answer;
	const struct nlmsgerr *error = (const void *)(&answer.header + 1);
	ssize_t len;

	if (send(sock, &request, sizeof(request), 0) < 0)
		return fail("send");
	len = recv(sock, &answer, sizeof(answer), 0);
	if (len < (ssize_t)(sizeof(answer.header) + sizeof(*error)))
		return fail("answer");
	if (!error->error)
		return 0;
	errno = -error->error;
	if (!quiet) {
		print_reason(&answer.header, (int)len);
		fail("device");
	}
	return -1;
}

static int replace(int sock, int index, int times, char **words)
{
	int fd[2], i, refused = 0;

	for (i = 0; i < 2; i++) {
		char *word[] = { words[i], NULL };

		fd[i] = load_words(word);
		if (fd[i] < 0)
			return -1;
	}
	for (i = 0; i < times; i++)
		refused += !!set_link(sock, index, fd[i % 2], true);
	printf("%d\n", refused);

	return 0;
}

static int pin(const char *path, char **words)
{
	int fd = load_words(words);
	union bpf_attr attr = {
		.pathname = (unsigned long)path,
		.bpf_fd = (unsigned int)fd,
	};

	if (fd < 0)
		return -1;
	return bpf(BPF_OBJ_PIN, &attr) ? fail(path) : 0;
}

static int attach(int sock, int index, char **words)
{
	int fd = load_words(words);

	return fd < 0 ? -1 : set_link(sock, index, fd, false);
}

/* The hash that a host computes: of addresses and ports, by a key. */
static unsigned int toeplitz(const unsigned char *key, const void *data)
{
	const unsigned char *bytes = data;
	unsigned int hash = 0, bit;

	for (bit = 0; bit < 12 * 8; bit++) {
		const unsigned char *at = key + bit / 8;
		unsigned long long window = 0;
		unsigned int i;

		if (!(bytes[bit / 8] & 0x80 >> bit % 8))
			continue;
		for (i = 0; i < 5; i++)
			window = window << 8 | at[i];
		hash ^= (unsigned int)(window >> (8 - bit % 8));
	}
	return hash;
}

static int read_key(const char *text, unsigned char *key)
{
	unsigned int i, value;
	int used;

	for (i = 0; i < KEY_BYTES; i++) {
		if (sscanf(text, "%2x%n", &value, &used) != 1) {
			errno = EINVAL;
			return fail("key");
		}
		key[i] = (unsigned char)value;
		text += used + (text[used] == ':');
	}
	return 0;
}

/* The first frame that the program saw is told, as soon as there is one. */
static int wait_metadata(int map, const unsigned char *key)
{
	struct metadata seen = {};
	unsigned int zero = 0, ms;
	union bpf_attr attr = {
		.map_fd = (unsigned int)map,
		.key = (unsigned long)&zero,
		.value = (unsigned long)&seen,
	};

	for (ms = 0; ms < WAIT_MS && !seen.frames; ms += 50) {
		usleep(50000);
		if (bpf(BPF_MAP_LOOKUP_ELEM, &attr))
			return fail("map");
	}
	if (!seen.frames) {
		errno = ETIMEDOUT;
		return fail("no frame");
	}
	printf("hash=%d,%08x type=%x toeplitz=%08x tag=%d,%04x,%u\n",
	       seen.no_hash, seen.hash, seen.type, toeplitz(key, seen.tuple),
	       seen.no_tag, seen.protocol >> 8 | (seen.protocol & 0xff) << 8,
	       seen.tci);
	return 0;
}

static int metadata(int sock, int index, const char *text)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
				.value_size = sizeof(struct metadata),
				.max_entries = 1 };
	struct program p = { .type = BPF_PROG_TYPE_XDP, .flags = BOUND_FLAG,
			     .device = (unsigned int)index };
	unsigned char key[KEY_BYTES];
	int fd, map = bpf(BPF_MAP_CREATE, &attr), done;

	if (map < 0)
		return fail("map");
	if (read_key(text, key) || make_metadata(&p, map))
		return -1;
	fd = give(&p);
	if (fd < 0 || set_link(sock, index, fd, false))
		return -1;
	printf("ready\n");
	fflush(stdout);
	done = wait_metadata(map, key);
	if (set_link(sock, index, -1, false))
		return -1;
	return done;
}

int main(int argc, char **argv)
{
	int sock, index, done = -1;

	if (argc >= 4 && !strcmp(argv[1], "pin"))
		return !!pin(argv[2], argv + 3);
	if (argc < 3) {
		fprintf(stderr, "usage: xdp attach|detach|replace|pin|metadata ...\n");
		return 2;
	}
	sock = link_socket();
	index = (int)if_nametoindex(argv[2]);
	if (sock < 0 || !index)
		return !!fail(argv[2]);
	if (!strcmp(argv[1], "attach"))
		done = attach(sock, index, argv + 3);
	else if (!strcmp(argv[1], "detach"))
		done = set_link(sock, index, -1, false);
	else if (!strcmp(argv[1], "metadata") && argc == 4)
		done = metadata(sock, index, argv[3]);
	else if (!strcmp(argv[1], "replace") && argc == 6)
		done = replace(sock, index, atoi(argv[3]), argv + 4);

	return !!done;
}
