/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ZI_PLANES_H
#define ZI_PLANES_H

#include <stdbool.h>

#include <zoetrope/frame.h>

/*
 * True when the planes that this describes lie within a slot, and the first one can be a picture of that width and
 * height: how a format divides it among planes is for who knows the format. Asked of the user by the writer,
 * and of shared memory by the reader, before either believes it.
 */
bool zi_planes_fit(const struct zoe_frame_info *info, uint64_t slot_bytes);

#endif
