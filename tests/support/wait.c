/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait.h"

#include <stdatomic.h>
#include <time.h>

#include <zoetrope/pool.h>

bool wait_a_little(int64_t deadline_ns)
{
	if (zoe_now_ns() >= deadline_ns)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	return true;
}

bool wait_for_word(const _Atomic uint32_t *word, int64_t deadline_ns)
{
	while (atomic_load(word) == 0)
		if (!wait_a_little(deadline_ns))
			return atomic_load(word) != 0;
	return true;
}
