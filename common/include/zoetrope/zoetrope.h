/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zoetrope: one process decodes video straight into shared memory, any number of
 * others look at the same pixels.
 *
 * Two promises carry everything:
 *   1. A held frame never changes, from acquire to release.
 *   2. No reader, slow, stopped or killed at any instruction, can stall anyone.
 *
 * Words. A pool is the shared memory of one stream, found by its name. It is cut into
 * slots, each with room for one frame's pixels. The one writer publishes frames; a reader
 * has a seat in the pool, is granted frames there, and returns them. One life of a pool
 * is an epoch: a new format or a restarted writer is a new epoch under the same name. What a
 * reader saw in a frame it may post as a result, for everybody who looks.
 *
 * Common rules. Functions return 0 or a negative errno from the list at their
 * declaration; zoe_error() then says in words what was wrong and what helps. The library
 * never prints, never exits and installs no signal handler. Times are nanoseconds of
 * CLOCK_MONOTONIC unless a name says otherwise. After fork() the child's inherited
 * readers and writers answer -ECHILD; it may attach anew. What waits is a cancellation point
 * (pthread_cancel), which leaves everything usable; nothing else is, and the asynchronous kind is not for here.
 *
 * Releases. A program runs with a newer library of the same SONAME, and with an older one as long
 * as it asks for nothing that this does not know. Both are rebuilt when the SONAME changes; the
 * writer and the readers of a pool need the same layout version, which is another number. Structs:
 *   options       zoe_reader_options and zoe_writer_options grow at their end. The library is told
 *                 how large the program's are by the inline functions that take them, so that
 *                 nobody has to fill in a size, and zeroes and NULL stay the defaults. What a shorter
 *                 struct lacks is zero. What a longer one has beyond what the library knows must be
 *                 zero, or the call fails with -E2BIG rather than ignore it.
 *   filled in     zoe_status, zoe_writer_stats, zoe_slot, zoe_cleaned, zoe_frame, zoe_result,
 *                 zoe_pool_info and zoe_reader_info are what the library says. They keep their size:
 *                 what is new takes the place of something reserved, and is 0 where the library is
 *                 older.
 *   fixed         zoe_frame_info, zoe_plane, zoe_hdr, zoe_mark and zoe_source lie in shared memory, and
 *                 zoe_histogram is counted in by both sides: their size and members never change under
 *                 one SONAME, but that something reserved may get a meaning.
 * `reserved` is 0: who fills in the struct leaves it so, and who reads it ignores it.
 */
#ifndef ZOETROPE_H
#define ZOETROPE_H

#include <zoetrope/frame.h>
#include <zoetrope/histogram.h>
#include <zoetrope/list.h>
#include <zoetrope/observer.h>
#include <zoetrope/pool.h>
#include <zoetrope/reader.h>
#include <zoetrope/result.h>
#include <zoetrope/source.h>
#include <zoetrope/writer.h>

#endif
