# The countdown: every call of libzoetrope that can fail is wrapped by the linker.
add_executable(fault-countdown
	countdown.c
	countdown_calls.c
	countdown_list.c
	countdown_observer.c
	countdown_pool.c
	countdown_reader.c
	countdown_results.c
	countdown_state.c
	countdown_writer.c
)
target_link_libraries(fault-countdown PRIVATE zoe_flags zoetrope_static)
set(ZOE_WRAPPED
	calloc clock_gettime clock_nanosleep close eventfd fchmod fchown fcntl free fstat getgrnam getrandom linkat lstat
	madvise mmap munmap open openat opendir posix_fallocate pread pthread_atfork pthread_cond_clockwait pthread_cond_init
	pthread_condattr_init pthread_condattr_setpshared pthread_create pthread_mutex_clocklock pthread_mutex_init
	pthread_mutex_trylock pthread_mutexattr_init pthread_mutexattr_setpshared pthread_mutexattr_setrobust readdir
	reallocarray rename renameat2 stat statvfs syscall unlink unlinkat)
list(TRANSFORM ZOE_WRAPPED PREPEND "LINKER:--wrap=" OUTPUT_VARIABLE ZOE_WRAP_OPTIONS)
target_link_options(fault-countdown PRIVATE ${ZOE_WRAP_OPTIONS})
# Under ThreadSanitizer there is nothing to learn: each call is made by one thread.
if(NOT ZOE_SANITIZE STREQUAL "thread")
	add_test(NAME fault-countdown COMMAND fault-countdown)
	add_test(NAME fault-countdown-wrapped COMMAND ${CMAKE_CURRENT_LIST_DIR}/countdown_wrapped.sh
		$<TARGET_FILE:zoetrope_static> ${ZOE_WRAPPED})
	set_tests_properties(fault-countdown fault-countdown-wrapped PROPERTIES TIMEOUT 120
		FAIL_REGULAR_EXPRESSION "${ZOE_FAIL_EXPRESSION}")
endif()

# A writer that comes back in the midst of zoe_pool_clean.
add_executable(fault-clean-race clean_race.c)
target_link_libraries(fault-clean-race PRIVATE zoe_flags zoetrope_static)
target_link_options(fault-clean-race PRIVATE LINKER:--wrap=fcntl LINKER:--wrap=renameat2)
if(NOT ZOE_SANITIZE STREQUAL "thread")
	add_test(NAME fault-clean-race COMMAND fault-clean-race)
	set_tests_properties(fault-clean-race PROPERTIES TIMEOUT 120 FAIL_REGULAR_EXPRESSION "${ZOE_FAIL_EXPRESSION}")
endif()

# A /dev/shm that is full at every allocation.
add_executable(fault-full-shm full_shm.c)
target_link_libraries(fault-full-shm PRIVATE zoe_flags zoetrope_static)
if(NOT ZOE_SANITIZE STREQUAL "thread")
	add_test(NAME fault-full-shm COMMAND ${CMAKE_CURRENT_LIST_DIR}/full_shm.sh $<TARGET_FILE:fault-full-shm>)
	set_tests_properties(fault-full-shm PROPERTIES TIMEOUT 120 SKIP_RETURN_CODE 77
		FAIL_REGULAR_EXPRESSION "${ZOE_FAIL_EXPRESSION}")
endif()
