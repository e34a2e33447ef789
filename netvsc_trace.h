/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: every NVSP and RNDIS message, both ways, and what goes wrong.
 * Fields are values that the driver has read from the host once, never memory
 * of the host.
 *
 * The names of the first five events, of their first fields and of messages,
 * and how they are printed, are what scripts expect of a driver called
 * hv_netvsc.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM netvsc

#if !defined(NETVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NETVSC_TRACE_H

#include <linux/device.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

/* Of an interface; before it has one, a VMBus device is named by its GUID. */
#define NETVSC_TRACE_NAME	40

const char *netvsc_trace_name(const struct device *dev);

/* Enumerators mean nothing to those who read the format of an event. */
#define netvsc_trace_nvsp_type(type)					\
	__print_symbolic(type,						\
		{ 1,	"INIT" },					\
		{ 2,	"INIT_COMPLETE" },				\
		{ 100,	"SEND_NDIS_VER" },				\
		{ 101,	"SEND_RECV_BUF" },				\
		{ 102,	"SEND_RECV_BUF_COMPLETE" },			\
		{ 103,	"REVOKE_RECV_BUF" },				\
		{ 104,	"SEND_SEND_BUF" },				\
		{ 105,	"SEND_SEND_BUF_COMPLETE" },			\
		{ 106,	"REVOKE_SEND_BUF" },				\
		{ 107,	"SEND_RNDIS_PKT" },				\
		{ 108,	"SEND_RNDIS_PKT_COMPLETE" },			\
		{ 125,	"SEND_NDIS_CONFIG" },				\
		{ 128,	"SEND_VF_ASSOCIATION" },			\
		{ 129,	"SWITCH_DATA_PATH" },				\
		{ 133,	"SUBCHANNEL" },					\
		{ 134,	"SEND_INDIRECTION_TABLE" })

#define netvsc_trace_rndis_type(type)					\
	__print_symbolic(type,						\
		{ 0x00000001,	"PACKET" },				\
		{ 0x00000002,	"INIT" },				\
		{ 0x80000002,	"INIT_C" },				\
		{ 0x00000003,	"HALT" },				\
		{ 0x00000004,	"QUERY" },				\
		{ 0x80000004,	"QUERY_C" },				\
		{ 0x00000005,	"SET" },				\
		{ 0x80000005,	"SET_C" },				\
		{ 0x00000006,	"RESET" },				\
		{ 0x80000006,	"RESET_C" },				\
		{ 0x00000007,	"INDICATE" },				\
		{ 0x00000008,	"KEEPALIVE" },				\
		{ 0x80000008,	"KEEPALIVE_C" })

/* A message to the host, but for those that carry RNDIS messages. */
TRACE_EVENT(nvsp_send,
	TP_PROTO(const struct device *dev, u32 msg_type, u32 bytes, u64 xid),
	TP_ARGS(dev, msg_type, bytes, xid),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u32, msg_type)
		__field(u32, bytes)
		__field(u64, xid)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->msg_type = msg_type;
		__entry->bytes = bytes;
		__entry->xid = xid;
	),
	TP_printk("dev=%s type=%s bytes=%u xid=%#llx", __entry->name,
		  netvsc_trace_nvsp_type(__entry->msg_type), __entry->bytes,
		  __entry->xid)
);

/* Whatever the host sends, completions of frames included. */
TRACE_EVENT(nvsp_recv,
	TP_PROTO(const struct device *dev, u16 qid, u32 msg_type, u32 bytes,
		 u64 xid),
	TP_ARGS(dev, qid, msg_type, bytes, xid),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u16, qid)
		__field(u32, msg_type)
		__field(u32, bytes)
		__field(u64, xid)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->qid = qid;
		__entry->msg_type = msg_type;
		__entry->bytes = bytes;
		__entry->xid = xid;
	),
	TP_printk("dev=%s qid=%u type=%s bytes=%u xid=%#llx", __entry->name,
		  __entry->qid, netvsc_trace_nvsp_type(__entry->msg_type),
		  __entry->bytes, __entry->xid)
);

/*
 * A message that carries RNDIS messages: a control message, or frames. The
 * section is NVSP_SECTION_NONE or an index.
 */
TRACE_EVENT(nvsp_send_pkt,
	TP_PROTO(const struct device *dev, u16 qid, u32 channel_type,
		 u32 section_index, u32 section_size, u32 bytes, u64 xid),
	TP_ARGS(dev, qid, channel_type, section_index, section_size, bytes,
		xid),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u64, xid)
		__field(u32, bytes)
		__field(u32, section_size)
		__field(u32, section_index)
		__field(u32, channel_type)
		__field(u16, qid)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->qid = qid;
		__entry->channel_type = channel_type;
		__entry->section_index = section_index;
		__entry->section_size = section_size;
		__entry->bytes = bytes;
		__entry->xid = xid;
	),
	TP_printk("dev=%s qid=%u type=%s section=%u size=%u bytes=%u xid=%#llx",
		  __entry->name, __entry->qid,
		  __entry->channel_type ? "CONTROL" : "DATA",
		  __entry->section_index, __entry->section_size,
		  __entry->bytes, __entry->xid)
);

DECLARE_EVENT_CLASS(netvsc_rndis_class,
	TP_PROTO(const struct device *dev, u16 queue, u32 req_id, u32 msg_type,
		 u32 msg_len),
	TP_ARGS(dev, queue, req_id, msg_type, msg_len),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u32, msg_len)
		__field(u32, msg_type)
		__field(u32, req_id)
		__field(u16, queue)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->queue = queue;
		__entry->req_id = req_id;
		__entry->msg_type = msg_type;
		__entry->msg_len = msg_len;
	),
	TP_printk("dev=%s q=%u req=%#x type=%s msg_len=%u", __entry->name,
		  __entry->queue, __entry->req_id,
		  netvsc_trace_rndis_type(__entry->msg_type),
		  __entry->msg_len)
);

DEFINE_EVENT(netvsc_rndis_class, rndis_send,
	TP_PROTO(const struct device *dev, u16 queue, u32 req_id, u32 msg_type,
		 u32 msg_len),
	TP_ARGS(dev, queue, req_id, msg_type, msg_len)
);

DEFINE_EVENT(netvsc_rndis_class, rndis_recv,
	TP_PROTO(const struct device *dev, u16 queue, u32 req_id, u32 msg_type,
		 u32 msg_len),
	TP_ARGS(dev, queue, req_id, msg_type, msg_len)
);

/* What a received frame, or what should have been one, was counted as. */
TRACE_EVENT(rx_drop,
	TP_PROTO(const struct device *dev, u16 queue, u16 counter),
	TP_ARGS(dev, queue, counter),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__array(char, counter, NETVSC_TRACE_NAME)
		__field(u16, queue)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		strscpy(__entry->counter, netvsc_stats_name(counter),
			NETVSC_TRACE_NAME);
		__entry->queue = queue;
	),
	TP_printk("dev=%s queue=%u counter=%s", __entry->name, __entry->queue,
		  __entry->counter)
);

/* A VMBus packet that fits nothing; a completion is one of type 11. */
TRACE_EVENT(bad_packet,
	TP_PROTO(const struct device *dev, u16 channel, u16 type, u64 xid),
	TP_ARGS(dev, channel, type, xid),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u16, channel)
		__field(u16, type)
		__field(u64, xid)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->channel = channel;
		__entry->type = type;
		__entry->xid = xid;
	),
	TP_printk("dev=%s channel=%u type=%u xid=%llx", __entry->name,
		  __entry->channel, __entry->type, __entry->xid)
);

TRACE_DEFINE_ENUM(NETVSC_DOWN);
TRACE_DEFINE_ENUM(NETVSC_CONNECTING);
TRACE_DEFINE_ENUM(NETVSC_READY);
TRACE_DEFINE_ENUM(NETVSC_RUNNING);
TRACE_DEFINE_ENUM(NETVSC_CLOSING);
TRACE_DEFINE_ENUM(NETVSC_ASLEEP);
TRACE_DEFINE_ENUM(NETVSC_GONE);

#define netvsc_trace_state(state)					\
	__print_symbolic(state,						\
		{ NETVSC_DOWN,		"down" },			\
		{ NETVSC_CONNECTING,	"connecting" },			\
		{ NETVSC_READY,		"ready" },			\
		{ NETVSC_RUNNING,	"running" },			\
		{ NETVSC_CLOSING,	"closing" },			\
		{ NETVSC_ASLEEP,	"asleep" },			\
		{ NETVSC_GONE,		"gone" })

/* The life of a device. */
TRACE_EVENT(state_change,
	TP_PROTO(const struct device *dev, u8 from, u8 to),
	TP_ARGS(dev, from, to),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u8, from)
		__field(u8, to)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("dev=%s from=%s to=%s", __entry->name,
		  netvsc_trace_state(__entry->from),
		  netvsc_trace_state(__entry->to))
);

TRACE_DEFINE_ENUM(RNDIS_LINK_UP);
TRACE_DEFINE_ENUM(RNDIS_LINK_DOWN);
TRACE_DEFINE_ENUM(RNDIS_LINK_NETWORK_CHANGE);
TRACE_DEFINE_ENUM(RNDIS_LINK_SPEED);

#define netvsc_trace_link(event)					\
	__print_symbolic(event,						\
		{ RNDIS_LINK_UP,		"up" },			\
		{ RNDIS_LINK_DOWN,		"down" },		\
		{ RNDIS_LINK_NETWORK_CHANGE,	"network-change" },	\
		{ RNDIS_LINK_SPEED,		"speed" })

/* What the host says of the link, each time; speed is in 100 bit/s. */
TRACE_EVENT(link_event,
	TP_PROTO(const struct device *dev, u8 event, u32 speed),
	TP_ARGS(dev, event, speed),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(u8, event)
		__field(u32, speed)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->event = event;
		__entry->speed = speed;
	),
	TP_printk("dev=%s event=%s speed=%u", __entry->name,
		  netvsc_trace_link(__entry->event), __entry->speed)
);

/* What the host says of a virtual function. */
TRACE_EVENT(vf_association,
	TP_PROTO(const struct device *dev, bool allocated, u32 serial),
	TP_ARGS(dev, allocated, serial),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(bool, allocated)
		__field(u32, serial)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->allocated = allocated;
		__entry->serial = serial;
	),
	TP_printk("dev=%s allocated=%u serial=%u", __entry->name,
		  __entry->allocated, __entry->serial)
);

/* The data path has moved: to the virtual function, or back. */
TRACE_EVENT(vf_path,
	TP_PROTO(const struct device *dev, bool vf),
	TP_ARGS(dev, vf),
	TP_STRUCT__entry(
		__array(char, name, NETVSC_TRACE_NAME)
		__field(bool, vf)
	),
	TP_fast_assign(
		strscpy(__entry->name, netvsc_trace_name(dev),
			NETVSC_TRACE_NAME);
		__entry->vf = vf;
	),
	TP_printk("dev=%s path=%s", __entry->name,
		  __entry->vf ? "vf" : "synthetic")
);

#endif /* NETVSC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE netvsc_trace
#include <trace/define_trace.h>
