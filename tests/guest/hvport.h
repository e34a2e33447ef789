/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hvhost's ports as the guest's programs use them.
 *
 * Text crosses in string instructions, of which KVM makes one exit a byte; the
 * ports' page form would save those, but needs the physical address of a page.
 */
#ifndef HVPORT_H
#define HVPORT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/io.h>
#include <unistd.h>

#define PORT_CONSOLE	0x510
#define PORT_ASK	0x514
#define PORT_STATUS	0x518
#define PORT_ANSWER	0x51c
#define HOST_MAGIC	0x76684c4du
#define PENDING		0xffffffffu

#define POLL_FIRST_US	200
#define POLL_LIMIT_US	20000
#define TOUCH_BYTES	4096

/* The ports lie in the range that ioperm() can open one by one. */
static inline bool hvport_open(void)
{
	return !ioperm(PORT_CONSOLE, PORT_ANSWER + 4 - PORT_CONSOLE, 1);
}

static inline bool hvport_present(void)
{
	return inl(PORT_CONSOLE) == HOST_MAGIC;
}

static inline void hvport_write(uint16_t port, const char *from, size_t len)
{
	asm volatile("rep outsb" : "+S"(from), "+c"(len) : "d"(port) : "memory");
}

/*
 * Sends a command, its newline included, and takes the answer, which is ended
 * with a zero. Returns its length, or -1 if it is longer than there is room.
 */
static inline int hvport_ask(const char *command, size_t len, char *answer,
			     size_t room)
{
	useconds_t nap = POLL_FIRST_US;
	uint32_t got;
	size_t left;

	hvport_write(PORT_ASK, command, len);
	/* A string instruction that meets a page fault loses what it had read. */
	for (left = 0; left < room; left += TOUCH_BYTES)
		((volatile char *)answer)[left] = 0;
	((volatile char *)answer)[room - 1] = 0;
	while ((got = inl(PORT_STATUS)) == PENDING) {
		usleep(nap);
		if (nap < POLL_LIMIT_US)
			nap *= 2;
	}
	if (got >= room) {
		errno = EMSGSIZE;
		return -1;
	}
	left = got;
	asm volatile("rep insb" : "+D"(answer), "+c"(left)
		     : "d"(PORT_ANSWER) : "memory");
	*answer = '\0';
	return (int)got;
}

#endif
