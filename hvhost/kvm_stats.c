// SPDX-License-Identifier: GPL-2.0
/*
 * KVM's binary statistics: a header, descriptors of header.name_size more bytes
 * each, and the values.
 */
#include "kvm_stats.h"

#include <inttypes.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 512
#define NAME_SIZE_MAX 256

static bool read_at(int fd, void *to, size_t len, uint64_t offset)
{
	return pread(fd, to, len, (off_t)offset) == (ssize_t)len;
}

static bool is_plain_count(const struct kvm_stats_desc *desc)
{
	return (desc->flags & KVM_STATS_TYPE_MASK) ==
		       KVM_STATS_TYPE_CUMULATIVE &&
	       (desc->flags & KVM_STATS_UNIT_MASK) == KVM_STATS_UNIT_NONE &&
	       desc->size == 1;
}

static void write_counts(int fd, const struct kvm_stats_header *header,
			 struct kvm_stats_desc *desc, FILE *out)
{
	size_t desc_size = sizeof(*desc) + header->name_size;
	const char *separator = "";
	uint64_t value;
	uint32_t i;

	for (i = 0; i < header->num_desc && i < DESCRIPTORS_MAX; i++) {
		if (!read_at(fd, desc, desc_size,
			     header->desc_offset + i * desc_size))
			return;
		if (!is_plain_count(desc) ||
		    !read_at(fd, &value, sizeof(value),
			     (uint64_t)header->data_offset + desc->offset) ||
		    !value)
			continue;
		fprintf(out, "%s\"%.*s\": %" PRIu64, separator,
			(int)header->name_size, desc->name, value);
		separator = ", ";
	}
}

int kvm_stats_open(int vcpu_fd)
{
	return ioctl(vcpu_fd, KVM_GET_STATS_FD, NULL);
}

void kvm_stats_write(int stats_fd, FILE *out)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;

	fputc('{', out);
	if (read_at(stats_fd, &header, sizeof(header), 0) &&
	    header.name_size <= NAME_SIZE_MAX) {
		desc = malloc(sizeof(*desc) + header.name_size);
		if (desc)
			write_counts(stats_fd, &header, desc, out);
		free(desc);
	}
	fputc('}', out);
}
