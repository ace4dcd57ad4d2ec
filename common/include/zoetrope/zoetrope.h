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
 * readers and writers answer -ECHILD; it may attach anew.
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
#include <zoetrope/writer.h>

#endif
