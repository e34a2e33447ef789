# SPDX-License-Identifier: GPL-2.0
# For both kinds of test guest: what a driver built with NETVSC_GCOV=1 counted.

# coverage: prints it, an archive in lines of base64 behind "gcov: ", if the
# kernel counts at all
coverage()
{
	mount -t debugfs debugfs /sys/kernel/debug 2> /dev/null
	from=/sys/kernel/debug/gcov
	[ -d $from ] || return 0
	# These files have no size, which tar goes by.
	find $from -name '*.gcda' | while read -r file; do
		into=/tmp/gcov${file#$from}
		mkdir -p "${into%/*}" && cat "$file" > "$into"
	done
	[ -d /tmp/gcov ] || return 0
	tar -C /tmp/gcov -c . | gzip | base64 | sed 's/^/gcov: /'
}
