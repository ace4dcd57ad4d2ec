/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool/state/policy.h"

bool zi_policy_wants(const struct zi_policy *policy, uint64_t seq, int64_t now_ns)
{
	/*
	 * An eighth of the interval early is in time: frames do not come evenly, and at most 15 of 30 a
	 * second shall be every other one, though now and then one comes a little early.
	 */
	return seq >= policy->next_seq &&
		(policy->interval_ns == 0 || now_ns >= policy->due_ns - (int64_t)(policy->interval_ns / 8));
}

void zi_policy_pass(struct zi_policy *policy, uint64_t seq, int64_t now_ns)
{
	int64_t interval = (int64_t)policy->interval_ns;

	policy->next_seq = seq + (policy->every ? policy->every : 1);
	/* From when it was due, so that the rate is right in the long run; but a pause is not made up for. */
	policy->due_ns = (now_ns - policy->due_ns < interval ? policy->due_ns : now_ns) + interval;
}
