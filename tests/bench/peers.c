/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "bench.h"
#include "targets.h"

int bench_peers(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return bench_fail("peers is not written yet");
}

int peers_pairs(const char *peer, uint32_t runs, uint32_t frames, double *ours, double *theirs,
	char why[TARGETS_WHY_BYTES])
{
	(void)runs;
	(void)frames;
	(void)ours;
	(void)theirs;
	snprintf(why, TARGETS_WHY_BYTES, "%s is not written yet", peer);
	return 1;
}
