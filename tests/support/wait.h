/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for what others do: while (!it_is_so() && wait_a_little(deadline_ns)). */
#ifndef SUPPORT_WAIT_H
#define SUPPORT_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Sleep for a millisecond. False, without a sleep, when the deadline (zoe_deadline_in_ms) has passed. */
bool wait_a_little(int64_t deadline_ns);

/* Wait for a word that another thread or process sets. False: it was 0 all along. */
bool wait_for_word(const _Atomic uint32_t *word, int64_t deadline_ns);

#endif
