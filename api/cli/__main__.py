"""`python -m api.cli` is `poolbook`."""

from api.cli import main

if __name__ == "__main__":
    main()
