# Pairs of preemptions: reader and writer each stopped once, in every combination of places.
# (The whole, by hand: pairs with nothing but --mailbox.)
zoe_step(pairs pairs.c pairs_director.c pairs_play.c pairs_turns.c)
# Who would sleep hands over to the director instead.
target_link_options(pairs PRIVATE LINKER:--wrap=syscall LINKER:--wrap=pthread_mutex_clocklock)
foreach(mailbox mutex atomic)
	zoe_fault_test(pairs-${mailbox} 600 pairs --mailbox ${mailbox} --stride 8)
endforeach()
