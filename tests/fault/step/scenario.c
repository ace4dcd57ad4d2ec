/* SPDX-License-Identifier: BSD-2-Clause */
/* What both scenarios need: watchers come, and everybody leaves. */
#include "scenario.h"

#include <stdatomic.h>

#include "pool/system/clock.h"

bool step_watcher_comes(struct step_stage *stage, int number)
{
	stage->watch[number].pid = step_enter(stage, step_watch, number);
	return stage->watch[number].pid > 0;
}

bool step_is_attached(struct step_stage *stage, void *number)
{
	return atomic_load(&stage->watch[*(int *)number].attached);
}

void step_request(struct step_stage *stage, int number, enum step_request request)
{
	atomic_store(&stage->watch[number].request, request);
	zi_futex_wake(&stage->watch[number].request);
}

bool step_all_leave(struct step_stage *stage)
{
	bool well = true;
	for (int i = 0; i < STEP_WATCHERS; i++)
		step_request(stage, i, STEP_LEAVE);
	/* A frame wakes those who sleep for one. */
	if (stage->capture)
		well = step_ask(stage, STEP_PUBLISH);
	for (int i = 0; i < STEP_WATCHERS && well; i++)
		well = step_leave(stage, &stage->watch[i].pid, "a healthy reader");
	stage->n_seated = 0;
	if (well && stage->capture)
		well = step_ask(stage, STEP_SETTLE) && step_ask(stage, STEP_END);
	if (well && stage->capture)
		well = step_leave(stage, &stage->capture, "capture");
	return well && step_clean(stage) && !atomic_load(&stage->faulty);
}
