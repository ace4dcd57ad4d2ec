/* SPDX-License-Identifier: BSD-2-Clause */
/* In listen.c's place where there is no libmicrohttpd. */
#include "program/message.h"
#include "top.h"

int top_listen(const struct top_settings *settings)
{
	(void)settings;
	return zi_message_error(
		"--listen: built without libmicrohttpd; --prometheus FILE writes the same for a textfile "
		"collector");
}
