/* SPDX-License-Identifier: BSD-2-Clause */
/* What the views have in common: words for what a pool is. */
#include "top.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "program/message.h"
#include "program/text.h"

int top_snapshot_complain(int error)
{
	return zi_message_error("%s", error == -ENOMEM ? "out of memory" : zoe_error());
}

const char *top_state(const struct zoe_pool_info *info)
{
	static const char *const words[] = {
		[ZOE_STATE_LIVE] = "live",
		[ZOE_STATE_SOURCE_LOST] = "source lost",
		[ZOE_STATE_STALLED] = "stalled",
		[ZOE_STATE_ENDED] = "ended",
		[ZOE_STATE_WRITER_GONE] = "stale",
	};

	if (info->stale)
		return "stale";
	if (info->error)
		return info->error == -EBADMSG ? "no pool" : "unknown";
	return words[info->state];
}

void top_program(char *to, size_t bytes, const struct zoe_pool_info *info)
{
	char path[64], name[64] = "";
	FILE *comm;

	to[0] = '\0';
	/* In another PID namespace, or after a death, that number may be another process's. */
	if (info->error || info->stale || !info->same_pids)
		return;
	snprintf(path, sizeof(path), "/proc/%u/comm", info->writer_pid);
	comm = fopen(path, "re");
	if (!comm)
		return;
	if (fgets(name, sizeof(name), comm)) {
		name[strcspn(name, "\n")] = '\0';
		zi_text_printable(to, bytes, name);
	}
	fclose(comm);
}

void top_owner(char *to, size_t bytes, const struct zoe_pool_info *info)
{
	const struct passwd *user = info->owner == UINT32_MAX ? NULL : getpwuid(info->owner);

	to[0] = '\0';
	if (user)
		zi_text_printable(to, bytes, user->pw_name);
	else if (info->owner != UINT32_MAX)
		snprintf(to, bytes, "%u", info->owner);
}

const char *top_policy(const struct zoe_reader_info *reader)
{
	if (reader->policy == ZOE_LOSSLESS)
		return "lossless";
	return reader->depth > 1 ? "queue" : "latest";
}

void top_policy_in_full(char *to, size_t bytes, const struct zoe_reader_info *reader)
{
	char depth[16] = "", every[32] = "", fps[48] = "", group[ZOE_LABEL_BYTES], in_group[64] = "";

	if (reader->depth > 1)
		snprintf(depth, sizeof(depth), " %u", reader->depth);
	if (reader->every > 1)
		snprintf(every, sizeof(every), ", every %u", reader->every);
	if (reader->max_fps > 0)
		snprintf(fps, sizeof(fps), ", at most %.6g fps", reader->max_fps);
	zi_text_printable(group, sizeof(group), reader->group);
	if (group[0])
		snprintf(in_group, sizeof(in_group), ", group %s", group);
	snprintf(to, bytes, "%s%s%s%s%s", top_policy(reader), depth, every, fps, in_group);
}

const char *top_mailbox(const struct zoe_pool_info *info)
{
	return info->mailbox == ZOE_MAILBOX_ATOMIC ? "atomic" : "mutex";
}

const char *top_cond(const struct zoe_pool_info *info)
{
	return info->cond == ZOE_COND_PTHREAD ? "pthread" : "futex";
}

const char *top_sync(const struct zoe_pool_info *info)
{
	if (info->mailbox == ZOE_MAILBOX_ATOMIC)
		return "atomic";
	return info->cond == ZOE_COND_PTHREAD ? "mutex+pthread" : "mutex+futex";
}

void top_duration(char *to, size_t bytes, int64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)ns;
	int unit = 0;

	for (; value >= (unit ? 995 : 999.5) && unit < 3; unit++)
		value /= 1000;
	/* A histogram is exact to 1/32: two digits. */
	int decimals = unit == 0 || value >= 9.95 ? 0 : 1;
	if (value >= 99.5 && unit > 0)
		value = 10 * (double)(int64_t)(value / 10 + 0.5);
	snprintf(to, bytes, "%.*f%s", decimals, value, units[unit]);
}

bool top_alive_known(const struct zoe_pool_info *pool, const struct zoe_reader_info *reader)
{
	return reader->alive || !pool->stale;
}

double top_waited_s(const struct top_pool *pool)
{
	int64_t waited_ns = pool->at_ns - pool->info.wait.since_ns;

	return waited_ns > 0 ? (double)waited_ns / 1e9 : 0;
}

void top_bytes(char *to, size_t bytes, uint64_t value)
{
	if (value >= UINT64_C(1) << 30)
		snprintf(to, bytes, "%.1f GiB", (double)value / (double)(UINT64_C(1) << 30));
	else
		snprintf(to, bytes, "%.1f MiB", (double)value / (double)(1 << 20));
}
