#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench targets: a row for each figure that was aimed for; 'met' is what the figures say, and what is not
# measured says why.
. "$(dirname "$0")/common.sh"

bench targets --short --no-peers --runs 1 --json
holds '.bench == "targets" and .about.short and .about.runs == 1' \
	'.rows | length == 12' \
	'all(.rows[]; (.at_most == null) != (.at_least == null))' \
	'[.rows[] | select(.measured != null)] | length == 9' \
	'all(.rows[] | select(.measured != null);
		.met == (if .at_most then .measured.median <= .at_most else .measured.median >= .at_least end))' \
	'. as {$rows, $notes} | all($rows[] | select(.measured == null);
		.met == null and (.name as $name | any($notes[]; startswith($name + ": not measured: "))))'

finish
