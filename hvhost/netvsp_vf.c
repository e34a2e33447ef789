// SPDX-License-Identifier: GPL-2.0
#include "netvsp_vf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "netvsp_nic.h"
#include "pcap.h"

#define NS_PER_MS 1000000ull
/* From the association to the offer of the function. */
#define OFFER_DELAY_MS 1000u
#define SWITCH_MS_MAX 600000u

#define vf_log(nic, fmt, ...) \
	log_line("vf", "nic %u: " fmt, (nic)->index, ##__VA_ARGS__)

static void vf_send(void *owner, struct frame *frame)
{
	struct netvsp_nic *nic = owner;

	if (nic->pcap)
		pcap_write(nic->pcap, frame);
	nic->backend->ops->send(nic->backend, 0, frame);
}

static void vf_resume(void *owner)
{
	netvsp_resume(owner);
}

static void vf_gone(void *owner)
{
	struct netvsp_nic *nic = owner;

	vf_log(nic, "the guest let go of it");
}

static const struct vf_ops vf_ops = {
	.send = vf_send,
	.resume = vf_resume,
	.gone = vf_gone,
};

/* What waits for the ring goes out with the next service. */
static void kick(struct netvsp_nic *nic)
{
	if (netvsp_primary(nic)->open)
		vmbus_channel_kick(&netvsp_primary(nic)->vmbus);
}

static void set_active(struct netvsp_nic *nic, bool active)
{
	if (nic->vf->active == active)
		return;
	nic->vf->active = active;
	nic->vf->switches++;
	vf_log(nic, "the data path is %s", active ? "the VF" : "synthetic");
	netvsp_update_running(nic);
	netvsp_rx_update_rsc(nic);
	netvsp_resume(nic);
}

static bool usable(const struct netvsp_vf *vf)
{
	return vf->associated && vpci_offered(&vf->device.bus);
}

static void switch_over(void *ctx, uint32_t events)
{
	struct netvsp_vf *vf = ctx;

	vf->pending = vf->asked ? SWITCH_COMPLETE : SWITCH_NONE;
	set_active(vf->nic, vf->wanted && usable(vf));
	if (vf->wanted && !vf->active)
		vf->told_due = true;
	kick(vf->nic);
}

void netvsp_vf_switch(struct netvsp_channel *channel, bool to_vf)
{
	struct netvsp_vf *vf = channel->nic->vf;

	if (vf->never) {
		vf_log(channel->nic, "fault: this switch has no end");
		return;
	}
	/* A second request ends the first, as far as anybody can tell. */
	vf->wanted = to_vf;
	vf->transaction_id = channel->nic->packet.transaction_id;
	vf->asked = channel->nic->packet.flags & RING_FLAG_COMPLETION_REQUESTED;
	vf->pending = SWITCH_WAITING;
	if (vf->switch_ms)
		loop_timer_start(&vf->switch_timer,
				 vf->switch_ms * NS_PER_MS);
	else
		switch_over(vf, 0);
}

static bool send_association(struct netvsp_channel *primary)
{
	struct netvsp_vf *vf = primary->nic->vf;
	const struct nvsp_vf_association message = {
		.type = NVSP_VF_ASSOCIATION,
		.allocated = vf->associated,
		.serial = vf->device.bus.function.serial,
	};
	uint8_t payload[NVSP_MESSAGE_BYTES_V61] = { 0 };

	memcpy(payload, &message, sizeof(message));
	if (ring_out_write(&primary->vmbus.to_guest, RING_PACKET_INBAND,
			   RING_FLAG_COMPLETION_REQUESTED,
			   NVSP_TRANSACTION_VF_ASSOCIATION, NULL, 0, payload,
			   nvsp_message_bytes(primary->nic)) == -EAGAIN)
		return false;
	vf->announce_due = false;
	vf_log(primary->nic, "host: VF_ASSOCIATION %u, serial %u",
	       message.allocated, message.serial);
	return true;
}

/* The completion of a switch has no payload, whatever the version. */
static bool send_completion(struct netvsp_channel *primary)
{
	struct netvsp_vf *vf = primary->nic->vf;

	if (ring_out_write(&primary->vmbus.to_guest, RING_PACKET_COMPLETION, 0,
			   vf->transaction_id, NULL, 0, NULL, 0) == -EAGAIN)
		return false;
	vf->pending = SWITCH_NONE;
	return true;
}

bool netvsp_vf_settle(struct netvsp_channel *primary)
{
	struct netvsp_vf *vf = primary->nic->vf;

	if (!vf)
		return true;
	if (vf->pending == SWITCH_COMPLETE && !send_completion(primary))
		return false;
	if (vf->told_due) {
		primary->nic->session.data_path_due = true;
		vf->told_due = false;
	}
	return true;
}

bool netvsp_vf_settle_association(struct netvsp_channel *primary)
{
	struct netvsp_vf *vf = primary->nic->vf;

	return !vf || !vf->announce_due || send_association(primary);
}

bool netvsp_vf_takes(const struct netvsp_nic *nic, const struct frame *frame)
{
	/* What is for many comes by the synthetic path, VF or not. */
	return nic->vf && nic->vf->active && frame->len && !(frame->data[0] & 1);
}

static void offer(void *ctx, uint32_t events)
{
	struct netvsp_vf *vf = ctx;
	int err = vpci_offer(&vf->device.bus);

	if (err)
		vf_log(vf->nic, "not offered: %s", strerror(-err));
}

static bool may_announce(const struct netvsp_nic *nic)
{
	return nic->session.rndis_initialized &&
	       nic->session.version >= NVSP_V4 &&
	       (nic->session.caps & NVSP_CAP_SRIOV);
}

static void announce(struct netvsp_nic *nic)
{
	if (!may_announce(nic))
		return;
	nic->vf->announce_due = true;
	kick(nic);
}

void netvsp_vf_session_ready(struct netvsp_nic *nic)
{
	struct netvsp_vf *vf = nic->vf;

	if (!vf || !vf->associated || !may_announce(nic))
		return;
	announce(nic);
	if (!vpci_offered(&vf->device.bus) && nic->options.vf_offer)
		loop_timer_start(&vf->offer_timer, OFFER_DELAY_MS * NS_PER_MS);
}

void netvsp_vf_session_end(struct netvsp_nic *nic)
{
	struct netvsp_vf *vf = nic->vf;

	if (!vf)
		return;
	loop_timer_stop(&vf->switch_timer);
	vf->pending = SWITCH_NONE;
	vf->announce_due = false;
	vf->told_due = false;
	set_active(nic, false);
}

int netvsp_vf_create(struct netvsp_nic *nic)
{
	struct netvsp_vf *vf = calloc(1, sizeof(*vf));
	int err;

	if (!vf)
		return -ENOMEM;
	vf->nic = nic;
	vf->associated = nic->options.vf_offer;
	vf->switch_timer.fn = switch_over;
	vf->switch_timer.ctx = vf;
	vf->offer_timer.fn = offer;
	vf->offer_timer.ctx = vf;
	err = vf_init(&vf->device, nic->index, nic->options.mac,
		      nic->index + 1, &vf_ops, nic);
	if (err)
		free(vf);
	else
		nic->vf = vf;
	return err;
}

void netvsp_vf_destroy(struct netvsp_nic *nic)
{
	if (!nic->vf)
		return;
	loop_timer_stop(&nic->vf->switch_timer);
	loop_timer_stop(&nic->vf->offer_timer);
	vf_destroy(&nic->vf->device);
	free(nic->vf);
	nic->vf = NULL;
}

/* Commands. */

static int run_associate(struct netvsp_nic *nic, const char *serial, FILE *out)
{
	if (serial)
		nic->vf->device.bus.function.serial = strtoul(serial, NULL, 10);
	nic->vf->associated = true;
	announce(nic);
	return 0;
}

/* The data path comes back first, then the guest is told that it is gone. */
static int run_dissociate(struct netvsp_nic *nic, const char *word, FILE *out)
{
	struct netvsp_vf *vf = nic->vf;

	vf->told_due = vf->active && may_announce(nic);
	set_active(nic, false);
	vf->associated = false;
	announce(nic);
	return 0;
}

static int run_offer(struct netvsp_nic *nic, const char *word, FILE *out)
{
	int err = vpci_offer(&nic->vf->device.bus);

	if (err)
		fprintf(out, "not offered: %s", strerror(-err));
	return err;
}

static int run_rescind(struct netvsp_nic *nic, const char *word, FILE *out)
{
	loop_timer_stop(&nic->vf->offer_timer);
	set_active(nic, false);
	vpci_rescind(&nic->vf->device.bus);
	return 0;
}

static int run_eject(struct netvsp_nic *nic, const char *word, FILE *out)
{
	if (!vpci_eject(&nic->vf->device.bus))
		return run_rescind(nic, word, out);
	return 0;
}

static int run_add(struct netvsp_nic *nic, const char *serial, FILE *out)
{
	run_associate(nic, serial, out);
	if (!vpci_offered(&nic->vf->device.bus))
		loop_timer_start(&nic->vf->offer_timer,
				 OFFER_DELAY_MS * NS_PER_MS);
	return 0;
}

static int run_remove(struct netvsp_nic *nic, const char *word, FILE *out)
{
	loop_timer_stop(&nic->vf->offer_timer);
	run_dissociate(nic, word, out);
	return run_eject(nic, word, out);
}

static int run_link(struct netvsp_nic *nic, const char *word, FILE *out)
{
	if (!word || (strcmp(word, "up") && strcmp(word, "down"))) {
		fputs("up or down?", out);
		return -EINVAL;
	}
	vf_set_link(&nic->vf->device, !strcmp(word, "up"));
	return 0;
}

static int run_switch_ms(struct netvsp_nic *nic, const char *word, FILE *out)
{
	unsigned long ms;
	char *end;

	nic->vf->never = word && !strcmp(word, "never");
	if (nic->vf->never)
		return 0;
	ms = word ? strtoul(word, &end, 10) : 0;
	if (!word || *end || ms > SWITCH_MS_MAX) {
		fputs("milliseconds, or never?", out);
		return -EINVAL;
	}
	nic->vf->switch_ms = ms;
	return 0;
}

/* The host takes the data path back by itself. */
static int run_back(struct netvsp_nic *nic, const char *word, FILE *out)
{
	nic->vf->told_due = may_announce(nic);
	set_active(nic, false);
	kick(nic);
	return 0;
}

static int run_status(struct netvsp_nic *nic, const char *word, FILE *out)
{
	const struct netvsp_vf *vf = nic->vf;

	fprintf(out, "associated=%u offered=%u running=%u active=%u switches=%"
		PRIu64 " tx=%" PRIu64 " rx=%" PRIu64, vf->associated,
		vpci_offered(&vf->device.bus), vf_running(&vf->device),
		vf->active, vf->switches, vf->device.counters.tx_frames,
		vf->device.counters.rx_frames);
	return 0;
}

static const struct {
	const char *word;
	int (*run)(struct netvsp_nic *nic, const char *word, FILE *out);
} words[] = {
	{ "add", run_add },
	{ "remove", run_remove },
	{ "associate", run_associate },
	{ "dissociate", run_dissociate },
	{ "offer", run_offer },
	{ "eject", run_eject },
	{ "rescind", run_rescind },
	{ "link", run_link },
	{ "switch-ms", run_switch_ms },
	{ "back", run_back },
	{ "status", run_status },
};

int netvsp_vf_command(struct netvsp_nic *nic, int argc, char **argv, FILE *out)
{
	size_t i;

	if (!nic->vf) {
		fputs("this NIC has no VF (key vf)", out);
		return -ENODEV;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(argv[2], words[i].word))
			continue;
		vf_log(nic, "command %s %s", argv[2], argc > 3 ? argv[3] : "");
		return words[i].run(nic, argc > 3 ? argv[3] : NULL, out);
	}
	fprintf(out, "no such command of a VF: %s", argv[2]);
	return -EINVAL;
}
