# "make" alone lists the targets.
#
# You need Go, make and a shell. The targets install what the tests and the benchmark
# need from Debian's packages if it is missing.

GO       ?= go
VERSION  ?= dev
TOOLS    := -modfile=tools/go.mod
GOFILES   = $(shell find . -name '*.go' -not -path './tools/*')
PACKAGES ?= ./...
# Modules of their own, which ./... does not enter.
MODULES  ?= examples/service
export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name words; do printf '  make %-9s %s\n' "$$name" "$$words"; done

.PHONY: build
build: ## build bin/jeton, one static binary
	$(GO) build -trimpath -ldflags '-s -w -X jeton/cli.version=$(VERSION)' -o bin/jeton ./cmd/jeton

.PHONY: run
run: build ## build and serve on 127.0.0.1:8065, with data/jeton.db
	@exec ./bin/jeton serve --listen 127.0.0.1:8065 --db data/jeton.db

# -race switches checkptr on, which checks every pointer of the translated SQLite. It is
# off for that module only; the tests then take half the time.
.PHONY: test
test: test-needs test-modules test-compat ## run all tests with the race detector, then those of a large database without it
	CGO_ENABLED=1 $(GO) test -race -gcflags='modernc.org/...=-d=checkptr=0' $(PACKAGES)
	JETON_TEST_LARGE=1 $(GO) test -count=1 -run 'TestLarge' ./cli

.PHONY: test-compat
test-compat: build ## run the stock clients of compat/ against the program
	@scripts/need.sh node nodejs
	@scripts/need.sh npm npm
	@compat/install.sh
	JETON_PROGRAM=$(CURDIR)/bin/jeton timeout 300 node --test compat/

.PHONY: test-modules
test-modules:
	@scripts/need.sh gcc gcc libc6-dev
	@for dir in $(MODULES); do echo "$$dir: build, vet, test"; (cd $$dir && $(GO) build -o /dev/null ./... && $(GO) vet ./... && CGO_ENABLED=1 $(GO) test -race ./...) || exit 1; done

# The tests start PostgreSQL, PgBouncer, nginx and Caddy themselves, so their programs must be
# installed.
.PHONY: test-needs
test-needs:
	@scripts/need.sh /usr/lib/postgresql/*/bin/initdb postgresql
	@scripts/need.sh gcc gcc libc6-dev
	@scripts/need.sh curl curl
	@scripts/need.sh /usr/sbin/nginx nginx-light
	@scripts/need.sh caddy caddy
	@scripts/need.sh /usr/sbin/pgbouncer pgbouncer

.PHONY: check
check: format-check vet lint test ## run everything that a change must pass

.PHONY: format
format: ## format the Go files
	$(GO) tool $(TOOLS) gofumpt -modpath jeton -w $(GOFILES)

.PHONY: format-check
format-check:
	@bad=$$($(GO) tool $(TOOLS) gofumpt -modpath jeton -l $(GOFILES)) && test -z "$$bad" || { echo "not formatted (make format does it):"; echo "$$bad"; exit 1; }

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: lint
lint: ## run the linters
	$(GO) tool $(TOOLS) golangci-lint run ./...
	@linter=$$($(GO) tool $(TOOLS) -n golangci-lint) && for dir in $(MODULES); do (cd $$dir && $$linter run ./...) || exit 1; done

.PHONY: demo
demo: build ## run a short tour in the terminal, on a server with generated data
	@scripts/demo.sh bin/jeton

.PHONY: reference
reference: build ## rewrite docs/reference.md and docs/jeton.1 from the commands
	bin/jeton reference markdown > docs/reference.md
	bin/jeton reference man > docs/jeton.1

.PHONY: cover
cover: test-needs ## run the tests and print their coverage
	$(GO) test -coverprofile=bin/cover.out -coverpkg=./... $(PACKAGES)
	$(GO) tool cover -func=bin/cover.out | tail -1
	$(GO) tool cover -html=bin/cover.out -o bin/cover.html

.PHONY: bench
bench: build ## measure the binary on both engines, beside a bare net/http server
	@scripts/need.sh /usr/lib/postgresql/*/bin/initdb postgresql
	@scripts/need.sh wrk wrk
	$(GO) run ./bench $(BENCH)
