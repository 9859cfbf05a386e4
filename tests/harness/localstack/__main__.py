"""LocalStack as ``python -m localstack.runtime.main`` starts it, only sooner.

Without a search for garbage until it serves.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # until garbage.search_what_comes

    from localstack.runtime.main import main

    main()
