"""LocalStack as ``python -m localstack.runtime.main`` starts it, only sooner.

With fewer breaks, and without libraries that nobody here uses.
"""

import gc

# Python's own number is 2,000. Of the million objects that LocalStack makes while it is
# imported all stay, and they would be searched for garbage again and again.
_OBJECTS_BETWEEN_SEARCHES = 50_000

if __name__ == "__main__":
    gc.set_threshold(_OBJECTS_BETWEEN_SEARCHES)

    from harness.localstack_plugin import left_out

    left_out.install()

    from localstack.runtime.main import main

    main()
