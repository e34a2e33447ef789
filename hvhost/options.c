// SPDX-License-Identifier: GPL-2.0
/* The command line. */
#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"
#include "log.h"

#define CPUS_MAX 8
#define MEMORY_MIN_MIB 256
#define MEMORY_MAX_MIB 3072

struct option_kind {
	const char *name;
	const char *value;		/* for the help text */
	const char *help;
	bool (*set)(struct options *options, const char *value);
};

static bool parse_number(const char *text, unsigned int min, unsigned int max,
			 unsigned int *number)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value < min || value > max)
		return false;
	*number = (unsigned int)value;
	return true;
}

#define SET_STRING(field) \
	static bool set_##field(struct options *options, const char *value) \
	{ \
		options->field = value; \
		return *value; \
	}

SET_STRING(kernel)
SET_STRING(initrd)
SET_STRING(serial)
SET_STRING(console)
SET_STRING(log)
SET_STRING(counters)
SET_STRING(marks)
SET_STRING(control)
SET_STRING(agent)

static bool set_append(struct options *options, const char *value)
{
	options->append = value;	/* may well be empty */
	return true;
}

static bool set_cpus(struct options *options, const char *value)
{
	return parse_number(value, 1, CPUS_MAX, &options->cpus);
}

static bool set_memory(struct options *options, const char *value)
{
	return parse_number(value, MEMORY_MIN_MIB, MEMORY_MAX_MIB,
			    &options->memory_mib);
}

static bool set_vmbus_version(struct options *options, const char *value)
{
	static const struct {
		const char *name;
		uint32_t version;
	} known[] = {
		{ "1.1", 0x00010001 }, { "2.4", 0x00020004 },
		{ "3.0", 0x00030000 }, { "4.0", 0x00040000 },
		{ "4.1", 0x00040001 }, { "5.0", 0x00050000 },
		{ "5.1", 0x00050001 }, { "5.2", 0x00050002 },
		{ "5.3", 0x00050003 }, { "6.0", 0x00060000 },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(value, known[i].name)) {
			options->vmbus_version = known[i].version;
			return true;
		}
	}
	return false;
}

static bool set_xsave(struct options *options, const char *value)
{
	if (!strcmp(value, "auto"))
		options->xsave = XSAVE_AUTO;
	else if (!strcmp(value, "on"))
		options->xsave = XSAVE_ON;
	else if (!strcmp(value, "off"))
		options->xsave = XSAVE_OFF;
	else
		return false;
	return true;
}

static bool set_isolation(struct options *options, const char *value)
{
	if (!strcmp(value, "none"))
		options->isolation = ISOLATION_NONE;
	else if (!strcmp(value, "vbs"))
		options->isolation = ISOLATION_VBS;
	else
		return false;
	return true;
}

static bool set_service(struct options *options, const char *value)
{
	options->service_urgent = !strcmp(value, "urgent");
	return options->service_urgent || !strcmp(value, "fair");
}

static bool set_relids(struct options *options, const char *value)
{
	options->fresh_relids = !strcmp(value, "fresh");
	return options->fresh_relids || !strcmp(value, "lowest");
}

static bool set_reset(struct options *options, const char *value)
{
	options->boots_again = !strcmp(value, "boot");
	return options->boots_again || !strcmp(value, "end");
}

static bool add_nic(struct options *options, const char *value)
{
	if (options->nic_count == OPTIONS_NICS_MAX)
		return false;
	options->nics[options->nic_count++] = value;
	return true;
}

static const struct option_kind kinds[] = {
	{ "--kernel", "FILE", "bzImage or ELF kernel to boot (required)",
	  set_kernel },
	{ "--initrd", "FILE", "initial RAM file system", set_initrd },
	{ "--append", "STR",
	  "kernel command line (default: console=ttyS0 panic=-1 quiet)",
	  set_append },
	{ "--cpus", "N", "virtual processors, 1 to 8 (default 1)", set_cpus },
	{ "--memory", "MIB", "RAM, 256 to 3072 (default 512)", set_memory },
	{ "--serial", "FILE|-", "output of ttyS0 (default -, stdout)",
	  set_serial },
	{ "--console", "FILE|-", "output of the console port (default -)",
	  set_console },
	{ "--log", "FILE", "what host and guest said to each other", set_log },
	{ "--counters", "FILE", "counters as JSON, written at the end",
	  set_counters },
	{ "--marks", "FILE", "counters at each command mark, one JSON a line",
	  set_marks },
	{ "--control", "SOCKET", "Unix socket for commands at run time",
	  set_control },
	{ "--agent", "CMD", "program that answers the guest's peer commands",
	  set_agent },
	{ "--vmbus-version", "X.Y", "highest accepted (default 6.0)",
	  set_vmbus_version },
	{ "--relids", "lowest|fresh",
	  "fresh: an offer never has the rel-id of the one before (default lowest)",
	  set_relids },
	{ "--xsave", "on|off|auto",
	  "show XSAVE and AVX to the guest (default auto: not under TCG)",
	  set_xsave },
	{ "--isolation", "none|vbs",
	  "vbs: the guest hides its memory, and shows what it shares (default none)",
	  set_isolation },
	{ "--reset", "end|boot",
	  "boot: a guest that resets boots again (default end)", set_reset },
	{ "--service", "fair|urgent",
	  "urgent: the service thread goes before the vCPUs (default fair)",
	  set_service },
	{ "--nic", "KEY=VALUE[;KEY=VALUE...]", "a network card; repeatable",
	  add_nic },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static void print_usage(void)
{
	size_t i;

	printf("usage: hvhost --kernel FILE [OPTION VALUE]...\n");
	for (i = 0; i < KIND_COUNT; i++)
		printf("  %s %s\n      %s\n", kinds[i].name, kinds[i].value,
		       kinds[i].help);
	puts("usage: hvhost --attack-list SEED|NAME");
}

static const struct option_kind *find_kind(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < KIND_COUNT; i++)
		if (strlen(kinds[i].name) == len &&
		    !memcmp(kinds[i].name, name, len))
			return &kinds[i];
	return NULL;
}

/* Takes one option, as "--name value" or "--name=value". */
static bool parse_one(struct options *options, char ***at)
{
	const char *word = *(*at)++;
	size_t len = strcspn(word, "=");
	const struct option_kind *kind = find_kind(word, len);
	const char *value;

	if (!kind) {
		complain("unknown option '%s' (--help lists them)", word);
		return false;
	}
	value = word[len] ? word + len + 1 : **at ? *(*at)++ : NULL;
	if (!value) {
		complain("%s needs a value: %s", kind->name, kind->value);
		return false;
	}
	if (!kind->set(options, value)) {
		complain("bad value '%s' for %s: %s, %s", value, kind->name,
			 kind->value, kind->help);
		return false;
	}
	return true;
}

/* For people who look into a failure; no guest is needed for it. */
static enum options_result list_attacks(const char *what)
{
	struct attack_list list;
	unsigned int i;

	if (attack_list_make(&list, what, UINT32_MAX)) {
		attack_list_print(&list, stdout);
		return OPTIONS_HELP;
	}
	complain("--attack-list %s: neither a seed nor one of the names:", what);
	for (i = 0; attack_name(i); i++)
		complain("%s", attack_name(i));
	return OPTIONS_BAD;
}

enum options_result options_parse(int argc, char **argv,
				  struct options *options)
{
	char **at = argv + (argc > 0);

	*options = (struct options){
		.append = "console=ttyS0 panic=-1 quiet",
		.cpus = 1,
		.memory_mib = 512,
		.serial = "-",
		.console = "-",
		.vmbus_version = 0x00060000,
	};
	if (argc == 3 && !strcmp(argv[1], "--attack-list"))
		return list_attacks(argv[2]);
	while (*at) {
		if (!strcmp(*at, "--help") || !strcmp(*at, "-h")) {
			print_usage();
			return OPTIONS_HELP;
		}
		if (!parse_one(options, &at))
			return OPTIONS_BAD;
	}
	if (!options->kernel) {
		complain("no kernel given: --kernel FILE");
		return OPTIONS_BAD;
	}
	if (options->boots_again && options->isolation != ISOLATION_NONE) {
		complain("--reset boot does not go with --isolation");
		return OPTIONS_BAD;
	}
	return OPTIONS_RUN;
}
