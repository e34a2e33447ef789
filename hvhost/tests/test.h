/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame of a unit test program: checks, and a KTAP report on stdout.
 *
 *	static void adds(void)
 *	{
 *		CHECK_EQ(1 + 1, 2);
 *	}
 *
 *	int main(void)
 *	{
 *		static const struct test_case cases[] = {
 *			TEST_CASE(adds),
 *		};
 *		return test_run(cases, TEST_COUNT(cases));
 *	}
 *
 * A failed check is reported and the test case goes on, so that one run shows
 * all that is wrong; CHECK_OR_RETURN() is for what the rest depends on.
 */
#ifndef HVHOST_TEST_H
#define HVHOST_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test_case {
	const char *name;
	void (*run)(void);
};

#define TEST_CASE(function) { #function, function }
#define TEST_COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

static unsigned int test_failures;	/* checks, of the case that runs */

static inline bool test_check(bool good, const char *file, int line,
			      const char *what)
{
	if (!good) {
		printf("# %s:%d: failed: %s\n", file, line, what);
		test_failures++;
	}
	return good;
}

static inline void test_check_eq(long long is, long long wanted,
				 const char *file, int line, const char *what)
{
	if (test_check(is == wanted, file, line, what))
		return;
	printf("#   is %lld (0x%llx), wanted %lld (0x%llx)\n", is,
	       (unsigned long long)is, wanted, (unsigned long long)wanted);
}

static inline void test_check_str(const char *is, const char *wanted,
				  const char *file, int line, const char *what)
{
	if (test_check(is && !strcmp(is, wanted), file, line, what))
		return;
	printf("#   is \"%s\", wanted \"%s\"\n", is ? is : "(null)", wanted);
}

#define CHECK(condition) \
	((void)test_check((condition), __FILE__, __LINE__, #condition))
#define CHECK_EQ(is, wanted) \
	test_check_eq((long long)(is), (long long)(wanted), __FILE__, \
		      __LINE__, #is " == " #wanted)
#define CHECK_STR(is, wanted) \
	test_check_str((is), (wanted), __FILE__, __LINE__, #is " == " #wanted)
#define CHECK_MEM(is, wanted, len) \
	((void)test_check(!memcmp((is), (wanted), (len)), __FILE__, __LINE__, \
			  #is " == " #wanted " (" #len " bytes)"))
#define CHECK_OR_RETURN(condition) \
	do { \
		if (!test_check((condition), __FILE__, __LINE__, #condition)) \
			return; \
	} while (0)

/* Runs the cases in order; returns the exit status of the program. */
static inline int test_run(const struct test_case *cases, size_t count)
{
	unsigned int bad = 0;
	size_t i;

	/* A sanitizer may end the program: show what came before it. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%zu\n", count);
	for (i = 0; i < count; i++) {
		test_failures = 0;
		cases[i].run();
		printf("%sok %zu %s\n", test_failures ? "not " : "", i + 1,
		       cases[i].name);
		bad += test_failures != 0;
	}
	return bad ? 1 : 0;
}

#endif
