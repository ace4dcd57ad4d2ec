/* SPDX-License-Identifier: BSD-2-Clause */
/* The director: brings reader and writer to their places, and from there to the end of the round. */
#include <string.h>

#include "pairs.h"

/* Rounds before one counts: in the first ones the pool still grows. */
#define REHEARSALS 3

/* What somebody does before a first mark may take a few sleeps. */
#define MAX_SLEEPS 100

static bool wrong(struct pairs_director *director, const struct pairs_party *party, const char *what)
{
	return step_fault(&director->scene.stage, "the %s %s (after mark %d)",
		party == director->reader ? "reader" : "writer", what, pairs_at(party));
}

static void strike(struct pairs_director *director)
{
	pairs_remove(&director->reader);
	pairs_remove(&director->writer);
	step_clean(&director->scene.stage);
}

/* On to the next mark, which must be this one. Nobody sleeps on the way, or he has been woken. */
static bool to_mark(struct pairs_director *director, struct pairs_party *party, int mark)
{
	if (pairs_why(party) == PAIRS_AT_MARK && pairs_at(party) == mark)
		return true;
	if (!pairs_can_go(party))
		return wrong(director, party, "sleeps on, and nobody wakes it");
	if (pairs_go(party) == PAIRS_AT_MARK && pairs_at(party) == mark)
		return true;
	static const char *const whys[] = {
		[PAIRS_AT_MARK] = "came to another mark",
		[PAIRS_AT_PLACE] = "was stopped again",
		[PAIRS_ASLEEP] = "sleeps, and nobody will wake it",
		[PAIRS_BLOCKED] = "waits for the other's lock",
		[PAIRS_ENDED] = "ended",
	};
	return wrong(director, party, whys[pairs_why(party)]);
}

/* The reader goes as far as it can without the writer. */
static bool to_done_or_sleep(struct pairs_director *director)
{
	struct pairs_party *reader = director->reader;
	if (pairs_can_go(reader) && pairs_at(reader) != PAIRS_DONE)
		pairs_go(reader);
	bool waits = pairs_why(reader) == PAIRS_ASLEEP || pairs_why(reader) == PAIRS_BLOCKED;
	return pairs_at(reader) == PAIRS_DONE || waits || wrong(director, reader, "ended");
}

/* From where both have acted to where both are about to act again. */
static bool end_round(struct pairs_director *director)
{
	struct pairs_party *reader = director->reader, *writer = director->writer;
	return to_mark(director, writer, PAIRS_SETTLED) && to_mark(director, reader, PAIRS_DONE) &&
		to_mark(director, reader, PAIRS_SETTLED) && to_mark(director, writer, PAIRS_LAPPED) &&
		to_mark(director, reader, PAIRS_ACT) && to_mark(director, writer, PAIRS_ACT) &&
		!atomic_load(&director->scene.stage.faulty);
}

/* The writer makes a pool and the reader takes a seat; they sleep and wake in turn. */
static bool meet(struct pairs_director *director)
{
	struct pairs_party *reader = director->reader, *writer = director->writer;
	for (int i = 0; i < MAX_SLEEPS; i++) {
		bool seated = pairs_at(reader) == PAIRS_ACT;
		if (pairs_at(writer) != PAIRS_START)
			pairs_go(writer);
		else if (seated)
			return to_mark(director, writer, PAIRS_ACT);
		if (!seated)
			pairs_go(reader);
	}
	return wrong(director, reader, "does not come to its seat");
}

/* A scene where everything has happened before. */
static bool rehearse(struct pairs_director *director, const struct pairs_scenario *scenario)
{
	struct step_stage like = { .mailbox = director->mailbox };
	struct pairs_scene *scene = &director->scene;
	memset(scene, 0, sizeof(*scene));
	step_stage_reset(&scene->stage, &like);
	scene->scenario = scenario;
	director->reader = pairs_enter(scenario->read, scene);
	director->writer = pairs_enter(scenario->write, scene);
	bool good = meet(director);
	for (int i = 0; i < REHEARSALS && good; i++)
		good = to_mark(director, director->writer, PAIRS_DONE) && end_round(director);
	return good;
}

static bool record_reader(struct pairs_director *director, struct pairs_path *path)
{
	struct pairs_party *reader = director->reader;
	pairs_go_slowly(reader, path);
	/* If it sleeps, it is for what the writer has still to do. */
	if (!to_mark(director, director->writer, PAIRS_DONE) || !to_mark(director, director->writer, PAIRS_SETTLED))
		return false;
	if (pairs_at(reader) != PAIRS_DONE && pairs_can_go(reader))
		pairs_go_slowly(reader, path);
	return end_round(director);
}

bool pairs_record(struct pairs_director *director, const struct pairs_scenario *scenario, struct pairs_path *reads,
	struct pairs_path *writes)
{
	bool good = rehearse(director, scenario) && record_reader(director, reads);
	if (good)
		good = pairs_go_slowly(director->writer, writes) == PAIRS_AT_MARK && end_round(director);
	if (!good)
		strike(director);
	return pairs_leave(director) && good;
}

/* Who is past its action already, or asleep, stays where it is. */
static bool reach(struct pairs_party *party, const struct pairs_path *path, uint32_t k)
{
	return pairs_at(party) == PAIRS_ACT && pairs_can_go(party) && pairs_reach(party, path, k);
}

/* First to its place, then second to its own (or slowly, for `path`), then on, first before second. */
static bool act(struct pairs_director *director, const struct pairs_point *point, struct pairs_path *path)
{
	struct pairs_party *writer = director->writer;
	struct pairs_party *first = point->writer_first ? writer : director->reader;
	struct pairs_party *second = point->writer_first ? director->reader : writer;

	bool there = reach(first, point->first, point->i);
	if (path)
		pairs_go_slowly(second, path);
	else if (!reach(second, point->second, point->j))
		director->moved++;
	/* A reader that fell asleep on its way may have been woken by now. */
	if (!there && !reach(first, point->first, point->i))
		director->moved++;
	if (point->writer_first && !to_mark(director, writer, PAIRS_DONE))
		return false;
	/* A reader that sleeps waits for what the writer has still to do. */
	return to_done_or_sleep(director) && to_mark(director, writer, PAIRS_DONE);
}

static bool do_round(struct pairs_director *director, const struct pairs_point *point, struct pairs_path *path)
{
	bool good = director->reader || rehearse(director, point->scenario);
	good = good && act(director, point, path) && end_round(director);
	if (!good)
		strike(director);
	return good;
}

bool pairs_record_second(struct pairs_director *director, const struct pairs_point *point, struct pairs_path *path)
{
	path->n = path->n_inside = 0;
	return do_round(director, point, path);
}

bool pairs_try(struct pairs_director *director, const struct pairs_point *point)
{
	return do_round(director, point, NULL);
}

bool pairs_leave(struct pairs_director *director)
{
	struct step_stage *stage = &director->scene.stage;
	if (!director->reader)
		return true;
	director->scene.leave = true;
	if (pairs_go(director->reader) != PAIRS_ENDED)
		wrong(director, director->reader, "does not leave");
	if (pairs_go(director->writer) != PAIRS_ENDED)
		wrong(director, director->writer, "does not leave");
	bool good = step_clean(stage) && !atomic_load(&stage->faulty);
	strike(director);
	return good;
}
