// SPDX-License-Identifier: GPL-2.0
/*
 * HvPostMessage, HvSignalEvent where KVM does not know the connection, and what
 * an isolated guest calls to show memory to the host.
 */
#include "hypercall.h"

#include <stdbool.h>
#include <string.h>

#include "guest_mem.h"
#include "log.h"
#include "synic.h"
#include "synic_vm.h"
#include "visibility.h"

#define CALL_CODE_MASK 0xffffu
#define CALL_FAST (1u << 16)		/* parameters are in registers */
#define CALL_POST_MESSAGE 0x5c
#define CALL_SIGNAL_EVENT 0x5d
#define CALL_REPS(input) ((uint32_t)((input) >> 32) & 0xfff)
#define CALL_REP_START(input) ((uint32_t)((input) >> 48) & 0xfff)
#define RESULT_REPS(reps) ((uint64_t)(reps) << 32)

/* Who is meant by a partition id: the caller. */
#define PARTITION_SELF UINT64_MAX

/* Of the host: nothing, or reading and writing. */
#define VISIBILITY_MASK 3u
#define VISIBILITY_NONE 0u
#define VISIBILITY_READ_WRITE 3u

/* Beyond that the guest has to read before it may ask for more. */
#define MESSAGES_WAITING_MAX 512

struct post_message_input {
	uint32_t connection_id;
	uint32_t reserved;
	uint32_t message_type;
	uint32_t payload_size;
	uint8_t payload[SYNIC_MESSAGE_MAX];
};

struct visibility_input {
	uint64_t partition;
	uint32_t visibility;
	uint32_t reserved;
	uint64_t pfns[];
};

/* Copies input: other vCPUs can change it while we look. */
static enum hv_status copy_input(uint64_t gpa, void *to, size_t len)
{
	const void *from = guest_ptr(gpa, len);

	if (gpa & 7 || gpa % HV_PAGE_SIZE > HV_PAGE_SIZE - len)
		return HV_STATUS_INVALID_ALIGNMENT;
	if (!from)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	memcpy(to, from, len);
	return HV_STATUS_SUCCESS;
}

static enum hv_status post_message(bool fast, uint64_t gpa)
{
	struct post_message_input input;
	enum hv_status status;

	if (fast)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	status = copy_input(gpa, &input, sizeof(input));
	if (status)
		return status;
	if (input.payload_size > SYNIC_MESSAGE_MAX)
		return HV_STATUS_INVALID_PARAMETER;
	if (synic_messages_waiting() > MESSAGES_WAITING_MAX)
		return HV_STATUS_INSUFFICIENT_BUFFERS;
	return vmbus_post(input.connection_id, input.message_type,
			  input.payload, input.payload_size);
}

static enum hv_status signal_event(bool fast, uint64_t param)
{
	enum hv_status status;
	uint64_t input = param;

	if (!fast) {
		status = copy_input(param, &input, sizeof(input));
		if (status)
			return status;
	}
	if (input >> 32 & 0xffff)	/* flags of a port: we have one each */
		return HV_STATUS_INVALID_PARAMETER;
	if (!synic_signal_connection((uint32_t)input)) {
		log_line("synic", "signal on unknown connection %#x",
			 (uint32_t)input);
		return HV_STATUS_INVALID_CONNECTION_ID;
	}
	return HV_STATUS_SUCCESS;
}

/* A call for many pages: those that are done are counted in the result. */
static uint64_t modify_visibility(uint64_t call, uint64_t gpa)
{
	uint32_t i = CALL_REP_START(call), reps = CALL_REPS(call);
	struct visibility_input input;
	uint64_t pfns[(HV_PAGE_SIZE - sizeof(input)) / sizeof(uint64_t)];
	enum hv_status status;
	uint32_t visibility;

	if (!visibility_enforced())
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	if (call & CALL_FAST || reps > sizeof(pfns) / sizeof(pfns[0]) ||
	    i > reps)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	status = copy_input(gpa, &input, sizeof(input));
	if (!status)
		status = copy_input(gpa + sizeof(input), pfns,
				    reps * sizeof(pfns[0]));
	if (status)
		return status;
	visibility = input.visibility & VISIBILITY_MASK;
	if (input.partition != PARTITION_SELF ||
	    (visibility != VISIBILITY_NONE &&
	     visibility != VISIBILITY_READ_WRITE))
		return HV_STATUS_INVALID_PARAMETER;
	for (; i < reps; i++)
		if (!visibility_set(pfns[i], visibility))
			return RESULT_REPS(i) | HV_STATUS_INVALID_PARAMETER;
	return RESULT_REPS(i) | HV_STATUS_SUCCESS;
}

uint64_t hypercall(uint64_t input, const __u64 params[2])
{
	bool fast = input & CALL_FAST;

	switch (input & CALL_CODE_MASK) {
	case CALL_POST_MESSAGE:
		return post_message(fast, params[0]);
	case CALL_SIGNAL_EVENT:
		return signal_event(fast, params[0]);
	case HYPERCALL_MODIFY_VISIBILITY:
		return modify_visibility(input, params[0]);
	default:
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
}
