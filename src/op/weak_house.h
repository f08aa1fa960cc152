/*
 * weak_house.h - between op_weak.c and op_upkeep.c: what all threads share
 */
#pragma once

#include <pthread.h>

#include "x509/factor.h"
#include "x509/keyspec.h"

#define UPKEEP_BATCH	8	/* moduli that are compared in one walk */

struct weak_house {
	struct weak_lists *lists;
	pthread_rwlock_t lock;		/* of the ring */
	struct factors	*ring;
	/* there is something in the ring that is not stored */
	pthread_mutex_t	 wake_lock;
	pthread_cond_t	 wake;
	bool		 due;
	/* of the upkeep's thread alone */
	uint64_t	 stored;	/* of the ring: those before it are */
	bool		 seeded;
	struct {
		BIGNUM	*n[UPKEEP_BATCH];
		int64_t	 sequence[UPKEEP_BATCH];
		bool	 own[UPKEEP_BATCH];
		size_t	 count;
		int64_t	 after;		/* so far the walk came */
	} walk;
};
