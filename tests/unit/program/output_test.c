/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "program/output.h"

TestSuite(output, .timeout = 30);

/* What is opened afterwards is no standard stream, and what is printed still goes nowhere. */
Test(output, init_without_streams)
{
	int saved = dup(STDOUT_FILENO);
	char byte;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	zi_output_init();
	int opened = open("/dev/null", O_RDWR);
	ssize_t in = read(STDIN_FILENO, &byte, 1);
	ssize_t out = write(STDOUT_FILENO, "x", 1), out_errno = errno;
	dup2(saved, STDOUT_FILENO);
	cr_assert(opened > STDERR_FILENO, "descriptor %d", opened);
	cr_assert(in == 0 && out == -1 && out_errno == EBADF);
}

/* A stream that is open stays what it is. */
Test(output, init_with_streams)
{
	int ends[2];

	cr_assert(pipe(ends) == 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	zi_output_init();
	char byte = 0;
	cr_assert(write(ends[1], "x", 1) == 1 && read(STDIN_FILENO, &byte, 1) == 1 && byte == 'x');
}

/* What could not be written is known at the end, also where there was room again afterwards. */
Test(output, finish_after_a_loss)
{
	int saved = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	cr_assert(zi_output_finish() == 0);
	dup2(full, STDOUT_FILENO);
	putchar('x');
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	putchar('\n');
	cr_assert(zi_output_finish() == 1);
}
