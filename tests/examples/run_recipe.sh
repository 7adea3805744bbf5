#!/usr/bin/env bash
# Runs the commands of a README in examples/testing in a copy of its folder, and looks for what its test runner is to say:
#
#   run_recipe.sh SOURCE BUILD NAME EXPECTED
#
# The exit status is 77, that of a test which skips itself, if the language is not there; in CI it is there.
set -euo pipefail

source=$1
build=$2
name=$3
expected=$4
interop=$build/tests/interop

need() {
  command -v "$1" >/dev/null && return
  echo "$1 is missing" >&2
  [ -n "${CI:-}" ] && exit 1 || exit 77
}

export PATH=$build/bin:$PATH
case $name in
  cargo)
    need cargo
    export CARGO_TARGET_DIR=$interop/rust/cache
    ;;
  go) need go ;;
  googletest)
    export CMAKE_PREFIX_PATH=$build/tests/examples/prefix CMAKE_GENERATOR=Ninja
    cmake --install "$build" --component lakebase-dev --prefix "$CMAKE_PREFIX_PATH" >/dev/null
    ;;
  junit)
    need mvn
    export MAVEN_OPTS="${MAVEN_OPTS:-} -XX:-UsePerfData -XX:TieredStopAtLevel=1 -Dmaven.repo.local=$interop/java/cache/repository"
    ;;
  node) need npm ;;
  pytest)
    "$source/tests/interop/install_once" python "$interop/python"
    export PATH=$interop/python/installed/venv/bin:$PATH
    ;;
esac

work=$build/tests/examples/testing/$name
rm -rf "$work"
mkdir -p "${work%/*}"
cp -R "$source/examples/testing/$name" "$work"
cd "$work"
# The block of shell in the README, without the lines that mark it.
sed -n '/^```sh$/,/^```$/{//!p}' README.md >commands
[ -s commands ]
bash -euo pipefail commands 2>&1 | tee output
grep -qE -- "$expected" output || { echo "nothing says '$expected'" >&2 && exit 1; }
