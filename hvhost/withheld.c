// SPDX-License-Identifier: GPL-2.0
#include "withheld.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_AT_FIRST 256u

static struct withheld_completion *entry(const struct withheld *withheld,
					 uint32_t position)
{
	return &withheld->items[(withheld->first + position) &
				(withheld->room - 1)];
}

bool withheld_reserve(struct withheld *withheld)
{
	uint32_t room = withheld->room ? 2 * withheld->room : ROOM_AT_FIRST;
	struct withheld_completion *items;
	uint32_t i;

	if (withheld->count < withheld->room)
		return true;
	if (room > WITHHELD_MAX)
		return false;
	items = calloc(room, sizeof(*items));
	if (!items)
		return false;
	for (i = 0; i < withheld->count; i++)
		items[i] = *entry(withheld, i);
	free(withheld->items);
	withheld->items = items;
	withheld->room = room;
	withheld->first = 0;
	return true;
}

void withheld_put(struct withheld *withheld, uint64_t transaction_id,
		  uint32_t status)
{
	struct withheld_completion *last = entry(withheld, withheld->count++);

	last->transaction_id = transaction_id;
	last->status = status;
}

const struct withheld_completion *withheld_first(const struct withheld *withheld)
{
	return withheld->count ? entry(withheld, 0) : NULL;
}

void withheld_drop(struct withheld *withheld)
{
	withheld->first++;
	withheld->count--;
}

void withheld_clear(struct withheld *withheld)
{
	free(withheld->items);
	memset(withheld, 0, sizeof(*withheld));
}
