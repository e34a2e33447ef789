// SPDX-License-Identifier: GPL-2.0
#include "guid.h"

#include <stdio.h>
#include <string.h>

/* Where the byte of each position of the text form is found on the wire. */
static const uint8_t text_order[16] = {
	3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15,
};

bool guid_equal(const struct guid *a, const struct guid *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

int guid_compare(const struct guid *a, const struct guid *b)
{
	unsigned int i;

	for (i = 0; i < sizeof(text_order); i++) {
		int diff = a->b[text_order[i]] - b->b[text_order[i]];

		if (diff)
			return diff;
	}
	return 0;
}

char *guid_format(const struct guid *guid, char text[GUID_TEXT_SIZE])
{
	char *to = text;
	unsigned int i;

	for (i = 0; i < sizeof(text_order); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		to += sprintf(to, "%02x", guid->b[text_order[i]]);
	}
	return text;
}
