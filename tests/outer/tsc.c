// SPDX-License-Identifier: GPL-2.0
/*
 * tsc - prints the frequency of this machine's time stamp counter, in kHz
 *
 * For an emulated machine, whose counter is this machine's: a kernel that
 * measures it against an emulated timer, and is kept from the processor for
 * longer than that timer takes to wrap (55 ms), finds many times the truth, and
 * all its clocks go as many times too slow. Here both clocks are read together
 * at either end of a wait, and the closest of some readings is taken, so that a
 * busy machine makes no difference.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define READINGS	50
#define WAIT_NS		200000000L
#define NS_PER_S	1000000000LL

struct moment {
	int64_t ns;
	uint64_t ticks;
	uint64_t width;		/* ticks that the reading took */
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static struct moment closest(void)
{
	struct moment best = { .width = UINT64_MAX };
	int i;

	for (i = 0; i < READINGS; i++) {
		uint64_t before = __rdtsc();
		int64_t ns = now_ns();
		uint64_t width = __rdtsc() - before;

		if (width < best.width)
			best = (struct moment){ ns, before + width / 2, width };
	}
	return best;
}

int main(void)
{
	struct timespec wait = { .tv_nsec = WAIT_NS };
	struct moment first = closest(), last;

	nanosleep(&wait, NULL);
	last = closest();
	printf("%.0f\n", (double)(last.ticks - first.ticks) * 1e6 /
	       (double)(last.ns - first.ns));
	return 0;
}
