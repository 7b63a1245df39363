#!/bin/sh
# Builds the shared library into FOLDER/PLATFORM: build.sh FOLDER. Does nothing if it is newer than its sources; says so
# and makes nothing if there is no C compiler (CC, cc by default).
set -eu

source=$(cd "$(dirname "$0")" && pwd)
compiler=${CC:-cc}

if ! command -v "$compiler" >/dev/null; then
  echo "no C compiler found: the native library is not built, and the operations run in Java (install cc, or set CC)"
  exit 0
fi

machine=$("$compiler" -dumpmachine)
case $machine in
  x86_64* | amd64*) processor=x86_64 ;;
  aarch64* | arm64*) processor=aarch64 ;;
  *) processor=other ;;
esac
case $machine in
  *-darwin*) platform=macos-$processor name=libheddle.dylib link= libraries= ;;
  *-linux*) platform=linux-$processor name=libheddle.so link='-Wl,-z,relro,-z,now -Wl,--build-id=none' libraries=-lm ;;
  *) platform=windows-$processor name=heddle.dll link='-static -static-libgcc' libraries= ;;
esac

folder=$1/$platform
if [ -f "$folder/$name" ] && [ -z "$(find "$source/src" "$source/include" "$0" -newer "$folder/$name")" ]; then
  exit 0
fi
objects=$folder/objects
rm -rf "$objects"
mkdir -p "$objects"

# Products are rounded before they are added (no contraction), so that all targets give the same bits.
compile() {
  "$compiler" -std=c11 -O3 -fPIC -fvisibility=hidden -ffp-contract=off -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
    -Wall -Wextra -Werror -ffile-prefix-map="$source"=. -I "$source/include" "$@"
}
for file in library math long text kernels; do
  compile -c "$source/src/$file.c" -o "$objects/$file.o"
done
if [ $processor = x86_64 ]; then
  compile -mavx2 -c "$source/src/kernels.c" -o "$objects/kernels-avx2.o"
fi

# Under a name of its own, then renamed: a running program may have the old one open.
# shellcheck disable=SC2086
compile -shared $link -pthread -o "$folder/$name.new" "$objects"/*.o $libraries
mv "$folder/$name.new" "$folder/$name"
rm -rf "$objects"
echo "built $name for $platform"
