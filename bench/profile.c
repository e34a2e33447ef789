// SPDX-License-Identifier: GPL-2.0
/*
 * profile - where a guest's kernel spends its instructions
 *
 *	profile PERIOD-NS ROWS COMMAND...
 *
 * Runs COMMAND, samples the kernel's instruction pointer on CPU 0 every
 * PERIOD-NS nanoseconds of CPU time, and prints the ROWS functions in which
 * most samples fell. In a guest whose clock counts instructions this is a
 * profile of instructions. Code that runs with interrupts off shows where they
 * are turned on again. Needs root, and /proc/kallsyms with addresses.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DATA_PAGES	512		/* a power of two */
#define SYMBOLS_MAX	400000
#define DRAIN_US	20000

struct symbol {
	uint64_t address;
	uint64_t samples;
	char name[48];
	char module[20];
};

static struct symbol symbols[SYMBOLS_MAX];
static size_t symbol_count;
static uint64_t kernel_samples, user_samples;

static int fail(const char *what)
{
	fprintf(stderr, "profile: %s: %s\n", what, strerror(errno));
	return 2;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *one = a, *two = b;

	return one->address < two->address ? -1 : one->address > two->address;
}

static int by_samples(const void *a, const void *b)
{
	const struct symbol *one = a, *two = b;

	return one->samples > two->samples ? -1 : one->samples < two->samples;
}

static int read_symbols(void)
{
	FILE *in = fopen("/proc/kallsyms", "r");
	char line[512];

	if (!in)
		return fail("/proc/kallsyms");
	while (fgets(line, sizeof(line), in) && symbol_count < SYMBOLS_MAX) {
		struct symbol *symbol = &symbols[symbol_count];
		char type;

		symbol->module[0] = '\0';
		if (sscanf(line, "%lx %c %47s [%19[^]]", &symbol->address,
			   &type, symbol->name, symbol->module) < 3)
			continue;
		if (strchr("tTwW", type))
			symbol_count++;
	}
	fclose(in);
	qsort(symbols, symbol_count, sizeof(symbols[0]), by_address);
	return 0;
}

static void count_sample(uint64_t ip)
{
	size_t low = 0, high = symbol_count;

	if (ip >> 63 == 0 || !symbol_count || ip < symbols[0].address) {
		user_samples++;
		return;
	}
	kernel_samples++;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (symbols[middle].address <= ip)
			low = middle;
		else
			high = middle;
	}
	symbols[low].samples++;
}

/* All records are samples of one word, or are skipped by their size. */
static void drain(struct perf_event_mmap_page *page, size_t page_size)
{
	const uint8_t *data = (const uint8_t *)page + page_size;
	uint64_t size = DATA_PAGES * page_size, tail = page->data_tail;
	uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);

	while (tail < head) {
		struct perf_event_header header;
		uint64_t ip;

		/* Records are multiples of 8 and so do not tear a word. */
		memcpy(&header, data + tail % size, sizeof(header));
		if (header.type == PERF_RECORD_SAMPLE) {
			memcpy(&ip, data + (tail + sizeof(header)) % size,
			       sizeof(ip));
			count_sample(ip);
		}
		tail += header.size;
	}
	__atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
}

static void print_rows(unsigned int rows)
{
	uint64_t all = kernel_samples + user_samples;
	unsigned int i;

	qsort(symbols, symbol_count, sizeof(symbols[0]), by_samples);
	printf("%lu samples, %lu of them in user space\n", all, user_samples);
	for (i = 0; i < rows && i < symbol_count && symbols[i].samples; i++)
		printf("%6.2f %% %s %s\n", 100.0 * symbols[i].samples / all,
		       symbols[i].name, symbols[i].module);
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_type = PERF_SAMPLE_IP,
		.disabled = 1,
		.exclude_idle = 1,
	};
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	struct perf_event_mmap_page *page;
	int fd, status = 0;
	pid_t child;

	if (argc < 4) {
		fputs("usage: profile PERIOD-NS ROWS COMMAND...\n", stderr);
		return 2;
	}
	if (read_symbols())
		return 2;
	attr.sample_period = strtoull(argv[1], NULL, 0);
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	if (fd < 0)
		return fail("perf_event_open");
	page = mmap(NULL, (1 + DATA_PAGES) * page_size,
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return fail("mmap");
	child = fork();
	if (!child) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
	while (!waitpid(child, &status, WNOHANG)) {
		usleep(DRAIN_US);
		drain(page, page_size);
	}
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	drain(page, page_size);
	print_rows((unsigned int)strtoul(argv[2], NULL, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
