// SPDX-License-Identifier: GPL-2.0
/* HvPostMessage, and HvSignalEvent where KVM does not know the connection. */
#include "hypercall.h"

#include <stdbool.h>
#include <string.h>

#include "guest_mem.h"
#include "log.h"
#include "synic.h"
#include "synic_vm.h"

#define CALL_CODE_MASK 0xffffu
#define CALL_FAST (1u << 16)		/* parameters are in registers */
#define CALL_POST_MESSAGE 0x5c
#define CALL_SIGNAL_EVENT 0x5d

/* Beyond that the guest has to read before it may ask for more. */
#define MESSAGES_WAITING_MAX 512

struct post_message_input {
	uint32_t connection_id;
	uint32_t reserved;
	uint32_t message_type;
	uint32_t payload_size;
	uint8_t payload[SYNIC_MESSAGE_MAX];
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

uint64_t hypercall(uint64_t input, const __u64 params[2])
{
	bool fast = input & CALL_FAST;

	switch (input & CALL_CODE_MASK) {
	case CALL_POST_MESSAGE:
		return post_message(fast, params[0]);
	case CALL_SIGNAL_EVENT:
		return signal_event(fast, params[0]);
	default:
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
}
