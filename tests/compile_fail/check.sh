#!/usr/bin/env bash
# Compiles each snippet as it is, which must work, and with -DWRONG, which must not, for the reason that it states.
#
#   check.sh COMPILER HEADER INCLUDE_DIRS SNIPPET...
#
# HEADER is precompiled, as most of the time would go into it; INCLUDE_DIRS are separated by colons. A snippet has lines
#   // error: WORDS      each must stand in the compiler's messages, to the letter
#   // errors: NUMBER    at most so many errors (optional)
#   // flags: FLAGS      replace those below; the header is not precompiled then (optional)
set -uo pipefail
compiler=$1 header=$2 folders=$3
shift 3

export LC_ALL=C  # plain quotes
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
includes=()
IFS=: read -ra folders <<<"$folders"
for folder in "${folders[@]}"; do includes+=(-I "$folder"); done
flags=(-std=c++20 -Wall -Wextra -Werror)
echo "#include <$header>" >"$scratch/all.hpp"
"$compiler" "${flags[@]}" "${includes[@]}" -x c++-header "$scratch/all.hpp" -o "$scratch/all.hpp.gch" || exit 1

failed=0
complain() {
  echo "$snippet: $1"
  [ $# -lt 2 ] || sed 's/^/    /' <<<"$2"
  failed=1
}

# Not piped into grep -q, whose early end would look like a failure of the other side.
check() {
  local wanted given most errors output words
  mapfile -t wanted < <(sed -n 's|^// error: ||p' "$snippet")
  most=$(sed -n 's|^// errors: ||p' "$snippet")
  given=$(sed -n 's|^// flags: ||p' "$snippet")
  local command=("$compiler" "${flags[@]}" -include "$scratch/all.hpp")
  # shellcheck disable=SC2206  # several words
  [ -z "$given" ] || command=("$compiler" $given)
  command+=("${includes[@]}" -fsyntax-only)

  [ ${#wanted[@]} -gt 0 ] || complain "has no line '// error: WORDS'"
  output=$("${command[@]}" "$snippet" 2>&1) || complain "does not compile without WRONG:" "$output"
  if output=$("${command[@]}" -DWRONG "$snippet" 2>&1); then
    complain "compiles, and must not"
    return
  fi
  for words in "${wanted[@]}"; do
    grep -qF -- "$words" <<<"$output" || complain "the error does not say '$words':" "$output"
  done
  errors=$(grep -cE '(error|fatal error): ' <<<"$output")
  [ "$errors" -le "${most:-$errors}" ] || complain "gives $errors errors instead of $most:" "$output"
}

for snippet in "$@"; do check; done
echo "$# snippets"
exit $failed
