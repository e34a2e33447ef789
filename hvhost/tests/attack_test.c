// SPDX-License-Identifier: GPL-2.0
/* links: attack */
#include "attack.h"

#include <stdlib.h>

#include "test.h"
#include "vmbus_proto.h"

static struct attack_list list;

static const char *described(unsigned int i)
{
	static char text[256];
	FILE *out = fmemopen(text, sizeof(text), "w");

	attack_describe(&list.attacks[i], out);
	fclose(out);
	return text;
}

/* A seed that was reported once must mean the same in years. */
static void a_seed_stands_for_its_attacks(void)
{
	CHECK(attack_list_make(&list, "1", UINT32_MAX));
	CHECK_STR(list.name, "1");
	CHECK_EQ(list.count, 2);
	CHECK_STR(described(0), "frames packet 17 and after: repeat 128");
	CHECK_STR(described(1),
		  "inband message 0, 4 times: grow by 8192");
	CHECK(attack_list_make(&list, "6", UINT32_MAX));
	CHECK_EQ(list.count, 3);
	CHECK_STR(described(0),
		  "control slot 7: write byte+32/8 set to 0xfffffffd");
}

static void the_mask_leaves_attacks_out(void)
{
	unsigned int seed, i;
	char text[16];

	for (seed = 0; seed < 100; seed++) {
		snprintf(text, sizeof(text), "%u", seed);
		CHECK(attack_list_make(&list, text, 2));
		CHECK(list.count >= 1 && list.count <= ATTACKS_MAX);
		for (i = 0; i < list.count; i++)
			CHECK_EQ(!list.attacks[i].times, i != 1);
	}
}

static void neither_seed_nor_name(void)
{
	CHECK(!attack_list_make(&list, "", UINT32_MAX));
	CHECK(!attack_list_make(&list, "-1", UINT32_MAX));
	CHECK(!attack_list_make(&list, "1x", UINT32_MAX));
	CHECK(!attack_list_make(&list, "99999999999999999999999", UINT32_MAX));
	CHECK(!attack_list_make(&list, "nonsense", UINT32_MAX));
}

static void every_name_is_one(void)
{
	unsigned int i, k;

	for (i = 0; attack_name(i); i++) {
		CHECK(attack_list_make(&list, attack_name(i), UINT32_MAX));
		CHECK_STR(list.name, attack_name(i));
		CHECK(list.count);
		for (k = 0; k < list.count; k++)
			CHECK(list.attacks[k].times && *described(k));
		for (k = list.count; k < ATTACKS_MAX; k++)
			CHECK(!list.attacks[k].times);
	}
	CHECK(i > 20);
}

/* No seed may do what breaks the guest's bus instead of its driver. */
static void seeds_are_within_bounds(void)
{
	uint32_t points = 0, actions = 0;
	unsigned int seed, i;
	char text[16];

	for (seed = 0; seed < 20000; seed++) {
		snprintf(text, sizeof(text), "%u", seed);
		attack_list_make(&list, text, UINT32_MAX);
		for (i = 0; i < list.count; i++) {
			const struct attack *attack = &list.attacks[i];

			CHECK(attack->point < ATTACK_POINTS);
			CHECK(attack->action < ATTACK_ACTIONS);
			CHECK(attack->times);
			CHECK(attack->size <= 8);
			CHECK(attack->count <= 65536 ||
			      attack->action == ATTACK_FORGE);
			points |= 1u << attack->point;
			actions |= 1u << attack->action;
			if (attack->point != ATTACK_MESSAGE)
				continue;
			CHECK(attack->offset >= sizeof(struct vmbus_header));
			CHECK(attack->type != VMBUS_OFFER_CHANNEL ||
			      attack->action == ATTACK_WRITE);
		}
	}
	CHECK_EQ(points, (1u << ATTACK_POINTS) - 1);
	CHECK_EQ(actions, (1u << ATTACK_ACTIONS) - 1);
}

static void events_are_counted_by_type(void)
{
	attack_list_make(&list, "subchannel-refused", UINT32_MAX);
	CHECK_EQ(attack_event(&list, ATTACK_MESSAGE, VMBUS_OPEN_RESULT), 0);
	CHECK_EQ(attack_event(&list, ATTACK_MESSAGE, VMBUS_OFFER_CHANNEL), 0);
	CHECK_EQ(attack_event(&list, ATTACK_DONE, VMBUS_OPEN_RESULT), 0);
	CHECK_EQ(attack_event(&list, ATTACK_MESSAGE, VMBUS_OPEN_RESULT), 1);
	CHECK_EQ(attack_event(&list, ATTACK_MESSAGE, VMBUS_OPEN_RESULT), 1);
}

static void it_ends(void)
{
	unsigned int met = 0;
	unsigned int i;

	attack_list_make(&list, "completion-empty", UINT32_MAX);
	for (i = 0; i < 100; i++)
		met += attack_event(&list, ATTACK_DONE, 0);
	CHECK_EQ(met, 8);
}

static void numbers_are_changed(void)
{
	uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct attack attack = { .size = 2, .how = ATTACK_ADD, .value = 0x101 };

	CHECK(attack_write(&attack, bytes, 8, 6));
	CHECK_MEM(bytes, "\1\2\3\4\5\6\10\11", 8);
	CHECK(!attack_write(&attack, bytes, 8, 7));
	CHECK(!attack_write(&attack, bytes, 8, 9));
	attack.how = ATTACK_XOR;
	attack.size = 1;
	CHECK(attack_write(&attack, bytes, 8, 0));
	CHECK_EQ(bytes[0], 0);
	attack.how = ATTACK_SET;
	attack.size = 4;
	attack.value = 0x1122334455667788;
	CHECK(attack_write(&attack, bytes, 8, 0));
	CHECK_MEM(bytes, "\x88\x77\x66\x55\5\6\10\11", 8);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(a_seed_stands_for_its_attacks),
		TEST_CASE(the_mask_leaves_attacks_out),
		TEST_CASE(neither_seed_nor_name),
		TEST_CASE(every_name_is_one),
		TEST_CASE(seeds_are_within_bounds),
		TEST_CASE(events_are_counted_by_type),
		TEST_CASE(it_ends),
		TEST_CASE(numbers_are_changed),
	};

	return test_run(cases, TEST_COUNT(cases));
}
