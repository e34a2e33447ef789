/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: every NVSP and RNDIS message, both ways. Fields are values that
 * the driver has read from the host once, never memory of the host.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM netvsc

#if !defined(NETVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NETVSC_TRACE_H

#include <linux/device.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

#include "wire/nvsp.h"
#include "wire/rndis.h"

/* A VMBus device is named by its GUID. */
#define NETVSC_TRACE_NAME	40

#define netvsc_trace_nvsp_type(type)					\
	__print_symbolic(type,						\
		{ NVSP_MSG_INIT,			"INIT" },	\
		{ NVSP_MSG_INIT_COMPLETE,		"INIT_COMPLETE" }, \
		{ NVSP_MSG_SEND_NDIS_VERSION,		"NDIS_VERSION" }, \
		{ NVSP_MSG_SEND_RECV_BUFFER,		"RECV_BUFFER" }, \
		{ NVSP_MSG_SEND_RECV_BUFFER_COMPLETE,	"RECV_BUFFER_COMPLETE" }, \
		{ NVSP_MSG_REVOKE_RECV_BUFFER,		"REVOKE_RECV_BUFFER" }, \
		{ NVSP_MSG_SEND_SEND_BUFFER,		"SEND_BUFFER" }, \
		{ NVSP_MSG_SEND_SEND_BUFFER_COMPLETE,	"SEND_BUFFER_COMPLETE" }, \
		{ NVSP_MSG_REVOKE_SEND_BUFFER,		"REVOKE_SEND_BUFFER" }, \
		{ NVSP_MSG_SEND_RNDIS_PACKET,		"RNDIS_PACKET" }, \
		{ NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE,	"RNDIS_PACKET_COMPLETE" }, \
		{ NVSP_MSG_SEND_NDIS_CONFIG,		"NDIS_CONFIG" }, \
		{ NVSP_MSG_SEND_VF_ASSOCIATION,		"VF_ASSOCIATION" }, \
		{ NVSP_MSG_SWITCH_DATA_PATH,		"SWITCH_DATA_PATH" }, \
		{ NVSP_MSG_SUBCHANNEL,			"SUBCHANNEL" },	\
		{ NVSP_MSG_SEND_INDIRECTION_TABLE,	"INDIRECTION_TABLE" })

#define netvsc_trace_rndis_type(type)					\
	__print_symbolic(type,						\
		{ RNDIS_MSG_PACKET,		"PACKET" },		\
		{ RNDIS_MSG_INIT,		"INIT" },		\
		{ RNDIS_MSG_INIT_COMPLETE,	"INIT_COMPLETE" },	\
		{ RNDIS_MSG_HALT,		"HALT" },		\
		{ RNDIS_MSG_QUERY,		"QUERY" },		\
		{ RNDIS_MSG_QUERY_COMPLETE,	"QUERY_COMPLETE" },	\
		{ RNDIS_MSG_SET,		"SET" },		\
		{ RNDIS_MSG_SET_COMPLETE,	"SET_COMPLETE" },	\
		{ RNDIS_MSG_INDICATE,		"INDICATE" },		\
		{ RNDIS_MSG_KEEPALIVE,		"KEEPALIVE" },		\
		{ RNDIS_MSG_KEEPALIVE_COMPLETE,	"KEEPALIVE_COMPLETE" })

DECLARE_EVENT_CLASS(netvsc_nvsp_class,
	TP_PROTO(const struct device *dev, u32 type, u32 bytes, u64 xid),
	TP_ARGS(dev, type, bytes, xid),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u32, type)
		__field(u32, bytes)
		__field(u64, xid)
	),
	TP_fast_assign(
		strscpy(__entry->name, dev_name(dev), NETVSC_TRACE_NAME);
		__entry->type = type;
		__entry->bytes = bytes;
		__entry->xid = xid;
	),
	TP_printk("dev=%s type=%u(%s) bytes=%u xid=%llx", __entry->name,
		  __entry->type, netvsc_trace_nvsp_type(__entry->type),
		  __entry->bytes, __entry->xid)
);

DEFINE_EVENT(netvsc_nvsp_class, nvsp_send,
	TP_PROTO(const struct device *dev, u32 type, u32 bytes, u64 xid),
	TP_ARGS(dev, type, bytes, xid)
);

DEFINE_EVENT(netvsc_nvsp_class, nvsp_recv,
	TP_PROTO(const struct device *dev, u32 type, u32 bytes, u64 xid),
	TP_ARGS(dev, type, bytes, xid)
);

DECLARE_EVENT_CLASS(netvsc_rndis_class,
	TP_PROTO(const struct device *dev, u32 type, u32 bytes, u32 id),
	TP_ARGS(dev, type, bytes, id),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u32, type)
		__field(u32, bytes)
		__field(u32, id)
	),
	TP_fast_assign(
		strscpy(__entry->name, dev_name(dev), NETVSC_TRACE_NAME);
		__entry->type = type;
		__entry->bytes = bytes;
		__entry->id = id;
	),
	TP_printk("dev=%s type=%x(%s) bytes=%u id=%x", __entry->name,
		  __entry->type, netvsc_trace_rndis_type(__entry->type),
		  __entry->bytes, __entry->id)
);

DEFINE_EVENT(netvsc_rndis_class, rndis_send,
	TP_PROTO(const struct device *dev, u32 type, u32 bytes, u32 id),
	TP_ARGS(dev, type, bytes, id)
);

DEFINE_EVENT(netvsc_rndis_class, rndis_recv,
	TP_PROTO(const struct device *dev, u32 type, u32 bytes, u32 id),
	TP_ARGS(dev, type, bytes, id)
);

/* A data message to the host; section is NVSP_SECTION_NONE or an index. */
TRACE_EVENT(nvsp_send_pkt,
	TP_PROTO(const struct device *dev, u16 channel, u32 section, u32 bytes,
		 u64 xid),
	TP_ARGS(dev, channel, section, bytes, xid),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u16, channel)
		__field(u32, section)
		__field(u32, bytes)
		__field(u64, xid)
	),
	TP_fast_assign(
		strscpy(__entry->name, dev_name(dev), NETVSC_TRACE_NAME);
		__entry->channel = channel;
		__entry->section = section;
		__entry->bytes = bytes;
		__entry->xid = xid;
	),
	TP_printk("dev=%s channel=%u section=%x bytes=%u xid=%llx",
		  __entry->name, __entry->channel, __entry->section,
		  __entry->bytes, __entry->xid)
);

#endif /* NETVSC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE netvsc_trace
#include <trace/define_trace.h>
