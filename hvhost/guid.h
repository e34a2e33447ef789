/* SPDX-License-Identifier: GPL-2.0 */
/* GUIDs as they stand on the wire: three little-endian fields, then 8 bytes. */
#ifndef HVHOST_GUID_H
#define HVHOST_GUID_H

#include <stdbool.h>
#include <stdint.h>

#define GUID_TEXT_SIZE 37

struct guid {
	uint8_t b[16];
};

bool guid_equal(const struct guid *a, const struct guid *b);

/* Orders by the numbers that the text form shows; as memcmp(). */
int guid_compare(const struct guid *a, const struct guid *b);

/* "f8615163-df3e-46c5-913f-f2d2f965ed0e"; returns text. */
char *guid_format(const struct guid *guid, char text[GUID_TEXT_SIZE]);

#endif
