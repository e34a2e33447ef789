// SPDX-License-Identifier: GPL-2.0
/*
 * Linux's 64-bit boot protocol: boot_params in RSI, paging on with low memory
 * mapped one to one, flat segments, interrupts off.
 */
#include "boot.h"

#include <asm/bootparam.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acpi.h"
#include "guest_mem.h"
#include "log.h"

/* Where things lie below 1 MiB; acpi.c has the top of it. */
#define GDT_GPA 0x1000u
#define PML4_GPA 0x2000u
#define PDPT_GPA 0x3000u
#define PD_GPA 0x4000u			/* four pages, 1 GiB each */
#define BOOT_PARAMS_GPA 0x10000u
#define COMMAND_LINE_GPA 0x20000u
#define COMMAND_LINE_ROOM 0x10000u
#define LOW_RAM_END 0x9fc00u
#define RESET_VECTOR_GPA 0xffff0u
#define HIGH_RAM 0x100000u

#define BZIMAGE_MAGIC 0x53726448u	/* "HdrS" */
#define BZIMAGE_VERSION_MIN 0x20c	/* first with xloadflags */
#define BZIMAGE_ENTRY_64 0x200
#define LOADER_UNDEFINED 0xff

#define SELECTOR_CODE 0x10
#define SELECTOR_DATA 0x18

#define E820_USABLE 1
#define E820_RESERVED 2

#define PTE_PRESENT_WRITE 3u
#define PDE_LARGE 0x80u

#define CR0_PE 1u
#define CR0_ET 0x10u
#define CR0_PG 0x80000000u
#define CR4_PAE 0x20u
#define EFER_LME 0x100u
#define EFER_LMA 0x400u
#define RFLAGS_ALWAYS 2u

struct file {
	const char *path;
	const uint8_t *data;
	size_t size;
};

struct kernel {
	uint64_t entry;
	uint64_t end;			/* first byte that it leaves free */
};

static int map_file(const char *path, const char *what, struct file *file)
{
	struct stat st;
	void *data;
	int err = 0, fd;

	*file = (struct file){ .path = path };
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode) || !st.st_size)
		err = -EINVAL;
	if (!err) {
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			    fd, 0);
		if (data == MAP_FAILED)
			err = -errno;
	}
	if (fd >= 0)
		close(fd);
	if (err) {
		complain("%s %s: %s", what, path, err == -EINVAL ?
			 "not a file with something in it" : strerror(-err));
		return err;
	}
	file->data = data;
	file->size = (size_t)st.st_size;
	return 0;
}

static void unmap_file(struct file *file)
{
	if (file->data)
		munmap((void *)file->data, file->size);
}

static int refuse(const struct file *file, const char *why)
{
	complain("kernel %s: %s", file->path, why);
	return -ENOEXEC;
}

static int load_bzimage(const struct file *file, struct boot_params *params,
			struct kernel *kernel)
{
	const struct setup_header *header;
	size_t header_at = offsetof(struct boot_params, hdr);
	size_t setup_size, body_size;
	uint64_t load;
	void *body;

	header = (const void *)(file->data + header_at);
	if (header->version < BZIMAGE_VERSION_MIN ||
	    !(header->xloadflags & XLF_KERNEL_64))
		return refuse(file, "bzImage without a 64-bit entry point");
	setup_size = ((header->setup_sects ? header->setup_sects : 4) + 1u) *
		     512u;
	if (setup_size + BZIMAGE_ENTRY_64 >= file->size)
		return refuse(file, "truncated bzImage");
	body_size = file->size - setup_size;
	load = header->pref_address;
	kernel->end = load + header->init_size;
	body = guest_ptr(load, body_size);
	if (load < HIGH_RAM || !body || !guest_ptr(load, header->init_size))
		return refuse(file, "does not fit into the guest's memory");
	memcpy(body, file->data + setup_size, body_size);
	params->hdr = *header;
	params->hdr.code32_start = (uint32_t)load;
	kernel->entry = load + BZIMAGE_ENTRY_64;
	return 0;
}

static int load_segment(const struct file *file, const Elf64_Phdr *segment,
			struct kernel *kernel)
{
	void *to;

	if (segment->p_type != PT_LOAD || !segment->p_memsz)
		return 0;
	if (segment->p_offset > file->size ||
	    segment->p_filesz > file->size - segment->p_offset ||
	    segment->p_filesz > segment->p_memsz)
		return refuse(file, "truncated ELF file");
	to = guest_ptr(segment->p_paddr, segment->p_memsz);
	if (segment->p_paddr < HIGH_RAM || !to)
		return refuse(file, "does not fit into the guest's memory");
	memcpy(to, file->data + segment->p_offset, segment->p_filesz);
	memset((uint8_t *)to + segment->p_filesz, 0,
	       segment->p_memsz - segment->p_filesz);
	if (segment->p_paddr + segment->p_memsz > kernel->end)
		kernel->end = segment->p_paddr + segment->p_memsz;
	return 0;
}

static int load_elf(const struct file *file, struct boot_params *params,
		    struct kernel *kernel)
{
	Elf64_Phdr segment;
	Elf64_Ehdr elf;
	unsigned int i;
	int err;

	memcpy(&elf, file->data, sizeof(elf));
	if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_machine != EM_X86_64)
		return refuse(file, "ELF, but not for x86-64");
	if (elf.e_phentsize != sizeof(segment) || elf.e_phoff > file->size ||
	    elf.e_phnum * sizeof(segment) > file->size - elf.e_phoff)
		return refuse(file, "truncated ELF file");
	for (i = 0; i < elf.e_phnum; i++) {
		memcpy(&segment,
		       file->data + elf.e_phoff + i * sizeof(segment),
		       sizeof(segment));
		err = load_segment(file, &segment, kernel);
		if (err)
			return err;
	}
	if (elf.e_entry < HIGH_RAM || elf.e_entry >= kernel->end)
		return refuse(file, "entry point is not a physical address");
	kernel->entry = elf.e_entry;
	params->hdr.header = BZIMAGE_MAGIC;
	params->hdr.version = BZIMAGE_VERSION_MIN;
	params->hdr.boot_flag = 0xaa55;
	params->hdr.initrd_addr_max = 0x7fffffff;
	return 0;
}

static int load_kernel(const char *path, struct boot_params *params,
		       struct kernel *kernel)
{
	uint32_t magic;
	struct file file;
	int err;

	err = map_file(path, "kernel", &file);
	if (err)
		return err;
	if (file.size < sizeof(*params)) {
		err = refuse(&file, "neither bzImage nor ELF");
		goto out;
	}
	memcpy(&magic, file.data + offsetof(struct boot_params, hdr.header),
	       sizeof(magic));
	if (!memcmp(file.data, ELFMAG, SELFMAG))
		err = load_elf(&file, params, kernel);
	else if (magic == BZIMAGE_MAGIC)
		err = load_bzimage(&file, params, kernel);
	else
		err = refuse(&file, "neither bzImage nor ELF");
out:
	unmap_file(&file);
	return err;
}

/* As high as the kernel accepts, out of the way of its decompression. */
static int load_initrd(const char *path, struct boot_params *params,
		       const struct kernel *kernel, uint64_t ram_size)
{
	uint64_t top = (uint64_t)params->hdr.initrd_addr_max + 1;
	struct file file;
	uint64_t gpa;
	int err;

	err = map_file(path, "initrd", &file);
	if (err)
		return err;
	if (top > ram_size)
		top = ram_size;
	gpa = file.size > top ? 0 : top - file.size;
	gpa &= ~(uint64_t)(HV_PAGE_SIZE - 1);
	if (gpa < kernel->end) {
		complain("initrd %s: does not fit into the guest's memory",
			 path);
		err = -E2BIG;
	} else {
		memcpy(guest_ptr(gpa, file.size), file.data, file.size);
		params->hdr.ramdisk_image = (uint32_t)gpa;
		params->hdr.ramdisk_size = (uint32_t)file.size;
	}
	unmap_file(&file);
	return err;
}

static int set_command_line(const char *text, struct boot_params *params)
{
	size_t room = params->hdr.cmdline_size;
	size_t len = strlen(text);

	if (!room || room >= COMMAND_LINE_ROOM)
		room = COMMAND_LINE_ROOM - 1;
	if (len > room) {
		complain("kernel command line: %zu bytes, the limit is %zu",
			 len, room);
		return -E2BIG;
	}
	memcpy(guest_ptr(COMMAND_LINE_GPA, len + 1), text, len + 1);
	params->hdr.cmd_line_ptr = COMMAND_LINE_GPA;
	return 0;
}

static void add_e820(struct boot_params *params, uint64_t start, uint64_t end,
		     uint32_t type)
{
	struct boot_e820_entry *entry =
		&params->e820_table[params->e820_entries++];

	entry->addr = start;
	entry->size = end - start;
	entry->type = type;
}

/* Four GiB, one to one, in pages of 2 MiB. */
static void write_page_tables(void)
{
	uint64_t *pml4 = guest_ptr(PML4_GPA, HV_PAGE_SIZE);
	uint64_t *pdpt = guest_ptr(PDPT_GPA, HV_PAGE_SIZE);
	uint64_t *pd = guest_ptr(PD_GPA, 4 * HV_PAGE_SIZE);
	uint64_t i;

	pml4[0] = PDPT_GPA | PTE_PRESENT_WRITE;
	for (i = 0; i < 4; i++)
		pdpt[i] = (PD_GPA + i * HV_PAGE_SIZE) | PTE_PRESENT_WRITE;
	for (i = 0; i < 4 * 512; i++)
		pd[i] = i << 21 | PDE_LARGE | PTE_PRESENT_WRITE;
}

static void write_gdt(void)
{
	uint64_t *gdt = guest_ptr(GDT_GPA, HV_PAGE_SIZE);

	gdt[SELECTOR_CODE / 8] = 0x00af9b000000ffff;
	gdt[SELECTOR_DATA / 8] = 0x00cf93000000ffff;
}

/*
 * Where a PC starts in real mode, and where Linux jumps when it takes a machine
 * without legacy hardware for one with EFI, and then finds none: reset.
 */
static void write_reset_vector(void)
{
	static const uint8_t code[] = {
		0xba, ACPI_PORT_RESET & 0xff, ACPI_PORT_RESET >> 8, /* mov dx */
		0xb0, ACPI_RESET_VALUE,		/* mov al, value */
		0xee,				/* out dx, al */
		0xf4,				/* hlt */
		0xeb, 0xfd,			/* jmp to the hlt */
	};

	memcpy(guest_ptr(RESET_VECTOR_GPA, sizeof(code)), code, sizeof(code));
}

int boot_load(const struct boot_request *request, uint64_t *entry)
{
	struct boot_params *params = guest_ptr(BOOT_PARAMS_GPA,
					       sizeof(*params));
	struct kernel kernel = { 0 };
	int err;

	/* What a kernel before this one left there. */
	memset(guest_ptr(0, HIGH_RAM), 0, HIGH_RAM);
	err = load_kernel(request->kernel, params, &kernel);
	if (!err)
		err = set_command_line(request->command_line, params);
	if (!err && request->initrd)
		err = load_initrd(request->initrd, params, &kernel,
				  request->ram_size);
	if (err)
		return err;
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->acpi_rsdp_addr = acpi_write_tables(request->cpus);
	if (!params->acpi_rsdp_addr) {
		complain("the ACPI tables do not fit");
		return -ENOSPC;
	}
	add_e820(params, 0, LOW_RAM_END, E820_USABLE);
	add_e820(params, LOW_RAM_END, HIGH_RAM, E820_RESERVED);
	add_e820(params, HIGH_RAM, request->ram_size, E820_USABLE);
	write_page_tables();
	write_gdt();
	write_reset_vector();
	*entry = kernel.entry;
	return 0;
}

static struct kvm_segment flat_segment(uint16_t selector, bool code)
{
	return (struct kvm_segment){
		.selector = selector,
		.limit = 0xffffffff,
		.type = code ? 0xb : 3,
		.present = 1,
		.s = 1,
		.l = code,
		.db = !code,
		.g = 1,
	};
}

int boot_set_registers(int vcpu_fd, uint64_t entry)
{
	struct kvm_regs regs = {
		.rip = entry,
		.rsi = BOOT_PARAMS_GPA,
		.rsp = LOW_RAM_END & ~15u,
		.rflags = RFLAGS_ALWAYS,
	};
	struct kvm_segment data = flat_segment(SELECTOR_DATA, false);
	struct kvm_sregs sregs;

	if (ioctl(vcpu_fd, KVM_GET_SREGS, &sregs))
		return -errno;
	sregs.cs = flat_segment(SELECTOR_CODE, true);
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.gdt.base = GDT_GPA;
	sregs.gdt.limit = SELECTOR_DATA + 7;
	sregs.cr3 = PML4_GPA;
	sregs.cr4 = CR4_PAE;
	sregs.cr0 = CR0_PE | CR0_ET | CR0_PG;
	sregs.efer = EFER_LME | EFER_LMA;
	if (ioctl(vcpu_fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(vcpu_fd, KVM_SET_REGS, &regs))
		return -errno;
	return 0;
}
