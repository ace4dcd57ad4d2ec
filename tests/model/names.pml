/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of a pool's name: captures that start, change their format, end, are killed and
 * are started again, and a reader that finds its way from epoch to epoch.
 *
 * An epoch is two inodes, reel and seats; here both have the epoch's number. A name means
 * an inode or nothing. announce.c, name_lock.c, object.c and zoe_writer_destroy are the writers, open_link
 * and the following of reader.c the reader. Every system call is a step.
 *
 * Checked in every state that can be reached:
 *   - a name is only ever taken from the dead, from oneself, or from nobody;
 *   - nobody removes another's name;
 *   - a reader's reel and seats are of the same life;
 *   - when nothing more can happen, both names mean the epoch of the capture that lives, if
 *     one does that has announced itself, and the reader has its seat there.
 *
 * Left out: whoever writes into /dev/shm without these rules; failing system calls; names under
 * temporary names (each is its maker's own, and renameat2 is one step); seats that lost their reel.
 */
#ifndef WRITERS
#define WRITERS 3       /* capture processes, one after the other or together */
#endif
#ifndef KILLS
#define KILLS 2
#endif

#ifndef VAIN
#define VAIN 2          /* looks of the reader that may fail */
#endif
#ifndef CHANGES
#define CHANGES 1       /* of format, together; each process makes one at most */
#endif

#ifndef CLEANERS
#define CLEANERS 0      /* 0 or 1: zoe_pool_clean */
#endif

#define EPOCHS (2 * WRITERS)    /* of process w: 2 w + 1 and 2 w + 2 */

/* Lock files that there may be, one after the other; who finds none left is refused. */
#define LOCKS (WRITERS + CLEANERS)

#define LIVE 0
#define RETIRED 1
#define ENDED 2

byte reel_name, seats_name;     /* an epoch, 0: no such name */
byte reel_lock[EPOCHS + 1];     /* byte 0 of the reel: its process + 1, 0 it is dead */
byte lock_name;                 /* NAME.lock: an inode, 0: no such name */
byte lock_file[LOCKS + 1];      /* who has the lock on it: a process + 1, 0 nobody */
byte n_locks;
byte state[EPOCHS + 1];
bool dead[WRITERS + 1];         /* the last one is the cleaner */
byte kills = KILLS;
byte changes = CHANGES;

/* Ghosts. */
bool announced[EPOCHS + 1];     /* from when both names are its own until it ends or has a successor */
byte seat;                      /* the epoch in which the reader has its seat, 0 none */
hidden byte k, m;

#define ALIVE(e) (reel_lock[e] == ((e) + 1) / 2)        /* its own process has the lock */

/* zi_name_lock: the file that is there, or a new one, locked before it is linked. Or to `refused`. */
inline lock_the_name()
{
	do
	:: true ->
		lock = lock_name;
		if
		:: lock == 0 ->
			atomic {
				if
				:: n_locks < LOCKS -> n_locks++; lock = n_locks; lock_file[lock] = me + 1
				:: else -> fd = 0; goto refused
				fi
			};
			/* linkat */
			atomic {
				if
				:: lock_name == 0 -> lock_name = lock; break
				:: else -> lock_file[lock] = 0
				fi
			}
		:: else ->
			atomic {
				if
				:: lock_file[lock] == 0 -> lock_file[lock] = me + 1
				:: else -> lock = 0; fd = 0; goto refused
				fi
			};
			if
			:: lock_name == lock -> break
			:: else -> lock_file[lock] = 0
			fi
		fi
	od
}

inline unlock_the_name()
{
	lock_name = 0;
	atomic { lock_file[lock] = 0; lock = 0; fd = 0 }
}

/* take_name_once in announce.c. Goes on, or to `again`, or to `refused`. */
inline take_reel_name()
{
	fd = reel_name;
	if
	:: fd == 0 ->
		/* RENAME_NOREPLACE takes a name that nobody has. */
		atomic {
			if
			:: reel_name == 0 -> reel_name = epoch
			:: else -> goto again
			fi
		}
	:: fd != 0 && fd == before ->
		/* RENAME_EXCHANGE: nobody takes a name whose owner has its lock. */
		atomic { assert(reel_name == before); announced[before] = false; reel_name = epoch; fd = 0 }
	:: fd != 0 && fd != before ->
		if
		:: reel_lock[fd] != 0 -> fd = 0; goto refused
		:: else
		fi;
#ifndef BUG_NOT_LOCKED
		lock_the_name();
#endif
#ifndef BUG_NAME_NOT_CHECKED
		if
		:: reel_name != fd -> unlock_the_name(); goto again
		:: else
		fi;
#endif
		/* rename(2) */
		atomic { assert(reel_name == 0 || !ALIVE(reel_name)); reel_name = epoch };
#ifndef BUG_NOT_LOCKED
		unlock_the_name()
#else
		fd = 0
#endif
	fi
}

/* zoe_writer_destroy: the seats' name first, while the reel's keeps everybody else away. */
inline unlink_seats()
{
	if
	:: seats_name == epoch -> atomic { assert(seats_name == epoch); seats_name = 0 }
	:: else
	fi
}

inline unlink_reel()
{
	if
	:: reel_name == epoch -> atomic { assert(reel_name == epoch); reel_name = 0 }
	:: else
	fi
}

active [WRITERS] proctype writer()
{
	byte me = _pid;
	byte epoch, before, fd, lock;

	{
		epoch = 2 * me + 1;
create:
		/* O_TMPFILE, locked before it has any name. */
		reel_lock[epoch] = me + 1;
again:
		take_reel_name();
		seats_name = epoch;
		announced[epoch] = true;
		if
		:: before != 0 -> state[before] = RETIRED; reel_lock[before] = 0
		:: else
		fi;
		if
		:: atomic { before == 0 && changes > 0 -> changes--; before = epoch; epoch++; goto create }
		:: goto living
		:: skip
		fi;
		atomic { announced[epoch] = false; state[epoch] = ENDED };
#ifdef BUG_REEL_UNLINKED_FIRST
		unlink_reel();
		unlink_seats();
#else
		unlink_seats();
		unlink_reel();
#endif
refused:
		reel_lock[epoch] = 0;
living:
		atomic { before = 0; fd = 0; epoch = 0; lock = 0 }
	} unless {
		atomic { dead[me] -> before = 0; fd = 0; epoch = 0; lock = 0 }
	}
}

#if CLEANERS
/* clean_once in clean.c, where there is a reel. */
active proctype cleaner()
{
	byte me = WRITERS;
	byte fd, seats, lock;

	{
		fd = reel_name;
		if
		:: fd == 0 || reel_lock[fd] != 0 -> goto refused
		:: else
		fi;
		lock_the_name();
		if
		:: reel_name == fd ->
#ifdef BUG_CLEANED_REEL_FIRST
			atomic { assert(reel_name == fd); reel_name = 0 };
#endif
			seats = seats_name;
			if
			:: seats != 0 && seats_name == seats ->
				atomic { assert(seats_name == seats && !ALIVE(seats)); seats_name = 0 }
			:: else
			fi;
#ifndef BUG_CLEANED_REEL_FIRST
			atomic { assert(reel_name == fd); reel_name = 0 }
#endif
		:: else
		fi;
		unlock_the_name();
refused:
		skip
	} unless {
		dead[me]
	}
}
#endif

/* zi_attachment_claim and what follows, with every way back to the beginning. */
active proctype reader()
{
	byte reel, seats, vain = VAIN;

	do
	:: true ->
		/* It looks in vain a few times only; else a pool that cannot be attached to were no standstill. */
end_without_capture:
		atomic {
			if
			:: reel_name != 0 && ALIVE(reel_name) && reel_name == seats_name && state[reel_name] == LIVE
			:: reel_name != 0 && vain > 0 -> vain--
			fi;
			reel = reel_name
		};
		if
		:: reel_lock[reel] == 0 || state[reel] != LIVE -> goto again
		:: else
		fi;
		seats = seats_name;
		if
		:: seats == 0 -> goto again
#ifndef BUG_EPOCH_UNCHECKED
		:: seats != 0 && seats != reel -> goto again
#endif
		:: else
		fi;
		/* zi_attachment_await: its writer answers, or is found over or dead. */
		if
		:: ALIVE(seats) -> atomic { assert(seats == reel); seat = seats }
		:: reel_lock[reel] == 0 || state[reel] != LIVE -> goto again
		fi;
		/* zoe_reader_acquire: until the pool is over, and then by its name to the next. */
end_seated:
		(!ALIVE(reel) || state[reel] != LIVE);
again:
		atomic { seat = 0; reel = 0; seats = 0 }
	od
}

active proctype fates()
{
	do
	:: atomic {
		kills > 0 ->
		kills--;
		if
		:: dead[0] = true; k = 0
		:: dead[1] = true; k = 1
#if WRITERS > 2
		:: dead[2] = true; k = 2
#endif
#if CLEANERS
		:: dead[WRITERS] = true; k = WRITERS
#endif
		fi;
		d_step {
			m = 1;
			do
			:: m <= EPOCHS ->
				if
				:: reel_lock[m] == k + 1 -> reel_lock[m] = 0
				:: else
				fi;
				if
				:: m <= LOCKS && lock_file[m] == k + 1 -> lock_file[m] = 0
				:: else
				fi;
				if
				:: (m + 1) / 2 == k + 1 -> announced[m] = false
				:: else
				fi;
				m++
			:: else -> break
			od;
			m = 0;
			k = 0
		}
	   }
	:: kills > 0 -> kills = 0; break
	:: kills == 0 -> break
	od
}

/* When nothing more can happen. */
active proctype verdict()
{
	byte e = 1;

	timeout ->
	do
	:: e <= EPOCHS ->
		assert(!announced[e] || (reel_name == e && seats_name == e && seat == e && state[e] == LIVE));
		e++
	:: else -> break
	od
}
