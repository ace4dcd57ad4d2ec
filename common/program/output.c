/* SPDX-License-Identifier: BSD-2-Clause */
#include "program/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program/message.h"

void zi_output_init(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* The lowest number that is free; what cannot be opened stays closed. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			return;
}

int zi_output_fail(int error)
{
	return zi_message_error("cannot write to stdout: %s", strerror(-error));
}

int zi_output_finish(void)
{
	/* A stream remembers that it failed, and not why: what it has in its buffer fails again. */
	if (fflush(stdout) == EOF)
		return zi_output_fail(-errno);
	return ferror(stdout) ? zi_output_fail(-EIO) : 0;
}
