# The front door.  Everything is built by Meson; this only names the usual ways in.
B ?= build
CC ?= gcc
.PHONY: all test asan clang fuzz lint bench bench-full nightly fresh clean

all: $(B)/build.ninja
	@ninja -C $(B)

$(B)/build.ninja:
	@CC="ccache $(CC)" meson setup $(B) >/dev/null

test: all
	@meson test -C $(B) --print-errorlogs

asan:
	@[ -f build-asan/build.ninja ] || CC="ccache gcc" meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 >/dev/null
	@meson test -C build-asan --print-errorlogs

clang:
	@[ -f build-clang/build.ninja ] || CC="ccache clang" meson setup build-clang >/dev/null
	@meson test -C build-clang --print-errorlogs

fuzz:
	@[ -f build-fuzz/build.ninja ] || CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
	@ninja -C build-fuzz
	@sh tools/fuzz.sh build-fuzz $(SECONDS)

lint:
	@python3 tools/lint.py

bench: all
	@python3 test/bench/bench.py $(B)

bench-full: all
	@python3 test/bench/bench.py $(B) --full

nightly: test asan clang lint
	@python3 test/nightly.py $(B)

fresh:
	@sh tools/fresh.sh bookworm
	@sh tools/fresh.sh trixie

clean:
	@rm -rf build build-asan build-clang build-fuzz
