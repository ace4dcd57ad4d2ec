/* SPDX-License-Identifier: BSD-2-Clause */
/* The results of a pool, until it ends: worker, seq, n_marks, json; below it each mark. Usage: listen POOL */
#include <iostream>

#include <zoetrope/zoetrope.hpp>

int main(int argc, char **argv)
try {
	const char *pool = argc > 1 ? argv[1] : "main";

	for (const zoetrope::result &result : zoetrope::results{ pool, std::chrono::seconds(60) }) {
		std::cout << result.worker() << ' ' << result.seq() << ' ' << result.marks().size() << ' '
			  << result.json() << '\n';
		for (const zoetrope::mark &mark : result.marks())
			std::cout << "  " << mark.kind << ' ' << mark.x << ' ' << mark.y << ' ' << mark.width << ' '
				  << mark.height << ' ' << mark.score << ' ' << mark.label << '\n';
	}
} catch (const zoetrope::error &error) {
	std::cerr << "listen: error: " << error.what() << '\n';
	return 1;
}
