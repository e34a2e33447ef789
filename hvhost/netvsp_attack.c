// SPDX-License-Identifier: GPL-2.0
/*
 * A NIC that attacks its guest: carries out what attack.h decides on. The host
 * keeps to the truth inside; what it hands out is changed on the way, as the last
 * step before the guest's memory.
 */
#include "netvsp_nic.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"
#include "log.h"
#include "rndis.h"
#include "vmbus_proto.h"

#define IMAGE_MAX (RING_PACKET_MAX + 64u)
#define DESCRIPTOR_BYTES ((uint32_t)sizeof(struct ring_descriptor))
#define TRAILER_BYTES ((uint32_t)sizeof(struct ring_trailer))

/* What changes after it was sent, or signals for nothing, does so this often. */
#define TICK_NS (50 * 1000)
#define FLICKERS_MAX 4u
/* How long a packet may be that is kept to be sent once more. */
#define KEPT_MAX 1024u

struct image {
	uint32_t len;			/* trailer included; 0: none */
	uint32_t payload;		/* where it begins */
	uint8_t bytes[IMAGE_MAX];
};

struct kept {
	uint32_t len;
	uint8_t bytes[KEPT_MAX];
};

/* A number that flickers, in the ring or in the receive buffer. */
struct flicker {
	unsigned int left;		/* changes to come */
	struct netvsp_channel *channel;
	bool in_ring;
	size_t at;
	uint32_t size;
	uint8_t value[2][8];
};

struct netvsp_attack {
	struct netvsp_nic *nic;
	struct attack_list list;
	uint64_t ids[ATTACK_ID_COUNT];
	unsigned int frame_met;		/* attacks on the frame being put */
	struct image image;		/* the packet being written */
	struct kept swapped;		/* goes out behind the next one */
	struct kept old[ATTACK_POINTS];
	struct flicker flickers[FLICKERS_MAX];
	unsigned int next_flicker;
	struct netvsp_channel *storm_channel;
	unsigned int storm_left;
	bool storming;
	struct loop_timer tick;
	struct loop_task rescind;
	struct netvsp_channel *rescinded;
};

static struct attack *attack_of(struct netvsp_attack *attack, unsigned int i)
{
	return &attack->list.attacks[i];
}

/* An attack is carried out. */
static void count(struct netvsp_attack *attack, unsigned int i)
{
	struct attack *one = attack_of(attack, i);

	if (!one->done++)
		log_line("attack", "nic %u: %s: attack %u begins",
			 attack->nic->index, attack->list.name, i);
}

static void start_ticking(struct netvsp_attack *attack)
{
	if (!attack->tick.expires_ns)
		loop_timer_start(&attack->tick, TICK_NS);
}

static void add_flicker(struct netvsp_attack *attack,
			const struct attack *one,
			struct netvsp_channel *channel, bool in_ring, size_t at,
			const uint8_t *now)
{
	struct flicker *flicker =
		&attack->flickers[attack->next_flicker++ % FLICKERS_MAX];

	flicker->left = one->count;
	flicker->channel = channel;
	flicker->in_ring = in_ring;
	flicker->at = at;
	flicker->size = one->size;
	memcpy(flicker->value[0], now, one->size);
	memcpy(flicker->value[1], now, one->size);
	attack_write(one, flicker->value[1], one->size, 0);
	start_ticking(attack);
}

static void flicker_once(struct netvsp_nic *nic, struct flicker *flicker)
{
	struct netvsp_channel *channel = flicker->channel;
	const uint8_t *value = flicker->value[flicker->left-- & 1];

	if (!channel->open)
		flicker->left = 0;
	else if (flicker->in_ring)
		ring_out_poke(&channel->vmbus.to_guest, flicker->at, value,
			      flicker->size);
	else if (nic->session.receive_buffer.gpadl)
		gpadl_write(&nic->session.receive_buffer, flicker->at, value,
			    flicker->size);
}

static void on_tick(void *ctx, uint32_t events)
{
	struct netvsp_attack *attack = ctx;
	unsigned int left = 0;
	unsigned int i;

	for (i = 0; i < FLICKERS_MAX; i++) {
		if (attack->flickers[i].left)
			flicker_once(attack->nic, &attack->flickers[i]);
		left += attack->flickers[i].left;
	}
	if (attack->storm_left) {
		attack->storm_left--;
		attack->storming = true;
		vmbus_channel_signal(&attack->storm_channel->vmbus);
		attack->storming = false;
	}
	if (left + attack->storm_left)
		start_ticking(attack);
}

/* What takes channels away does so when nobody is in the middle of them. */
static void on_rescind(void *ctx, uint32_t events)
{
	struct netvsp_attack *attack = ctx;
	struct netvsp_channel *channel = attack->rescinded;

	if (channel->index)
		vmbus_channel_rescind(&channel->vmbus);
	else
		netvsp_nic_rescind(attack->nic, true);
}

/* The channel itself, or a subchannel instead. */
static void rescind_soon(struct netvsp_attack *attack,
			 struct netvsp_channel *channel, bool sub)
{
	struct netvsp_nic *nic = attack->nic;

	if (sub && nic->options.queues > 1 && nic->channels[1].open)
		channel = &nic->channels[1];
	attack->rescinded = channel;
	loop_task_queue(&attack->rescind);
}

/* Which kind of packet the host is about to write, and its message's type. */
static enum attack_point packet_point(uint16_t type, uint64_t id,
				      const void *payload,
				      uint32_t payload_len, uint32_t *message)
{
	uint32_t words[2] = { 0 };

	memcpy(words, payload, payload_len < 8 ? payload_len : 8);
	*message = words[0];
	switch (type) {
	case RING_PACKET_INBAND:
		return ATTACK_INBAND;
	case RING_PACKET_TRANSFER_PAGES:
		return words[1] == NVSP_CHANNEL_CONTROL ? ATTACK_REPLY :
							  ATTACK_FRAMES;
	default:
		return words[0] == NVSP_RNDIS_COMPLETE ? ATTACK_DONE :
							 ATTACK_ANSWER;
	}
}

static void resize_payload(struct image *image, uint32_t len)
{
	struct ring_trailer trailer;
	uint16_t length8;
	uint32_t old_end = image->len - TRAILER_BYTES;
	uint32_t end;

	len = (len + 7) & ~7u;
	if (image->payload + len > IMAGE_MAX - TRAILER_BYTES)
		len = (IMAGE_MAX - TRAILER_BYTES - image->payload) & ~7u;
	end = image->payload + len;
	memcpy(&trailer, image->bytes + old_end, sizeof(trailer));
	if (end > old_end)
		memset(image->bytes + old_end, 0, end - old_end);
	memcpy(image->bytes + end, &trailer, sizeof(trailer));
	length8 = (uint16_t)(end / 8);
	memcpy(image->bytes + offsetof(struct ring_descriptor, length8),
	       &length8, sizeof(length8));
	image->len = end + TRAILER_BYTES;
}

static uint32_t payload_len(const struct image *image)
{
	return image->len - TRAILER_BYTES - image->payload;
}

/* Where the number is that an attack is about; false if not in the packet. */
static bool find_number(const struct attack *one, const struct image *image,
			uint32_t *at)
{
	uint32_t start = 0, end = image->len;

	switch (one->part) {
	case ATTACK_DESCRIPTOR:
		end = DESCRIPTOR_BYTES;
		break;
	case ATTACK_EXTRA:
		start = DESCRIPTOR_BYTES;
		end = image->payload;
		break;
	case ATTACK_PAYLOAD:
		start = image->payload;
		end -= TRAILER_BYTES;
		break;
	default:
		break;
	}
	*at = start + one->offset;
	return *at <= end && one->size <= end - *at;
}

/* What becomes of a packet besides being changed. */
struct fate {
	bool drop;
	bool swap;
	bool astray;
	bool old;
	uint32_t copies;
	struct attack *flicker;
	uint32_t flicker_at;
	struct attack *forge;
};

static void change_packet(struct netvsp_attack *attack,
			  struct netvsp_channel *channel, unsigned int i,
			  struct fate *fate)
{
	struct attack *one = attack_of(attack, i);
	struct image *image = &attack->image;
	uint32_t at;

	switch (one->action) {
	case ATTACK_WRITE:
		if (!find_number(one, image, &at))
			return;
		attack_write(one, image->bytes, image->len, at);
		break;
	case ATTACK_CUT:
		if (payload_len(image) > one->count)
			resize_payload(image, one->count);
		break;
	case ATTACK_GROW:
		resize_payload(image, payload_len(image) + one->count);
		break;
	case ATTACK_DROP:
		fate->drop = true;
		break;
	case ATTACK_REPEAT:
		fate->copies = one->count;
		break;
	case ATTACK_SWAP:
		fate->swap = true;
		break;
	case ATTACK_OLD:
		fate->old = true;
		break;
	case ATTACK_ASTRAY:
		fate->astray = true;
		break;
	case ATTACK_FORGE:
		fate->forge = one;
		break;
	case ATTACK_FLICKER:
		if (!find_number(one, image, &at))
			return;
		fate->flicker = one;
		fate->flicker_at = at;
		break;
	case ATTACK_RESCIND:
		rescind_soon(attack, channel, one->value & 1);
		break;
	default:
		return;
	}
	count(attack, i);
}

static void append(struct netvsp_channel *channel, const uint8_t *bytes,
		   uint32_t len)
{
	/* What finds no room is lost: it was not meant to be there anyway. */
	ring_out_append(&channel->vmbus.to_guest, bytes, len);
}

static void forge(struct netvsp_attack *attack, struct netvsp_channel *channel,
		  const struct attack *one)
{
	struct ring_out *ring = &channel->vmbus.to_guest;
	uint8_t bytes[256];
	uint32_t payload[NVSP_MESSAGE_BYTES_V61 / 4] = {
		one->count, NVSP_STATUS_SUCCESS, 1,
	};
	uint32_t extra[4] = { 0, 1, 64, 0 };
	uint32_t extra_len = 0, len;
	uint64_t id = one->value;

	if (one->id != ATTACK_ID_VALUE)
		id += attack->ids[one->id];
	extra[0] = attack->nic->session.receive_buffer_id;
	if (one->offset == RING_PACKET_TRANSFER_PAGES ||
	    one->offset == RING_PACKET_GPA_DIRECT)
		extra_len = sizeof(extra);
	len = ring_packet_build(bytes, ring->write_index, one->offset, 0, id,
				extra, extra_len, payload, sizeof(payload));
	append(channel, bytes, len);
}

static void send_astray(struct netvsp_attack *attack,
			struct netvsp_channel *channel)
{
	struct netvsp_nic *nic = attack->nic;
	struct netvsp_channel *other = netvsp_primary(nic);
	unsigned int i;

	for (i = 1; !channel->index && i < nic->options.queues; i++)
		if (nic->channels[i].open)
			other = &nic->channels[i];
	if (other == channel || !other->open)
		return;
	append(other, attack->image.bytes, attack->image.len);
	if (ring_out_publish(&other->vmbus.to_guest))
		vmbus_channel_signal(&other->vmbus);
}

static void keep(struct kept *kept, const struct image *image)
{
	if (image->len > KEPT_MAX)
		return;
	kept->len = image->len;
	memcpy(kept->bytes, image->bytes, image->len);
}

static void send_kept(struct netvsp_channel *channel, struct kept *kept)
{
	if (kept->len)
		append(channel, kept->bytes, kept->len);
}

/* Writes the packet, and whatever else is its fate. */
static void send_packet(struct netvsp_attack *attack,
			struct netvsp_channel *channel, const struct fate *fate,
			enum attack_point point)
{
	struct ring_out *ring = &channel->vmbus.to_guest;
	const struct image *image = &attack->image;
	uint32_t at = ring->write_index;
	uint32_t i;

	for (i = 0; !fate->drop && !fate->swap && i <= fate->copies; i++)
		append(channel, image->bytes, image->len);
	if (!fate->swap) {
		send_kept(channel, &attack->swapped);
		attack->swapped.len = 0;
	} else {
		keep(&attack->swapped, image);
	}
	if (fate->old)
		send_kept(channel, &attack->old[point]);
	if (fate->forge)
		forge(attack, channel, fate->forge);
	if (fate->astray)
		send_astray(attack, channel);
	if (fate->flicker)
		add_flicker(attack, fate->flicker, channel, true,
			    at + fate->flicker_at,
			    image->bytes + fate->flicker_at);
}

/* Without meddling; of a packet that is written as it should be. */
static int write_plainly(struct ring_out *ring, uint16_t type, uint16_t flags,
			 uint64_t id, const void *extra, uint32_t extra_len,
			 const void *payload, uint32_t len)
{
	const struct ring_meddler *meddler = ring->meddler;
	int err;

	ring->meddler = NULL;
	err = ring_out_write(ring, type, flags, id, extra, extra_len, payload,
			     len);
	ring->meddler = meddler;
	return err;
}

static int on_write(struct ring_out *ring, uint16_t type, uint16_t flags,
		    uint64_t id, const void *extra, uint32_t extra_len,
		    const void *payload, uint32_t len)
{
	struct netvsp_channel *channel = ring->meddler_ctx;
	struct netvsp_attack *attack = channel->nic->attack;
	struct image *image = &attack->image;
	struct image true_image;
	struct fate fate = { 0 };
	enum attack_point point;
	unsigned int met, i;
	uint32_t message;

	/* One that must wait for room comes again. */
	if (ring_packet_bytes(extra_len, len) > RING_PACKET_MAX ||
	    ring_out_space(ring) < ring_packet_bytes(extra_len, len))
		return write_plainly(ring, type, flags, id, extra, extra_len,
				     payload, len);
	point = packet_point(type, id, payload, len, &message);
	if (point == ATTACK_DONE && id == attack->ids[ATTACK_ID_CONTROL])
		point = ATTACK_TAKEN;
	met = attack_event(&attack->list, point, message);
	image->payload = DESCRIPTOR_BYTES + ((extra_len + 7) & ~7u);
	image->len = ring_packet_build(image->bytes, ring->write_index, type,
				       flags, id, extra, extra_len, payload,
				       len);
	true_image = *image;
	for (i = 0; i < attack->list.count; i++)
		if (met & 1u << i)
			change_packet(attack, channel, i, &fate);
	send_packet(attack, channel, &fate, point);
	keep(&attack->old[point], &true_image);
	return ring->dead ? -EPROTO : 0;
}

static uint32_t *control_word(struct netvsp_channel *channel, uint32_t word)
{
	const struct ring_mem *mem = word < ATTACK_WORD_FROM_GUEST ?
				     &channel->vmbus.to_guest.mem :
				     &channel->vmbus.from_guest.mem;
	struct ring_control *control = (struct ring_control *)mem->control;

	switch (word % ATTACK_WORD_FROM_GUEST) {
	case ATTACK_WORD_WRITE:
		return &control->write_index;
	case ATTACK_WORD_READ:
		return &control->read_index;
	case ATTACK_WORD_MASK:
		return &control->interrupt_mask;
	case ATTACK_WORD_PENDING:
		return &control->pending_send_size;
	default:
		return &control->feature_bits;
	}
}

static void on_published(struct ring_out *ring)
{
	struct netvsp_channel *channel = ring->meddler_ctx;
	struct netvsp_attack *attack = channel->nic->attack;
	unsigned int met, i;
	uint32_t *word, number;

	met = attack_event(&attack->list, ATTACK_PUBLISH, 0);
	for (i = 0; i < attack->list.count; i++) {
		const struct attack *one = attack_of(attack, i);

		if (!(met & 1u << i))
			continue;
		word = control_word(channel, one->offset);
		number = __atomic_load_n(word, __ATOMIC_RELAXED);
		attack_write(one, (uint8_t *)&number, sizeof(number), 0);
		__atomic_store_n(word, number, __ATOMIC_RELEASE);
		count(attack, i);
	}
}

static const struct ring_meddler ring_meddler = {
	.write = on_write,
	.published = on_published,
};

static unsigned int on_message(struct vmbus_channel *vmbus, void *message,
			       size_t len)
{
	struct netvsp_channel *channel = vmbus->device;
	struct netvsp_attack *attack = channel->nic->attack;
	const struct vmbus_header *header = message;
	unsigned int copies = 1;
	unsigned int met, i;

	/* The end of an attack is always told, else there would be none. */
	if (header->type == VMBUS_RESCIND_OFFER)
		return 1;
	met = attack_event(&attack->list, ATTACK_MESSAGE, header->type);
	for (i = 0; i < attack->list.count; i++) {
		const struct attack *one = attack_of(attack, i);

		if (!(met & 1u << i))
			continue;
		/* The offer of the NIC itself: else there is nothing to attack. */
		if (header->type == VMBUS_OFFER_CHANNEL && !channel->index)
			continue;
		if (one->action == ATTACK_DROP)
			copies = 0;
		else if (one->action == ATTACK_REPEAT)
			copies += one->count;
		else if (!attack_write(one, message, len, one->offset))
			continue;
		count(attack, i);
	}
	return copies;
}

static bool on_signal(struct vmbus_channel *vmbus)
{
	struct netvsp_channel *channel = vmbus->device;
	struct netvsp_attack *attack = channel->nic->attack;
	unsigned int met, i;
	bool signal = true;

	if (attack->storming)
		return true;
	met = attack_event(&attack->list, ATTACK_SIGNAL, 0);
	for (i = 0; i < attack->list.count; i++) {
		const struct attack *one = attack_of(attack, i);

		if (!(met & 1u << i))
			continue;
		count(attack, i);
		if (one->action == ATTACK_DROP) {
			signal = false;
			continue;
		}
		attack->storm_channel = channel;
		attack->storm_left = one->count;
		start_ticking(attack);
	}
	return signal;
}

static const struct vmbus_meddler vmbus_meddler = {
	.message = on_message,
	.signal = on_signal,
};

/* RNDIS messages, in their slots. */

void netvsp_attack_frame(struct netvsp_channel *channel,
			 struct rndis_ppis *ppis)
{
	struct netvsp_attack *attack = channel->nic->attack;
	unsigned int i;

	if (!attack)
		return;
	attack->frame_met = attack_event(&attack->list, ATTACK_FRAME, 0);
	for (i = 0; i < attack->list.count; i++) {
		const struct attack *one = attack_of(attack, i);

		if (!(attack->frame_met & 1u << i) ||
		    one->action != ATTACK_PIECE)
			continue;
		ppis->has_packet_id = true;
		ppis->packet_id = rndis_packet_id_word(one->value & 0xff,
						       one->value >> 8);
		count(attack, i);
	}
}

static void attack_slot(struct netvsp_channel *channel, unsigned int met,
			size_t offset)
{
	const struct gpadl_map *map = &channel->nic->session.receive_buffer;
	struct netvsp_attack *attack = channel->nic->attack;
	uint8_t now[8];
	unsigned int i;

	for (i = 0; i < attack->list.count; i++) {
		const struct attack *one = attack_of(attack, i);
		size_t at = offset + one->offset;

		if (!(met & 1u << i) ||
		    (one->action != ATTACK_WRITE &&
		     one->action != ATTACK_FLICKER) ||
		    !gpadl_read(map, at, now, one->size))
			continue;
		count(attack, i);
		if (one->action == ATTACK_FLICKER) {
			add_flicker(attack, one, channel, false, at, now);
			continue;
		}
		attack_write(one, now, one->size, 0);
		gpadl_write(map, at, now, one->size);
	}
}

void netvsp_attack_frame_slot(struct netvsp_channel *channel, size_t offset)
{
	if (channel->nic->attack)
		attack_slot(channel, channel->nic->attack->frame_met, offset);
}

void netvsp_attack_control_slot(struct netvsp_channel *channel, size_t offset,
				uint32_t type)
{
	struct netvsp_attack *attack = channel->nic->attack;

	if (attack)
		attack_slot(channel, attack_event(&attack->list, ATTACK_CONTROL,
						  type), offset);
}

/* Ids that the guest waits for; a forged packet may bear them. */
void netvsp_attack_learn(struct netvsp_channel *channel,
			 const struct ring_packet *packet)
{
	struct netvsp_attack *attack = channel->nic->attack;
	uint32_t words[2];

	if (!attack || packet->payload_len < sizeof(words) ||
	    packet->type == RING_PACKET_COMPLETION)
		return;
	memcpy(words, packet->payload, sizeof(words));
	if (words[0] == NVSP_RECEIVE_BUFFER)
		attack->ids[ATTACK_ID_REQUEST] = packet->transaction_id;
	else if (words[0] == NVSP_RNDIS && words[1] == NVSP_CHANNEL_CONTROL)
		attack->ids[ATTACK_ID_CONTROL] = packet->transaction_id;
	else if (words[0] == NVSP_RNDIS)
		attack->ids[ATTACK_ID_DATA] = packet->transaction_id;
}

void netvsp_attack_opened(struct netvsp_channel *channel)
{
	if (!channel->nic->attack)
		return;
	channel->vmbus.to_guest.meddler = &ring_meddler;
	channel->vmbus.to_guest.meddler_ctx = channel;
	channel->vmbus.from_guest.meddled = true;
}

static void set_meddler(struct netvsp_nic *nic,
			const struct vmbus_meddler *meddler)
{
	unsigned int i;

	for (i = 0; i < nic->options.queues; i++)
		nic->channels[i].vmbus.meddler = meddler;
}

int netvsp_attack_begin(struct netvsp_nic *nic, const char *what,
			uint32_t mask)
{
	struct netvsp_attack *attack = calloc(1, sizeof(*attack));
	unsigned int i;

	if (!attack)
		return -ENOMEM;
	if (!attack_list_make(&attack->list, what, mask)) {
		free(attack);
		return -EINVAL;
	}
	netvsp_attack_end(nic);
	attack->nic = nic;
	attack->tick = (struct loop_timer){ .fn = on_tick, .ctx = attack };
	attack->rescind = (struct loop_task){ .fn = on_rescind, .ctx = attack };
	nic->attack = attack;
	set_meddler(nic, &vmbus_meddler);
	for (i = 0; i < nic->options.queues; i++)
		if (nic->channels[i].open)
			netvsp_attack_opened(&nic->channels[i]);
	return 0;
}

void netvsp_attack_end(struct netvsp_nic *nic)
{
	struct netvsp_attack *attack = nic->attack;
	unsigned int i;

	if (!attack)
		return;
	set_meddler(nic, NULL);
	for (i = 0; i < nic->options.queues; i++) {
		nic->channels[i].vmbus.to_guest.meddler = NULL;
		nic->channels[i].vmbus.from_guest.meddled = false;
	}
	loop_timer_stop(&attack->tick);
	loop_task_cancel(&attack->rescind);
	nic->attack = NULL;
	free(attack);
}

/* "NAME carried out: N (attack 0: N) ...". */
void netvsp_attack_status(const struct netvsp_nic *nic, FILE *out)
{
	const struct netvsp_attack *attack = nic->attack;
	unsigned int i;

	if (!attack) {
		fputs("attack=none", out);
		return;
	}
	fprintf(out, "attack=%s", attack->list.name);
	for (i = 0; i < attack->list.count; i++)
		fprintf(out, " %u.done=%u", i, attack->list.attacks[i].done);
}
