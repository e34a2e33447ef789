/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. */
#ifndef HVHOST_OPTIONS_H
#define HVHOST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_NICS_MAX 16

enum xsave_mode {
	XSAVE_AUTO,		/* hidden if the CPU is QEMU's emulation */
	XSAVE_ON,
	XSAVE_OFF,
};

enum isolation {
	ISOLATION_NONE,
	ISOLATION_VBS,		/* by the hypervisor */
};

/* Strings point into argv. */
struct options {
	const char *kernel;
	const char *initrd;		/* NULL: none */
	const char *append;		/* kernel command line */
	unsigned int cpus;
	unsigned int memory_mib;
	const char *serial;		/* path, or "-" for stdout */
	const char *console;
	const char *log;		/* NULL: none; likewise below */
	const char *counters;
	const char *marks;
	bool service_urgent;		/* before the vCPUs, if CPUs are few */
	const char *control;
	const char *agent;
	uint32_t vmbus_version;		/* highest that is accepted */
	bool boots_again;		/* after a reset */
	bool fresh_relids;		/* not the lowest that is free */
	enum xsave_mode xsave;
	enum isolation isolation;	/* what the guest's memory is hidden by */
	const char *nics[OPTIONS_NICS_MAX];
	unsigned int nic_count;
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,		/* usage was asked for, and printed */
	OPTIONS_BAD,		/* one line of complaint was printed */
};

/* Fills in options, defaults included, from the command line. */
enum options_result options_parse(int argc, char **argv,
				  struct options *options);

#endif
