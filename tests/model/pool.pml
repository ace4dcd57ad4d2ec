/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of one epoch of a pool: slots, grants, mailboxes, seat lives, and deaths.
 *
 * A writer process of two threads (the one that publishes and the one of housekeeping),
 * readers that come, take, hold, return and go, and a fate that kills or stops a reader,
 * or kills the writer, between any two steps. What another process can tell apart is a
 * step of its own; what only the holder of a lock sees is sometimes drawn together.
 *
 * Checked in every state that can be reached:
 *   - a slot is never written while a living reader looks at it or its seat was granted it;
 *   - a reader gets whole frames, each at most once, in order;
 *   - the writer always finds a free slot: a stopped reader pins what is reserved for it;
 *   - nobody resets the seat of a living reader;
 *   - the writer never waits for a reader, and no grant is lost: when nothing more can
 *     happen, the writer has published everything and every living reader has the last
 *     frame. Spin reports any other standstill as an invalid end state.
 *
 * There are no timeouts in the model where the code has some, but for the writer's census of
 * the dead and a reader's deadline when the writer is dead or stopped for ever: so a wake-up that
 * is lost is a standstill here, and not a delay of 50 ms. A reader that comes back to a silent
 * writer has whatever it was granted, rung or not.
 *
 * Left out: memory weaker than sequential consistency (the code's atomics are seq_cst, but
 * for the acquire loads of the masks); refusals; queues deeper
 * than one behind a mutex; lossless seats; slots that
 * the decoder keeps; the accident that closes a living reader's descriptors; 64-bit counters
 * that come round; stray writes (tests/fuzz). What a name means from one epoch to the next is in names.pml.
 *
 * A -DBUG_... breaks one rule; run.sh sees that each is found.
 */
#ifndef NSEAT
#define NSEAT 1
#endif
#ifndef NREAD
#define NREAD 1
#endif
#ifndef HOLD
#define HOLD 1          /* frames held at once, 1 or 2 */
#endif
#ifndef FRAMES
#define FRAMES 3
#endif
#ifndef KILLS
#define KILLS 1         /* readers killed, together */
#endif
#ifndef STOPS
#define STOPS 0         /* readers stopped for ever */
#endif
#ifndef WRITER_DIES
#define WRITER_DIES 0
#endif
#ifndef WRITER_STOPS
#define WRITER_STOPS 0  /* the writer stopped for ever */
#endif
#ifndef TIMEOUTS
#define TIMEOUTS 1      /* calls of readers that come back by their deadline, together */
#endif

#ifdef ATOMIC
#ifndef DEPTH
#define DEPTH 1         /* 1 or 2 */
#endif
#else
#define DEPTH 1
#endif

/* The slots that admission asks for: check_budget() in housekeeping.c. */
#define NSLOT (2 + NSEAT * (HOLD + DEPTH))

#define BIT(slot) (1 << (slot))
#define ITEM(seq, slot) ((seq) * 8 + (slot))    /* zi_item */
#define SLOT(item) ((item) % 8)
#define SEQ(item) ((item) / 8)

#define FREE 0
#define CLAIMED 1
#define SEATED 2
#define LEAVING 3

#define ALIVE 0
#define KILLED 1
#define STOPPED 2
#define FINISHED 3

#define NOBODY 0
#define WRITER 1
#define READER(r) (2 + (r))

/* The reel: layout.h. */
byte record_seq[NSLOT];

/* The seats. */
byte state[NSEAT];
bool welcome[NSEAT];            /* verdict */
bool owed[NSEAT];
byte granted[NSEAT];
byte taken[NSEAT];
#ifdef ATOMIC
byte cell[NSEAT * DEPTH];       /* an item, 0 none */
#else
byte queue[NSEAT];              /* an item, 0 none */
#endif
byte mutex[NSEAT];              /* who has it */
bool owner_died[NSEAT];         /* what EOWNERDEAD tells the next one */
bool sleeper[NSEAT];            /* cond.sleepers */
bool rung[NSEAT];               /* cond.word moved since the sleeper read it */
byte byte_lock[NSEAT];          /* the kernel's lock on the seat's byte */
bool doorbell;                      /* the doorbell moved since housekeeping read it */

/* The writer's own: struct zoe_writer, struct zi_seat_control. */
byte writer_mutex;
bool seated[NSEAT];
bool asleep[NSEAT];             /* granted something, yet to be rung */
byte latest;                    /* an item */

/* The world. */
byte fate[NREAD];
bool writer_dead;
bool writer_stopped;
byte kills = KILLS;
byte stops = STOPS;
byte writer_kills = WRITER_DIES;
byte writer_stops = WRITER_STOPS;
byte timeouts = TIMEOUTS;

/* Ghosts: they are looked at by assertions only. */
byte filling;                   /* the slot whose pixels are being written, + 1 */
byte looking[NREAD];            /* the slots whose pixels this reader may be reading */
byte lives_in[NSEAT];           /* the living reader that claimed this seat, + 1 */
hidden byte k, m;               /* of steps that nobody interrupts */

#define LOCK(lock, who) atomic { lock == NOBODY -> lock = who }
#define WRITER_SILENT (writer_dead || writer_stopped)
#define RING_DOORBELL doorbell = true

/*
 * The kernel at a death: the robust list, the byte locks. All at once, since nobody can act
 * between the parts of it in a way that the parts' other orders would not allow.
 */
inline die(who)
{
	k = 0;
	do
	:: k < NSEAT ->
		if
		:: mutex[k] == who -> mutex[k] = NOBODY; owner_died[k] = true
		:: else
		fi;
		if
		:: byte_lock[k] == who -> byte_lock[k] = NOBODY
		:: else
		fi;
		if
		:: who >= READER(0) && lives_in[k] == who - READER(0) + 1 -> lives_in[k] = 0
		:: else
		fi;
		k++
	:: else -> break
	od
}

#ifndef ATOMIC
/*
 * zi_grants_rebuild and pthread_mutex_consistent, by whoever got the mutex of the dead. At
 * once: whoever dies within leaves the mutex as dead as it was, and the next one begins anew.
 */
inline repair(i)
{
	d_step {
		if
		:: owner_died[i] ->
#ifndef BUG_NO_REPAIR
			queue[i] = 0;
			k = 0;
			do
			:: k < NSLOT ->
				if
				:: (granted[i] & BIT(k)) && !(taken[i] & BIT(k)) ->
					m = ITEM(record_seq[k], k);
					if
					:: queue[i] == 0 -> queue[i] = m
					:: queue[i] != 0 && m < queue[i] -> granted[i] = granted[i] & ~BIT(k)
					:: else -> granted[i] = granted[i] & ~BIT(SLOT(queue[i])); queue[i] = m
					fi
				:: else
				fi;
				k++
			:: else -> break
			od;
			k = 0;
			m = 0;
#endif
			owner_died[i] = false
		:: else
		fi
	}
}

#endif

#ifdef ATOMIC
/* deliver() in delivery.c with put() of mailbox_atomic.c, which succeeds. With the writer's mutex held. */
inline deliver(i, item)
{
	if
	:: granted[i] & BIT(SLOT(item))
	:: else ->
		at = i * DEPTH;
#if DEPTH > 1
		/* oldest(): from cell to cell, each looked at by itself. */
		old = cell[i * DEPTH];
		atomic {
			if
			:: cell[i * DEPTH + 1] < old -> at++
			:: else
			fi;
			old = 0
		};
#endif
#ifdef BUG_SLEEPER_ASKED_EARLY
		asleep[i] = sleeper[i];
#endif
#ifndef BUG_GRANT_AFTER_EXCHANGE
		atomic { granted[i] = granted[i] | BIT(SLOT(item)); assert(filling != SLOT(item) + 1) };
#endif
		atomic { old = cell[at]; cell[at] = item; at = 0 };
#ifdef BUG_GRANT_AFTER_EXCHANGE
		granted[i] = granted[i] | BIT(SLOT(item));
#endif
		if
		:: old != 0 -> atomic { granted[i] = granted[i] & ~BIT(SLOT(old)); old = 0 }
		:: else
		fi;
#ifndef BUG_SLEEPER_ASKED_EARLY
		asleep[i] = sleeper[i]
#endif
	fi
}
#else
/* put() in mailbox_mutex.c with zi_grants_put: a try. */
inline put(i, item)
{
#ifdef BUG_PLAIN_LOCK
	LOCK(mutex[i], WRITER);
	got = true;
#else
	/* pthread_mutex_trylock; its 32 tries are one. */
	atomic {
		if
		:: mutex[i] == NOBODY -> mutex[i] = WRITER; got = true
		:: else -> got = false
		fi
	}
#endif
	if
	:: got ->
		repair(i);
		if
		:: granted[i] & BIT(SLOT(item))
		:: else ->
			if
			:: queue[i] != 0 ->
				/* revoke(), then drop(). */
				granted[i] = granted[i] & ~BIT(SLOT(queue[i]));
				queue[i] = 0
			:: else
			fi;
#ifndef BUG_GRANT_AFTER_UNLOCK
			atomic { granted[i] = granted[i] | BIT(SLOT(item)); assert(filling != SLOT(item) + 1) };
#endif
			queue[i] = item
		fi;
#ifdef BUG_SLEEPER_ASKED_EARLY
		mutex[i] = NOBODY;
#else
		atomic { asleep[i] = sleeper[i]; mutex[i] = NOBODY };
#endif
#ifdef BUG_GRANT_AFTER_UNLOCK
		granted[i] = granted[i] | BIT(SLOT(item));
#endif
	:: else
	fi
}

/*
 * deliver() in delivery.c: a try; if that failed the note, and another try; the note is taken back by
 * whoever succeeds. With the writer's mutex held. The seat's `owed` and the writer's own note of it
 * are one here.
 */
inline deliver(i, item)
{
#ifdef BUG_SLEEPER_ASKED_EARLY
	asleep[i] = sleeper[i];
#endif
	put(i, item);
	if
	:: !got ->
#ifdef BUG_NOTE_AFTER_TRIES
		put(i, item);
		if
		:: !got -> owed[i] = true
		:: else
		fi
#else
		owed[i] = true;
#ifndef BUG_NO_SECOND_TRY
		put(i, item)
#endif
#endif
	:: else
	fi;
	if
	:: atomic { got && owed[i] -> owed[i] = false }
	:: else
	fi
}
#endif

/* wake() in delivery.c: the second pass, when all grants are made. */
inline wake()
{
	w = 0;
	do
	:: w < NSEAT ->
		/* Whom to ring nobody else knows. */
		atomic {
			if
#ifdef BUG_RINGS_ONE
			:: asleep[w] -> rung[w] = true; asleep[w] = false; w = NSEAT - 1
#else
			:: asleep[w] -> rung[w] = true; asleep[w] = false
#endif
			:: else
			fi;
			w++
		}
	:: else -> break
	od;
	w = 0
}

/* zi_attachment_ring in attachment.c: wants_space is not here. */
inline tell()
{
#ifdef BUG_NO_RESCAN
	skip
#else
	if
	:: owed[i] -> RING_DOORBELL
	:: else
	fi
#endif
}

#ifdef ATOMIC
/* oldest() in mailbox_atomic.c, from cell to cell. */
inline oldest(found)
{
	found = cell[i * DEPTH];
#if DEPTH > 1
	atomic {
		if
		:: cell[i * DEPTH + 1] != 0 && (found == 0 || cell[i * DEPTH + 1] < found) -> found = cell[i * DEPTH + 1]
		:: else
		fi
	}
#endif
}

/* take_now() in mailbox_atomic.c, without an end to its tries. */
inline take()
{
	item = 0;
	do
	:: true ->
		oldest(item);
		if
		:: item == 0 -> break
		:: else
		fi;
#ifndef BUG_LOOKS_ONCE
		oldest(s);
#else
		s = item;
#endif
		/* The compare and exchange. */
		atomic {
			if
			:: s == item && cell[i * DEPTH] == item -> cell[i * DEPTH] = 0; s = 0; break
#if DEPTH > 1
			:: s == item && cell[i * DEPTH + 1] == item -> cell[i * DEPTH + 1] = 0; s = 0; break
#endif
			:: else -> s = 0; item = 0
			fi
		}
	od;
	if
	:: item != 0 -> taken[i] = taken[i] | BIT(SLOT(item))
	:: else
	fi
}

/* take() in mailbox_atomic.c. */
inline mailbox_take()
{
	take();
	if
	:: item == 0 ->
		sleeper[i] = true;
		rung[i] = false;        /* the word is read */
#ifndef BUG_NO_LAST_LOOK
		take();
#endif
		if
		:: item == 0 ->
			if
			:: rung[i]
			:: WRITER_SILENT
			:: atomic { timeouts > 0 -> timeouts-- }
			fi;
			take()
		:: else
		fi;
		sleeper[i] = false
	:: else
	fi
}

/* The same without a sleep. */
#define try_take() take()

#define NOTHING_WAITS (cell[i * DEPTH] == 0 && cell[i * DEPTH + DEPTH - 1] == 0)
#else
/* zi_grants_take in grants.c, with the mailbox's mutex held. */
inline take()
{
	item = queue[i];
	if
	:: item != 0 && (granted[i] & BIT(SLOT(item))) ->
		taken[i] = taken[i] | BIT(SLOT(item));
		queue[i] = 0
	:: item != 0 && !(granted[i] & BIT(SLOT(item))) -> atomic { queue[i] = 0; item = 0 }
	:: else
	fi
}

inline lock_mailbox()
{
	LOCK(mutex[i], READER(me));
	repair(i)
}

/* lock_until in mailbox_mutex.c. A writer that stands inside costs this reader its time, no more. */
#define NOT_BY_THE_DEADLINE \
	atomic { mutex[i] != NOBODY && timeouts > 0 -> timeouts-- } \
	:: mutex[i] == WRITER && writer_stopped

/* take() in mailbox_mutex.c, wait_futex in cond.c. `item` is what came out, 0 nothing. */
inline mailbox_take()
{
	item = 0;
	if
	:: NOT_BY_THE_DEADLINE
	:: lock_mailbox();
		take();
		if
		:: item == 0 ->
			/* The word is read with the mutex held: rung tells whether it moved since. */
			atomic { sleeper[i] = true; rung[i] = false };
			mutex[i] = NOBODY;
#ifndef BUG_SLEEPS_UNTOLD
			tell();
#endif
			if
			:: rung[i]
			:: WRITER_SILENT        /* LIVENESS_NS: the wait ends by itself */
			:: atomic { timeouts > 0 -> timeouts-- }
			fi;
			if
			:: NOT_BY_THE_DEADLINE
			:: lock_mailbox();
				sleeper[i] = false;
				take();
				mutex[i] = NOBODY
			fi
		:: else -> mutex[i] = NOBODY
		fi
	fi
}

/* The same without a sleep; its tries of the lock are one. */
inline try_take()
{
	if
	:: mutex[i] != NOBODY -> item = 0
	:: lock_mailbox();
		take();
		mutex[i] = NOBODY
	fi
}

/* Repair has put what was granted into the queue. */
#define NOTHING_WAITS ((granted[i] & ~taken[i]) == 0)
#endif

/* zi_grants_any_waiting in grants.h. */
#define ANY_WAITING ((granted[i] & ~taken[i]) != 0)

/* take() in reader.c with ZOE_POLL: one that finds nothing leaves no trace. */
inline poll()
{
	if
	:: ANY_WAITING ->
		try_take();
		tell()
	:: else -> item = 0
	fi
}

/* acquire_here in reader.c: a poll, then a wait; or from poll to poll. */
inline acquire()
{
#ifdef POLLS
	if
	:: ANY_WAITING
	:: WRITER_SILENT
	:: atomic { timeouts > 0 -> timeouts-- }
	fi;
	poll()
#else
	poll();
	if
	:: item == 0 ->
		mailbox_take();
		tell()
	:: else
	fi
#endif
}

/* The user looks at the pixels: hand_out in reader.c up to zoe_reader_release. */
inline look()
{
	atomic {
		assert(record_seq[SLOT(item)] == SEQ(item) && filling != SLOT(item) + 1);
		assert(!(looking[me] & BIT(SLOT(item))));
		assert(SEQ(item) > last);
		looking[me] = looking[me] | BIT(SLOT(item));
		last = SEQ(item);
		n_held++;
		item = 0
	}
}

/* zoe_reader_release with zi_grants_return. Any of the frames held. */
inline give_back()
{
	atomic {
		if
		:: s = 0; do :: looking[me] & BIT(s) -> break :: else -> s++ od
		:: n_held > 1; s = NSLOT - 1; do :: looking[me] & BIT(s) -> break :: else -> s-- od
		fi
	};
#ifdef BUG_RETURN_BEFORE_LOOK
	granted[i] = granted[i] & ~BIT(s);
	atomic { looking[me] = looking[me] & ~BIT(s); n_held-- };
	taken[i] = taken[i] & ~BIT(s);
#else
	atomic { looking[me] = looking[me] & ~BIT(s); n_held--; taken[i] = taken[i] & ~BIT(s) };
	granted[i] = granted[i] & ~BIT(s);
#endif
	s = 0;
	tell()
}

/* No seat will ever be free. */
#if NSEAT == 1
#define stopped_have(i) (byte_lock[i] >= READER(0) && fate[byte_lock[i] - READER(0)] == STOPPED)
#define stopped_have_all() stopped_have(0)
#else
#define stopped_have_all() false
#endif

/* find_seat in attachment.c, again and again as zoe_reader_attach does it. */
inline find_seat()
{
	do
	:: atomic {
		state[i] == FREE && byte_lock[i] == NOBODY -> byte_lock[i] = READER(me)
	   };
#ifndef BUG_CLAIMED_UNCHECKED
		if
		:: state[i] == FREE -> break
		:: else -> byte_lock[i] = NOBODY; RING_DOORBELL
		fi
#else
		break
#endif
#ifdef BUG_CLAIMED_UNCHECKED
	:: atomic { state[i] != FREE && byte_lock[i] == NOBODY -> byte_lock[i] = READER(me) }; break
#endif
#if NSEAT > 1
	:: state[i] != FREE || byte_lock[i] != NOBODY -> i = (i + 1) % NSEAT
#endif
	:: WRITER_SILENT -> goto gone
	:: atomic { stopped_have_all() -> goto gone }
	od
}

active [NREAD] proctype reader()
{
	byte me = _pid;
	byte i, s, item, last, n_held;

life:
	{
		find_seat();
		/* claim_seat: the claim is in place before the state says so. */
		atomic {
			assert(lives_in[i] == 0 && granted[i] == 0 && taken[i] == 0 && !owed[i] && !owner_died[i]);
			state[i] = CLAIMED;
			lives_in[i] = me + 1
		};
		RING_DOORBELL;

		/* zi_attachment_await; who loses patience leaves. */
		if
		:: welcome[i]
		:: WRITER_SILENT -> goto gone
		:: atomic { timeouts > 0 -> timeouts-- }; goto leave
		fi;

		do
		:: n_held < HOLD && last < FRAMES ->
			acquire();
			if
			:: item != 0 -> look()
			:: item == 0 && WRITER_SILENT ->
				/* acquire_here: the fate is known, and after that the mailbox is empty. */
				poll();
				if
				:: item != 0 -> look()
				:: else ->
					assert(NOTHING_WAITS || mutex[i] == WRITER);
					goto gone
				fi
			:: else
			fi
		:: n_held > 0 -> give_back()
		:: last == FRAMES -> break
		od;

leave:
		/* leave_seat in attachment.c, zoe_reader_detach: what is held is not looked at any more. */
		atomic { looking[me] = 0; n_held = 0; state[i] = LEAVING; lives_in[i] = 0 };
		byte_lock[i] = NOBODY;
		RING_DOORBELL;
gone:
		atomic { fate[me] == ALIVE -> fate[me] = FINISHED; looking[me] = 0; die(READER(me));
			i = 0; item = 0; last = 0; n_held = 0 }
	} unless {
		fate[me] == KILLED || fate[me] == STOPPED
	};
	if
	:: fate[me] == KILLED ->
		/* Another process with the same request. */
		atomic { i = 0; s = 0; item = 0; last = 0; n_held = 0; fate[me] = ALIVE; goto life }
	:: fate[me] == STOPPED ->
end_stopped:
		false
	:: fate[me] == FINISHED
	fi
}

/* zoe_writer_begin: look at every seat's mask, take the oldest slot that nobody has. */
inline begin()
{
	mask = 0;
	i = 0;
	do
	:: i < NSEAT -> atomic { mask = mask | granted[i]; i++ }
	:: else -> break
	od;
	i = 0;
	d_step {
		s = NSLOT;
		do
		:: i < NSLOT ->
			if
#ifdef BUG_LATEST_REUSED
			:: !(mask & BIT(i)) && (s == NSLOT || age[i] < age[s]) -> s = i
#else
			:: !(mask & BIT(i)) && (latest == 0 || SLOT(latest) != i) &&
			   (s == NSLOT || age[i] < age[s]) -> s = i
#endif
			:: else
			fi;
			i++
		:: else -> break
		od;
		assert(s < NSLOT);
		i = 0;
		mask = 0;
		record_seq[s] = 0;
		filling = s + 1;
		k = 0;
		do
		:: k < NREAD -> assert(!(looking[k] & BIT(s))); k++
		:: else -> break
		od;
		k = 0;
		do
		:: k < NSEAT -> assert(lives_in[k] == 0 || !(granted[k] & BIT(s))); k++
		:: else -> break
		od;
		k = 0
	}
}

/* The thread that publishes: zoe_writer_begin, zoe_writer_publish. */
active proctype publisher()
{
	byte i, s, mask, seq, old, at, w;
	byte age[NSLOT];
	bool got;

	{
		do
		:: seq < FRAMES ->
			LOCK(writer_mutex, 1);
			begin();
			writer_mutex = NOBODY;

			LOCK(writer_mutex, 1);
			/* commit_frame: readers learn of the three through a grant only. */
			atomic {
				seq++;
				age[s] = seq;
				record_seq[s] = seq;
				filling = 0;
				latest = ITEM(seq, s);
				s = 0
			};
			do
			:: i < NSEAT ->
				if
				:: seated[i] -> deliver(i, latest)
				:: else
				fi;
				i++
			:: else -> break
			od;
			wake();
			atomic { i = 0; got = false; writer_mutex = NOBODY }
		:: else -> break
		od
	} unless {
		WRITER_SILENT
	}
}

#ifdef ATOMIC
#if DEPTH > 1
#define empty(i) cell[i * DEPTH] = 0; cell[i * DEPTH + 1] = 0
#else
#define empty(i) cell[i] = 0
#endif
#else
#define empty(i) queue[i] = 0
#endif

/* reset() in housekeeping.c. */
inline reset()
{
	/* The byte was asked for; who takes it now finds no seat that is FREE until all is anew. */
#ifdef BUG_FREE_FIRST
	state[i] = FREE;
#endif
	atomic { seated[i] = false; assert(lives_in[i] == 0); mutex[i] = NOBODY; owner_died[i] = false;
		empty(i); sleeper[i] = false };
	atomic { assert(lives_in[i] == 0); taken[i] = 0 };
	atomic { assert(lives_in[i] == 0); granted[i] = 0 };
	atomic { assert(lives_in[i] == 0); owed[i] = false; welcome[i] = false }
#ifndef BUG_FREE_FIRST
	; state[i] = FREE
#endif
}

#ifdef BUG_STALE_LATEST
#define current stale
#else
#define current latest
#endif

/* reply() in housekeeping.c: every claim is admitted here. */
inline reply()
{
	atomic {
		if
		:: !welcome[i] && state[i] == CLAIMED -> state[i] = SEATED; got = true
		:: else -> got = false
		fi
	};
	if
	:: got ->
		seated[i] = true;
		if
		:: latest != 0 -> deliver(i, current); wake()
		:: else
		fi;
		welcome[i] = true
	:: else
	fi
}

#ifdef BUG_RESET_BLIND
#define seems_dead(i) (byte_lock[i] == NOBODY || !welcome[i])
#else
#define seems_dead(i) (byte_lock[i] == NOBODY)
#endif

/* keep_seat() in housekeeping.c. */
inline keep_seat()
{
	st = state[i];
	if
	:: st == FREE
	:: st != FREE && (census || st != SEATED) && seems_dead(i) -> reset()
	:: else ->
		if
		:: st == CLAIMED -> reply()
		:: st == SEATED && owed[i] && latest != 0 -> deliver(i, current); wake()
		:: st == LEAVING -> seated[i] = false
		:: else
		fi
	fi;
	atomic { st = 0; got = false }
}

/* The census is due when somebody is dead; how soon is not the model's business. */
#if NSEAT == 1
#define somebody_died (state[0] != FREE && byte_lock[0] == NOBODY)
#else
#define somebody_died ((state[0] != FREE && byte_lock[0] == NOBODY) || (state[1] != FREE && byte_lock[1] == NOBODY))
#endif

/* The thread of housekeeping: housekeeping(), zi_housekeeping_run. */
active proctype housekeeper()
{
	byte i, st, old, at, w;
	bool got, census;
#ifdef BUG_STALE_LATEST
	byte stale;
#endif

	{
		do
		:: true ->
			doorbell = false;
#ifdef BUG_STALE_LATEST
			stale = latest;
#endif
			LOCK(writer_mutex, 2);
			do
			:: i < NSEAT -> keep_seat(); i++
			:: else -> break
			od;
			atomic { i = 0; census = false; writer_mutex = NOBODY };
end_asleep:
			if
			:: doorbell
			:: atomic { somebody_died -> census = true }
			fi
		od
	} unless {
		WRITER_SILENT
	}
}

/* Kills and stops; and says that no more of them come. */
active proctype fates()
{
	do
	:: atomic { kills > 0 && fate[0] == ALIVE -> kills--; fate[0] = KILLED; looking[0] = 0; die(READER(0)) }
	:: atomic { stops > 0 && fate[0] == ALIVE -> stops--; fate[0] = STOPPED }
#if NREAD > 1
	:: atomic { kills > 0 && fate[1] == ALIVE -> kills--; fate[1] = KILLED; looking[1] = 0; die(READER(1)) }
	:: atomic { stops > 0 && fate[1] == ALIVE -> stops--; fate[1] = STOPPED }
#endif
	:: atomic { writer_kills > 0 -> writer_kills--; writer_dead = true; die(WRITER) }
	:: atomic { writer_stops > 0 -> writer_stops--; writer_stopped = true }
	:: atomic { kills = 0; stops = 0; writer_kills = 0; writer_stops = 0; timeouts = 0; break }
	od
}
