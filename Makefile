# Two commands matter: `make run` and `make test`. Both keep their environment in .venv/.

PYTHON ?= python3
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test bench soak setup lock format clean tools

help:
	@echo "make run     环境、数据库、演示数据，启动网页、后台任务和定时任务"
	@echo "make test    检查和全部测试（SQLite，以及 PostgreSQL 和 Redis）"
	@echo "make bench   测速"
	@echo "make soak    随机办理一小时，查不该有的状态（SOAK_SECONDS=秒数）"
	@echo "make setup   只装环境：.venv 和 node_modules"
	@echo "make format  整理代码和模板"
	@echo "make lock    重新锁定依赖"

run: tools .venv/run node_modules/.stamp
	@exec $(PY) -m bin.run

test: tools .venv/dev node_modules/.stamp
	@$(PY) -m tests.run $(ARGS)

bench: tools .venv/dev node_modules/.stamp
	@$(PY) -m tests.servers $(PY) -m bench $(ARGS)

soak: tools .venv/dev
	@$(PY) -m tests.soak

setup: tools .venv/dev node_modules/.stamp

# ---- environment: a stamp per lock file, so that nothing is installed twice ---------------------

tools:
	@command -v $(PYTHON) >/dev/null || { echo "需要 python3（3.11 或更新）。"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新，现在是 $$($(PYTHON) --version)。"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "需要 python3 的 venv 模块（Debian：apt-get install python3-venv）。"; exit 1; }
	@command -v npm >/dev/null || { echo "需要 npm（随 Node.js 安装）。"; exit 1; }
	@# A checkout that was moved has an environment that points to where it was.
	@$(PY) -c '' 2>/dev/null || rm -rf .venv

.venv/made: | tools
	@echo "正在建立 .venv ……"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/run: requirements/run.txt | .venv/made
	@echo "正在安装依赖 ……"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/dev: requirements/dev.txt | .venv/made
	@echo "正在安装开发依赖 ……"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ .venv/run

node_modules/.stamp: package-lock.json | tools
	@echo "正在安装页面依赖 ……"
	@npm ci --loglevel=error
	@touch $@

# ---- upkeep -------------------------------------------------------------------------------------

COMPILE := $(PY) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml

# dev.txt first; the other two take its versions, so that what runs is what was tested.
lock: .venv/dev
	@$(PY) -m pip install --quiet uv
	$(COMPILE) --extra local --extra dev --extra servers --output-file requirements/dev.txt
	$(COMPILE) --extra local --constraints requirements/dev.txt --output-file requirements/run.txt
	$(COMPILE) --extra prod --constraints requirements/dev.txt --output-file requirements/prod.txt
	npm install --package-lock-only

format: .venv/dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	find templates -name '*.html' -not -path '*/jinja/*' -exec .venv/bin/djade --target-version 5.2 {} +

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
