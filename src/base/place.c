/*
 * place.c - the CPU that a thread stays on
 */
#include <sched.h>

#include "base/place.h"

void
place_nth(pthread_attr_t *attr, size_t n)
{
	cpu_set_t ours, one;

	if (sched_getaffinity(0, sizeof(ours), &ours) < 0)
		return;
	one = ours;
	if (n < (size_t)CPU_COUNT(&ours)) {
		CPU_ZERO(&one);
		for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &ours) && n-- == 0)
				CPU_SET(cpu, &one);
	}
	pthread_attr_setaffinity_np(attr, sizeof(one), &one);
}
