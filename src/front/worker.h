/*
 * worker.h - threads that answer requests, one straight call each
 */
#pragma once

#include "front/job.h"
#include "front/view.h"
#include "keys/keys.h"
#include "store/db.h"

struct workers;

struct worker_house {
	struct view_house view;
	struct db	*db;
	struct house	*house;
	struct readers	*readers;
	const struct config *config;
};

/* Starts one thread for each keeper descriptor. */
int	workers_start(struct workers **, const struct worker_house *, const int *keeper_fds,
	    size_t n, void (*done)(struct job *), struct err *);
void	workers_give(struct workers *, struct job *);	/* takes the job */
/* Requests that are queued or being answered. */
size_t	workers_busy(struct workers *);
