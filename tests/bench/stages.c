/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

int bench_stages(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return bench_fail("stages is not written yet");
}
