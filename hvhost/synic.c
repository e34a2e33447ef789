// SPDX-License-Identifier: GPL-2.0
/*
 * The synthetic interrupt controller. KVM emulates the MSRs and delivers the
 * interrupts; what stands in the two pages that a vCPU shares with us, one slot
 * for a message and 2048 event flags for each SINT, is written here.
 *
 * Only SINT 2 is wired: it is the one that VMBus uses.
 */
#include "synic.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "counters.h"
#include "guest_mem.h"
#include "log.h"
#include "synic_vm.h"
#include "vm.h"

#define PAGE_ENABLED 1u			/* in SIMP and SIEFP */
#define SCONTROL_ENABLED 1u
#define EVENT_FLAGS 2048u
#define QUEUE_MAX 4096u			/* messages to one vCPU */

/* One SINT's share of the message page. */
struct message_slot {
	uint32_t type;			/* 0: free, and the guest's to clear */
	uint8_t payload_size;
	uint8_t flags;
	uint16_t reserved;
	uint64_t sender;
	uint8_t payload[SYNIC_MESSAGE_MAX];
};

_Static_assert(sizeof(struct message_slot) == 256, "message slot");

#define SLOT_MESSAGE_PENDING 1u

struct message {
	struct message *next;
	uint32_t type;
	uint8_t len;
	uint8_t payload[SYNIC_MESSAGE_MAX];
};

/* A virtual processor's SynIC. */
struct synic {
	uint8_t *messages;		/* SIMP page; NULL: off */
	uint8_t *events;		/* SIEFP page; NULL: off */
	uint64_t messages_gpa;
	uint64_t events_gpa;
	bool enabled;
	int irq_fd;			/* raises SINT 2 */
	int resample_fd;		/* told by KVM at end of message, or EOI */
	struct message *queue;
	struct message **queue_end;
	unsigned int queue_len;
};

/* What the guest signals with HvSignalEvent. */
struct connection {
	struct connection *next;
	uint32_t id;
	int fd;				/* eventfd, raised inside KVM if it can */
	bool in_kernel;
	loop_fn fn;
	void *ctx;
	uint64_t *signals;
};

static struct synic synics[VM_CPUS_MAX];
static struct connection *connections;

static struct {
	uint64_t messages;
	uint64_t messages_delayed;	/* the slot was occupied */
	uint64_t messages_lost;
	uint64_t events;
	uint64_t events_merged;		/* the flag was still set */
	uint64_t interrupts;
	uint64_t signals;		/* from the guest */
} counts;

static void emit_counters(FILE *out)
{
	fprintf(out, "{\"messages\": %" PRIu64 ", \"messages_delayed\": %"
		PRIu64 ", \"messages_lost\": %" PRIu64 ", \"events\": %" PRIu64
		", \"events_merged\": %" PRIu64 ", \"interrupts\": %" PRIu64
		", \"signals\": %" PRIu64 "}", counts.messages,
		counts.messages_delayed, counts.messages_lost, counts.events,
		counts.events_merged, counts.interrupts, counts.signals);
}

static uint64_t eventfd_take(int fd)
{
	uint64_t value;

	return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static void eventfd_add(int fd)
{
	uint64_t one = 1;

	/* Full means signalled: nothing is lost then. */
	if (write(fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_line("synic", "eventfd: %s", strerror(errno));
}

static void raise_interrupt(struct synic *synic)
{
	counts.interrupts++;
	eventfd_add(synic->irq_fd);
}

/* ---- messages ---- */

/*
 * Asks to be told when the guest frees the slot. It clears the type, then looks
 * at the flag; we set the flag, then look at the type again: one of the two
 * sees the other. True if the slot became free meanwhile.
 */
static bool wait_for_slot(struct synic *synic, struct message_slot *slot)
{
	eventfd_take(synic->resample_fd);
	loop_mod_fd(synic->resample_fd, EPOLLIN);
	__atomic_or_fetch(&slot->flags, SLOT_MESSAGE_PENDING, __ATOMIC_SEQ_CST);
	return !__atomic_load_n(&slot->type, __ATOMIC_SEQ_CST);
}

static void fill_slot(struct message_slot *slot, const struct message *message)
{
	slot->flags = 0;
	slot->reserved = 0;
	slot->sender = 0;
	slot->payload_size = message->len;
	memcpy(slot->payload, message->payload, message->len);
	__atomic_store_n(&slot->type, message->type, __ATOMIC_RELEASE);
}

static void pop_message(struct synic *synic)
{
	struct message *message = synic->queue;

	synic->queue = message->next;
	if (!synic->queue)
		synic->queue_end = &synic->queue;
	synic->queue_len--;
	free(message);
}

/* Writes as many queued messages as the slot takes. */
static void deliver_messages(struct synic *synic)
{
	struct message_slot *slot;

	if (!synic->enabled || !synic->messages)
		return;		/* until the guest switches them on */
	slot = (struct message_slot *)synic->messages + SYNIC_SINT_VMBUS;
	while (synic->queue) {
		if (__atomic_load_n(&slot->type, __ATOMIC_ACQUIRE) &&
		    !wait_for_slot(synic, slot)) {
			counts.messages_delayed++;
			return;
		}
		fill_slot(slot, synic->queue);
		pop_message(synic);
		raise_interrupt(synic);
	}
}

static void slot_freed(void *ctx, uint32_t events)
{
	struct synic *synic = ctx;

	/* Every EOI signals this; it is only watched while someone waits. */
	loop_mod_fd(synic->resample_fd, 0);
	deliver_messages(synic);
}

void synic_post_message(unsigned int vp, unsigned int sint, uint32_t type,
			const void *payload, size_t len)
{
	struct message *message;
	struct synic *synic;

	if (vp >= vm.cpu_count || sint != SYNIC_SINT_VMBUS ||
	    len > SYNIC_MESSAGE_MAX) {
		log_line("synic",
			 "message to VP %u SINT %u, %zu bytes: not possible",
			 vp, sint, len);
		counts.messages_lost++;
		return;
	}
	synic = &synics[vp];
	message = synic->queue_len < QUEUE_MAX ? malloc(sizeof(*message)) :
						 NULL;
	if (!message) {
		log_line("synic", "VP %u: message lost, %u wait", vp,
			 synic->queue_len);
		counts.messages_lost++;
		return;
	}
	message->next = NULL;
	message->type = type;
	message->len = (uint8_t)len;
	memcpy(message->payload, payload, len);
	*synic->queue_end = message;
	synic->queue_end = &message->next;
	synic->queue_len++;
	counts.messages++;
	deliver_messages(synic);
}

void synic_drop_messages(void)
{
	unsigned int vp;

	for (vp = 0; vp < vm.cpu_count; vp++)
		while (synics[vp].queue)
			pop_message(&synics[vp]);
}

unsigned int synic_messages_waiting(void)
{
	unsigned int vp, count = 0;

	for (vp = 0; vp < vm.cpu_count; vp++)
		count += synics[vp].queue_len;
	return count;
}

/* ---- event flags ---- */

void synic_signal_event(unsigned int vp, unsigned int sint, unsigned int flag)
{
	struct synic *synic;
	uint32_t *word, bit = 1u << flag % 32;

	if (vp >= vm.cpu_count || sint != SYNIC_SINT_VMBUS ||
	    flag >= EVENT_FLAGS)
		return;
	synic = &synics[vp];
	if (!synic->enabled || !synic->events)
		return;		/* as the hardware has it: lost */
	counts.events++;
	word = (uint32_t *)(synic->events + sint * EVENT_FLAGS / 8) + flag / 32;
	/* A flag that is still set has its interrupt yet to come. */
	if (__atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST) & bit)
		counts.events_merged++;
	else
		raise_interrupt(synic);
}

/* ---- the pages ---- */

/*
 * A page that the guest just switched on reads as zero: what its RAM held
 * before would look like an occupied slot. KVM leaves that to us.
 */
static uint8_t *page_of(uint64_t msr, uint64_t *gpa, const char *name)
{
	uint64_t now = msr & PAGE_ENABLED ? msr & ~(HV_PAGE_SIZE - 1ull) : 0;
	uint8_t *page = now ? guest_ptr(now, HV_PAGE_SIZE) : NULL;

	if (now && !page)
		log_line("synic", "%s page %#" PRIx64 " is not RAM", name, now);
	if (page && now != *gpa)
		memset(page, 0, HV_PAGE_SIZE);
	*gpa = page ? now : 0;
	return page;
}

void synic_pages_changed(unsigned int vp, uint64_t scontrol, uint64_t siefp,
			 uint64_t simp)
{
	struct synic *synic = &synics[vp];

	log_line("synic", "VP %u: SCONTROL %#" PRIx64 " SIEFP %#" PRIx64
		 " SIMP %#" PRIx64, vp, scontrol, siefp, simp);
	synic->enabled = scontrol & SCONTROL_ENABLED;
	synic->events = page_of(siefp, &synic->events_gpa, "SIEFP");
	synic->messages = page_of(simp, &synic->messages_gpa, "SIMP");
	deliver_messages(synic);
}

/* ---- signals from the guest ---- */

static void signalled(void *ctx, uint32_t events)
{
	struct connection *connection = ctx;
	uint64_t count = eventfd_take(connection->fd);

	if (!count)
		return;
	counts.signals += count;
	if (connection->signals)
		*connection->signals += count;
	/* Last: it may disconnect itself. */
	connection->fn(connection->ctx, events);
}

static int set_kernel_eventfd(const struct connection *connection,
			      uint32_t flags)
{
	struct kvm_hyperv_eventfd args = {
		.conn_id = connection->id,
		.fd = connection->fd,
		.flags = flags,
	};

	return ioctl(vm.fd, KVM_HYPERV_EVENTFD, &args) ? -errno : 0;
}

static struct connection **find_connection(uint32_t id)
{
	struct connection **at = &connections;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

int synic_connect_event(uint32_t connection_id, loop_fn fn, void *ctx,
			uint64_t *signals)
{
	struct connection *connection;
	int err;

	if (*find_connection(connection_id))
		return -EEXIST;
	connection = calloc(1, sizeof(*connection));
	if (!connection)
		return -ENOMEM;
	connection->id = connection_id;
	connection->fn = fn;
	connection->ctx = ctx;
	connection->signals = signals;
	connection->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	err = connection->fd < 0 ? -errno :
	      loop_add_fd(connection->fd, EPOLLIN, signalled, connection);
	if (err) {
		if (connection->fd >= 0)
			close(connection->fd);
		free(connection);
		return err;
	}
	/* Without that the hypercall comes out to hypercall(): slower. */
	connection->in_kernel = !set_kernel_eventfd(connection, 0);
	connection->next = connections;
	connections = connection;
	return 0;
}

void synic_disconnect_event(uint32_t connection_id)
{
	struct connection **at = find_connection(connection_id);
	struct connection *connection = *at;

	if (!connection)
		return;
	*at = connection->next;
	if (connection->in_kernel)
		set_kernel_eventfd(connection, KVM_HYPERV_EVENTFD_DEASSIGN);
	loop_del_fd(connection->fd);
	close(connection->fd);
	free(connection);
}

bool synic_signal_connection(uint32_t connection_id)
{
	struct connection *connection = *find_connection(connection_id);

	if (!connection)
		return false;
	eventfd_add(connection->fd);
	return true;
}

/* ---- start ---- */

static int start_one(unsigned int vp)
{
	struct synic *synic = &synics[vp];
	struct kvm_irqfd irqfd = {
		.gsi = VM_GSI_VMBUS(vp),
		.flags = KVM_IRQFD_FLAG_RESAMPLE,
	};

	synic->queue_end = &synic->queue;
	synic->irq_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	synic->resample_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (synic->irq_fd < 0 || synic->resample_fd < 0)
		return -errno;
	irqfd.fd = (uint32_t)synic->irq_fd;
	irqfd.resamplefd = (uint32_t)synic->resample_fd;
	if (ioctl(vm.fd, KVM_IRQFD, &irqfd))
		return -errno;
	return loop_add_fd(synic->resample_fd, 0, slot_freed, synic);
}

void synic_init(void)
{
	counters_register("synic", emit_counters);
}

int synic_start(void)
{
	unsigned int vp;
	int err = 0;

	for (vp = 0; vp < vm.cpu_count && !err; vp++)
		err = start_one(vp);
	if (err)
		complain("cannot make the SynIC's interrupts: %s",
			 strerror(-err));
	return err;
}

void synic_stop(void)
{
	unsigned int vp;

	synic_drop_messages();
	for (vp = 0; vp < vm.cpu_count; vp++) {
		loop_del_fd(synics[vp].resample_fd);
		close(synics[vp].resample_fd);
		close(synics[vp].irq_fd);
		synics[vp] = (struct synic){ .irq_fd = -1, .resample_fd = -1 };
	}
}
