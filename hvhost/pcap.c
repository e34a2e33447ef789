// SPDX-License-Identifier: GPL-2.0
#include "pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "packet.h"

#define MAGIC_NANOSECONDS 0xa1b23c4du
#define LINK_ETHERNET 1u

struct file_header {
	uint32_t magic;
	uint16_t major;
	uint16_t minor;
	uint32_t zone;
	uint32_t accuracy;
	uint32_t longest;
	uint32_t link;
};

struct record_header {
	uint32_t seconds;
	uint32_t nanoseconds;
	uint32_t captured;
	uint32_t len;
};

struct pcap_file {
	FILE *out;
};

struct pcap_file *pcap_create(const char *path)
{
	static const struct file_header header = {
		.magic = MAGIC_NANOSECONDS,
		.major = 2,
		.minor = 4,
		.longest = FRAME_MAX + VLAN_TAG_LEN,
		.link = LINK_ETHERNET,
	};
	struct pcap_file *file = calloc(1, sizeof(*file));

	if (file)
		file->out = fopen(path, "we");
	if (!file || !file->out) {
		complain("%s: cannot write a capture: %s", path, strerror(errno));
		free(file);
		return NULL;
	}
	fwrite(&header, sizeof(header), 1, file->out);
	return file;
}

void pcap_write(struct pcap_file *file, const struct frame *frame)
{
	uint32_t tag_len = frame->has_vlan ? VLAN_TAG_LEN : 0;
	uint32_t addresses = ETH_TYPE_OFFSET;
	struct record_header record;
	uint8_t tag[VLAN_TAG_LEN];
	struct timespec now;

	if (frame->len < ETH_HEADER_LEN)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	record.seconds = (uint32_t)now.tv_sec;
	record.nanoseconds = (uint32_t)now.tv_nsec;
	record.len = frame->len + tag_len;
	record.captured = record.len;
	put_be16(tag, ETH_TYPE_VLAN);
	put_be16(tag + 2, frame->vlan_tci);
	fwrite(&record, sizeof(record), 1, file->out);
	fwrite(frame->data, 1, addresses, file->out);
	fwrite(tag, 1, tag_len, file->out);
	fwrite(frame->data + addresses, 1, frame->len - addresses, file->out);
}

void pcap_flush(struct pcap_file *file)
{
	fflush(file->out);
}

void pcap_close(struct pcap_file *file)
{
	fclose(file->out);
	free(file);
}
