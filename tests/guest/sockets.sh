# SPDX-License-Identifier: GPL-2.0
# Functions for scenarios with AF_XDP sockets that run in the background.

# sum DEVICE PATTERN: of counters
sum()
{
	ethtool -S "$1" | awk -v want="^$2:\$" '$1 ~ want { sum += $2 }
		END { print sum + 0 }'
}

is_ready() { grep -q ready "/run/$1"; }

# begin NAME WORDS...: xsk, in the background
begin()
{
	name=$1
	shift
	xsk "$@" > "/run/$name" 2>&1 &
	pid=$!
	within 20 is_ready "$name" || { not_ok "$name: no socket"
		comment "$name:" < "/run/$name"; }
}

# end TEXT NAME: it has found everything as it should be
end()
{
	if wait "$pid"; then
		ok "$1"
	else
		not_ok "$1"
		comment "$2:" < "/run/$2"
	fi
}
