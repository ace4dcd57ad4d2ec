# What ctest does with zoe-bench: it looks at form and counts, never at times.
zoe_criterion(unit-bench-stats bench/stats_test.c)
target_link_libraries(unit-bench-stats PRIVATE zoe_bench_modules)

zoe_plain(bench-floors bench/floors_test.c)
target_link_libraries(bench-floors PRIVATE zoe_bench_modules)

# zoe_bench_check(NAME...): a script that finds zoe-bench in its PATH.
function(zoe_bench_check)
	foreach(name ${ARGN})
		add_test(NAME bench-${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bench/check_${name}.sh)
		set_tests_properties(bench-${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77
			ENVIRONMENT "PATH=$<TARGET_FILE_DIR:zoe-bench>:$ENV{PATH}"
			FAIL_REGULAR_EXPRESSION "${ZOE_FAIL_EXPRESSION}")
	endforeach()
endfunction()

zoe_bench_check(fanout hgrm latency usage)
# What others' programs do, and the figures of all benches together: the same whatever the build.
if(NOT ZOE_SANITIZE)
	zoe_bench_check(peers targets)
	# There is one RouDi on a machine.
	set_tests_properties(bench-peers bench-targets PROPERTIES RESOURCE_LOCK roudi)
endif()
if(TARGET zoe-capture AND TARGET zoe-display)
	zoe_bench_check(decode stages)
endif()
