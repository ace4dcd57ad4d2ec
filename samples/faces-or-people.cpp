/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where people are: OpenCV's own detector (HOG and a linear SVM: no model file) on the newest
 * frame, or a cascade for faces. Posts a box each, says how many; several share a stream.
 */
#include <getopt.h>

#include <cmath>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <opencv2/objdetect.hpp>

#include <zoetrope/opencv.hpp>
#include <zoetrope/zoetrope.hpp>

static volatile std::sig_atomic_t interrupted;

/* A detector, and what it finds in the upright picture as marks: boxes as fractions of the picture. */
class detector {
public:
	explicit detector(const std::string &cascade)
	{
		if (cascade.empty())
			people_.setSVMDetector(cv::HOGDescriptor::getDefaultPeopleDetector());
		else if (!std::ifstream(cascade) || !faces_.load(cascade))
			throw std::runtime_error("option --cascade (" + cascade +
				"): no cascade of OpenCV's; "
				"Debian has some in its package opencv-data");
	}

	std::vector<zoetrope::mark> look(const zoetrope::frame &frame)
	{
		const cv::Mat bgr = zoetrope::upright(frame, zoetrope::bgr(frame));

		boxes_.clear();
		weights_.clear();
		if (faces_.empty() && bgr.cols >= people_.winSize.width && bgr.rows >= people_.winSize.height)
			people_.detectMultiScale(bgr, boxes_, weights_, 0, { 8, 8 }, {}, 1.05, 2);
		else if (!faces_.empty())
			faces_.detectMultiScale(bgr, boxes_, 1.1, 4);
		std::vector<zoetrope::mark> found = marks(bgr.size());
		for (zoetrope::mark &mark : found)
			mark = frame.lying(mark);
		return found;
	}

private:
	std::vector<zoetrope::mark> marks(cv::Size2d size) const
	{
		std::vector<zoetrope::mark> marks;

		for (std::size_t i = 0; i < boxes_.size() && i < ZOE_MAX_MARKS; i++) {
			cv::Rect2d box = boxes_[i];
			double score = 0;

			/* The people detector learnt with a margin, and says how far from doubt it is. */
			if (faces_.empty()) {
				box = { box.x + box.width * 0.1, box.y + box.height * 0.07, box.width * 0.8,
					box.height * 0.8 };
				score = 1 / (1 + std::exp(-2 * weights_[i]));
			}
			marks.push_back(zoetrope::box(box.x / size.width, box.y / size.height, box.width / size.width,
				box.height / size.height, faces_.empty() ? "person" : "face", score));
		}
		return marks;
	}

	cv::HOGDescriptor people_;
	cv::CascadeClassifier faces_;
	std::vector<cv::Rect> boxes_;
	std::vector<double> weights_;
};

static void on_signals(void (*handler)(int))
{
	std::signal(SIGINT, handler);
	std::signal(SIGTERM, handler);
}

/* All that was printed must be written. */
static void check_output()
{
	errno = EIO;
	if (!std::cout.flush())
		throw std::runtime_error(std::string("cannot write to stdout: ") + std::strerror(errno));
}

/* What is waited for is said. */
static zoetrope::reader take_seat(const std::string &pool, zoetrope::options options)
{
	using namespace std::chrono_literals;
	const std::string about = "zoe-faces-or-people: ";

	try {
		options.timeout = 200ms;
		return zoetrope::reader{ pool, options };
	} catch (const zoetrope::error &error) {
		if (error.code().value() == ENOENT)
			std::cerr << about + "waiting for pool '" + pool + "': zoe-capture --name " + pool +
					" INPUT makes it\n";
		else if (error.code().value() == ETIMEDOUT)
			std::cerr << about + error.what() + "; waiting for it\n";
		else
			throw;
	}
	options.timeout = zoetrope::forever;
	zoetrope::reader reader{ pool, options };
	std::cerr << about + "pool '" + pool + "' is there\n";
	return reader;
}

static void run(const std::string &pool, const zoetrope::options &options, const std::string &cascade)
{
	using namespace std::chrono_literals;
	using namespace std::string_literals;
	detector detector{ cascade };
	zoetrope::reader reader = take_seat(pool, options);
	bool is_said = false;

	on_signals([](int number) { interrupted = number; });
	while (!interrupted && !reader.ended()) {
		std::optional<zoetrope::frame> frame = reader.acquire(200ms);
		if (reader.waits() != is_said) {
			is_said = reader.waits();
			std::cerr << "zoe-faces-or-people: " +
					(is_said ? zoe_error() + "; waiting for the next one of that name\n"s
						 : "pool '" + pool + "' is there\n");
		}
		if (!frame)
			continue;
		const std::vector<zoetrope::mark> marks = detector.look(*frame);
		frame->post(marks);
		std::cout << frame->seq() << ": " << marks.size() << '\n';
		check_output();
	}
}

static void print_usage()
{
	std::cout << "Usage: zoe-faces-or-people [options] [POOL]\n"
		     "Find the people in the newest frame of a pool (main), or their faces. Posts a box\n"
		     "each, for zoe-display to draw and zoe-events to list, and prints how many.\n"
		     "\n"
		     "Options:\n"
		     "      --cascade FILE  Find what this cascade of OpenCV's finds: faces.\n"
		     "      --group NAME    Share the frames with the others of this group.\n"
		     "      --fps F         Look at no more than F frames a second, 0.001 to 1000.\n"
		     "      --follow WHEN   restarts (default): go on with the next capture when one was\n"
		     "                      stopped, failed or died, and end with its input; always: go\n"
		     "                      on after that, too; never: exit 1 if it failed or died.\n"
		     "      --owner USER    The pool may be this user's, too (any: anybody's).\n"
		     "  -h, --help          Print this and exit.\n"
		     "      --version       Print the version and exit.\n"
		     "\n"
		     "Example: three that share the work\n"
		     "  for i in 1 2 3; do zoe-faces-or-people --group detectors cam0 & done\n";
}

static int usage_error(const std::string &what)
{
	std::cerr << "zoe-faces-or-people: error: " << what << "; see zoe-faces-or-people --help\n";
	return 2;
}

/* What getopt_long() does not know: the word before the next one, or, of letters in one (-vf), that it is still at. */
static const char *unknown_option(char **argv)
{
	const char *here = argv[optind];

	return optopt && here && here[0] == '-' && here[1] != '-' && strchr(here, optopt) ? here : argv[optind - 1];
}

static bool parse_follow(const std::string &text, zoe_follow &follow)
{
	if (text == "restarts")
		follow = ZOE_FOLLOW_RESTARTS;
	else if (text == "always")
		follow = ZOE_FOLLOW_ALWAYS;
	else if (text == "never")
		follow = ZOE_FOLLOW_NEVER;
	else
		return false;
	return true;
}

/* Returns what to exit with. */
static int parse_and_run(int argc, char **argv)
{
	static const option long_options[] = {
		{ "cascade", required_argument, nullptr, 'c' },
		{ "group", required_argument, nullptr, 'g' },
		{ "fps", required_argument, nullptr, 'f' },
		{ "follow", required_argument, nullptr, 'w' },
		{ "owner", required_argument, nullptr, 'o' },
		{ "help", no_argument, nullptr, 'h' },
		{ "version", no_argument, nullptr, 'V' },
		{ nullptr, 0, nullptr, 0 },
	};
	zoetrope::options options;
	std::string cascade;

	opterr = 0;
	for (int letter; (letter = getopt_long(argc, argv, ":h", long_options, nullptr)) != -1;) {
		switch (letter) {
		case 'c':
			cascade = optarg;
			break;
		case 'g':
			options.group = optarg;
			break;
		case 'f':
			options.max_fps = std::strtod(optarg, nullptr);
			if (!(options.max_fps >= 0.001 && options.max_fps <= 1000))
				return usage_error(
					"option --fps (" + std::string(optarg) + "): expected 0.001 to 1000");
			break;
		case 'w':
			if (!parse_follow(optarg, options.follow))
				return usage_error("option --follow (" + std::string(optarg) +
					"): expected restarts, always or never");
			break;
		case 'o':
			options.owner = optarg;
			break;
		case 'h':
			print_usage();
			check_output();
			return 0;
		case 'V':
			std::cout << "zoe-faces-or-people (zoetrope) " << zoe_version() << '\n';
			check_output();
			return 0;
		case ':':
			return usage_error("option (" + std::string(argv[optind - 1]) + "): needs a value");
		default:
			return usage_error("option (" + std::string(unknown_option(argv)) + "): unknown");
		}
	}
	if (argc - optind > 1)
		return usage_error("argument (" + std::string(argv[optind + 1]) + "): one too many");
	/* While it waits for its pool there is nothing to give back. */
	on_signals([](int) { std::_Exit(0); });
	run(argc > optind ? argv[optind] : "main", options, cascade);
	return 0;
}

int main(int argc, char **argv)
try {
	return parse_and_run(argc, argv);
} catch (const std::exception &error) {
	std::cerr << "zoe-faces-or-people: error: " << error.what() << '\n';
	return 1;
}
