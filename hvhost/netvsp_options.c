// SPDX-License-Identifier: GPL-2.0
#include "netvsp_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nvsp_proto.h"

#define FRAME_MAX_DEFAULT 9216u
#define FRAME_MAX_LIMIT 65535u
#define LINK_MBPS_DEFAULT 10000u
#define LINK_MBPS_MAX 400000u
#define SECTION_SIZE_MAX (16u << 20)

static bool parse_number(const char *text, uint64_t least, uint64_t most,
			 uint64_t *value)
{
	unsigned long long number;
	char *end;

	/* strtoull() would take a sign, and white space before it. */
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || number < least || number > most)
		return false;
	*value = number;
	return true;
}

static bool parse_u32(const char *text, uint32_t least, uint32_t most,
		      uint32_t *value)
{
	uint64_t number;

	if (!parse_number(text, least, most, &number))
		return false;
	*value = number;
	return true;
}

static bool parse_switch(const char *text, bool *value)
{
	*value = !strcmp(text, "on");
	return *value || !strcmp(text, "off");
}

static bool replace_text(const char *text, char **value)
{
	if (!*text)
		return false;
	free(*value);
	*value = strdup(text);
	return *value;
}

static bool set_backend(struct netvsp_options *options, const char *text)
{
	return replace_text(text, &options->backend);
}

static bool set_pcap(struct netvsp_options *options, const char *text)
{
	return replace_text(text, &options->pcap);
}

static bool set_attack(struct netvsp_options *options, const char *text)
{
	return replace_text(text, &options->attack);
}

static bool set_mac(struct netvsp_options *options, const char *text)
{
	unsigned int i;

	for (i = 0; i < 6; i++, text += 3) {
		if (!isxdigit((unsigned char)text[0]) ||
		    !isxdigit((unsigned char)text[1]) ||
		    text[2] != (i < 5 ? ':' : '\0'))
			return false;
		options->mac[i] = strtoul(text, NULL, 16);
	}
	/* A station's own address: neither a group's nor none at all. */
	return !(options->mac[0] & 1) && memcmp(options->mac, "\0\0\0\0\0", 6);
}

static bool set_nvsp(struct netvsp_options *options, const char *text)
{
	static const struct {
		const char *text;
		uint32_t version;
	} versions[] = {
		{ "1", NVSP_V1 }, { "2", NVSP_V2 }, { "4", NVSP_V4 },
		{ "5", NVSP_V5 }, { "6", NVSP_V6 }, { "6.1", NVSP_V61 },
	};
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (!strcmp(text, versions[i].text)) {
			options->nvsp_version = versions[i].version;
			return true;
		}
	}
	return false;
}

static bool set_queues(struct netvsp_options *options, const char *text)
{
	return parse_u32(text, 1, NETVSP_QUEUES_MAX, &options->queues);
}

static bool set_mtu_max(struct netvsp_options *options, const char *text)
{
	return parse_u32(text, NETVSP_FRAME_MIN, FRAME_MAX_LIMIT,
			 &options->frame_max);
}

static bool add_offload(struct netvsp_options *options, const char *name,
			size_t len)
{
	static const struct {
		const char *name;
		unsigned int offloads;
	} known[] = {
		{ "all", NETVSP_OFFLOAD_ALL },
		{ "none", 0 },
		{ "txcsum", NETVSP_OFFLOAD_TX_CSUM },
		{ "rxcsum", NETVSP_OFFLOAD_RX_CSUM },
		{ "lso", NETVSP_OFFLOAD_LSO | NETVSP_OFFLOAD_TX_CSUM },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i].name) == len &&
		    !memcmp(known[i].name, name, len)) {
			options->offloads |= known[i].offloads;
			return true;
		}
	}
	return false;
}

static bool set_offload(struct netvsp_options *options, const char *text)
{
	options->offloads = 0;
	for (;;) {
		size_t len = strcspn(text, ",");

		if (!add_offload(options, text, len))
			return false;
		if (!text[len])
			return true;
		text += len + 1;
	}
}

static bool set_rsc(struct netvsp_options *options, const char *text)
{
	return parse_switch(text, &options->rsc);
}

static bool set_udp_hash(struct netvsp_options *options, const char *text)
{
	return parse_switch(text, &options->udp_hash);
}

static bool set_delay(struct netvsp_options *options, const char *text)
{
	return parse_u32(text, 0, NETVSP_DELAY_US_MAX, &options->delay_us);
}

static bool set_rx_slots(struct netvsp_options *options, const char *text)
{
	return parse_u32(text, 0, UINT32_MAX, &options->rx_slots);
}

static bool set_section_size(struct netvsp_options *options, const char *text)
{
	return parse_u32(text, 0, SECTION_SIZE_MAX, &options->section_size);
}

unsigned int netvsp_withholding(const char *word, size_t len)
{
	static const struct {
		const char *name;
		unsigned int what;
	} known[] = {
		{ "completions", WITHHOLD_COMPLETIONS },
		{ "ring", WITHHOLD_RING },
		{ "rx", WITHHOLD_RX },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == len &&
		    !memcmp(known[i].name, word, len))
			return known[i].what;
	return 0;
}

static bool set_withhold(struct netvsp_options *options, const char *text)
{
	options->faults.withheld = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		unsigned int what = netvsp_withholding(text, len);

		if (!what)
			return false;
		options->faults.withheld |= what;
		if (!text[len])
			return true;
		text += len + 1;
	}
}

static bool set_header_page(struct netvsp_options *options, const char *text)
{
	return parse_switch(text, &options->header_page);
}

static bool set_ranges(struct netvsp_options *options, const char *text)
{
	return parse_u32(text, 1, NETVSP_RANGES_MAX, &options->ranges);
}

static bool set_link_speed(struct netvsp_options *options, const char *text)
{
	return parse_number(text, 1, LINK_MBPS_MAX, &options->link_mbps);
}

static bool set_mac_change(struct netvsp_options *options, const char *text)
{
	bool may;

	if (!parse_switch(text, &may))
		return false;
	options->fixed_mac = !may;
	return true;
}

static bool set_present(struct netvsp_options *options, const char *text)
{
	return parse_switch(text, &options->present);
}

static bool set_vf(struct netvsp_options *options, const char *text)
{
	options->vf_offer = !strcmp(text, "on");
	options->vf = options->vf_offer || !strcmp(text, "later");
	return options->vf || !strcmp(text, "off");
}

static const struct {
	const char *key;
	const char *values;		/* for the complaint */
	bool (*set)(struct netvsp_options *options, const char *text);
} keys[] = {
	{ "backend", "a back end", set_backend },
	{ "pcap", "a file", set_pcap },
	{ "mac", "a unicast address, aa:bb:cc:dd:ee:ff", set_mac },
	{ "nvsp", "1, 2, 4, 5, 6 or 6.1", set_nvsp },
	{ "queues", "1 to 64", set_queues },
	{ "mtu-max", "1514 to 65535", set_mtu_max },
	{ "offload", "all, none, or a list of txcsum, rxcsum, lso",
	  set_offload },
	{ "rsc", "on or off", set_rsc },
	{ "udp-hash", "on or off", set_udp_hash },
	{ "delay-us", "0 to 10000000", set_delay },
	{ "rx-slots", "a number, 0 for all", set_rx_slots },
	{ "section-size", "0 to 16777216", set_section_size },
	{ "withhold", "a list of completions, ring, rx", set_withhold },
	{ "attack", "a seed (a number) or the name of an attack", set_attack },
	{ "header-page", "on or off", set_header_page },
	{ "ranges", "1 to 375", set_ranges },
	{ "link-speed", "1 to 400000 (Mbit/s)", set_link_speed },
	{ "mac-change", "on or off", set_mac_change },
	{ "present", "on or off", set_present },
	{ "vf", "on, later or off", set_vf },
};

/* word is "KEY=VALUE"; it is cut in two. */
static int parse_word(char *word, struct netvsp_options *options, char *error)
{
	char *value = strchr(word, '=');
	size_t i;

	if (!value) {
		snprintf(error, NETVSP_OPTIONS_ERROR_SIZE,
			 "\"%s\" is not KEY=VALUE", word);
		return -EINVAL;
	}
	*value++ = '\0';
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(word, keys[i].key))
			continue;
		if (keys[i].set(options, value))
			return 0;
		snprintf(error, NETVSP_OPTIONS_ERROR_SIZE,
			 "%s=\"%s\": must be %s", word, value, keys[i].values);
		return -EINVAL;
	}
	snprintf(error, NETVSP_OPTIONS_ERROR_SIZE, "unknown key \"%s\"", word);
	return -EINVAL;
}

static int set_defaults(struct netvsp_options *options, unsigned int index)
{
	*options = (struct netvsp_options){
		.backend = strdup("none"),
		.mac = { 0x00, 0x15, 0x5d, 0x00, 0x00, index + 1 },
		.nvsp_version = NVSP_V61,
		.queues = 8,
		.frame_max = FRAME_MAX_DEFAULT,
		.offloads = NETVSP_OFFLOAD_ALL,
		.section_size = NVSP_SEND_SECTION_SIZE,
		.rsc = true,
		.ranges = NETVSP_RANGES_MAX,
		.link_mbps = LINK_MBPS_DEFAULT,
		.present = true,
	};
	return options->backend ? 0 : -ENOMEM;
}

int netvsp_options_parse(const char *spec, unsigned int index,
			 struct netvsp_options *options,
			 char error[NETVSP_OPTIONS_ERROR_SIZE])
{
	char *copy, *word, *rest;
	int err;

	snprintf(error, NETVSP_OPTIONS_ERROR_SIZE, "out of memory");
	err = set_defaults(options, index);
	if (err)
		return err;
	copy = strdup(spec);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!err && (word = strsep(&rest, ";")))
		if (*word)
			err = parse_word(word, options, error);
	free(copy);
	return err;
}

void netvsp_options_free(struct netvsp_options *options)
{
	free(options->backend);
	free(options->pcap);
	free(options->attack);
	options->backend = NULL;
	options->pcap = NULL;
	options->attack = NULL;
}
