// SPDX-License-Identifier: GPL-2.0
/*
 * Two paravirtual ports for the guest's user space, cheap in exits.
 *
 *	+0  console	write: text
 *			read: a magic number, for programs that look for us
 *	+4  ask		write: a command line, up to '\n'
 *	+8  status	read: bytes left of the answer; all ones: not yet
 *	+12 data	read: the answer
 *
 * Text is written byte by byte ("rep outsb"), or a page at a time: a write of
 * 4 bytes is the guest physical address of a page that holds a length (32 bits)
 * and that much text. Such a write to the data port fetches: the page receives
 * the next part of the answer in the same form. One page is one exit, whereas
 * KVM takes "rep outsb" apart into one exit a byte.
 */
#include "ports.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "guest_mem.h"

#define MAGIC 0x76684c4du
#define LINE_MAX_LEN 4095u
#define PAGE_TEXT (HV_PAGE_SIZE - 4u)

enum host_register {
	REG_CONSOLE = 0,
	REG_ASK = 4,
	REG_STATUS = 8,
	REG_DATA = 12,
	REG_END = 16,
};

static FILE *console;

static struct {
	char line[LINE_MAX_LEN + 1];
	size_t line_len;
	bool line_too_long;
	bool pending;
	char *answer;
	size_t answer_len;
	size_t answer_at;
} ask;

void host_port_set_output(FILE *out)
{
	console = out;
}

static void print(const uint8_t *text, size_t len)
{
	if (!console)
		return;
	fwrite(text, 1, len, console);
	fflush(console);
}

static void answered(void *ctx, const char *answer)
{
	free(ask.answer);
	ask.answer = strdup(answer);
	ask.answer_len = ask.answer ? strlen(ask.answer) : 0;
	ask.answer_at = 0;
	ask.pending = false;
}

static void line_complete(void)
{
	ask.line[ask.line_len] = '\0';
	ask.line_len = 0;
	if (ask.pending)
		return;		/* one conversation at a time */
	ask.pending = true;
	if (ask.line_too_long)
		answered(NULL, "error line too long\n");
	else
		control_submit(ask.line, answered, NULL);
	ask.line_too_long = false;
}

static void take_command(const uint8_t *text, size_t len)
{
	for (; len; len--, text++) {
		if (*text == '\n')
			line_complete();
		else if (ask.line_len < LINE_MAX_LEN)
			ask.line[ask.line_len++] = (char)*text;
		else
			ask.line_too_long = true;
	}
}

static size_t take_answer(uint8_t *to, size_t room)
{
	size_t len = ask.answer_len - ask.answer_at;

	if (ask.pending)
		return 0;
	if (len > room)
		len = room;
	if (len)
		memcpy(to, ask.answer + ask.answer_at, len);
	ask.answer_at += len;
	return len;
}

/* The page at gpa carries text to us, or from us. */
static void exchange_page(unsigned int offset, uint32_t gpa)
{
	uint8_t *page = guest_ptr(gpa, HV_PAGE_SIZE);
	uint8_t text[PAGE_TEXT];
	uint32_t len;

	if (!page || gpa % HV_PAGE_SIZE)
		return;
	if (offset == REG_DATA) {
		len = (uint32_t)take_answer(page + sizeof(len), PAGE_TEXT);
		memcpy(page, &len, sizeof(len));
		return;
	}
	memcpy(&len, page, sizeof(len));
	if (len > PAGE_TEXT)
		return;
	memcpy(text, page + sizeof(len), len);
	if (offset == REG_CONSOLE)
		print(text, len);
	else if (offset == REG_ASK)
		take_command(text, len);
}

static void host_write(unsigned int offset, unsigned int size,
		       const uint8_t *data, uint32_t count)
{
	uint32_t gpa;

	if (size == sizeof(gpa)) {
		for (; count; count--, data += size) {
			memcpy(&gpa, data, sizeof(gpa));
			exchange_page(offset, gpa);
		}
	} else if (offset == REG_CONSOLE) {
		print(data, (size_t)size * count);
	} else if (offset == REG_ASK) {
		take_command(data, (size_t)size * count);
	}
}

static void host_read(unsigned int offset, unsigned int size, uint8_t *data,
		      uint32_t count)
{
	size_t len = (size_t)size * count;
	uint32_t value = 0xffffffff;

	memset(data, 0xff, len);
	if (offset == REG_DATA) {
		take_answer(data, len);
		return;
	}
	if (offset == REG_CONSOLE)
		value = MAGIC;
	else if (offset == REG_STATUS && !ask.pending)
		value = (uint32_t)(ask.answer_len - ask.answer_at);
	memcpy(data, &value, len < sizeof(value) ? len : sizeof(value));
}

const struct port_device host_ports = {
	.first = PORT_HOST,
	.count = REG_END,
	.write = host_write,
	.read = host_read,
};
