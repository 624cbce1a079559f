# make help lists the targets.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2

# How many e2e tests run at once: each has controllers of its own, up to 2 GB.
E2E_PARALLEL ?= 2
# Which of them: make e2e E2E_RUN=HA
E2E_RUN ?= .

.PHONY: help build test check lint demo e2e e2e-machines e2e-kubernetes e2e-alone transcripts bench fuzz snap clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## bin/juju-upgrade-all (the plugin) and bin/juju-estate (simulated controllers)
	CGO_ENABLED=0 $(GO) build -buildvcs=false -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/juju-upgrade-all ./cmd/juju-estate

test: ## all tests that need nothing but Go and a C compiler, under the race detector
	$(GO) test -race -timeout 15m ./...

check: lint ## formatting, vet and linters
	@unformatted="$$(gofmt -l $$(git ls-files '*.go'))"; if [ -n "$$unformatted" ]; then echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...

lint:
	$(GO) run $(LINT) run ./...

demo: build ## the main job on a simulated estate: plan, progress, result
	@bin/juju-estate cmd/juju-estate/demo.yaml -- cmd/juju-estate/demo.sh

E2E := JUJU_E2E=1 $(GO) test -count=1 -timeout 75m

e2e: ## the same journeys on real controllers (root, Linux, a built bench: see e2e/doc.go)
	$(GO) test -run '^$$' ./e2e && CGO_ENABLED=0 $(GO) build -trimpath -o /dev/null ./cmd/juju-upgrade-all
	$(MAKE) --no-print-directory -j2 e2e-machines e2e-kubernetes

e2e-machines: ## those on machines alone
	$(E2E) -run '$(E2E_RUN)' -skip Kubernetes -parallel $(E2E_PARALLEL) ./e2e $(E2E_FLAGS)

e2e-kubernetes: ## those on Kubernetes alone, one after the other
	$(E2E) -run 'Kubernetes.*($(E2E_RUN))|($(E2E_RUN)).*Kubernetes' -parallel 1 ./e2e $(E2E_FLAGS)

e2e-alone: ## those of these very names alone, one after the other: E2E_RUN='TestA|TestB'
	$(E2E) -run '^($(E2E_RUN))$$' -parallel 1 ./e2e $(E2E_FLAGS)

transcripts: ## e2e, and docs/transcripts written anew
	$(MAKE) --no-print-directory e2e E2E_FLAGS=-update

bench: ## API calls, time and memory of a look at 20 controllers with 1,000 models
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 30m ./internal/jujutest/fleetbench ./internal/journal

# -fuzzminimizetime: by default a minute of its own goes into each input that is made smaller.
fuzz: ## each fuzz target for a minute
	@for file in $$(grep -rl '^func Fuzz' --include='*_test.go' internal plugin); do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
	    echo "== $$file $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime 60s -fuzzminimizetime 10x "./$$(dirname "$$file")" || exit 1; \
	  done; \
	done

snap: ## the snap package (needs snapcraft)
	snapcraft

clean: ## what build made
	rm -rf bin
