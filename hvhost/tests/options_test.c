// SPDX-License-Identifier: GPL-2.0
/* links: options attack log counters */
#include "options.h"

#include "test.h"

#define PARSE(options, ...) \
	parse((options), (const char *[]){ "hvhost", __VA_ARGS__, NULL })

/* stderr is not looked at: the complaint is for people. */
static enum options_result parse(struct options *options, const char **words)
{
	int count = 0;

	while (words[count])
		count++;
	return options_parse(count, (char **)words, options);
}

static void defaults(void)
{
	struct options o;

	CHECK_EQ(PARSE(&o, "--kernel", "vmlinuz"), OPTIONS_RUN);
	CHECK_STR(o.kernel, "vmlinuz");
	CHECK_STR(o.append, "console=ttyS0 panic=-1 quiet");
	CHECK_STR(o.serial, "-");
	CHECK_STR(o.console, "-");
	CHECK(!o.initrd && !o.log && !o.counters && !o.marks && !o.control &&
	      !o.agent);
	CHECK_EQ(o.cpus, 1);
	CHECK_EQ(o.memory_mib, 512);
	CHECK_EQ(o.vmbus_version, 0x60000);
	CHECK_EQ(o.xsave, XSAVE_AUTO);
	CHECK(!o.service_urgent);
	CHECK(!o.fresh_relids);
	CHECK(!o.boots_again);
	CHECK_EQ(o.isolation, ISOLATION_NONE);
	CHECK_EQ(o.nic_count, 0);
}

static void every_option(void)
{
	struct options o;

	CHECK_EQ(PARSE(&o, "--kernel=k", "--initrd", "i", "--append", "",
		       "--cpus=8", "--memory", "3072", "--serial", "s",
		       "--console=c", "--log", "l", "--counters", "j",
		       "--marks", "m", "--control", "u", "--agent", "a b=c",
		       "--vmbus-version", "4.0", "--xsave=off",
		       "--service", "urgent", "--isolation=vbs",
		       "--relids", "fresh", "--reset", "end",
		       "--nic", "backend=sink", "--nic=mac=1;queues=2"),
		 OPTIONS_RUN);
	CHECK_STR(o.kernel, "k");
	CHECK_STR(o.initrd, "i");
	CHECK_STR(o.append, "");
	CHECK_EQ(o.cpus, 8);
	CHECK_EQ(o.memory_mib, 3072);
	CHECK_STR(o.serial, "s");
	CHECK_STR(o.console, "c");
	CHECK_STR(o.log, "l");
	CHECK_STR(o.counters, "j");
	CHECK_STR(o.marks, "m");
	CHECK_EQ(o.isolation, ISOLATION_VBS);
	CHECK_STR(o.control, "u");
	CHECK_STR(o.agent, "a b=c");
	CHECK_EQ(o.vmbus_version, 0x40000);
	CHECK_EQ(o.xsave, XSAVE_OFF);
	CHECK(o.service_urgent);
	CHECK(o.fresh_relids);
	CHECK(!o.boots_again);
	CHECK_EQ(o.nic_count, 2);
	CHECK_STR(o.nics[0], "backend=sink");
	CHECK_STR(o.nics[1], "mac=1;queues=2");
}

static void bad_numbers(void)
{
	static const char *const cpus[] = {
		"", "0", "9", "-1", "+1", " 1", "1 ", "1x", "x", "1.0",
		"18446744073709551617", "4294967297",
	};
	static const char *const memory[] = {
		"255", "3073", "512M", "0x200", "-512",
	};
	struct options o;
	size_t i;

	for (i = 0; i < TEST_COUNT(cpus); i++)
		CHECK_EQ(PARSE(&o, "--kernel", "k", "--cpus", cpus[i]),
			 OPTIONS_BAD);
	for (i = 0; i < TEST_COUNT(memory); i++)
		CHECK_EQ(PARSE(&o, "--kernel", "k", "--memory", memory[i]),
			 OPTIONS_BAD);
}

static void bad_words(void)
{
	static const char *const versions[] = { "", "4", "5.4", "4.00", "x" };
	struct options o;
	size_t i;

	for (i = 0; i < TEST_COUNT(versions); i++)
		CHECK_EQ(PARSE(&o, "--kernel", "k", "--vmbus-version",
			       versions[i]), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--xsave", "yes"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--service", "soon"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--isolation", "snp"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--relids", "any"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--reset", "boots"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--bogus"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--kern", "k"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--kernelx=k"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "extra"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", ""), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", ""), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--log"), OPTIONS_BAD);
}

static void what_goes_together(void)
{
	struct options o;

	CHECK_EQ(PARSE(&o, "--kernel", "k", "--reset", "boot"), OPTIONS_RUN);
	CHECK(o.boots_again);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--reset", "boot", "--isolation",
		       "none"), OPTIONS_RUN);
	CHECK_EQ(PARSE(&o, "--kernel", "k", "--reset", "boot", "--isolation",
		       "vbs"), OPTIONS_BAD);
}

static void kernel_is_required(void)
{
	char *none[] = { NULL };
	struct options o;

	CHECK_EQ(PARSE(&o, "--cpus", "2"), OPTIONS_BAD);
	CHECK_EQ(options_parse(0, none, &o), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--help"), OPTIONS_HELP);
}

static void attacks_are_listed(void)
{
	struct options o;

	CHECK_EQ(PARSE(&o, "--attack-list", "1"), OPTIONS_HELP);
	CHECK_EQ(PARSE(&o, "--attack-list", "ppi-size-0"), OPTIONS_HELP);
	CHECK_EQ(PARSE(&o, "--attack-list", "nonsense"), OPTIONS_BAD);
	CHECK_EQ(PARSE(&o, "--attack-list"), OPTIONS_BAD);
}

static void nics_are_bounded(void)
{
	const char *words[2 * OPTIONS_NICS_MAX + 6] = { "hvhost" };
	struct options o;
	size_t i, n = 1;

	words[n++] = "--kernel=k";
	for (i = 0; i < OPTIONS_NICS_MAX; i++)
		words[n++] = "--nic=backend=none";
	CHECK_EQ(parse(&o, words), OPTIONS_RUN);
	CHECK_EQ(o.nic_count, OPTIONS_NICS_MAX);
	words[n++] = "--nic=backend=none";
	CHECK_EQ(parse(&o, words), OPTIONS_BAD);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(defaults),
		TEST_CASE(every_option),
		TEST_CASE(bad_numbers),
		TEST_CASE(bad_words),
		TEST_CASE(what_goes_together),
		TEST_CASE(kernel_is_required),
		TEST_CASE(attacks_are_listed),
		TEST_CASE(nics_are_bounded),
	};

	return test_run(cases, TEST_COUNT(cases));
}
