.PHONY: help
help:
	@echo "make demo | make test | make test-fast"
