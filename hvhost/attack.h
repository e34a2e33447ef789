/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a malicious host may do to the guest through one NIC. This half is pure:
 * it makes a list of attacks from a seed or a name, and tells which of them an
 * event meets. netvsp_attack.c carries them out.
 *
 * Nothing here depends on time: a seed stands for its attacks for ever, and an
 * attack begins at the nth event of its kind.
 */
#ifndef HVHOST_ATTACK_H
#define HVHOST_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ATTACKS_MAX 4u			/* in one list */
#define ATTACK_ALWAYS UINT32_MAX

/* An event: something that the host hands to the guest. */
enum attack_point {
	ATTACK_MESSAGE,		/* a message of VMBus about a channel */
	ATTACK_ANSWER,		/* the completion of an NVSP request */
	ATTACK_DONE,		/* the completion of data */
	ATTACK_TAKEN,		/* the completion of a control message */
	ATTACK_INBAND,		/* an NVSP message of the host's own */
	ATTACK_FRAMES,		/* a transfer-page packet with data */
	ATTACK_REPLY,		/* one with a control message */
	ATTACK_FRAME,		/* an RNDIS data message, in its slot */
	ATTACK_CONTROL,		/* an RNDIS control message, in its slot */
	ATTACK_PUBLISH,		/* packets become visible */
	ATTACK_SIGNAL,		/* an interrupt */
	ATTACK_POINTS,
};

enum attack_action {
	ATTACK_WRITE,		/* changes a number */
	ATTACK_CUT,		/* leaves no more than count bytes of payload */
	ATTACK_GROW,		/* adds count bytes to the payload */
	ATTACK_DROP,		/* nothing is sent */
	ATTACK_REPEAT,		/* count times more */
	ATTACK_SWAP,		/* after the next packet of the channel */
	ATTACK_OLD,		/* an earlier packet of the kind once more */
	ATTACK_FORGE,		/* one more packet, that nobody waits for */
	ATTACK_ASTRAY,		/* on another channel as well */
	ATTACK_FLICKER,		/* changed and changed back after it was sent */
	ATTACK_PIECE,		/* a frame pretends to be part of one */
	ATTACK_WORD,		/* changes a word of a ring's control page */
	ATTACK_STORM,		/* count interrupts for nothing */
	ATTACK_RESCIND,		/* takes the channel away, now */
	ATTACK_ACTIONS,
};

/* What an offset counts from, in a packet; others are all body. */
enum attack_part {
	ATTACK_BODY,
	ATTACK_DESCRIPTOR,
	ATTACK_EXTRA,		/* between descriptor and payload */
	ATTACK_PAYLOAD,
};

enum attack_how {
	ATTACK_SET,
	ATTACK_ADD,
	ATTACK_XOR,
};

/* Whose transaction id a forged packet bears. */
enum attack_id {
	ATTACK_ID_VALUE,	/* value */
	ATTACK_ID_REQUEST,	/* that of the receive buffer's request, + value */
	ATTACK_ID_DATA,		/* of the last data, + value */
	ATTACK_ID_CONTROL,	/* of the last control message, + value */
	ATTACK_ID_COUNT,
};

/* Words of the control pages: first those of the ring to the guest. */
enum attack_word {
	ATTACK_WORD_WRITE,
	ATTACK_WORD_READ,
	ATTACK_WORD_MASK,
	ATTACK_WORD_PENDING,
	ATTACK_WORD_FEATURES,
	ATTACK_WORD_FROM_GUEST,		/* the same of the ring from the guest */
	ATTACK_WORD_COUNT = 2 * ATTACK_WORD_FROM_GUEST,
};

struct attack {
	enum attack_point point;
	enum attack_action action;
	uint32_t type;		/* of message, if it must be one; 0: any */
	uint32_t first;		/* events of it that go by unharmed */
	uint32_t times;		/* and how many are met then */
	enum attack_part part;
	uint32_t offset;	/* in the part; or an enum attack_word, or for
				 * ATTACK_FORGE the type of a VMBus packet
				 */
	uint32_t size;		/* bytes of the number: 1, 2, 4, 8 */
	enum attack_how how;
	enum attack_id id;
	uint32_t count;		/* ATTACK_FORGE: NVSP message type */
	uint64_t value;

	uint32_t seen;		/* events of it so far */
	uint32_t done;		/* carried out so far */
};

struct attack_list {
	char name[32];			/* seed or name */
	unsigned int count;
	struct attack attacks[ATTACKS_MAX];
};

/*
 * The list of a seed (a decimal number) or of a name; only the attacks of which
 * the bit in mask is set. False if it is neither.
 */
bool attack_list_make(struct attack_list *list, const char *what,
		      uint32_t mask);

/* The names that there are, one by one; NULL after the last. */
const char *attack_name(unsigned int i);

/* One line of text about an attack. */
void attack_describe(const struct attack *attack, FILE *out);
/* All of a list, a line each, numbered. */
void attack_list_print(const struct attack_list *list, FILE *out);

/*
 * An event. Counts it for every attack that is for it, and returns a bit for each
 * that meets it.
 */
unsigned int attack_event(struct attack_list *list, enum attack_point point,
			  uint32_t type);

/* Changes the number of attack->size bytes at offset of len; false if outside. */
bool attack_write(const struct attack *attack, uint8_t *bytes, size_t len,
		  size_t offset);

/* Numbers by chance, but always the same ones from the same state. */
uint64_t attack_random(uint64_t *state);

#endif
