/* SPDX-License-Identifier: BSD-2-Clause */
/* zoe-bench: what its subcommands are, and what each of them needs. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include <zoetrope/zoetrope.h>

/* The subcommands: argv[0] is the subcommand's name; they return the exit code. */
int bench_latency(int argc, char **argv);
int bench_fanout(int argc, char **argv);
int bench_peers(int argc, char **argv);
int bench_decode(int argc, char **argv);
int bench_stages(int argc, char **argv);
int bench_targets(int argc, char **argv);

/*
 * From here on signals that end a program make bench_stopped() true and calls that wait come back
 * with EINTR, so that what was begun is tidied up. main() calls it, before any child is made.
 */
void bench_catch_signals(void);
bool bench_stopped(void);

/* Sleep until this time of CLOCK_MONOTONIC, or until a signal says stop. */
void bench_sleep_until(int64_t ns);

/* CPU time of this process so far, all threads, user and system. */
int64_t bench_cpu_ns(void);

/* One line "zoe-bench: error: …" on stderr. Returns 1, the exit code. */
int bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Where one is, on stderr: one line that is written over on a terminal, plain lines elsewhere. */
void bench_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The line is done with: what is printed next begins at the left. */
void bench_progress_end(void);

/* A pool name of this process's own. */
void bench_pool_name(char name[ZOE_NAME_BYTES]);

/* A yuv420p picture of this size, planes without padding, and the bytes that it takes. */
struct zoe_frame_info bench_picture(uint32_t width_px, uint32_t height_px);
uint64_t bench_picture_bytes(uint32_t width_px, uint32_t height_px);

#endif
