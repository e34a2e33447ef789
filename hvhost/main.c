// SPDX-License-Identifier: GPL-2.0
/*
 * hvhost: a small virtual machine monitor that plays Hyper-V for one Linux
 * guest, with VMBus and synthetic network cards. The order of things is here.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent.h"
#include "boot.h"
#include "control.h"
#include "counters.h"
#include "cpuid.h"
#include "hypercall_page.h"
#include "log.h"
#include "loop.h"
#include "marks.h"
#include "netvsp.h"
#include "options.h"
#include "ports.h"
#include "synic_vm.h"
#include "vcpu.h"
#include "visibility.h"
#include "vm.h"
#include "vmbus.h"

static int signal_fd = -1;

static void asked_to_end(void *ctx, uint32_t events)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	log_line("vm", "signal %u", info.ssi_signo);
	loop_stop(STATUS_INTERRUPTED);
}

/* SIGTERM and SIGINT end the run in order; before any thread is made. */
static int take_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signal_fd < 0)
		return -errno;
	return loop_add_fd(signal_fd, EPOLLIN, asked_to_end, NULL);
}

static FILE *open_output(const char *path)
{
	FILE *out = !strcmp(path, "-") ? stdout : fopen(path, "we");

	if (out)
		setvbuf(out, NULL, _IOLBF, 0);
	else
		complain("%s: %s", path, strerror(errno));
	return out;
}

static int open_outputs(const struct options *options)
{
	FILE *serial, *console;
	int err;

	err = log_open(options->log);
	if (err) {
		complain("log %s: %s", options->log, strerror(-err));
		return err;
	}
	serial = open_output(options->serial);
	console = serial ? open_output(options->console) : NULL;
	if (!console)
		return -EIO;
	serial_set_output(serial);
	host_port_set_output(console);
	return 0;
}

static int start_services(const struct options *options)
{
	int err = loop_init();

	if (!err)
		err = take_signals();
	if (err) {
		complain("cannot start the service loop: %s", strerror(-err));
		return err;
	}
	control_init();
	if (options->marks) {
		err = marks_open(options->marks);
		if (err) {
			complain("marks %s: %s", options->marks, strerror(-err));
			return err;
		}
	}
	if (options->control)
		err = control_listen(options->control);
	if (!err && options->agent)
		err = agent_start(options->agent);
	return err;
}

static int describe_nics(const struct options *options)
{
	const struct vmbus_config config = {
		.max_version = options->vmbus_version,
		.fresh_relids = options->fresh_relids,
	};
	unsigned int i;
	int err = 0;

	vmbus_init(&config);
	for (i = 0; i < options->nic_count && !err; i++)
		err = netvsp_nic_add_option(options->nics[i]);
	return err;
}

/* Before there are vCPUs. */
static int hide_memory(uint64_t ram_size)
{
	int err = visibility_enforce(ram_size);

	if (!err)
		err = hypercall_page_claim(vm.fd);
	if (err)
		complain("cannot isolate the guest: %s", strerror(-err));
	return err;
}

/* What a machine has beside RAM, and in it the kernel. */
static int fill_machine(const struct options *options)
{
	struct boot_request boot = {
		.kernel = options->kernel,
		.initrd = options->initrd,
		.command_line = options->append,
		.ram_size = vm.ram_size,
		.cpus = options->cpus,
	};
	bool hide_xsave = options->xsave == XSAVE_OFF ||
			  (options->xsave == XSAVE_AUTO &&
			   cpuid_host_is_tcg());
	uint64_t entry;
	int err;

	err = boot_load(&boot, &entry);
	if (!err)
		err = vcpus_create(hide_xsave, entry);
	if (!err)
		err = vm_route_interrupts();
	if (!err)
		err = synic_start();
	return err;
}

static int create_machine(const struct options *options)
{
	uint64_t ram_size = (uint64_t)options->memory_mib << 20;
	int err;

	vcpus_init();
	synic_init();
	err = vm_create(options->cpus, ram_size);
	if (!err && options->isolation == ISOLATION_VBS)
		err = hide_memory(ram_size);
	return err ? err : fill_machine(options);
}

/*
 * A guest that resets keeps its RAM, as on most machines, but for what is loaded
 * there. All else is made anew, which is the surest way to reset it.
 */
static int replace_machine(const struct options *options)
{
	int err;

	log_line("vm", "the guest boots again");
	loop_lock();
	/* Whoever resets may not wait for that, and try it in other ways. */
	loop_forget_stop();
	vmbus_reset();
	synic_stop();
	vcpus_destroy();
	err = vm_replace();
	if (!err)
		err = fill_machine(options);
	loop_unlock();
	return err;
}

static int write_counters(const char *path)
{
	FILE *out = fopen(path, "we");

	if (!out) {
		complain("counters %s: %s", path, strerror(errno));
		return -errno;
	}
	loop_lock();
	counters_write(out);
	loop_unlock();
	if (fclose(out)) {
		complain("counters %s: %s", path, strerror(errno));
		return -errno;
	}
	return 0;
}

/* What is wrong with the command line shall be known before the rest. */
static int prepare(const struct options *options)
{
	int err = open_outputs(options);

	if (!err)
		err = start_services(options);
	if (err)
		return err;
	loop_lock();
	err = describe_nics(options);
	if (!err)
		err = create_machine(options);
	if (!err)
		err = netvsp_start();
	loop_unlock();
	return err;
}

/*
 * A host with processors of its own serves when it is due. Where there is one for
 * all, the scheduler would let the guest end its time slice first.
 */
static int take_precedence(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	/* The vCPUs' threads, made by this one, do not have it from there. */
	if (!sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param))
		return 0;
	complain("--service urgent: %s", strerror(errno));
	return -errno;
}

/* From the first instruction of a guest to its end, or reset. */
static int run_once(void)
{
	int status = vcpus_start() ? STATUS_ERROR : loop_run();

	vcpus_stop();
	return status;
}

static int run_guest(const struct options *options)
{
	int status = run_once();

	while (status == STATUS_GUEST_RESET && options->boots_again)
		status = replace_machine(options) ? STATUS_ERROR : run_once();
	return status == STATUS_GUEST_RESET ? STATUS_GUEST_DIED : status;
}

/* All that is done between the beginning and the end; the exit status. */
static int run(const struct options *options)
{
	int status;

	if (options->service_urgent && take_precedence())
		return STATUS_ERROR;
	status = run_guest(options);
	if (options->counters && write_counters(options->counters))
		status = STATUS_ERROR;
	netvsp_stop();
	rules_print(stderr);
	if (!status && rules_broken())
		status = STATUS_RULE_BROKEN;
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	int status = STATUS_ERROR;

	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_HELP:
		return 0;
	case OPTIONS_BAD:
		return STATUS_ERROR;
	case OPTIONS_RUN:
		break;
	}
	if (!prepare(&options))
		status = run(&options);
	agent_stop();
	if (options.control)
		unlink(options.control);
	return status;
}
