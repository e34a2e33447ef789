// SPDX-License-Identifier: GPL-2.0
/* Commands at run time, and the counters of the NICs. */
#include "netvsp_nic.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"
#include "control.h"
#include "counters.h"
#include "log.h"

#define BPS_PER_MBPS 1000000u
#define LINK_MBPS_MAX 400000u

/* A NETWORK_CHANGE that the host is sure of. */
#define NETWORK_CHANGE_DEFINITE 2u

static bool parse_u32(const char *text, uint32_t most, uint32_t *value)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || number > most)
		return false;
	*value = number;
	return true;
}

/* The NIC of that number; or NULL, and the reason is in out. */
static struct netvsp_nic *find_nic(const char *text, FILE *out)
{
	uint32_t index;

	if (!parse_u32(text, UINT32_MAX, &index) ||
	    index >= netvsp_nic_count) {
		fprintf(out, "no NIC %s, there are %u", text, netvsp_nic_count);
		return NULL;
	}
	return netvsp_nics[index];
}

static int bad_usage(const char *usage, FILE *out)
{
	fprintf(out, "usage: %s", usage);
	return -EINVAL;
}

/* Indicates a status, and says so; that nobody listens is no failure. */
static int indicate(struct netvsp_nic *nic, uint32_t status,
		    const void *buffer, uint32_t len, FILE *out)
{
	int err = netvsp_indicate(nic, status, buffer, len);

	if (!err || err == -ENOTCONN) {
		fputs(err ? "no RNDIS session, so not indicated" : "indicated",
		      out);
		return 0;
	}
	fprintf(out, "not indicated: %s", strerror(-err));
	return err;
}

static int run_link(int argc, char **argv, FILE *out)
{
	struct netvsp_nic *nic;
	bool up;

	if (argc != 3 || (strcmp(argv[2], "up") && strcmp(argv[2], "down")))
		return bad_usage("link NIC up|down", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	up = !strcmp(argv[2], "up");
	if (nic->oid.link_up == up) {
		fprintf(out, "it is %s", argv[2]);
		return 0;
	}
	nic->oid.link_up = up;
	log_line("net", "nic %u: link %s", nic->index, argv[2]);
	return indicate(nic, up ? RNDIS_STATUS_MEDIA_CONNECT :
			RNDIS_STATUS_MEDIA_DISCONNECT, NULL, 0, out);
}

static int run_speed(int argc, char **argv, FILE *out)
{
	struct netvsp_nic *nic;
	uint32_t mbps, units;

	if (argc != 3 || !parse_u32(argv[2], LINK_MBPS_MAX, &mbps) || !mbps)
		return bad_usage("speed NIC MBPS (1 to 400000)", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	nic->oid.link_bps = (uint64_t)mbps * BPS_PER_MBPS;
	log_line("net", "nic %u: link speed %u Mbit/s", nic->index, mbps);
	/* Only guests that can team want to hear of it. */
	if (nic->session.rndis_initialized &&
	    !(nic->session.caps & NVSP_CAP_TEAMING)) {
		fputs("the guest did not ask for it, so not indicated", out);
		return 0;
	}
	units = nic->oid.link_bps / 100;
	return indicate(nic, RNDIS_STATUS_LINK_SPEED_CHANGE, &units,
			sizeof(units), out);
}

static int run_netchange(int argc, char **argv, FILE *out)
{
	const uint32_t detail = NETWORK_CHANGE_DEFINITE;
	struct netvsp_nic *nic;

	if (argc != 2)
		return bad_usage("netchange NIC", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	return indicate(nic, RNDIS_STATUS_NETWORK_CHANGE, &detail,
			sizeof(detail), out);
}

static int offer_nic(struct netvsp_nic *nic, FILE *out)
{
	int err = vmbus_channel_add(&netvsp_primary(nic)->vmbus);

	if (err)
		fprintf(out, "not offered: %s", err == -EBUSY ?
			"it is offered already" : strerror(-err));
	return err;
}

static int rescind_nic(struct netvsp_nic *nic, bool now, FILE *out)
{
	struct vmbus_channel *vmbus = &netvsp_primary(nic)->vmbus;

	if (!vmbus->known || vmbus->state == VMBUS_CHANNEL_UNOFFERED ||
	    vmbus->state == VMBUS_CHANNEL_RESCINDED) {
		fputs("it is not offered", out);
		return -ENOENT;
	}
	netvsp_nic_rescind(nic, now);
	return 0;
}

static int run_nic(int argc, char **argv, FILE *out)
{
	static const char usage[] = "nic rescind NIC [now], nic offer|add NIC";
	bool now = argc == 4 && !strcmp(argv[3], "now");
	struct netvsp_nic *nic;

	if (argc != 3 && !now)
		return bad_usage(usage, out);
	nic = find_nic(argv[2], out);
	if (!nic)
		return -ENOENT;
	if (!strcmp(argv[1], "rescind"))
		return rescind_nic(nic, now, out);
	if (!now && (!strcmp(argv[1], "offer") || !strcmp(argv[1], "add")))
		return offer_nic(nic, out);
	return bad_usage(usage, out);
}

/* Which attacks: a seed or a name, and of its attacks those in the mask. */
static int attack_nic(struct netvsp_nic *nic, const char *what,
		      const char *mask, FILE *out)
{
	uint32_t bits = UINT32_MAX;
	int err;

	if (!strcmp(what, "off")) {
		netvsp_attack_end(nic);
		return 0;
	}
	if (mask && !parse_u32(mask, UINT32_MAX, &bits)) {
		fprintf(out, "no mask: %s", mask);
		return -EINVAL;
	}
	err = netvsp_attack_begin(nic, what, bits);
	if (err)
		fprintf(out, "no attack %s: %s", what, err == -EINVAL ?
			"neither a seed nor a name" : strerror(-err));
	else
		log_line("attack", "nic %u: %s", nic->index, what);
	return err;
}

static int run_attack(int argc, char **argv, FILE *out)
{
	struct netvsp_nic *nic;

	if (argc < 2 || argc > 4)
		return bad_usage("attack NIC [SEED|NAME|off [MASK]]", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	if (argc == 2) {
		netvsp_attack_status(nic, out);
		return 0;
	}
	return attack_nic(nic, argv[2], argc == 4 ? argv[3] : NULL, out);
}

/* In one line: "0 ...; 1 ...". */
static int run_attacks(int argc, char **argv, FILE *out)
{
	struct attack_list list;
	unsigned int i;

	if (argc > 2)
		return bad_usage("attacks [SEED|NAME]", out);
	if (argc == 1) {
		for (i = 0; attack_name(i); i++)
			fprintf(out, "%s%s", i ? " " : "", attack_name(i));
		return 0;
	}
	if (!attack_list_make(&list, argv[1], UINT32_MAX)) {
		fprintf(out, "%s is neither a seed nor a name", argv[1]);
		return -EINVAL;
	}
	for (i = 0; i < list.count; i++) {
		fprintf(out, "%s%u ", i ? "; " : "", i);
		attack_describe(&list.attacks[i], out);
	}
	return 0;
}

static int run_table(int argc, char **argv, FILE *out)
{
	uint32_t table[NVSP_TABLE_ENTRIES];
	unsigned int count = argc - 2;
	struct netvsp_nic *nic;
	unsigned int i;

	if (argc < 3 || count > NVSP_TABLE_ENTRIES)
		return bad_usage("table NIC ENTRY... (1 to 16, repeated)", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	for (i = 0; i < NVSP_TABLE_ENTRIES; i++) {
		const char *entry = argv[2 + i % count];

		if (!parse_u32(entry, nic->options.queues - 1, &table[i])) {
			fprintf(out, "no channel %s", entry);
			return -EINVAL;
		}
	}
	if (!nic->session.ready || nic->session.version < NVSP_V5) {
		fputs("there is no session that knows of tables", out);
		return -ENOTCONN;
	}
	memcpy(nic->session.table, table, sizeof(table));
	nic->session.table_due = true;
	vmbus_channel_kick(&netvsp_primary(nic)->vmbus);
	return 0;
}

static int run_silence(int argc, char **argv, FILE *out)
{
	bool at = argc == 4 && !strcmp(argv[2], "at");
	struct netvsp_nic *nic;

	if (!at && (argc != 3 ||
		    (strcmp(argv[2], "on") && strcmp(argv[2], "off"))))
		return bad_usage("silence NIC on|off|at STEP", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	if (!at) {
		netvsp_silence(nic, !strcmp(argv[2], "on"));
		return 0;
	}
	if (netvsp_silence_at(nic, argv[3]))
		return 0;
	fprintf(out, "no step %s, but: ", argv[3]);
	netvsp_silence_steps(out);
	return -EINVAL;
}

/* For measurements: two delays in one boot. */
static int run_delay(int argc, char **argv, FILE *out)
{
	struct netvsp_nic *nic;
	uint32_t us;

	if (argc != 3 || !parse_u32(argv[2], NETVSP_DELAY_US_MAX, &us))
		return bad_usage("delay NIC US (0 to 10000000)", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	nic->options.delay_us = us;
	return 0;
}

static int run_source(int argc, char **argv, FILE *out)
{
	struct netvsp_nic *nic;
	uint32_t count;

	if (argc != 3 || !parse_u32(argv[2], UINT32_MAX, &count))
		return bad_usage("source NIC COUNT", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	if (!nic->backend->ops->more) {
		fputs("there is no source behind it", out);
		return -EOPNOTSUPP;
	}
	nic->backend->ops->more(nic->backend, count);
	return 0;
}

static int run_withhold(int argc, char **argv, FILE *out)
{
	unsigned int what = 0;
	struct netvsp_nic *nic;

	if (argc == 4)
		what = netvsp_withholding(argv[2], strlen(argv[2]));
	if (!what || (strcmp(argv[3], "on") && strcmp(argv[3], "off")))
		return bad_usage("withhold NIC completions|ring|rx on|off", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	log_line("net", "nic %u: withhold %s %s", nic->index, argv[2], argv[3]);
	netvsp_withhold(nic, what, !strcmp(argv[3], "on"));
	return 0;
}

static void add_traffic(struct netvsp_traffic *sum,
			const struct netvsp_traffic *traffic)
{
	sum->frames += traffic->frames;
	sum->bytes += traffic->bytes;
}

/* "tx=N tx_bytes=N rx=N rx_bytes=N", then "tx0=N rx0=N" for each channel. */
static int run_frames(int argc, char **argv, FILE *out)
{
	struct netvsp_traffic tx = { 0 }, rx = { 0 };
	struct netvsp_nic *nic;
	unsigned int i;

	if (argc != 2)
		return bad_usage("frames NIC", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	for (i = 0; i < nic->options.queues; i++) {
		add_traffic(&tx, &nic->channels[i].counters.tx);
		add_traffic(&rx, &nic->channels[i].counters.rx);
	}
	fprintf(out, "tx=%" PRIu64 " tx_bytes=%" PRIu64 " rx=%" PRIu64
		" rx_bytes=%" PRIu64, tx.frames, tx.bytes, rx.frames, rx.bytes);
	for (i = 0; i < nic->options.queues; i++)
		fprintf(out, " tx%u=%" PRIu64 " rx%u=%" PRIu64, i,
			nic->channels[i].counters.tx.frames, i,
			nic->channels[i].counters.rx.frames);
	return 0;
}

static const char *state_name(const struct netvsp_channel *channel)
{
	if (channel->stopped && channel->open)
		return "dead";
	switch (channel->vmbus.state) {
	case VMBUS_CHANNEL_UNOFFERED:
		return "unoffered";
	case VMBUS_CHANNEL_OFFERED:
		return "offered";
	case VMBUS_CHANNEL_OPEN:
		return "open";
	case VMBUS_CHANNEL_RESCINDED:
		return "rescinded";
	}
	return "unknown";
}

/* "open=N", then for each channel its state, processor, packets and debts. */
static int run_channels(int argc, char **argv, FILE *out)
{
	struct netvsp_nic *nic;
	unsigned int i;

	if (argc != 2)
		return bad_usage("channels NIC", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	fprintf(out, "open=%u", netvsp_open_channels(nic));
	for (i = 0; i < nic->options.queues; i++) {
		const struct netvsp_channel *channel = &nic->channels[i];

		fprintf(out, " %u.state=%s", i, state_name(channel));
		if (!channel->open)
			continue;
		fprintf(out, " %u.vp=%u %u.tx=%" PRIu64 " %u.rx=%" PRIu64
			" %u.rx_packets=%" PRIu64, i, channel->vmbus.target_vp,
			i, channel->counters.tx.frames, i,
			channel->counters.rx.frames, i,
			channel->counters.rx.messages);
		fprintf(out, " %u.rx_slots_out=%u %u.withheld=%u", i,
			channel->slots_taken, i, channel->withheld.count);
	}
	return 0;
}

static int run_vf(int argc, char **argv, FILE *out)
{
	struct netvsp_nic *nic;

	if (argc < 3 || argc > 4)
		return bad_usage("vf NIC WORD [VALUE]", out);
	nic = find_nic(argv[1], out);
	if (!nic)
		return -ENOENT;
	return netvsp_vf_command(nic, argc, argv, out);
}

static const struct control_command commands[] = {
	{ "link", "NIC up|down", "connects or disconnects the link", run_link },
	{ "speed", "NIC MBPS", "changes the link speed", run_speed },
	{ "netchange", "NIC", "indicates that the network changed",
	  run_netchange },
	{ "nic", "rescind|offer|add NIC [now]",
	  "takes a NIC away when it is idle, or now; or offers it", run_nic },
	{ "table", "NIC ENTRY...", "sends a new send indirection table",
	  run_table },
	{ "silence", "NIC on|off|at STEP",
	  "fault: the NIC answers nothing, from now on or from that step on",
	  run_silence },
	{ "delay", "NIC US", "changes delay-us", run_delay },
	{ "source", "NIC COUNT", "lets a source send so many frames more",
	  run_source },
	{ "withhold", "NIC completions|ring|rx on|off",
	  "fault: the NIC keeps it back for now", run_withhold },
	{ "attack", "NIC [SEED|NAME|off [MASK]]",
	  "fault: the NIC attacks the guest; or what it has done so far",
	  run_attack },
	{ "attacks", "[SEED|NAME]", "what a seed or a name stands for",
	  run_attacks },
	{ "vf", "NIC WORD [VALUE]",
	  "what becomes of the NIC's virtual function", run_vf },
	{ "frames", "NIC", "frames and bytes, all and by channel", run_frames },
	{ "channels", "NIC", "state and packets of each channel",
	  run_channels },
	{ NULL, NULL, NULL, NULL },
};

/* Counters, as JSON. */

static void write_member(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "\"%s\": %" PRIu64 ", ", name, value);
}

static void write_histogram(FILE *out, const char *name,
			    const uint64_t *buckets)
{
	static const char *const names[NETVSP_BUCKETS] = {
		"1", "2-4", "5-16", "17-64", "65-256", "257-",
	};
	unsigned int i;

	fprintf(out, "\"%s\": {", name);
	for (i = 0; i < NETVSP_BUCKETS; i++)
		fprintf(out, "%s\"%s\": %" PRIu64, i ? ", " : "", names[i],
			buckets[i]);
	fputc('}', out);
}

static void write_traffic(FILE *out, const char *name,
			  const struct netvsp_traffic *traffic,
			  const char *per_message)
{
	fprintf(out, "\"%s\": {", name);
	write_member(out, "frames", traffic->frames);
	write_member(out, "bytes", traffic->bytes);
	write_member(out, "messages", traffic->messages);
	write_member(out, "csum", traffic->csum);
	write_member(out, "lso", traffic->lso);
	write_member(out, "vlan", traffic->vlan);
	write_member(out, "hash", traffic->hash);
	write_histogram(out, per_message, traffic->per_message);
	fputs("}, ", out);
}

static void write_channel(FILE *out, const struct netvsp_channel *channel)
{
	const struct netvsp_channel_counters *counters = &channel->counters;

	fputc('{', out);
	write_traffic(out, "tx", &counters->tx, "packets_per_message");
	write_traffic(out, "rx", &counters->rx, "ranges_per_packet");
	write_member(out, "tx_sections", counters->tx_sections);
	write_member(out, "tx_direct", counters->tx_direct);
	write_member(out, "tx_combined", counters->tx_combined);
	write_member(out, "nvsp_messages", counters->nvsp_messages);
	write_member(out, "tx_completions", counters->tx_completions);
	write_member(out, "rx_completions", counters->rx_completions);
	write_member(out, "rx_completion_publishes",
		     counters->rx_completion_publishes);
	write_member(out, "ring_bytes", counters->ring_bytes);
	write_member(out, "publishes", counters->publishes);
	write_member(out, "services", counters->services);
	write_member(out, "refused", counters->refused);
	write_member(out, "ring_full", counters->ring_full);
	write_member(out, "rx_slots_out", channel->slots_taken);
	write_member(out, "withheld", channel->withheld.count);
	write_member(out, "signals_from_guest",
		     channel->vmbus.signals_from_guest);
	fprintf(out, "\"signals_to_guest\": %" PRIu64 "}",
		channel->vmbus.signals_to_guest);
}

static void write_failures(FILE *out, const struct netvsp_nic *nic)
{
	unsigned int i;

	fputs("\"failures\": {", out);
	for (i = 0; i < NETVSP_FAILURES_MAX && nic->failures[i].name; i++)
		fprintf(out, "%s\"%s\": %" PRIu64, i ? ", " : "",
			nic->failures[i].name, nic->failures[i].count);
	fputs("}, ", out);
}

static void write_nic(FILE *out, const struct netvsp_nic *nic)
{
	const char *separator = "";
	unsigned int i;

	fprintf(out, "{\"nvsp_version\": \"0x%x\", ", nic->session.version);
	write_member(out, "frame_max", nic->oid.frame_max);
	write_member(out, "open_channels", netvsp_open_channels(nic));
	write_member(out, "filter", nic->oid.filter);
	write_member(out, "rx_unwanted", nic->unwanted);
	write_failures(out, nic);
	if (nic->backend && nic->backend->ops->counters) {
		fputs("\"backend\": ", out);
		nic->backend->ops->counters(nic->backend, out);
		fputs(", ", out);
	}
	if (nic->vf) {
		fputs("\"vf\": ", out);
		vf_write_counters(&nic->vf->device, out);
		fputs(", ", out);
	}
	fputs("\"channels\": {", out);
	for (i = 0; i < nic->options.queues; i++) {
		if (!nic->channels[i].counters.services)
			continue;
		fprintf(out, "%s\n\"%u\": ", separator, i);
		write_channel(out, &nic->channels[i]);
		separator = ",";
	}
	fputs("}}", out);
}

static void write_counters(FILE *out)
{
	unsigned int i;

	fputc('{', out);
	for (i = 0; i < netvsp_nic_count; i++) {
		fprintf(out, "%s\n\"%u\": ", i ? "," : "", i);
		write_nic(out, netvsp_nics[i]);
	}
	fputc('}', out);
}

void netvsp_commands_register(void)
{
	control_register(commands);
	counters_register("nics", write_counters);
}
