// SPDX-License-Identifier: GPL-2.0
/* Virtual CPUs. */
#include "vcpu.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "boot.h"
#include "control.h"
#include "counters.h"
#include "cpuid.h"
#include "hypercall.h"
#include "hypercall_page.h"
#include "kvm_stats.h"
#include "log.h"
#include "loop.h"
#include "mmio.h"
#include "ports.h"
#include "synic_vm.h"
#include "visibility.h"
#include "vm.h"

#define SIGNAL_KICK SIGUSR1

enum exit_kind {
	EXIT_IO,
	EXIT_MMIO,
	EXIT_SYNIC,
	EXIT_HYPERCALL,
	EXIT_INTERRUPTED,
	EXIT_OTHER,
	EXIT_KINDS,
};

static const char *const exit_names[EXIT_KINDS] = {
	[EXIT_IO] = "io",
	[EXIT_MMIO] = "mmio",
	[EXIT_SYNIC] = "synic",
	[EXIT_HYPERCALL] = "hypercall",
	[EXIT_INTERRUPTED] = "interrupted",
	[EXIT_OTHER] = "other",
};

struct vcpu {
	unsigned int index;
	int fd;
	int stats_fd;
	struct kvm_run *run;
	size_t run_size;
	pthread_t thread;
	bool running;
	uint64_t exits[EXIT_KINDS];
	uint64_t cpu_time_ns;		/* of threads that have ended */
};

static struct vcpu vcpus[VM_CPUS_MAX];
static volatile sig_atomic_t stopping;
/* For the signal handler: what this thread runs. */
static __thread struct kvm_run *this_run;

static uint64_t timespec_ns(const struct timespec *ts)
{
	return (uint64_t)ts->tv_sec * 1000000000u + (uint64_t)ts->tv_nsec;
}

static uint64_t thread_cpu_time(const struct vcpu *vcpu)
{
	struct timespec ts;
	clockid_t clock;

	if (!vcpu->running || pthread_getcpuclockid(vcpu->thread, &clock) ||
	    clock_gettime(clock, &ts))
		return vcpu->cpu_time_ns;
	return vcpu->cpu_time_ns + timespec_ns(&ts);
}

static void emit_counters(FILE *out)
{
	unsigned int i, kind;

	fputc('[', out);
	for (i = 0; i < vm.cpu_count; i++) {
		const struct vcpu *vcpu = &vcpus[i];

		fprintf(out, "%s\n {\"cpu_time_ns\": %" PRIu64 ", \"exits\": {",
			i ? "," : "", thread_cpu_time(vcpu));
		for (kind = 0; kind < EXIT_KINDS; kind++)
			fprintf(out, "%s\"%s\": %" PRIu64, kind ? ", " : "",
				exit_names[kind], vcpu->exits[kind]);
		fputs("},\n  \"kvm\": ", out);
		kvm_stats_write(vcpu->stats_fd, out);
		fputc('}', out);
	}
	fputc(']', out);
}

void vcpus_write_cpu_times(FILE *out)
{
	unsigned int i;

	for (i = 0; i < vm.cpu_count; i++)
		fprintf(out, "%s%" PRIu64, i ? ", " : "[",
			thread_cpu_time(&vcpus[i]));
	fputc(']', out);
}

static void on_kick(int signal)
{
	/* Closes the window between looking at "stopping" and KVM_RUN. */
	if (this_run)
		this_run->immediate_exit = 1;
}

static int vcpu_create(struct vcpu *vcpu, bool hide_xsave)
{
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	int run_size = ioctl(vm.kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	void *run;

	vcpu->fd = ioctl(vm.fd, KVM_CREATE_VCPU, (unsigned long)vcpu->index);
	if (vcpu->fd < 0 || run_size < 0)
		return -errno;
	run = mmap(NULL, (size_t)run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		   vcpu->fd, 0);
	if (run == MAP_FAILED)
		return -errno;
	vcpu->run = run;
	vcpu->run_size = (size_t)run_size;
	vcpu->stats_fd = kvm_stats_open(vcpu->fd);
	if (ioctl(vcpu->fd, KVM_ENABLE_CAP, &synic))
		return -errno;
	return cpuid_setup(vm.kvm_fd, vcpu->fd, vcpu->index, hide_xsave,
			   visibility_enforced());
}

void vcpus_init(void)
{
	counters_register("vcpus", emit_counters);
}

int vcpus_create(bool hide_xsave, uint64_t entry)
{
	struct sigaction kick = { .sa_handler = on_kick };
	unsigned int i;
	int err = 0;

	sigaction(SIGNAL_KICK, &kick, NULL);
	stopping = 0;
	for (i = 0; i < vm.cpu_count && !err; i++) {
		vcpus[i].index = i;
		err = vcpu_create(&vcpus[i], hide_xsave);
	}
	/* The others wait in KVM until the first one starts them. */
	if (!err)
		err = boot_set_registers(vcpus[0].fd, entry);
	if (err)
		complain("cannot create the virtual CPUs: %s", strerror(-err));
	return err;
}

static void guest_died(const struct vcpu *vcpu, const char *how)
{
	complain("vCPU %u: %s", vcpu->index, how);
	loop_stop(STATUS_GUEST_DIED);
}

static void handle_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	if (run->io.port == HYPERCALL_PORT && visibility_enforced()) {
		if (!hypercall_page_call(vcpu->fd))
			guest_died(vcpu, "a hypercall without registers");
		return;
	}
	ports_access(run->io.port, run->io.direction == KVM_EXIT_IO_OUT,
		     run->io.size, data, run->io.count);
}

static void handle_hyperv(struct vcpu *vcpu)
{
	struct kvm_hyperv_exit *exit = &vcpu->run->hyperv;

	switch (exit->type) {
	case KVM_EXIT_HYPERV_SYNIC:
		vcpu->exits[EXIT_SYNIC]++;
		synic_pages_changed(vcpu->index, exit->u.synic.control,
				    exit->u.synic.evt_page,
				    exit->u.synic.msg_page);
		break;
	case KVM_EXIT_HYPERV_HCALL:
		vcpu->exits[EXIT_HYPERCALL]++;
		exit->u.hcall.result = hypercall(exit->u.hcall.input,
						 exit->u.hcall.params);
		break;
	default:
		vcpu->exits[EXIT_OTHER]++;
		break;
	}
}

static void handle_other(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	char text[80];

	vcpu->exits[EXIT_OTHER]++;
	switch (run->exit_reason) {
	case KVM_EXIT_SHUTDOWN:
		guest_died(vcpu, "triple fault");
		break;
	case KVM_EXIT_FAIL_ENTRY:
		snprintf(text, sizeof(text), "cannot be entered, reason 0x%llx",
			 run->fail_entry.hardware_entry_failure_reason);
		guest_died(vcpu, text);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		snprintf(text, sizeof(text), "KVM internal error, suberror %u",
			 run->internal.suberror);
		guest_died(vcpu, text);
		break;
	default:
		snprintf(text, sizeof(text), "exit reason %u is not handled",
			 run->exit_reason);
		guest_died(vcpu, text);
		break;
	}
}

static void handle_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		vcpu->exits[EXIT_IO]++;
		handle_io(vcpu);
		break;
	case KVM_EXIT_MMIO:
		vcpu->exits[EXIT_MMIO]++;
		mmio_access(run->mmio.phys_addr, run->mmio.is_write,
			    run->mmio.len, run->mmio.data);
		break;
	case KVM_EXIT_HYPERV:
		handle_hyperv(vcpu);
		break;
	case KVM_EXIT_X86_RDMSR:
	case KVM_EXIT_X86_WRMSR:
		vcpu->exits[EXIT_OTHER]++;
		if (!hypercall_page_msr(run, run->exit_reason ==
					     KVM_EXIT_X86_WRMSR))
			guest_died(vcpu, "an MSR that nobody asked for");
		break;
	default:
		handle_other(vcpu);
		break;
	}
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct timespec ts;

	this_run = vcpu->run;
	while (!stopping) {
		int err = ioctl(vcpu->fd, KVM_RUN, 0) ? errno : 0;

		loop_lock();
		if (!err)
			handle_exit(vcpu);
		else if (err == EINTR || err == EAGAIN)
			vcpu->exits[EXIT_INTERRUPTED]++;
		else
			guest_died(vcpu, strerror(err));
		loop_unlock();
		if (err && err != EINTR && err != EAGAIN)
			break;
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	vcpu->cpu_time_ns += timespec_ns(&ts);
	return NULL;
}

int vcpus_start(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < vm.cpu_count; i++) {
		err = pthread_create(&vcpus[i].thread, NULL, vcpu_thread,
				     &vcpus[i]);
		if (err) {
			complain("cannot start vCPU %u: %s", i, strerror(err));
			return -err;
		}
		vcpus[i].running = true;
	}
	return 0;
}

/* Where it was: the first thing to know of a guest that hangs. */
static void log_position(const struct vcpu *vcpu)
{
	struct kvm_regs regs;

	if (!ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		log_line("vm", "vCPU %u: RIP %#llx RSP %#llx RFLAGS %#llx",
			 vcpu->index, regs.rip, regs.rsp, regs.rflags);
}

void vcpus_stop(void)
{
	unsigned int i;

	stopping = 1;
	for (i = 0; i < vm.cpu_count; i++)
		if (vcpus[i].running)
			pthread_kill(vcpus[i].thread, SIGNAL_KICK);
	for (i = 0; i < vm.cpu_count; i++) {
		if (!vcpus[i].running)
			continue;
		pthread_join(vcpus[i].thread, NULL);
		vcpus[i].running = false;
		log_position(&vcpus[i]);
	}
}

void vcpus_destroy(void)
{
	unsigned int i;

	for (i = 0; i < vm.cpu_count; i++) {
		if (vcpus[i].stats_fd >= 0)
			close(vcpus[i].stats_fd);
		munmap(vcpus[i].run, vcpus[i].run_size);
		close(vcpus[i].fd);
	}
}
