# What ctest does with zoe-bench: it looks at form and counts, never at times.
zoe_criterion(unit-bench-stats bench/stats_test.c)
target_link_libraries(unit-bench-stats PRIVATE zoe_bench_modules)
