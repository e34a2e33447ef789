/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks: all counters as they stand when the guest says "mark LABEL", one JSON
 * object a line, for measurements of what lies between two of them.
 */
#ifndef HVHOST_MARKS_H
#define HVHOST_MARKS_H

/* Takes the command "mark"; its lines go to path. 0, or -errno. */
int marks_open(const char *path);

#endif
