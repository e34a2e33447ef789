// SPDX-License-Identifier: GPL-2.0
/*
 * The real-time clock in CMOS RAM: read-only, UTC. Register A must be there:
 * Linux waits seconds for its update flag to fall.
 */
#include "ports.h"

#include <time.h>

#define CMOS_BASE 0x70
#define CMOS_INDEX_MASK 0x7f		/* the other bit masks NMIs */

#define RTC_A_32KHZ 0x26		/* no update in progress */
#define RTC_B_24H 0x02			/* and BCD */
#define RTC_D_VALID 0x80

static uint8_t selected;

static uint8_t bcd(int value)
{
	return (uint8_t)((value / 10 % 10) << 4 | value % 10);
}

static void cmos_write(unsigned int offset, uint8_t value)
{
	if (offset == 0)
		selected = value & CMOS_INDEX_MASK;
}

static uint8_t cmos_read(unsigned int offset)
{
	time_t now = time(NULL);
	struct tm tm;

	if (offset == 0 || !gmtime_r(&now, &tm))
		return 0xff;
	switch (selected) {
	case 0x00:
		return bcd(tm.tm_sec);
	case 0x02:
		return bcd(tm.tm_min);
	case 0x04:
		return bcd(tm.tm_hour);
	case 0x06:
		return bcd(tm.tm_wday + 1);
	case 0x07:
		return bcd(tm.tm_mday);
	case 0x08:
		return bcd(tm.tm_mon + 1);
	case 0x09:
		return bcd(tm.tm_year % 100);
	case 0x0a:
		return RTC_A_32KHZ;
	case 0x0b:
		return RTC_B_24H;
	case 0x0d:
		return RTC_D_VALID;
	case 0x32:
		return bcd(19 + tm.tm_year / 100);
	default:
		return 0;
	}
}

const struct port_device cmos_ports = {
	.first = CMOS_BASE,
	.count = 2,
	.write_byte = cmos_write,
	.read_byte = cmos_read,
};
