/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that may never return, such as one that resolves a name. Each runs in a thread of its own, for which its
 * caller waits until a deadline. A thread that has not ended by then is left behind, with everything that it uses.
 */
#ifndef CAPTURE_LEFT_BEHIND_H
#define CAPTURE_LEFT_BEHIND_H

#include <stdint.h>

/* So many are left behind at a time; the next call waits until one of them has ended. */
#define LEFT_BEHIND_MAX 4

/* How long a call that can be interrupted may take to notice its deadline, or that somebody asked to stop. */
#define LEFT_BEHIND_GRACE_NS INT64_C(1000000000)

struct left_behind_call {
	void (*run)(void *subject);     /* in another thread, whose signals are blocked */
	void (*destroy)(void *subject); /* in that thread, if it was left behind, when run() has ended after all */
};

/*
 * Run the call, and wait for it until LEFT_BEHIND_GRACE_NS after its deadline, or after somebody asked to stop.
 * 0: it has ended. -EINPROGRESS: it was left behind, and the subject with it, which is its thread's from then on.
 * -EBUSY: it was not begun, since too many are left behind; another negative errno: there is no thread for it.
 */
int left_behind_run(const struct left_behind_call *call, void *subject, int64_t deadline_ns);

#endif
