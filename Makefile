# Every target sets up what it needs: python3.13, git, make and curl do.
.DEFAULT_GOAL := help
TOX := .tools/bin/tox run -q

.PHONY: help demo local watch test deploy tools clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: tools ## Watch refunds being accepted, decided, parked in the DLQ and redriven
	@$(TOX) -e demo -- $(ARGS)

local: tools ## Keep the stack running until Ctrl-C; prints the URL, the key, curl lines
	@$(TOX) -e local -- $(ARGS)

watch: tools ## As local, and what you save under src/ or in template.yaml goes live
	@$(TOX) -e watch -- $(ARGS)

test: tools ## Run what every change must pass
	@.tools/bin/tox run-parallel

deploy: tools ## Build and `sam deploy`; for example ARGS="--config-env test --guided"
	@$(TOX) -e deploy -- $(ARGS)

tools:
	@sh tests/requirements/bootstrap.sh

clean: ## Remove everything that was set up or built
	rm -rf .tools .tox .harness .local .aws-sam reports
