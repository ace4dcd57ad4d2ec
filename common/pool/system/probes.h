/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a tracer may look in: USDT probes of the provider "zoetrope", for bpftrace, perf,
 * SystemTap and gdb. Each is one nop until somebody traces it; without <sys/sdt.h> at build
 * time there are none. `pool` is the pool's name, `seat` a seat's index.
 *
 *   publish(pool, seq, slot)           a frame is the latest; nobody has it yet
 *   grant(pool, seat, seq)             it was granted to a seat
 *   wake(pool, seat)                   and its reader is rung, since it sleeps
 *   drop(pool, seat, frames)           frames made room for it, untaken; 0: this seat was busy and is owed it
 *   acquire(pool, seat, seq, age_ns)   the reader has it, so long after it was published
 *   release(pool, seat, seq, held_ns)  the reader gave it back
 *   reap(pool, seat, pid)              the writer took back the seat of a reader that is gone
 */
#ifndef ZI_PROBES_H
#define ZI_PROBES_H

#if defined(ZOE_PROBES)
#define SDT_USE_VARIADIC 1
#include <sys/sdt.h>
#define ZI_PROBE(name, ...) STAP_PROBEV(zoetrope, name, __VA_ARGS__)
#else
#define ZI_PROBE(name, ...) ((void)0)
#endif

#endif
