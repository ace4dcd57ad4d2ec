/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

int bench_fanout(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return bench_fail("fanout is not written yet");
}
