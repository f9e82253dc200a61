# What a person or a machine does with Holdfast; `make help` lists it.

PREFIX ?= /usr/local
DESTDIR ?=
PORT ?= 7433
ENGINE ?= sqlite postgresql

# One checkout, one build folder a kind of build, so that they do not undo each other.
BUILD := .build
RELEASE := $(BUILD)/release-static
BINARY := $(RELEASE)/release/holdfast
# POSTGRESQL=no builds a program for stores in files alone, which needs nothing of libpq.
POSTGRESQL ?= yes
SWIFT_FLAGS := --explicit-target-dependency-import-check error
ifneq ($(POSTGRESQL),yes)
SWIFT_FLAGS += --disable-default-traits
endif
RELEASE_FLAGS := -c release --static-swift-stdlib --scratch-path $(RELEASE) $(SWIFT_FLAGS)

PACKAGES := pkg-config libsqlite3-dev libmicrohttpd-dev libsodium-dev libzstd-dev \
	libcurl4-openssl-dev libtomlplusplus-dev sqlite3 curl git $(if $(filter yes,$(POSTGRESQL)),libpq-dev)
TEST_PACKAGES := postgresql python3-venv
BENCH_PACKAGES := wrk nginx-light redis-server redis-tools postgresql
FUZZ_PACKAGES := python3-venv

.PHONY: help deps test-deps bench-deps fuzz-deps build run test fleet-proof bench demo fuzz lint \
	format sanitize install uninstall clean

help: ## Lists the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## Installs the Debian packages that are missing.
	@scripts/install-packages.sh $(PACKAGES)

test-deps: deps
	@scripts/install-packages.sh $(TEST_PACKAGES)

bench-deps: deps
	@scripts/install-packages.sh $(BENCH_PACKAGES)

fuzz-deps: deps
	@scripts/install-packages.sh $(FUZZ_PACKAGES)

build: deps ## Builds the release binary.
	@swift build $(RELEASE_FLAGS) --product holdfast

run: build ## Builds a release binary and serves your store on 127.0.0.1:7433.
	@scripts/serve-with-examples.sh $(BINARY) $(PORT)

test: test-deps ## Runs all tests.
	@scripts/test.sh

fleet-proof: test-deps ## Runs the tests of a fleet over PostgreSQL at full length.
	@HOLDFAST_FLEET_PROOF=full scripts/test.sh --filter "PostgreSQL|Fleet|Failover"

bench: bench-deps build ## Measures a server beside nginx, Redis, PostgreSQL and this disk: ENGINE=sqlite or postgresql alone.
	@failed=0; for engine in $(ENGINE); do \
		scripts/bench.sh $(BINARY) --engine $$engine || failed=1; \
	done; exit $$failed

demo: build ## Tells a story with real documents: PLANS=folder names others.
	@scripts/demo.sh $(BINARY)

fuzz: fuzz-deps build ## Checks the interface's description and fuzzes the server with it.
	@scripts/fuzz.sh $(BINARY)

lint: ## Checks the form of the sources.
	@scripts/lint.sh

format: ## Brings the sources into their form.
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

sanitize: test-deps ## Runs the tests under the thread and the address sanitizer.
	@scripts/sanitize.sh

install: build ## Installs the program, its manual, completions and service: PREFIX, DESTDIR.
	@scripts/install.sh install $(BINARY) "$(DESTDIR)" "$(PREFIX)"

uninstall: ## Removes what install put there.
	@scripts/install.sh uninstall $(BINARY) "$(DESTDIR)" "$(PREFIX)"

clean: ## Removes everything that was built.
	@rm -rf $(BUILD) .venv .venv-* bench-results
