/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest worker in C++: says how bright the top row of each frame is. Usage: minimal-worker [POOL] */
#include <cerrno>
#include <iostream>
#include <numeric>
#include <zoetrope/zoetrope.hpp>

int main(int argc, char **argv)
try {
	const std::string pool = argc > 1 ? argv[1] : "main";

	std::cerr << "minimal-worker: looks at pool '" + pool + "' as soon as it is there, and after each restart\n";
	for (zoetrope::frame &frame : zoetrope::reader{ pool }) {
		const zoetrope::plane luma = frame.planes()[0];
		const unsigned sum = std::accumulate(luma.row(0), luma.row(0) + luma.row_bytes, 0u);

		frame.post({ zoetrope::text(0.02, 0.02, "top " + std::to_string(sum / luma.row_bytes)) });
		std::cout << frame.seq() << ' ' << frame.format() << " top " << sum / luma.row_bytes << std::endl;
		if (!std::cout)
			throw zoetrope::error(-EIO, "cannot write to stdout");
	}
} catch (const zoetrope::error &error) {
	std::cerr << "minimal-worker: error: " << error.what() << '\n';
	return 1;
}
