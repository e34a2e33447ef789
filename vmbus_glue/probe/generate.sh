#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Find out what a kernel offers by compiling.
#
#	generate.sh DIRECTORY HEADER COMPILER [FLAG]...
#
# DIRECTORY holds one C file for each question. All of them are compiled as
# one unit, up to the syntax check; a file in which the compiler finds an
# error has the answer no. HEADER gets a macro NVB_HAVE_NAME for each file
# name.c whose answer is yes.
#
# A file may include kernel headers, those that not every kernel has under
# __has_include. It must not redefine what another file defines.
set -eu

dir=$(cd "$1" && pwd)
header=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

for probe in "$dir"/*.c; do
	printf '#include "%s"\n' "$probe"
done >"$work/all.c"

# An error in the expansion of a macro belongs where the macro is used, and
# no number of errors is too many; each compiler says so in its own way.
if "$@" --version 2>/dev/null | grep -q clang; then
	limits='-ferror-limit=0'
else
	limits='-ftrack-macro-expansion=0 -fmax-errors=0'
fi

# shellcheck disable=SC2086 # $limits is several words
LC_ALL=C "$@" $limits -Wno-error -Werror=implicit-function-declaration \
	-Werror=incompatible-pointer-types -Werror=int-conversion \
	-DKBUILD_BASENAME='"probe"' -DKBUILD_MODNAME='"probe"' \
	-DKBUILD_MODFILE='"probe"' -D__KBUILD_MODNAME=kmod_probe \
	-fsyntax-only "$work/all.c" 2>"$work/log" || :

grep -E ': (fatal )?error: ' "$work/log" | cut -d: -f1 | sort -u >"$work/bad" ||
	:

fail()
{
	echo "probing the kernel's headers: $1" >&2
	grep -E -A 3 ': (fatal )?error: ' "$work/log" | head -n 40 >&2
	exit 1
}

while read -r file; do
	case $file in
	"$dir"/*) ;;
	*) fail "an error outside of the probes" ;;
	esac
done <"$work/bad"

grep -q "^$dir/self_no.c\$" "$work/bad" || fail "the compiler finds no errors"
! grep -q "^$dir/self_yes.c\$" "$work/bad" || fail "nothing compiles"
! grep -q ': fatal error: ' "$work/log" || fail "a header is missing"

{
	echo "/* Made by probe/generate.sh: what the target kernel offers. */"
	for probe in "$dir"/*.c; do
		name=$(basename "$probe" .c)
		macro=NVB_HAVE_$(echo "$name" | tr '[:lower:]' '[:upper:]')
		case $name in
		self_*) continue ;;
		esac
		if grep -qxF "$probe" "$work/bad"; then
			echo "/* $macro: no */"
		else
			echo "#define $macro 1"
		fi
	done
} >"$header.new"
mv -f "$header.new" "$header"
