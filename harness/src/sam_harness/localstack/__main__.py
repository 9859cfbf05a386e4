"""Start LocalStack as ``python -m localstack.runtime.main`` does.

Its imports make a million objects, all of which stay: without a search for garbage
among them it is ready 0.9 s sooner.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # until speed.collect_garbage

    from localstack.runtime.main import main

    main()
