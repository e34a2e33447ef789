// SPDX-License-Identifier: GPL-2.0
/* The NICs and their channels: life and service. */
#include "netvsp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "netvsp_nic.h"
#include "packet.h"

/* Packets of one channel before another gets its turn. */
#define SERVICE_BATCH 256
#define NS_PER_US 1000u
#define BPS_PER_MBPS 1000000u

/* A NIC that is taken away: looks whether it is idle, and how many must agree. */
#define LEAVE_LOOK_NS (5 * 1000 * 1000)
#define LEAVE_LOOKS 200
#define LEAVE_IDLE_LOOKS 4

struct netvsp_nic *netvsp_nics[NETVSP_NICS_MAX];
unsigned int netvsp_nic_count;

/* f8615163-df3e-46c5-913f-f2d2f965ed0e */
static const struct guid nic_interface = { {
	0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46,
	0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e,
} };

/* The first field counts the NICs. */
static const struct guid nic_instance = { {
	0x00, 0x00, 0x00, 0x00, 0x1c, 0x7a, 0x5e, 0x42,
	0xb0, 0x0d, 0x5c, 0x93, 0x2e, 0x71, 0xd8, 0x46,
} };

unsigned int netvsp_bucket(uint32_t count)
{
	static const uint32_t most[NETVSP_BUCKETS - 1] = {
		1, 4, 16, 64, 256,
	};
	unsigned int i;

	for (i = 0; i < NETVSP_BUCKETS - 1; i++)
		if (count <= most[i])
			break;
	return i;
}

void netvsp_count_failure(struct netvsp_nic *nic, const char *name)
{
	struct failure_count *failure = nic->failures;
	unsigned int i;

	for (i = 0; i < NETVSP_FAILURES_MAX; i++, failure++) {
		if (failure->name && strcmp(failure->name, name))
			continue;
		failure->name = name;
		failure->count++;
		return;
	}
}

unsigned int netvsp_open_channels(const struct netvsp_nic *nic)
{
	unsigned int count = 0;
	unsigned int i;

	for (i = 0; i < nic->options.queues; i++)
		count += nic->channels[i].open;
	return count;
}

static void resume_task(void *ctx, uint32_t events)
{
	struct netvsp_nic *nic = ctx;

	if (!nic->running)
		return;
	nic->refused = false;
	nic->backend->ops->resume(nic->backend);
}

void netvsp_resume(struct netvsp_nic *nic)
{
	if (nic->running && nic->refused)
		loop_task_queue(&nic->resume);
}

void netvsp_withhold(struct netvsp_nic *nic, unsigned int what, bool on)
{
	unsigned int i;

	if (on)
		nic->faults.withheld |= what;
	else
		nic->faults.withheld &= ~what;
	netvsp_resume(nic);
	for (i = 0; i < nic->options.queues; i++)
		vmbus_channel_kick(&nic->channels[i].vmbus);
}

void netvsp_update_running(struct netvsp_nic *nic)
{
	const struct netvsp_channel *primary = netvsp_primary(nic);
	bool running = primary->open && !primary->stopped &&
		       nic->session.ready &&
		       (nic->oid.filter || (nic->vf && nic->vf->active)) &&
		       !nic->silent && !nic->leaving;

	if (running == nic->running)
		return;
	nic->running = running;
	log_line("net", "nic %u: frames to the guest are %s", nic->index,
		 running ? "let through" : "held");
	if (!running) {
		loop_task_cancel(&nic->resume);
		nic->backend->ops->stop(nic->backend);
		return;
	}
	nic->backend->mtu = (uint16_t)(nic->oid.frame_max - ETH_HEADER_LEN);
	memcpy(nic->backend->mac, nic->oid.current_mac,
	       sizeof(nic->backend->mac));
	netvsp_rx_update_rsc(nic);
	loop_task_queue(&nic->resume);
}

void netvsp_channel_stop(struct netvsp_channel *channel)
{
	channel->stopped = true;
	netvsp_update_running(channel->nic);
}

void netvsp_fatal(struct netvsp_channel *channel, const char *rule,
		  const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	rule_broken(rule, "nic %u channel %u: %s", channel->nic->index,
		    channel->index, text);
	netvsp_count_failure(channel->nic, rule);
	log_line("nvsp", "nic %u channel %u is dead until it is closed",
		 channel->nic->index, channel->index);
	netvsp_channel_stop(channel);
}

static void publish(struct netvsp_channel *channel)
{
	if (ring_out_publish(&channel->vmbus.to_guest))
		vmbus_channel_signal(&channel->vmbus);
}

/* Writes all that waits: completion, control messages, received frames. */
static bool settle(struct netvsp_channel *channel)
{
	if (!nvsp_settle(channel))
		return false;
	if (!channel->index)
		netvsp_control_run(channel->nic);
	return netvsp_rx_flush(channel);
}

/* Reads a packet and counts what it took; false if there is none. */
static bool read_packet(struct netvsp_channel *channel)
{
	struct ring_in *ring = &channel->vmbus.from_guest;
	uint64_t bytes = ring->bytes, publishes = ring->publishes;

	if (ring_in_read(ring, &channel->nic->packet) != 1)
		return false;
	channel->counters.ring_bytes += ring->bytes - bytes;
	channel->counters.publishes += ring->publishes - publishes;
	return true;
}

/* Handles up to a batch of packets; true if there may be more. */
static bool drain(struct netvsp_channel *channel)
{
	unsigned int i;

	if (fault_withholds(&channel->nic->faults, WITHHOLD_RING))
		return false;
	for (i = 0; i < SERVICE_BATCH && !channel->stopped &&
	     !channel->nic->silent; i++) {
		/* Without space for its completion, no packet is read. */
		if (!nvsp_settle(channel))
			return false;
		if (!read_packet(channel))
			break;
		nvsp_handle_packet(channel, &channel->nic->packet);
	}
	return i == SERVICE_BATCH;
}

static void service_honestly(struct vmbus_channel *vmbus)
{
	struct netvsp_channel *channel = vmbus->device;
	struct netvsp_nic *nic = channel->nic;
	bool more;

	if (channel->stopped || nic->silent)
		return;
	if (!vmbus->from_guest.masked)
		ring_in_mask(&vmbus->from_guest, true);
	if (nic->options.delay_us && !channel->due) {
		if (!channel->delay.expires_ns)
			loop_timer_start(&channel->delay,
					 (uint64_t)nic->options.delay_us *
					 NS_PER_US);
		return;
	}
	channel->due = false;
	channel->counters.services++;
	if (!channel->index && nvsp_settle(channel))
		nvsp_offer_subchannels(nic);
	more = drain(channel);
	if (!channel->stopped && !settle(channel))
		channel->counters.ring_full++;
	if (ring_in_commit(&vmbus->from_guest))
		vmbus_channel_signal(vmbus);
	publish(channel);
	if (channel->stopped)
		return;
	/* A completion that waits for space goes on when there is some. */
	if (nvsp_blocked(channel) ||
	    fault_withholds(&nic->faults, WITHHOLD_RING))
		return;
	if (more || ring_in_mask(&vmbus->from_guest, false)) {
		channel->due = true;
		vmbus_channel_kick(vmbus);
	}
}

static void service(struct vmbus_channel *vmbus)
{
	const struct netvsp_channel *channel = vmbus->device;

	/* A guest that is lied to may well do what makes no sense. */
	rules_excuse(channel->nic->attack);
	service_honestly(vmbus);
	rules_excuse(false);
}

static void delay_over(void *ctx, uint32_t events)
{
	struct netvsp_channel *channel = ctx;

	channel->due = true;
	vmbus_channel_kick(&channel->vmbus);
}

/* Nothing is on its way, neither to the guest nor from it. */
static bool is_idle(const struct netvsp_nic *nic)
{
	unsigned int i;

	if (nic->session.slots.data_taken || nic->session.slots.control_taken ||
	    nic->control.first)
		return false;
	for (i = 0; i < nic->options.queues; i++) {
		const struct netvsp_channel *channel = &nic->channels[i];

		if (channel->open &&
		    (channel->owed.owed || channel->withheld.count ||
		     ring_in_pending(&channel->vmbus.from_guest)))
			return false;
	}
	return true;
}

static void leave(struct netvsp_nic *nic)
{
	nic->leaving = false;
	loop_timer_stop(&nic->leave);
	vmbus_channel_rescind(&netvsp_primary(nic)->vmbus);
}

static void leave_look(void *ctx, uint32_t events)
{
	struct netvsp_nic *nic = ctx;

	nic->leave_idle = is_idle(nic) ? nic->leave_idle + 1 : 0;
	if (nic->leave_idle == LEAVE_IDLE_LOOKS ||
	    ++nic->leave_looks == LEAVE_LOOKS)
		leave(nic);
	else
		loop_timer_start(&nic->leave, LEAVE_LOOK_NS);
}

void netvsp_nic_rescind(struct netvsp_nic *nic, bool now)
{
	if (now || !netvsp_primary(nic)->open) {
		leave(nic);
		return;
	}
	nic->leaving = true;
	nic->leave_looks = 0;
	nic->leave_idle = 0;
	netvsp_update_running(nic);
	loop_timer_start(&nic->leave, LEAVE_LOOK_NS);
}

/* A new session: what the last guest made of the NIC is forgotten. */
static void session_begin(struct netvsp_nic *nic)
{
	memset(&nic->session, 0, sizeof(nic->session));
	nic->oid.frame_max = NETVSP_FRAME_MIN;
	nic->oid.ndis_version = 0;
	oid_reset(&nic->oid);
}

static int channel_open(struct vmbus_channel *vmbus)
{
	struct netvsp_channel *channel = vmbus->device;
	struct netvsp_nic *nic = channel->nic;

	if (!channel->index) {
		session_begin(nic);
	} else if (!nic->session.ready || netvsp_primary(nic)->stopped) {
		rule_broken("nvsp-subchannel-early",
			    "nic %u: subchannel %u opened before the NIC is ready",
			    nic->index, channel->index);
		return -EAGAIN;
	}
	channel->open = true;
	channel->stopped = false;
	channel->due = false;
	channel->owed.owed = false;
	channel->batch.count = 0;
	channel->slots_taken = 0;
	netvsp_attack_opened(channel);
	log_line("nvsp", "nic %u channel %u: opened", nic->index,
		 channel->index);
	if (channel->index) {
		nvsp_subchannel_opened(nic);
		netvsp_rx_update_rsc(nic);
	}
	return 0;
}

static void channel_close(struct vmbus_channel *vmbus)
{
	struct netvsp_channel *channel = vmbus->device;
	struct netvsp_nic *nic = channel->nic;

	if (!channel->open)
		return;
	channel->open = false;
	loop_task_cancel(&channel->flush);
	loop_timer_stop(&channel->delay);
	netvsp_rx_close(channel);
	withheld_clear(&channel->withheld);
	log_line("nvsp", "nic %u channel %u: closed", nic->index,
		 channel->index);
	if (channel->index)
		return;
	netvsp_update_running(nic);
	netvsp_control_clear(nic);
	netvsp_vf_session_end(nic);
	nvsp_session_end(nic);
}

static const struct vmbus_channel_ops channel_ops = {
	.open = channel_open,
	.close = channel_close,
	.service = service,
};

static void init_channel(struct netvsp_nic *nic, unsigned int index)
{
	struct netvsp_channel *channel = &nic->channels[index];

	channel->nic = nic;
	channel->index = index;
	channel->flush.fn = netvsp_rx_flush_task;
	channel->flush.ctx = channel;
	channel->delay.fn = delay_over;
	channel->delay.ctx = channel;
	channel->vmbus.ops = &channel_ops;
	channel->vmbus.device = channel;
	channel->vmbus.interface_id = nic_interface;
	channel->vmbus.instance_id = nic_instance;
	channel->vmbus.instance_id.b[0] = nic->index;
	channel->vmbus.subchannel_index = index;
}

static void init_oid_state(struct netvsp_nic *nic)
{
	const struct netvsp_options *options = &nic->options;
	struct offload_config *supported = &nic->oid.supported;
	uint8_t csum = 0;

	if (options->offloads & NETVSP_OFFLOAD_TX_CSUM)
		csum |= OFFLOAD_TX;
	if (options->offloads & NETVSP_OFFLOAD_RX_CSUM)
		csum |= OFFLOAD_RX;
	memset(supported->csum, csum, sizeof(supported->csum));
	supported->lso4 = options->offloads & NETVSP_OFFLOAD_LSO;
	supported->lso6 = supported->lso4;
	supported->rsc4 = options->rsc;
	supported->rsc6 = options->rsc;
	nic->oid.udp_hash = options->udp_hash;
	nic->oid.fixed_mac = options->fixed_mac;
	memcpy(nic->oid.permanent_mac, options->mac, sizeof(options->mac));
	nic->oid.queues = options->queues;
	nic->oid.link_up = true;
	nic->oid.link_bps = options->link_mbps * BPS_PER_MBPS;
}

static void free_nic(struct netvsp_nic *nic)
{
	unsigned int i;

	if (nic->channels)
		netvsp_attack_end(nic);
	for (i = 0; nic->channels && i < nic->options.queues; i++)
		withheld_clear(&nic->channels[i].withheld);
	loop_timer_stop(&nic->leave);
	loop_task_cancel(&nic->resume);
	if (nic->backend)
		nic->backend->ops->destroy(nic->backend);
	if (nic->pcap)
		pcap_close(nic->pcap);
	netvsp_control_clear(nic);
	nvsp_session_end(nic);
	netvsp_vf_destroy(nic);
	netvsp_options_free(&nic->options);
	free(nic->tx_bytes);
	free(nic->channels);
	free(nic);
}

int netvsp_nic_add_option(const char *spec)
{
	char error[NETVSP_OPTIONS_ERROR_SIZE];
	struct netvsp_nic *nic;
	unsigned int i;
	int err;

	if (netvsp_nic_count == NETVSP_NICS_MAX) {
		complain("--nic: at most %u NICs", NETVSP_NICS_MAX);
		return -ENOSPC;
	}
	nic = calloc(1, sizeof(*nic));
	if (!nic)
		return -ENOMEM;
	nic->index = netvsp_nic_count;
	nic->resume.fn = resume_task;
	nic->resume.ctx = nic;
	nic->leave.fn = leave_look;
	nic->leave.ctx = nic;
	nic->control.end = &nic->control.first;
	err = netvsp_options_parse(spec, nic->index, &nic->options, error);
	if (err) {
		complain("--nic: %s", error);
		free_nic(nic);
		return err;
	}
	nic->tx_bytes = malloc(NETVSP_TX_BYTES_MAX);
	nic->channels = calloc(nic->options.queues, sizeof(*nic->channels));
	if (!nic->tx_bytes || !nic->channels) {
		complain("--nic: out of memory");
		free_nic(nic);
		return -ENOMEM;
	}
	init_oid_state(nic);
	nic->faults = nic->options.faults;
	for (i = 0; i < nic->options.queues; i++)
		init_channel(nic, i);
	if (nic->options.vf && netvsp_vf_create(nic)) {
		complain("--nic: out of memory");
		free_nic(nic);
		return -ENOMEM;
	}
	if (nic->options.attack &&
	    netvsp_attack_begin(nic, nic->options.attack, UINT32_MAX)) {
		complain("--nic: attack=%s: neither a seed nor a name",
			 nic->options.attack);
		free_nic(nic);
		return -EINVAL;
	}
	netvsp_nics[netvsp_nic_count++] = nic;
	return 0;
}

static int start_nic(struct netvsp_nic *nic)
{
	int err;

	nic->backend = backend_create(nic->options.backend);
	if (!nic->backend)
		return -EINVAL;
	nic->backend->receive = netvsp_receive;
	nic->backend->nic = nic;
	if (nic->options.pcap) {
		nic->pcap = pcap_create(nic->options.pcap);
		if (!nic->pcap)
			return -EIO;
	}
	if (!nic->options.present)
		return 0;
	err = vmbus_channel_add(&netvsp_primary(nic)->vmbus);
	if (err)
		complain("nic %u cannot be offered: %s", nic->index,
			 strerror(-err));
	return err;
}

int netvsp_start(void)
{
	unsigned int i;
	int err;

	netvsp_commands_register();
	for (i = 0; i < netvsp_nic_count; i++) {
		err = start_nic(netvsp_nics[i]);
		if (err)
			return err;
	}
	return 0;
}

void netvsp_stop(void)
{
	while (netvsp_nic_count)
		free_nic(netvsp_nics[--netvsp_nic_count]);
}
