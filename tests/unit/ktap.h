/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test cases in one process, reported as KTAP.
 */
#ifndef TESTS_UNIT_KTAP_H
#define TESTS_UNIT_KTAP_H

#include <stdio.h>
#include <string.h>

struct ktap_case {
	const char *name;
	void (*run)(void);
};

#define KTAP_CASE(fn)		{ #fn, fn }

static int ktap_failures;

#define EXPECT(cond)							\
do {									\
	if (!(cond)) {							\
		printf("# %s:%d: expected: %s\n", __FILE__, __LINE__,	\
		       #cond);						\
		ktap_failures++;					\
	}								\
} while (0)

#define EXPECT_EQ(a, b)							\
do {									\
	long long ktap_a = (long long)(a);				\
	long long ktap_b = (long long)(b);				\
									\
	if (ktap_a != ktap_b) {						\
		printf("# %s:%d: %s is %lld, not %s = %lld\n", __FILE__,\
		       __LINE__, #a, ktap_a, #b, ktap_b);		\
		ktap_failures++;					\
	}								\
} while (0)

#define EXPECT_BYTES(a, b, len)						\
do {									\
	const unsigned char *ktap_p = (const void *)(a);		\
	const unsigned char *ktap_q = (const void *)(b);		\
	size_t ktap_i;							\
									\
	for (ktap_i = 0; ktap_i < (len); ktap_i++) {			\
		if (ktap_p[ktap_i] == ktap_q[ktap_i])			\
			continue;					\
		printf("# %s:%d: byte %zu of %s is %02x, not %02x\n",	\
		       __FILE__, __LINE__, ktap_i, #a, ktap_p[ktap_i],	\
		       ktap_q[ktap_i]);					\
		ktap_failures++;					\
		break;							\
	}								\
} while (0)

/* Return: what main() is to return, 0 if all cases passed. */
static inline int ktap_run(const struct ktap_case *cases, size_t count)
{
	int failed = 0;
	size_t i;

	printf("KTAP version 1\n1..%zu\n", count);
	for (i = 0; i < count; i++) {
		ktap_failures = 0;
		cases[i].run();
		printf("%sok %zu %s\n", ktap_failures ? "not " : "", i + 1,
		       cases[i].name);
		fflush(stdout);
		failed += !!ktap_failures;
	}
	return failed ? 1 : 0;
}

#endif /* TESTS_UNIT_KTAP_H */
