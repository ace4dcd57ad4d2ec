/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floors are measured between two processes, and the one that is woken was asleep: told from
 * how often the child gave up its CPU by itself. Says nothing about times.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "floors.h"

#define N 100

/* How often children that ended gave up the CPU, so far. */
static long sleeps_so_far(void)
{
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	return usage.ru_nvcsw;
}

/* How often the other process slept; -1 when something was wrong. */
static long try(enum floor_kind kind, const char *name)
{
	struct zoe_histogram latency = { 0 };
	long before = sleeps_so_far();
	int error = floor_measure(kind, N, 200, &latency);
	long sleeps = sleeps_so_far() - before;
	unsigned long long counted = zoe_histogram_total(&latency);
	printf("%s: %llu of %d words, the other process slept %ld times, p50 %lld ns\n", name, counted, N, sleeps,
		(long long)zoe_histogram_quantile(&latency, 0.5));
	if (error || counted == 0 || counted > N || zoe_histogram_quantile(&latency, 1) <= 0) {
		printf("FAIL: %s (%d)\n", name, error);
		return -1;
	}
	return sleeps;
}

int main(void)
{
	long asleep = try(FLOOR_FUTEX, "futex"), spinning = try(FLOOR_SPIN, "spin");
	if (asleep < 0 || spinning < 0)
		return 1;
	if (asleep < N / 2 || spinning > N / 10) {
		puts("FAIL: who should sleep for each word and who should never");
		return 1;
	}
	return 0;
}
