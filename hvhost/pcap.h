/* SPDX-License-Identifier: GPL-2.0 */
/* Writes frames to a capture file that tcpdump and Wireshark read. */
#ifndef HVHOST_PCAP_H
#define HVHOST_PCAP_H

#include "backend.h"

struct pcap_file;

/* NULL on failure, and one line of complaint. */
struct pcap_file *pcap_create(const char *path);
/* As it would be on a cable: a VLAN tag stands inside the frame. */
void pcap_write(struct pcap_file *file, const struct frame *frame);
/* Pushes out what is buffered. */
void pcap_flush(struct pcap_file *file);
void pcap_close(struct pcap_file *file);

#endif
