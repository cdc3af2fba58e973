"""`kb` and `python -m kb`."""

from kb.cli.root import main

if __name__ == "__main__":
    main()
