// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables: RSDP -> XSDT -> FADT (-> DSDT) and MADT. Hardware-reduced: power
 * and reset are plain registers, and there is no SCI, PM timer or FACS to emulate.
 */
#include "acpi.h"

#include <stddef.h>
#include <string.h>

#include "guest_mem.h"

#include "dsdt.hex"

#define TABLES_BASE 0xe0000u
#define TABLES_END 0xf0000u

#define IOAPIC_ADDRESS 0xfec00000u
#define LAPIC_ADDRESS 0xfee00000u

#define PACKED __attribute__((packed))

struct table_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} PACKED;

struct rsdp {
	char signature[8];
	uint8_t checksum;		/* of the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum;	/* of all */
	uint8_t reserved[3];
} PACKED;

struct register_address {
	uint8_t space;
	uint8_t bit_width;
	uint8_t bit_offset;
	uint8_t access_size;
	uint64_t address;
} PACKED;

struct xsdt {
	struct table_header header;
	uint64_t fadt;
	uint64_t madt;
} PACKED;

struct fadt {
	struct table_header header;
	uint8_t legacy_blocks[73];	/* all zero without ACPI hardware */
	uint16_t boot_flags;
	uint8_t reserved;
	uint32_t flags;
	struct register_address reset;
	uint8_t reset_value;
	uint16_t arm_boot_flags;
	uint8_t minor_revision;
	uint64_t facs;
	uint64_t dsdt;
	struct register_address extended_blocks[8];
	struct register_address sleep_control;
	struct register_address sleep_status;
	uint64_t hypervisor_id;
} PACKED;

_Static_assert(offsetof(struct fadt, flags) == 112, "FADT flags");
_Static_assert(offsetof(struct fadt, sleep_control) == 244, "FADT sleep");
_Static_assert(sizeof(struct fadt) == 276, "FADT revision 6");

#define FADT_REVISION 6
#define FADT_FLAG_WBINVD (1u << 0)
#define FADT_FLAG_NO_POWER_BUTTON (1u << 4)
#define FADT_FLAG_NO_SLEEP_BUTTON (1u << 5)
#define FADT_FLAG_RESET_REGISTER (1u << 10)
#define FADT_FLAG_HARDWARE_REDUCED (1u << 20)
#define FADT_BOOT_NO_VGA (1u << 2)

#define SPACE_IO 1
#define ACCESS_BYTE 1

struct madt_lapic {
	uint8_t type;
	uint8_t length;
	uint8_t processor_uid;
	uint8_t apic_id;
	uint32_t flags;
} PACKED;

struct madt_ioapic {
	uint8_t type;
	uint8_t length;
	uint8_t id;
	uint8_t reserved;
	uint32_t address;
	uint32_t gsi_base;
} PACKED;

struct madt {
	struct table_header header;
	uint32_t lapic_address;
	uint32_t flags;
	struct madt_ioapic ioapic;
	struct madt_lapic lapics[];
} PACKED;

#define MADT_TYPE_LAPIC 0
#define MADT_TYPE_IOAPIC 1
#define MADT_LAPIC_ENABLED 1

static uint64_t next_free;

/* Room for a table, zeroed by the machine's birth; its address in *gpa. */
static void *reserve(size_t len, uint64_t *gpa)
{
	*gpa = next_free;
	if (len > TABLES_END - next_free)
		return NULL;
	next_free += (len + 15) & ~(size_t)15;
	return guest_ptr(*gpa, len);
}

/* What to store in a zero checksum byte so that all bytes add up to 0. */
static uint8_t checksum(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	while (len--)
		sum += *bytes++;
	return (uint8_t)-sum;
}

static void seal(struct table_header *header, const char *signature,
		 uint8_t revision, size_t len)
{
	memcpy(header->signature, signature, sizeof(header->signature));
	memcpy(header->oem_id, "HVHOST", sizeof(header->oem_id));
	memcpy(header->oem_table_id, "HVHOST  ", sizeof(header->oem_table_id));
	memcpy(header->creator_id, "HVH ", sizeof(header->creator_id));
	header->revision = revision;
	header->length = (uint32_t)len;
	header->oem_revision = 1;
	header->creator_revision = 1;
	header->checksum = checksum(header, len);
}

static struct register_address io_byte(uint16_t port)
{
	return (struct register_address){
		.space = SPACE_IO,
		.bit_width = 8,
		.access_size = ACCESS_BYTE,
		.address = port,
	};
}

static uint64_t write_dsdt(void)
{
	uint64_t gpa;
	void *dsdt = reserve(sizeof(dsdt_aml_code), &gpa);

	if (!dsdt)
		return 0;
	memcpy(dsdt, dsdt_aml_code, sizeof(dsdt_aml_code));
	return gpa;
}

static uint64_t write_fadt(uint64_t dsdt)
{
	uint64_t gpa;
	struct fadt *fadt = reserve(sizeof(*fadt), &gpa);

	if (!fadt)
		return 0;
	fadt->boot_flags = FADT_BOOT_NO_VGA;
	fadt->flags = FADT_FLAG_WBINVD | FADT_FLAG_NO_POWER_BUTTON |
		      FADT_FLAG_NO_SLEEP_BUTTON | FADT_FLAG_RESET_REGISTER |
		      FADT_FLAG_HARDWARE_REDUCED;
	fadt->reset = io_byte(ACPI_PORT_RESET);
	fadt->reset_value = ACPI_RESET_VALUE;
	fadt->dsdt = dsdt;
	fadt->sleep_control = io_byte(ACPI_PORT_SLEEP_CONTROL);
	fadt->sleep_status = io_byte(ACPI_PORT_SLEEP_STATUS);
	seal(&fadt->header, "FACP", FADT_REVISION, sizeof(*fadt));
	return gpa;
}

static uint64_t write_madt(unsigned int cpus)
{
	size_t len = sizeof(struct madt) + cpus * sizeof(struct madt_lapic);
	uint64_t gpa;
	struct madt *madt = reserve(len, &gpa);
	unsigned int i;

	if (!madt)
		return 0;
	madt->lapic_address = LAPIC_ADDRESS;
	madt->ioapic.type = MADT_TYPE_IOAPIC;
	madt->ioapic.length = sizeof(madt->ioapic);
	madt->ioapic.address = IOAPIC_ADDRESS;
	for (i = 0; i < cpus; i++)
		madt->lapics[i] = (struct madt_lapic){
			.type = MADT_TYPE_LAPIC,
			.length = sizeof(struct madt_lapic),
			.processor_uid = (uint8_t)i,
			.apic_id = (uint8_t)i,
			.flags = MADT_LAPIC_ENABLED,
		};
	seal(&madt->header, "APIC", 5, len);
	return gpa;
}

uint64_t acpi_write_tables(unsigned int cpus)
{
	uint64_t rsdp_gpa, xsdt_gpa, dsdt_gpa;
	struct rsdp *rsdp;
	struct xsdt *xsdt;

	next_free = TABLES_BASE;
	rsdp = reserve(sizeof(*rsdp), &rsdp_gpa);
	xsdt = reserve(sizeof(*xsdt), &xsdt_gpa);
	dsdt_gpa = write_dsdt();
	if (!rsdp || !xsdt || !dsdt_gpa)
		return 0;
	xsdt->fadt = write_fadt(dsdt_gpa);
	xsdt->madt = write_madt(cpus);
	if (!xsdt->fadt || !xsdt->madt)
		return 0;
	seal(&xsdt->header, "XSDT", 1, sizeof(*xsdt));

	memcpy(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature));
	memcpy(rsdp->oem_id, "HVHOST", sizeof(rsdp->oem_id));
	rsdp->revision = 2;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = xsdt_gpa;
	rsdp->checksum = checksum(rsdp, 20);
	rsdp->extended_checksum = checksum(rsdp, sizeof(*rsdp));
	return rsdp_gpa;
}
