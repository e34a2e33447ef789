// SPDX-License-Identifier: GPL-2.0
/*
 * A NIC that answers nothing: at once, or from the moment at which the guest
 * comes to some step of its session. The message of that step is taken and lost.
 */
#include "netvsp_nic.h"

#include <string.h>

#include "log.h"

/* A step is an NVSP message, or an RNDIS control message about an object. */
struct silence_step {
	const char *name;
	uint32_t nvsp;			/* 0: RNDIS */
	uint32_t rndis;
	uint32_t oid;			/* 0: about none */
};

/* In the order in which a guest usually comes to them. */
static const struct silence_step steps[] = {
	{ "version", NVSP_INIT, 0, 0 },
	{ "ndis-config", NVSP_NDIS_CONFIG, 0, 0 },
	{ "ndis-version", NVSP_NDIS_VERSION, 0, 0 },
	{ "receive-buffer", NVSP_RECEIVE_BUFFER, 0, 0 },
	{ "send-buffer", NVSP_SEND_BUFFER, 0, 0 },
	{ "initialize", 0, RNDIS_INITIALIZE, 0 },
	{ "query-offload", 0, RNDIS_QUERY,
	  OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES },
	{ "query-rss", 0, RNDIS_QUERY, OID_GEN_RECEIVE_SCALE_CAPABILITIES },
	{ "query-frame-size", 0, RNDIS_QUERY, OID_GEN_MAXIMUM_FRAME_SIZE },
	{ "query-link", 0, RNDIS_QUERY, OID_GEN_MEDIA_CONNECT_STATUS },
	{ "query-speed", 0, RNDIS_QUERY, OID_GEN_LINK_SPEED },
	{ "subchannels", NVSP_SUBCHANNEL, 0, 0 },
	{ "offers", NETVSP_STEP_OFFERS, 0, 0 },
	{ "set-rss", 0, RNDIS_SET, OID_GEN_RECEIVE_SCALE_PARAMETERS },
	{ "set-offload", 0, RNDIS_SET, OID_TCP_OFFLOAD_PARAMETERS },
	{ "query-address", 0, RNDIS_QUERY, OID_802_3_PERMANENT_ADDRESS },
	{ "query-name", 0, RNDIS_QUERY, OID_GEN_FRIENDLY_NAME },
	{ "set-filter", 0, RNDIS_SET, OID_GEN_CURRENT_PACKET_FILTER },
	{ "set-address", 0, RNDIS_SET, OID_GEN_RNDIS_CONFIG_PARAMETER },
	{ "halt", 0, RNDIS_HALT, 0 },
};

#define STEP_COUNT (sizeof(steps) / sizeof(steps[0]))

void netvsp_silence(struct netvsp_nic *nic, bool on)
{
	unsigned int i;

	nic->silent = on;
	nic->faults.silent_at = NULL;
	for (i = 0; i < nic->options.queues; i++)
		vmbus_channel_silence(&nic->channels[i].vmbus, on);
	netvsp_update_running(nic);
}

bool netvsp_silence_at(struct netvsp_nic *nic, const char *name)
{
	size_t i;

	for (i = 0; i < STEP_COUNT; i++) {
		if (strcmp(steps[i].name, name))
			continue;
		nic->faults.silent_at = &steps[i];
		return true;
	}
	return false;
}

void netvsp_silence_steps(FILE *out)
{
	size_t i;

	for (i = 0; i < STEP_COUNT; i++)
		fprintf(out, "%s%s", i ? " " : "", steps[i].name);
}

static void fall_silent(struct netvsp_nic *nic)
{
	log_line("net", "nic %u: falls silent at %s", nic->index,
		 nic->faults.silent_at->name);
	netvsp_silence(nic, true);
}

bool netvsp_silent_at_nvsp(struct netvsp_nic *nic, uint32_t type)
{
	const struct silence_step *step = nic->faults.silent_at;

	if (!step || !step->nvsp || step->nvsp != type)
		return false;
	fall_silent(nic);
	return true;
}

bool netvsp_silent_at_rndis(struct netvsp_nic *nic, uint32_t type,
			    const uint8_t *body)
{
	const struct silence_step *step = nic->faults.silent_at;
	struct rndis_oid_request request = { 0 };

	if (!step || step->nvsp || step->rndis != type)
		return false;
	if (step->oid)
		memcpy(&request, body, sizeof(request));
	if (step->oid != request.oid)
		return false;
	fall_silent(nic);
	return true;
}
