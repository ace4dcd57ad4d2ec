/* SPDX-License-Identifier: BSD-2-Clause */
/* Directing actors (actor.c) from a Criterion test. */
#ifndef ACTORS_H
#define ACTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct actor {
	pid_t pid;
	FILE *in, *out;
	char answer[2560]; /* to the last command */
};

/* Start one; it dies with the test. */
struct actor actor_start(void);

/* Tell it something and do not wait; then hear() what it says. */
void tell(struct actor *actor, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *hear(struct actor *actor);

/* Both: the answer's line without its end; "dead" when the actor is. */
const char *ask(struct actor *actor, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of the last answer: whether it is "ok…", begins with this word, has this part; the number behind "key=", or -1. */
bool is_ok(const struct actor *actor);
bool is(const struct actor *actor, const char *word);
bool says(const struct actor *actor, const char *part);
long long figure(const struct actor *actor, const char *key);

/* Let it end by itself; kill it; wait for its end. The wait status. */
int actor_end(struct actor *actor);
int actor_kill(struct actor *actor);

/* Stop it; returns when all its threads stand still. SIGCONT lets it go on. */
void actor_stop(const struct actor *actor);

/* A pool name that no other test has, the same for all calls of this test. */
const char *pool_name(void);

/* True while /dev/shm has an object of this test's pool. */
bool left_behind(void);

/* Ask until the answer says so, up to twenty seconds. */
bool comes_to(struct actor *actor, const char *command, const char *part);

#endif
