/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

int bench_targets(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return bench_fail("targets is not written yet");
}
