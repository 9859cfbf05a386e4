"""LocalStack as ``python -m localstack.runtime.main`` starts it, only sooner.

Without a search for garbage until it serves, and without libraries that nobody uses.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # until garbage.search_what_comes

    from harness.localstack_plugin import left_out, postponed

    left_out.install()
    postponed.install()

    from localstack.runtime.main import main

    main()
