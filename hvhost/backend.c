// SPDX-License-Identifier: GPL-2.0
/* Back ends: making them, and what they share. */
#include "backend.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend_common.h"
#include "json.h"
#include "log.h"
#include "packet.h"
#include "segment.h"

const uint8_t backend_peer_mac[6] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 };

static bool parse_number(const char *value, const struct backend_option *option)
{
	char *end;
	uint64_t number;

	errno = 0;
	number = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno ||
	    number < option->least || number > option->most)
		return false;
	*option->number = number;
	return true;
}

static bool parse_value(const char *name, const char *value,
			const struct backend_option *option)
{
	if (option->number) {
		if (parse_number(value, option))
			return true;
		complain("%s: %s=%s: not a number from %" PRIu64 " to %" PRIu64,
			 name, option->key, value, option->least, option->most);
		return false;
	}
	if (option->address) {
		if (inet_pton(AF_INET, value, option->address) == 1)
			return true;
		complain("%s: %s=%s: not an IPv4 address", name, option->key,
			 value);
		return false;
	}
	if (!*value || strlen(value) >= option->text_size) {
		complain("%s: %s=%s: not a name of 1 to %zu letters", name,
			 option->key, value, option->text_size - 1);
		return false;
	}
	strcpy(option->text, value);
	return true;
}

static bool parse_option(const char *name, char *item,
			 const struct backend_option *table)
{
	char *value = strchr(item, '=');

	if (!value) {
		complain("%s: '%s' is not KEY=VALUE", name, item);
		return false;
	}
	*value++ = '\0';
	for (; table->key; table++)
		if (!strcmp(table->key, item))
			return parse_value(name, value, table);
	complain("%s: unknown option '%s'", name, item);
	return false;
}

bool backend_options(const char *name, const char *text,
		     const struct backend_option *table)
{
	char *copy = strdup(text), *rest = copy, *item;
	bool good = copy;

	while (good && (item = strsep(&rest, ",")))
		if (*item)
			good = parse_option(name, item, table);
	free(copy);
	return good;
}

struct backend *backend_create(const char *description)
{
	static const struct {
		const char *name;
		struct backend *(*create)(const char *options);
	} kinds[] = {
		{ "none", backend_none_create },
		{ "sink", backend_sink_create },
		{ "tap", backend_tap_create },
		{ "echo", backend_echo_create },
		{ "source", backend_source_create },
	};
	size_t name_len = strcspn(description, ":"), i;
	const char *options = description + name_len;

	if (*options)
		options++;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == name_len &&
		    !strncmp(kinds[i].name, description, name_len))
			return kinds[i].create(options);
	complain("unknown back end '%.*s' (none, sink, tap, echo, source)",
		 (int)name_len, description);
	return NULL;
}

void traffic_count(struct traffic *traffic, const struct frame *frame)
{
	traffic->frames++;
	traffic->bytes += frame->len;
}

struct delivery_entry {
	struct frame frame;
	struct delivery_entry *next;
	uint8_t bytes[];
};

void delivery_init(struct delivery *delivery, struct backend *backend)
{
	memset(delivery, 0, sizeof(*delivery));
	delivery->backend = backend;
	delivery->end = &delivery->first;
}

static bool offer(struct delivery *delivery, const struct frame *frame)
{
	struct backend *backend = delivery->backend;
	struct frame copy = *frame;

	if (backend->receive(backend->nic, &copy)) {
		traffic_count(&delivery->given, frame);
		return true;
	}
	delivery->refused++;
	delivery->blocked = true;
	return false;
}

static void append(void *ctx, struct frame *frame)
{
	struct delivery *delivery = ctx;
	struct delivery_entry *entry;

	if (delivery->direct && !delivery->first && !delivery->blocked &&
	    offer(delivery, frame))
		return;
	entry = malloc(sizeof(*entry) + frame->len);
	if (!entry) {
		delivery->dropped++;
		return;
	}
	entry->frame = *frame;
	entry->frame.data = entry->bytes;
	entry->next = NULL;
	memcpy(entry->bytes, frame->data, frame->len);
	*delivery->end = entry;
	delivery->end = &entry->next;
	delivery->length++;
}

void delivery_push(struct delivery *delivery, struct frame *frame)
{
	bool was_open = frame->csum_partial || frame->gso != FRAME_GSO_NONE;

	if (frame->gso != FRAME_GSO_NONE && !frame_prepare_gso(frame)) {
		delivery->dropped++;
		return;
	}
	if (frame->gso != FRAME_GSO_NONE && !delivery->backend->gso_to_guest) {
		frame_segment(frame, append, delivery);
		return;
	}
	if (!frame_finish_checksums(frame)) {
		delivery->dropped++;
		return;
	}
	if (was_open)
		frame->csum_good = true;
	append(delivery, frame);
}

static void drop_first(struct delivery *delivery)
{
	struct delivery_entry *entry = delivery->first;

	delivery->first = entry->next;
	if (!delivery->first)
		delivery->end = &delivery->first;
	delivery->length--;
	free(entry);
}

bool delivery_run(struct delivery *delivery, unsigned int limit)
{
	while (delivery->first && !delivery->blocked && limit--)
		if (offer(delivery, &delivery->first->frame))
			drop_first(delivery);
	return delivery->first && !delivery->blocked;
}

void delivery_clear(struct delivery *delivery)
{
	while (delivery->first)
		drop_first(delivery);
	delivery->blocked = false;
}

void delivery_counters(const struct delivery *delivery, FILE *out)
{
	json_count(out, "to_guest_frames", delivery->given.frames);
	json_count(out, "to_guest_bytes", delivery->given.bytes);
	json_count(out, "to_guest_refused", delivery->refused);
	json_count(out, "to_guest_dropped", delivery->dropped);
}

bool backend_answer_arp(const struct frame *request, uint8_t *bytes,
			struct frame *answer)
{
	const uint8_t *asked = request->data + ETH_HEADER_LEN;
	uint8_t *arp = bytes + ETH_HEADER_LEN;

	if (request->len < ETH_HEADER_LEN + ARP_PACKET_LEN ||
	    get_be16(request->data + ETH_TYPE_OFFSET) != ETH_TYPE_ARP ||
	    get_be16(asked + ARP_OPERATION) != ARP_REQUEST)
		return false;
	memset(bytes, 0, ETH_MIN_FRAME);
	memcpy(bytes, request->data + ETH_ADDR_LEN, ETH_ADDR_LEN);
	memcpy(bytes + ETH_ADDR_LEN, backend_peer_mac, ETH_ADDR_LEN);
	put_be16(bytes + ETH_TYPE_OFFSET, ETH_TYPE_ARP);
	memcpy(arp, asked, ARP_OPERATION);	/* kinds and lengths of addresses */
	put_be16(arp + ARP_OPERATION, ARP_REPLY);
	memcpy(arp + ARP_SENDER_MAC, backend_peer_mac, ETH_ADDR_LEN);
	memcpy(arp + ARP_SENDER_IP, asked + ARP_TARGET_IP, 4);
	memcpy(arp + ARP_TARGET_MAC, asked + ARP_SENDER_MAC, ETH_ADDR_LEN);
	memcpy(arp + ARP_TARGET_IP, asked + ARP_SENDER_IP, 4);
	memset(answer, 0, sizeof(*answer));
	answer->data = bytes;
	answer->len = ETH_MIN_FRAME;
	answer->has_vlan = request->has_vlan;
	answer->vlan_tci = request->vlan_tci;
	return true;
}
