/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers and writers of the soak share: promises, children, and a picture that shows tears. */
#ifndef SOAK_ACTOR_H
#define SOAK_ACTOR_H

#include "soak.h"

#include <zoetrope/frame.h>

enum soak_call {
	SOAK_IDLE,
	SOAK_ATTACH,
	SOAK_ACQUIRE,
	SOAK_RELEASE,
	SOAK_DETACH,
	SOAK_CREATE,
	SOAK_BEGIN,
	SOAK_PUBLISH,
	SOAK_FINISH
};

/* From here to soak_done() the actor is in a call that returns by then, or the director counts a hang. */
void soak_promise(struct soak_words *words, enum soak_call call, int64_t end_ns);
void soak_done(struct soak_words *words);

/* An answer that should not have come. */
void soak_error(struct soak_words *words, int error);

/*
 * Leave a child behind that lives on until some more events have been judged. It tries what it inherited;
 * use_inherited returns 0, or what it should not have got.
 */
void soak_leave_child(const struct soak_plan *plan, struct soak_words *words, int (*use_inherited)(void *),
	void *argument);

/* Every pixel says which frame of which epoch it belongs to. */
void soak_draw(uint8_t *data, uint32_t side, uint64_t epoch, uint64_t seq);
bool soak_is_whole(const struct zoe_frame *frame);

#endif
