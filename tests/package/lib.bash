# What the forms of tests/package share; sourced by bash.

packages=${LAKEBASE_PACKAGE_WORK:-$source/build/package}
programs=$source/tests/package/programs
compiler=${CXX:-c++}
brief=${brief:-}
export packages programs compiler brief

fail() {
  echo "$1" >&2
  exit 1
}

# configure SOURCE BUILD [ARGUMENT ...]
configure() { cmake -S "$1" -B "$2" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" "${@:3}"; }

# build BUILD [ARGUMENT ...]
build() { cmake --build "$1" -- -j "${LAKEBASE_PACKAGE_JOBS:-$(nproc)}" "${@:2}"; }

# The folder of a build of the libraries, static or shared.
build_of() {
  local kind=$1 given shared=OFF
  given=LAKEBASE_PACKAGE_${kind^^}
  if [ -n "${!given:-}" ]; then
    echo "${!given}"
    return
  fi
  [ "$kind" = static ] || shared=ON
  if [ ! -f "$packages/build-$kind/install_manifest.txt" ]; then
    configure "$source" "$packages/build-$kind" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=$shared \
      -DCMAKE_INSTALL_PREFIX=/usr -DLAKEBASE_BUILD_TESTS=OFF -DLAKEBASE_BUILD_EXAMPLES=OFF >&2
    build "$packages/build-$kind" >&2
  fi
  echo "$packages/build-$kind"
}

# A prefix with the libraries, moved from where they were installed.
prefix_of() {
  local kind=$1 folder
  if [ ! -d "$packages/prefix-$kind" ]; then
    folder=$(build_of "$kind")
    rm -rf "$packages/first-$kind"
    cmake --install "$folder" --prefix "$packages/first-$kind" >&2
    mv "$packages/first-$kind" "$packages/prefix-$kind"
  fi
  echo "$packages/prefix-$kind"
}

# The folder in PREFIX that holds the libraries.
libraries_of() { dirname "$(find "$1" -name 'liblakebase.a' -o -name 'liblakebase.so' | head -n 1)"; }

# A program of the emulator: that of a prefix, or of the build that CI has anyway.
emulator_for() {
  local program
  for program in "$1/bin/lakebase-emulator" "$packages/prefix-static/bin/lakebase-emulator"; do
    [ ! -x "$program" ] || { echo "$program" && return; }
  done
  fail "there is no lakebase-emulator in $1 or $packages/prefix-static"
}

# run_programs FOLDER PREFIX: runs those of the consumers' programs that are in FOLDER, each against an emulator.
run_programs() {
  local name emulator
  emulator=$(emulator_for "$2")
  for name in core pq emulator; do
    [ ! -x "$1/$name" ] || timeout 120 "$source/scripts/with-emulator" "$emulator" "$1/$name"
  done
}

# expect TEXT COMMAND ...: the command fails, and TEXT is in what it prints.
expect() {
  local text=$1 output
  shift
  if output=$("$@" 2>&1); then fail "did not fail: $*"; fi
  tr -s '[:space:]' ' ' <<<"$output" | grep -qF -- "$text" || fail "does not say '$text': $*
$output"
}

# offers_only_its_own LIBRARY: every symbol that it exports is of the namespace lakebase, or the compiler's own of types of
# the standard library: instances of templates, and what typeid knows of them.
offers_only_its_own() {
  local foreign
  foreign=$(nm -D --defined-only --format=posix "$1" | awk '$1 !~ /8lakebase/ && $1 !~ /^_Z[A-Z]*N?K?S/ && $1 !~ /^_ZT[IS]P?F.*St/' | head -n 20)
  [ -z "$foreign" ] || fail "$1 exports what is not its own:
$foreign"
  echo "note: $(basename "$1") exports $(nm -D --defined-only "$1" | wc -l) symbols, none of them foreign"
}
