/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/mailbox/mailbox.h"

#include <stddef.h>

static_assert(sizeof(struct zi_mailbox) <= 4096, "a mailbox fits its page");

const struct zi_mailbox_body *zi_mailbox_body(uint32_t kind)
{
	static const struct zi_mailbox_body *const bodies[] = {
		[ZOE_MAILBOX_MUTEX] = &zi_mailbox_mutex_body,
		[ZOE_MAILBOX_ATOMIC] = &zi_mailbox_atomic_body,
	};
	return kind < sizeof(bodies) / sizeof(bodies[0]) ? bodies[kind] : NULL;
}
